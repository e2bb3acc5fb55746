-- Media and drive. The bytes are in Files, under their SHA-256; here is what they are called.
-- owner_key: suite_key or app_key of the app that uploaded it; nobody else can fetch it.

CREATE TABLE media (
  media_id TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  owner_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  filename TEXT NOT NULL,
  content_type TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- An upload that has begun. parts: how many there will be, 0 when it is not known.
CREATE TABLE uploads (
  upload_key TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  owner_key TEXT NOT NULL,
  space_no BIGINT NOT NULL,
  expected_size BIGINT NOT NULL,
  parts BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE upload_parts (
  upload_key TEXT NOT NULL REFERENCES uploads (upload_key),
  part BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  PRIMARY KEY (upload_key, part)
);

-- kind: org (a team's folder), app (made by an app for a scene), custom (cspace, one per domain or
-- agent). owner_key is '' for org: every app of the corp sees those.
CREATE TABLE spaces (
  space_no {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  kind TEXT NOT NULL,
  owner_key TEXT NOT NULL,
  scene TEXT NOT NULL,
  name TEXT NOT NULL,
  root_uuid TEXT NOT NULL UNIQUE,
  creator TEXT NOT NULL,
  details TEXT NOT NULL,
  quota BIGINT NOT NULL,
  used BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX spaces_scene ON spaces (corp_id, kind, owner_key, scene) WHERE scene <> '';
CREATE INDEX spaces_corp ON spaces (corp_id, kind, space_no);

-- parent 0 is the root of the space. recycled: the item of the recycle bin that took it, 0 while it
-- is alive.
CREATE TABLE dentries (
  dentry_no {serial},
  corp_id TEXT NOT NULL,
  space_no BIGINT NOT NULL REFERENCES spaces (space_no),
  parent_no BIGINT NOT NULL,
  uuid TEXT NOT NULL UNIQUE,
  is_folder BIGINT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  version BIGINT NOT NULL,
  properties TEXT NOT NULL,
  creator TEXT NOT NULL,
  modifier TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  recycled BIGINT NOT NULL
);
CREATE UNIQUE INDEX dentries_name ON dentries (space_no, parent_no, name) WHERE recycled = 0;
CREATE INDEX dentries_parent ON dentries (space_no, parent_no, dentry_no);
CREATE INDEX dentries_recycled ON dentries (recycled) WHERE recycled > 0;

CREATE TABLE dentry_versions (
  dentry_no BIGINT NOT NULL REFERENCES dentries (dentry_no),
  version BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  creator TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (dentry_no, version)
);

CREATE TABLE recycle_items (
  item_no {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  space_no BIGINT NOT NULL,
  dentry_no BIGINT NOT NULL,
  path TEXT NOT NULL,
  operator TEXT NOT NULL,
  deleted_at BIGINT NOT NULL
);
CREATE INDEX recycle_items_corp ON recycle_items (corp_id, item_no);

-- dentry 0 is the whole space.
CREATE TABLE dentry_permissions (
  space_no BIGINT NOT NULL REFERENCES spaces (space_no),
  dentry_no BIGINT NOT NULL,
  member_type TEXT NOT NULL,
  member_id TEXT NOT NULL,
  role TEXT NOT NULL,
  expires_at BIGINT,
  operator TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (space_no, dentry_no, member_type, member_id)
);

-- Who wants storage_dentry_* events: scope ORG with the corp, or SPACE with a space.
CREATE TABLE storage_subscriptions (
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  owner_key TEXT NOT NULL,
  scope TEXT NOT NULL,
  scope_id TEXT NOT NULL,
  PRIMARY KEY (corp_id, scope, scope_id, owner_key)
);
