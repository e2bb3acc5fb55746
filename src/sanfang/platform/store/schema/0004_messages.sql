-- Conversations, chats, robots, and what became of a message. A sender is '' where an app speaks.
-- invalid: users and departments that do not exist, users who may not see the app.
-- channel: send, work, template, chat, oto, group, private, webhook. message_key: the id as the wire shows it.

ALTER TABLE messages ADD COLUMN channel TEXT NOT NULL DEFAULT 'send';
ALTER TABLE messages ADD COLUMN app TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN cid TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN message_key TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN receiver_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN to_all BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN invalid TEXT NOT NULL DEFAULT '[[],[],[]]';
ALTER TABLE messages ADD COLUMN recalled_at BIGINT;
CREATE INDEX messages_key ON messages (message_key) WHERE message_key <> '';
CREATE INDEX messages_cid ON messages (cid, message_id) WHERE cid <> '';
CREATE INDEX messages_app ON messages (corp_id, app, created_at) WHERE app <> '';

CREATE INDEX message_recipients_message ON message_recipients (message_id, userid);
CREATE INDEX message_recipients_unread ON message_recipients (corp_id, userid, message_id) WHERE read_at IS NULL;

-- kind: single or group. pair: both members of a single conversation. status: 1 alive, 2 disbanded.
CREATE TABLE conversations (
  cid TEXT PRIMARY KEY,
  chatid TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  kind TEXT NOT NULL,
  pair TEXT NOT NULL,
  title TEXT NOT NULL,
  owner TEXT NOT NULL,
  icon TEXT NOT NULL,
  template_id TEXT NOT NULL,
  options TEXT NOT NULL,
  status BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_pair ON conversations (corp_id, pair) WHERE pair <> '';
CREATE INDEX conversations_corp ON conversations (corp_id, cid);

CREATE TABLE conversation_members (
  cid TEXT NOT NULL REFERENCES conversations (cid),
  corp_id TEXT NOT NULL,
  userid TEXT NOT NULL,
  is_admin BIGINT NOT NULL,
  nick TEXT NOT NULL,
  muted_from BIGINT NOT NULL,
  muted_until BIGINT NOT NULL,
  PRIMARY KEY (cid, userid)
);
CREATE INDEX conversation_members_user ON conversation_members (corp_id, userid, cid);

CREATE TABLE conversation_apps (
  cid TEXT NOT NULL REFERENCES conversations (cid),
  agent_id BIGINT NOT NULL,
  suite_key TEXT NOT NULL,
  PRIMARY KEY (cid, agent_id)
);

CREATE TABLE webhook_robots (
  robot_id {serial},
  token_hash TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL,
  cid TEXT NOT NULL REFERENCES conversations (cid),
  name TEXT NOT NULL,
  secret TEXT NOT NULL,
  keywords TEXT NOT NULL,
  ip_whitelist TEXT NOT NULL,
  stopped BIGINT NOT NULL
);
CREATE INDEX webhook_robots_cid ON webhook_robots (cid, robot_id);
