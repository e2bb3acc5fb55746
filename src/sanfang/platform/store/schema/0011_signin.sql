-- Signing in: where apps may send people back to, apps for any web site, SSO secrets.

-- owner_key: app_key, suite_key, or the app_id of an open app. hosts: a JSON list, as typed in.
CREATE TABLE redirect_hosts (
  owner_key TEXT PRIMARY KEY,
  hosts TEXT NOT NULL
);

CREATE INDEX suites_developer ON suites (developer_id, suite_key);

CREATE TABLE open_apps (
  app_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE sso_secrets (
  corp_id TEXT PRIMARY KEY REFERENCES corps (corp_id),
  secret TEXT NOT NULL,
  made_at BIGINT NOT NULL
);

-- A person said yes to an open app; the persistent code that came of it has no end.
CREATE TABLE sns_grants (
  app_id TEXT NOT NULL REFERENCES open_apps (app_id),
  openid TEXT NOT NULL,
  unionid TEXT NOT NULL,
  persistent_code TEXT NOT NULL,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (app_id, openid)
);
