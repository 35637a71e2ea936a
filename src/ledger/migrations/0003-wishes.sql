-- What items wait for that the hub asks elsewhere: where a citizen lives, what a thin event is about.
-- `about` is the keyed hash of whom or what is asked about: one answer settles all wishes about it.
-- `since`: when the wait began, from which it is counted how long an answer may take.
CREATE TABLE wish (
  seq      INTEGER PRIMARY KEY,
  item     INTEGER NOT NULL,
  service  TEXT    NOT NULL,
  about    BLOB    NOT NULL,
  state    TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  next_at  INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  settled  INTEGER
);
CREATE INDEX wish_item ON wish (item, service);
CREATE INDEX wish_about ON wish (service, about) WHERE state = 'open';
CREATE INDEX wish_next ON wish (service, next_at, seq) WHERE state = 'open';
CREATE INDEX wish_since ON wish (service, since, seq) WHERE state = 'open';

-- What is asked, and what was answered.
CREATE TABLE wish_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);
CREATE TABLE answer_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

-- How many wishes each service has open, kept by the database itself.
CREATE TRIGGER wish_added AFTER INSERT ON wish BEGIN
  INSERT INTO tally VALUES ('wish ' || NEW.service, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER wish_ended AFTER UPDATE OF state ON wish WHEN OLD.state = 'open' AND NEW.state <> 'open' BEGIN
  UPDATE tally SET n = n - 1 WHERE name = 'wish ' || OLD.service;
END;
