-- What contacts hold besides names: see Profile and DepartmentProfile in domain/model.py.

ALTER TABLE departments ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';

-- is_admin is the level: 0 none, 1 main, 2 sub-administrator.
ALTER TABLE members ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';
ALTER TABLE members ADD COLUMN modified_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX members_name ON members (corp_id, name, userid);
CREATE INDEX members_admins ON members (corp_id, is_admin) WHERE is_admin > 0;
CREATE INDEX members_email ON members (corp_id, email) WHERE email <> '';

ALTER TABLE member_departments ADD COLUMN sort_order BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member_departments ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE member_departments ADD COLUMN entered_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX member_departments_order ON member_departments (corp_id, dept_id, sort_order DESC, userid);
CREATE INDEX member_departments_leaders ON member_departments (corp_id, dept_id, userid) WHERE is_leader = 1;

-- Who left, for the records of leaving.
CREATE TABLE left_members (
  left_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  name TEXT NOT NULL,
  mobile TEXT NOT NULL,
  reason TEXT NOT NULL,
  left_at BIGINT NOT NULL
);
CREATE INDEX left_members_corp ON left_members (corp_id, left_at, left_id);

CREATE TABLE role_groups (
  group_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  name TEXT NOT NULL,
  UNIQUE (corp_id, name)
);

CREATE TABLE roles (
  role_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  group_id BIGINT NOT NULL REFERENCES role_groups (group_id),
  name TEXT NOT NULL,
  UNIQUE (corp_id, group_id, name)
);

-- scope: the departments a role's holder manages, a JSON list.
CREATE TABLE member_roles (
  corp_id TEXT NOT NULL,
  role_id BIGINT NOT NULL,
  userid TEXT NOT NULL,
  scope TEXT NOT NULL,
  PRIMARY KEY (corp_id, role_id, userid)
);
CREATE INDEX member_roles_user ON member_roles (corp_id, userid, role_id);

CREATE TABLE external_contacts (
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  mobile TEXT NOT NULL,
  contact TEXT NOT NULL,
  PRIMARY KEY (corp_id, userid)
);
CREATE UNIQUE INDEX external_contacts_mobile ON external_contacts (corp_id, mobile);

-- What of its contacts a corp lets a suite see: JSON, see Scope in domain/model.py; '' is everything.
ALTER TABLE authorisations ADD COLUMN auth_scopes TEXT NOT NULL DEFAULT '';
