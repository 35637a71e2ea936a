-- Whose a case is, by keyed hashes, so that what happens to a citizen finds what is open for them.
CREATE TABLE case_citizen (
  mark     BLOB NOT NULL,
  case_key TEXT NOT NULL,
  PRIMARY KEY (mark, case_key)
) WITHOUT ROWID;
CREATE INDEX case_citizen_case ON case_citizen (case_key, mark);
INSERT INTO case_citizen (mark, case_key)
  SELECT DISTINCT citizen.mark, event.case_key FROM citizen JOIN event ON event.seq = citizen.event;

-- What the CPR register has told of citizens: one row for each event of theirs. `doc` is what later
-- decisions go by: days and municipalities.
CREATE TABLE citizen_news (
  mark  BLOB    NOT NULL,
  event INTEGER NOT NULL,
  doc   TEXT    NOT NULL,
  PRIMARY KEY (mark, event)
) WITHOUT ROWID;
