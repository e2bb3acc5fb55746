-- Everything a suite app must not forget. One file serves one suite.

-- What the platform pushed. A row is committed before the push is answered `success`.
--   key    recognises a second delivery; begins with the event's time, so that the index grows
--          at its right edge and a commit touches few pages
--   lane   corp_id, or '' for the suite's own events: order is kept inside a lane
--   state  0 waiting, 1 done, 2 superseded, 3 dead
--   progress  JSON list of the handlers that have finished, while others have not
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key BLOB NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  event_type TEXT NOT NULL,
  plain BLOB NOT NULL,
  received INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL DEFAULT 0,
  progress TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX inbox_waiting ON inbox (id, lane) WHERE state = 0;
CREATE INDEX inbox_dead ON inbox (id) WHERE state = 3;

-- How far each corp's authorisation has come; `body` is the CorpRecord as JSON.
-- The permanent code stands apart: it is the one thing that can never be read again.
CREATE TABLE corps (
  corp_id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  permanent_code TEXT
) STRICT, WITHOUT ROWID;

-- suite_key, suite_secret, ticket, ticket_time (the platform's), ticket_received (ours), nudge
CREATE TABLE suite (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
