-- Times are epoch milliseconds, booleans 0/1, lists and objects JSON text. See ports.py.

CREATE TABLE corps (
  corp_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  is_authenticated BIGINT NOT NULL,
  test_of TEXT,
  next_dept_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  dissolved_at BIGINT
);
CREATE INDEX corps_created ON corps (created_at, corp_id);
CREATE INDEX corps_test_of ON corps (test_of) WHERE test_of IS NOT NULL;

CREATE TABLE corp_apps (
  app_key TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  agent_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  secret TEXT NOT NULL,
  ip_whitelist TEXT NOT NULL
);
CREATE INDEX corp_apps_corp ON corp_apps (corp_id, app_key);

CREATE TABLE departments (
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  dept_id BIGINT NOT NULL,
  parent_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  sort_order BIGINT NOT NULL,
  PRIMARY KEY (corp_id, dept_id)
);
CREATE INDEX departments_parent ON departments (corp_id, parent_id, sort_order, dept_id);
CREATE UNIQUE INDEX departments_name ON departments (corp_id, parent_id, name);

CREATE TABLE members (
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  unionid TEXT NOT NULL,
  name TEXT NOT NULL,
  mobile TEXT NOT NULL,
  email TEXT NOT NULL,
  position TEXT NOT NULL,
  jobnumber TEXT NOT NULL,
  is_admin BIGINT NOT NULL,
  is_boss BIGINT NOT NULL,
  active BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (corp_id, userid)
);
CREATE INDEX members_unionid ON members (unionid);
CREATE UNIQUE INDEX members_mobile ON members (corp_id, mobile) WHERE mobile <> '';
CREATE INDEX members_by_mobile ON members (mobile) WHERE mobile <> '';

CREATE TABLE member_departments (
  corp_id TEXT NOT NULL,
  dept_id BIGINT NOT NULL,
  userid TEXT NOT NULL,
  is_leader BIGINT NOT NULL,
  PRIMARY KEY (corp_id, dept_id, userid)
);
CREATE INDEX member_departments_user ON member_departments (corp_id, userid);

CREATE TABLE developers (
  developer_id TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL UNIQUE REFERENCES corps (corp_id),
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE suites (
  suite_id {serial},
  suite_key TEXT NOT NULL UNIQUE,
  developer_id TEXT NOT NULL REFERENCES developers (developer_id),
  name TEXT NOT NULL,
  token TEXT NOT NULL,
  aes_key TEXT NOT NULL,
  callback_url TEXT NOT NULL,
  suite_secret TEXT NOT NULL,
  ip_whitelist TEXT NOT NULL,
  user_fields TEXT NOT NULL,
  status TEXT NOT NULL,
  ticket TEXT NOT NULL,
  ticket_before TEXT NOT NULL,
  ticket_at BIGINT NOT NULL,
  ticket_due_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX suites_ticket_due ON suites (ticket_due_at) WHERE ticket_due_at IS NOT NULL;

CREATE TABLE micro_apps (
  app_id {serial},
  suite_key TEXT NOT NULL REFERENCES suites (suite_key),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  logo_url TEXT NOT NULL,
  home_url TEXT NOT NULL,
  pc_home_url TEXT NOT NULL
);
CREATE INDEX micro_apps_suite ON micro_apps (suite_key);

CREATE TABLE authorisations (
  suite_key TEXT NOT NULL REFERENCES suites (suite_key),
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  generation BIGINT NOT NULL,
  state TEXT NOT NULL,
  auth_userid TEXT NOT NULL,
  tmp_auth_code TEXT NOT NULL UNIQUE,
  code_push_id BIGINT,
  code_received_at BIGINT,
  code_used_at BIGINT,
  permanent_code_hash TEXT NOT NULL,
  ip_whitelist TEXT NOT NULL,
  authorised_at BIGINT NOT NULL,
  activated_at BIGINT,
  relieved_at BIGINT,
  PRIMARY KEY (suite_key, corp_id)
);
CREATE INDEX authorisations_corp ON authorisations (corp_id, suite_key);
CREATE INDEX authorisations_permanent ON authorisations (permanent_code_hash) WHERE permanent_code_hash <> '';

CREATE TABLE agents (
  agent_id {serial},
  suite_key TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  app_id BIGINT NOT NULL,
  close BIGINT NOT NULL,
  UNIQUE (suite_key, corp_id, app_id)
);
CREATE INDEX agents_pending ON agents (app_id, close, corp_id);

-- due_at: when a dispatcher shall look next, NULL never. A claimed lane is due when its lease ends.
CREATE TABLE lanes (
  suite_key TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  due_at BIGINT,
  lease_owner TEXT NOT NULL,
  PRIMARY KEY (suite_key, corp_id)
);
CREATE INDEX lanes_due ON lanes (suite_key, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE pushes (
  push_id {serial},
  suite_key TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  plain TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  delivered_at BIGINT
);
CREATE INDEX pushes_suite ON pushes (suite_key, push_id);
CREATE INDEX pushes_lane ON pushes (suite_key, corp_id, push_id);
CREATE INDEX pushes_corp ON pushes (corp_id, push_id);
-- After pushes_corp: of two indexes that serve alike, SQLite takes the younger.
CREATE INDEX pushes_head ON pushes (suite_key, corp_id, push_id) WHERE state IN ('pending', 'stopped');

CREATE TABLE push_attempts (
  push_id BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  latency_ms BIGINT NOT NULL,
  status BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  reply TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (push_id, attempt)
);

CREATE TABLE messages (
  message_id {serial},
  corp_id TEXT NOT NULL,
  agent_id BIGINT NOT NULL,
  msgtype TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX messages_corp ON messages (corp_id, message_id);

CREATE TABLE message_recipients (
  corp_id TEXT NOT NULL,
  userid TEXT NOT NULL,
  message_id BIGINT NOT NULL,
  read_at BIGINT,
  PRIMARY KEY (corp_id, userid, message_id)
);
