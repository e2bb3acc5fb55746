-- Which settings name a member or a department, so that one that goes is found in them by key. place: dept
-- (its lists and owner), member (its manager), role (role_id:userid, its scope), external (follower, shares).
CREATE TABLE mentions (
  corp_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  mentioned TEXT NOT NULL,
  place TEXT NOT NULL,
  place_id TEXT NOT NULL,
  PRIMARY KEY (corp_id, kind, mentioned, place, place_id)
);

INSERT INTO mentions SELECT corp_id, 'user', {field profile org_dept_owner}, 'dept', CAST(dept_id AS TEXT)
  FROM departments WHERE {field profile org_dept_owner} <> '' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'user', CAST(e.value AS TEXT), 'dept', CAST(dept_id AS TEXT)
  FROM departments, {each profile user_permits} WHERE profile <> '{}' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'user', CAST(e.value AS TEXT), 'dept', CAST(dept_id AS TEXT)
  FROM departments, {each profile outer_permit_users} WHERE profile <> '{}' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'dept', CAST(e.value AS TEXT), 'dept', CAST(dept_id AS TEXT)
  FROM departments, {each profile dept_permits} WHERE profile <> '{}' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'dept', CAST(e.value AS TEXT), 'dept', CAST(dept_id AS TEXT)
  FROM departments, {each profile outer_permit_depts} WHERE profile <> '{}' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'user', {field profile manager_userid}, 'member', userid
  FROM members WHERE {field profile manager_userid} <> '' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'dept', CAST(e.value AS TEXT), 'role', CAST(role_id AS TEXT) || ':' || userid
  FROM member_roles, {each scope} WHERE scope <> '[]' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'user', {field contact follower_user_id}, 'external', userid
  FROM external_contacts WHERE {field contact follower_user_id} <> '' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'user', CAST(e.value AS TEXT), 'external', userid
  FROM external_contacts, {each contact share_user_ids} WHERE contact <> '' ON CONFLICT DO NOTHING;
INSERT INTO mentions SELECT corp_id, 'dept', CAST(e.value AS TEXT), 'external', userid
  FROM external_contacts, {each contact share_dept_ids} WHERE contact <> '' ON CONFLICT DO NOTHING;

-- Who was given a file, from the receiver's side.
CREATE INDEX dentry_permissions_member ON dentry_permissions (member_id, member_type);
