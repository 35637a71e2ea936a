-- What people do with what is parked, in numbers: lists that were shown and are then worked through.
-- A list is fixed when it is made: `hash` is that of its lines. `what` and `place` and `channel` say
-- which group it was; `mailbox` is whom its deliveries are handed to.
CREATE TABLE job (
  seq          INTEGER PRIMARY KEY,
  at           INTEGER NOT NULL,
  by_user      TEXT    NOT NULL,
  act          TEXT    NOT NULL,
  about        TEXT    NOT NULL,
  hash         BLOB    NOT NULL,
  total        INTEGER NOT NULL,
  state        TEXT    NOT NULL,
  mailbox      TEXT,
  reason       TEXT    NOT NULL DEFAULT '',
  confirmed_by TEXT,
  -- How many of its lines ended in which way, in the order of `job::Ending::ALL`.
  done         INTEGER NOT NULL DEFAULT 0,
  again        INTEGER NOT NULL DEFAULT 0,
  refused      INTEGER NOT NULL DEFAULT 0,
  gone         INTEGER NOT NULL DEFAULT 0,
  changed      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX job_running ON job (seq) WHERE state = 'running';

-- One line of a list: an item or a delivery, and the entry of the chain that brought it where it was.
CREATE TABLE job_line (
  job   INTEGER NOT NULL,
  place INTEGER NOT NULL,
  kind  TEXT    NOT NULL,
  ref   INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (job, place)
) WITHOUT ROWID;

-- What came of a line. There is at most one: whoever would do it twice is refused by the database.
CREATE TABLE outcome (
  seq    INTEGER PRIMARY KEY,
  job    INTEGER NOT NULL,
  place  INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  ending TEXT    NOT NULL,
  detail TEXT    NOT NULL,
  UNIQUE (job, place)
);

-- The groups of what is parked, and a page of one.
CREATE INDEX item_parked_code ON item (code, seq, message) WHERE state = 'parked';
CREATE INDEX delivery_parked_code ON delivery (code, mailbox, channel, seq) WHERE state = 'parked';

-- How a person has corrected the text of something that could not be decided about. The message stays
-- as it came; what it says instead is sealed beside it. One at a time is proposed for an item.
CREATE TABLE edit (
  seq        INTEGER PRIMARY KEY,
  item       INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  by_user    TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  decided_by TEXT,
  said       TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX edit_item ON edit (item, seq);
CREATE UNIQUE INDEX edit_proposed ON edit (item) WHERE state = 'proposed';
CREATE TABLE edit_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);
