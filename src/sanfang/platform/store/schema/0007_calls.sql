-- Calls of the open API, a page of them in a row: a row each would cost the gate a tenth of its speed.
-- calls: how many the page has; total: those and all before (Settings.call_log_keep are kept).
CREATE TABLE call_pages (
  page_id {serial},
  calls BIGINT NOT NULL,
  total BIGINT NOT NULL,
  page {blob} NOT NULL
);
CREATE INDEX call_pages_total ON call_pages (total);

-- Permission points an app or a suite holds (owner_key: app_key or suite_key), for
-- Settings.permissions "enforce".
CREATE TABLE granted_permissions (
  owner_key TEXT NOT NULL,
  point TEXT NOT NULL,
  PRIMARY KEY (owner_key, point)
);
