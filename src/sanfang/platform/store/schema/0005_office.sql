-- Office: to-dos, calendar, approvals, check-ins and attendance. What only comes back as it was sent
-- is one JSON object (details); what is searched or counted has a column.

CREATE TABLE todos (
  task_no {serial},
  task_id TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  owner_key TEXT NOT NULL,
  source_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  creator TEXT NOT NULL,
  modifier TEXT NOT NULL,
  done BIGINT NOT NULL,
  due_at BIGINT,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE UNIQUE INDEX todos_source ON todos (corp_id, owner_key, source_id) WHERE source_id <> '';

-- roles: 1 executor, 2 creator, 4 participant, added up. done is this person's own.
CREATE TABLE todo_people (
  corp_id TEXT NOT NULL,
  unionid TEXT NOT NULL,
  task_no BIGINT NOT NULL REFERENCES todos (task_no),
  roles BIGINT NOT NULL,
  done BIGINT NOT NULL,
  finished_at BIGINT,
  PRIMARY KEY (corp_id, unionid, task_no)
);
CREATE INDEX todo_people_task ON todo_people (task_no, unionid);

CREATE TABLE calendar_events (
  event_no {serial},
  event_id TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  organizer TEXT NOT NULL,
  summary TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  cancelled BIGINT NOT NULL,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- The event stands in the calendar of everybody here; starts_at is the event's, for its order.
CREATE TABLE calendar_people (
  corp_id TEXT NOT NULL,
  unionid TEXT NOT NULL,
  event_no BIGINT NOT NULL REFERENCES calendar_events (event_no),
  starts_at BIGINT NOT NULL,
  is_optional BIGINT NOT NULL,
  response TEXT NOT NULL,
  hidden BIGINT NOT NULL,
  PRIMARY KEY (corp_id, unionid, event_no)
);
CREATE INDEX calendar_people_time ON calendar_people (corp_id, unionid, starts_at, event_no);
CREATE INDEX calendar_people_event ON calendar_people (event_no, unionid);

CREATE TABLE meeting_rooms (
  room_id TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  name TEXT NOT NULL,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX meeting_rooms_corp ON meeting_rooms (corp_id, room_id);

CREATE TABLE room_bookings (
  room_id TEXT NOT NULL REFERENCES meeting_rooms (room_id),
  event_no BIGINT NOT NULL REFERENCES calendar_events (event_no),
  PRIMARY KEY (room_id, event_no)
);
CREATE INDEX room_bookings_event ON room_bookings (event_no, room_id);

CREATE TABLE process_forms (
  process_code TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  components TEXT NOT NULL,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX process_forms_name ON process_forms (corp_id, name);

-- steps: the approvers still to come, a JSON list; records: what happened, a JSON list.
CREATE TABLE process_instances (
  instance_no {serial},
  instance_id TEXT NOT NULL UNIQUE,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  process_code TEXT NOT NULL,
  business_id TEXT NOT NULL,
  title TEXT NOT NULL,
  originator TEXT NOT NULL,
  dept_id BIGINT NOT NULL,
  status TEXT NOT NULL,
  result TEXT NOT NULL,
  steps TEXT NOT NULL,
  form_values TEXT NOT NULL,
  cc TEXT NOT NULL,
  records TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX process_instances_list ON process_instances (corp_id, process_code, created_at, instance_no);

CREATE TABLE process_tasks (
  task_id {serial},
  instance_no BIGINT NOT NULL REFERENCES process_instances (instance_no),
  corp_id TEXT NOT NULL,
  step BIGINT NOT NULL,
  userid TEXT NOT NULL,
  status TEXT NOT NULL,
  result TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX process_tasks_instance ON process_tasks (instance_no, task_id);
CREATE INDEX process_tasks_todo ON process_tasks (corp_id, userid) WHERE status = 'RUNNING';

CREATE TABLE check_ins (
  check_in_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  place TEXT NOT NULL,
  detail_place TEXT NOT NULL,
  remark TEXT NOT NULL,
  latitude TEXT NOT NULL,
  longitude TEXT NOT NULL,
  images TEXT NOT NULL
);
CREATE INDEX check_ins_time ON check_ins (corp_id, checked_at, check_in_id);
CREATE INDEX check_ins_user ON check_ins (corp_id, userid, checked_at, check_in_id);

CREATE TABLE attendance_records (
  record_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  work_date BIGINT NOT NULL,
  check_type TEXT NOT NULL,
  base_check_at BIGINT NOT NULL,
  user_check_at BIGINT NOT NULL,
  time_result TEXT NOT NULL,
  location_result TEXT NOT NULL,
  source_type TEXT NOT NULL,
  details TEXT NOT NULL
);
CREATE INDEX attendance_work ON attendance_records (corp_id, userid, work_date, record_id);
CREATE INDEX attendance_check ON attendance_records (corp_id, userid, user_check_at, record_id);

CREATE TABLE leaves (
  leave_id {serial},
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  userid TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  duration_unit TEXT NOT NULL,
  duration_percent BIGINT NOT NULL
);
CREATE INDEX leaves_user ON leaves (corp_id, userid, starts_at, leave_id);

CREATE TABLE announcements (
  announcement_id TEXT PRIMARY KEY,
  corp_id TEXT NOT NULL REFERENCES corps (corp_id),
  author TEXT NOT NULL,
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX announcements_corp ON announcements (corp_id, created_at, announcement_id);
