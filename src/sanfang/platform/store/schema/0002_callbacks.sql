-- Registrations of /call_back/register_call_back: one per corp and app (owner_key: suite_key or
-- app_key). Their pushes wait in the lanes of target_key, which is 'cb:' and the owner's key.
CREATE TABLE callbacks (
  target_key TEXT NOT NULL,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  key_id TEXT NOT NULL,
  token TEXT NOT NULL,
  aes_key TEXT NOT NULL,
  url TEXT NOT NULL,
  tags TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (target_key, corp_id)
);

CREATE TABLE callback_tags (
  corp_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  target_key TEXT NOT NULL,
  PRIMARY KEY (corp_id, tag, target_key)
);

-- A failed event is handed out once (returned 1) and deleted by the call after that.
CREATE TABLE callback_failures (
  failure_id {serial},
  target_key TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  plain TEXT NOT NULL,
  event_time BIGINT NOT NULL,
  returned BIGINT NOT NULL
);
CREATE INDEX callback_failures_list ON callback_failures (target_key, corp_id, failure_id);

-- A push of a registration that waits to be tried again does not hold up those behind it.
CREATE INDEX pushes_next ON pushes (suite_key, corp_id, due_at, push_id)
  WHERE state = 'pending' AND suite_key LIKE 'cb:%';

-- What a corp's own app shows besides its name.
CREATE TABLE app_details (
  agent_id BIGINT PRIMARY KEY,
  description TEXT NOT NULL,
  icon TEXT NOT NULL,
  home_url TEXT NOT NULL,
  pc_home_url TEXT NOT NULL,
  oa_url TEXT NOT NULL
);

-- Who sees a micro-app, own or authorised; without a row everybody.
CREATE TABLE agent_scopes (
  agent_id BIGINT PRIMARY KEY,
  is_hidden BIGINT NOT NULL,
  dept_ids TEXT NOT NULL,
  userids TEXT NOT NULL,
  role_ids TEXT NOT NULL
);

CREATE INDEX agents_corp ON agents (corp_id, agent_id);
