-- Calls of the open API, the newest so many (Settings.call_log_keep). code: 0, or why it was refused.
CREATE TABLE calls (
  call_id {serial},
  at BIGINT NOT NULL,
  client_ip TEXT NOT NULL,
  app_key TEXT NOT NULL,
  suite_key TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  path TEXT NOT NULL,
  status BIGINT NOT NULL,
  code BIGINT NOT NULL,
  micros BIGINT NOT NULL,
  synthetic BIGINT NOT NULL,
  zh TEXT NOT NULL,
  en TEXT NOT NULL
);

-- Permission points an app or a suite holds (owner_key: app_key or suite_key), for
-- Settings.permissions "enforce".
CREATE TABLE granted_permissions (
  owner_key TEXT NOT NULL,
  point TEXT NOT NULL,
  PRIMARY KEY (owner_key, point)
);
