-- A table to try the stores with.
CREATE TABLE things (
  thing_id {serial},  -- never given twice
  name TEXT NOT NULL UNIQUE,
  count BIGINT NOT NULL,
  data {blob}
);
