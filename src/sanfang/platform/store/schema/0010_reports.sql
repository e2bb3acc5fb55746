-- Reports (the daily and weekly log of members), who got and read them, and what was said of them.

CREATE TABLE report_templates (
  template_id TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  name TEXT NOT NULL,
  fields TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX report_templates_name ON report_templates (corp_id, name);

CREATE TABLE reports (
  report_no {serial},
  report_id TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  template_id TEXT NOT NULL,
  template_name TEXT NOT NULL,
  creator TEXT NOT NULL,
  creator_name TEXT NOT NULL,
  dept_name TEXT NOT NULL,
  draft BIGINT NOT NULL,
  contents TEXT NOT NULL,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX reports_corp ON reports (corp_id, report_no) WHERE draft = 0;
CREATE INDEX reports_creator ON reports (corp_id, creator, report_no) WHERE draft = 0;

CREATE TABLE report_people (
  report_no BIGINT NOT NULL REFERENCES reports (report_no),
  corp_id TEXT NOT NULL,
  userid TEXT NOT NULL,
  receiver BIGINT NOT NULL,
  read_at BIGINT,
  liked_at BIGINT,
  PRIMARY KEY (report_no, userid)
);
CREATE INDEX report_people_unread ON report_people (corp_id, userid)
  WHERE receiver = 1 AND read_at IS NULL;

CREATE TABLE report_comments (
  comment_id {serial},
  report_no BIGINT NOT NULL REFERENCES reports (report_no),
  userid TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX report_comments_report ON report_comments (report_no, comment_id);
