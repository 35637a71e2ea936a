-- What mailboxes are told outside the console: what each team was told last, by each way. `last` is
-- the last row of the inbox then, `day` the day up to which what is late was told.
CREATE TABLE told (
  mailbox TEXT    NOT NULL,
  way     TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  day     TEXT    NOT NULL,
  PRIMARY KEY (mailbox, way)
) WITHOUT ROWID;
CREATE INDEX inbox_mailbox ON inbox (mailbox, seq);
