-- The spine: everything that has arrived, what was decided, what is owed, what was sent.
-- Times are microseconds since 1970 (UTC). State tables are projections of `entry`.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The hash chain: one row for each change of state. `ref` is the row in the table `what`.
CREATE TABLE entry (
  chain  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  what   TEXT    NOT NULL,
  ref    INTEGER NOT NULL,
  state  TEXT    NOT NULL,
  digest BLOB    NOT NULL,
  hash   BLOB    NOT NULL,
  PRIMARY KEY (chain, seq)
) WITHOUT ROWID;
CREATE INDEX entry_ref ON entry (what, ref, seq);

-- One row for each arrival. `content` is the keyed hash of its bytes; `same_as` is the message that
-- brought the same bytes before, whose body stands for both.
CREATE TABLE message (
  seq         INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  source      TEXT    NOT NULL,
  adapter     TEXT    NOT NULL,
  sender_user TEXT,
  redelivered INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  content     BLOB    NOT NULL,
  same_as     INTEGER
);

-- Bodies stand apart from what is searched: the big rows are appended and hardly ever read.
CREATE TABLE body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

-- One letter of a message, or one event. Most messages have one. `accepted`: the codes of reasons that
-- a person has looked at and sent it on all the same.
CREATE TABLE item (
  seq      INTEGER PRIMARY KEY,
  message  INTEGER NOT NULL ON CONFLICT FAIL,
  idx      INTEGER NOT NULL ON CONFLICT FAIL,
  key      TEXT    NOT NULL ON CONFLICT FAIL,
  state    TEXT    NOT NULL ON CONFLICT FAIL,
  what     TEXT    NOT NULL ON CONFLICT FAIL,
  case_key TEXT,
  event    INTEGER,
  same_as  INTEGER,
  code     TEXT,
  reason   TEXT,
  path     TEXT,
  refused  INTEGER NOT NULL ON CONFLICT FAIL DEFAULT 0,
  holds    INTEGER NOT NULL ON CONFLICT FAIL DEFAULT 0,
  accepted TEXT    NOT NULL ON CONFLICT FAIL DEFAULT ''
);
CREATE INDEX item_message ON item (message);
CREATE INDEX item_case ON item (case_key, seq) WHERE state IN ('parked', 'waiting');
CREATE INDEX item_parked ON item (seq) WHERE state = 'parked';

CREATE TABLE event (
  seq      INTEGER PRIMARY KEY,
  id       BLOB    NOT NULL UNIQUE,
  item     INTEGER,
  kind     TEXT    NOT NULL,
  wire_id  TEXT    NOT NULL,
  source   TEXT    NOT NULL,
  case_key TEXT    NOT NULL,
  correlation TEXT,
  time     INTEGER NOT NULL,
  day      TEXT    NOT NULL,
  residence TEXT,
  law      TEXT,
  decision TEXT    NOT NULL
);
CREATE INDEX event_case ON event (case_key, kind, seq);

CREATE TABLE event_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

-- One event to one mailbox on one channel, or one answer to a sender (`reply`).
-- `ready`: first of its lane, so that it may be sent. `passed`: parked, but holds its lane no more.
-- `returned`: how the broker gave back what is under way, before it was known that it had left.
CREATE TABLE delivery (
  seq      INTEGER PRIMARY KEY,
  id       BLOB    NOT NULL ON CONFLICT FAIL UNIQUE,
  event    INTEGER,
  reply    INTEGER,
  mailbox  TEXT    NOT NULL ON CONFLICT FAIL,
  channel  TEXT    NOT NULL ON CONFLICT FAIL,
  capacity TEXT    NOT NULL ON CONFLICT FAIL,
  why      TEXT    NOT NULL ON CONFLICT FAIL,
  lane     BLOB    NOT NULL ON CONFLICT FAIL,
  state    TEXT    NOT NULL ON CONFLICT FAIL,
  ready    INTEGER NOT NULL ON CONFLICT FAIL,
  passed   INTEGER NOT NULL ON CONFLICT FAIL DEFAULT 0,
  attempts INTEGER NOT NULL ON CONFLICT FAIL DEFAULT 0,
  next_at  INTEGER NOT NULL ON CONFLICT FAIL,
  code     TEXT,
  reason   TEXT,
  business TEXT,
  returned TEXT
);
CREATE INDEX delivery_ready ON delivery (mailbox, channel, next_at, seq) WHERE ready = 1;
CREATE INDEX delivery_lane ON delivery (lane, seq) WHERE state IN ('waiting', 'parked');
CREATE INDEX delivery_parked ON delivery (seq) WHERE state = 'parked';
CREATE INDEX delivery_event ON delivery (event);
CREATE INDEX delivery_reply ON delivery (reply) WHERE reply IS NOT NULL;

CREATE TABLE reply (
  seq        INTEGER PRIMARY KEY,
  message    INTEGER NOT NULL,
  idx        INTEGER NOT NULL,
  repeat_of  INTEGER,
  repeats    INTEGER NOT NULL DEFAULT 0,
  to_gln     TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  code       TEXT,
  media_type TEXT    NOT NULL
);
CREATE INDEX reply_message ON reply (message);

CREATE TABLE reply_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

CREATE TABLE duty (
  seq      INTEGER PRIMARY KEY,
  id       BLOB    NOT NULL UNIQUE,
  event    INTEGER NOT NULL,
  case_key TEXT    NOT NULL,
  owed_by  TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  due      TEXT,
  next_at  INTEGER,
  doc      TEXT    NOT NULL
);
CREATE INDEX duty_case ON duty (case_key, seq);
CREATE INDEX duty_next ON duty (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX duty_state ON duty (state, due);
CREATE INDEX duty_event ON duty (event);

-- What receivers said. The reason is content: it is sealed.
CREATE TABLE receipt (
  seq      INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  status   TEXT    NOT NULL
);
CREATE INDEX receipt_delivery ON receipt (delivery, seq);

CREATE TABLE receipt_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

-- What has been seen: source ids (keyed hashes) and the keyed hash of what stood under them.
CREATE TABLE seen (
  kind    TEXT    NOT NULL,
  key     BLOB    NOT NULL,
  content BLOB    NOT NULL,
  ref     INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- The ids by which people look for a message: letters, envelopes, senders' event ids.
CREATE TABLE name (
  name TEXT    NOT NULL,
  item INTEGER NOT NULL,
  PRIMARY KEY (name, item)
) WITHOUT ROWID;

CREATE TABLE case_file (
  key       TEXT PRIMARY KEY,
  residence TEXT
) WITHOUT ROWID;

-- Keyed hashes by which an event's case can be found.
CREATE TABLE case_mark (
  mark     BLOB NOT NULL,
  case_key TEXT NOT NULL,
  PRIMARY KEY (mark, case_key)
) WITHOUT ROWID;

-- Keyed hashes of citizens.
CREATE TABLE citizen (
  mark  BLOB    NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (mark, event)
) WITHOUT ROWID;

-- How often a message that came back was begun; the third time it is parked unread.
CREATE TABLE attempt (
  key   BLOB PRIMARY KEY,
  count INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pause (
  target TEXT PRIMARY KEY,
  at     INTEGER NOT NULL,
  by_user TEXT   NOT NULL
) WITHOUT ROWID;

-- What people did: resent, discarded, paused.
CREATE TABLE action (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  by_user TEXT    NOT NULL,
  what    TEXT    NOT NULL,
  target  TEXT    NOT NULL,
  reason  TEXT    NOT NULL
);

-- Who looked at content, when, and for what.
CREATE TABLE access (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  by_user TEXT    NOT NULL,
  purpose TEXT    NOT NULL,
  what    TEXT    NOT NULL,
  ref     INTEGER NOT NULL
);

-- The console's inbox.
CREATE TABLE inbox (
  seq      INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL UNIQUE,
  mailbox  TEXT    NOT NULL,
  at       INTEGER NOT NULL
);

-- How many rows are in which state, kept by the database itself as rows change; and how many came
-- to be by the chain's entries (`entry item+`), kept by whoever writes those. So the conservation
-- check compares two counts that come about independently.
CREATE TABLE tally (
  name TEXT PRIMARY KEY,
  n    INTEGER NOT NULL ON CONFLICT FAIL
) WITHOUT ROWID;

-- Every state has its row from the beginning, so that a trigger only changes one. SQLite keeps the old
-- state of each page that a statement with triggers changes, in case it must undo that statement alone:
-- it need not where none of it can fail so. Hence `ON CONFLICT FAIL` in these tables; whoever writes
-- gives the whole transaction up where a statement fails.
INSERT INTO tally (name, n) VALUES
  ('item routed', 0), ('item recorded', 0), ('item duplicate', 0), ('item waiting', 0), ('item parked', 0),
  ('item discarded', 0),
  ('delivery waiting', 0), ('delivery delivered', 0), ('delivery parked', 0), ('delivery discarded', 0),
  ('reply waiting', 0), ('reply delivered', 0), ('reply parked', 0), ('reply discarded', 0);

CREATE TRIGGER item_added AFTER INSERT ON item BEGIN
  UPDATE tally SET n = n + 1 WHERE name = 'item ' || NEW.state;
END;
CREATE TRIGGER item_changed AFTER UPDATE OF state ON item WHEN OLD.state <> NEW.state BEGIN
  UPDATE tally SET n = n - 1 WHERE name = 'item ' || OLD.state;
  UPDATE tally SET n = n + 1 WHERE name = 'item ' || NEW.state;
END;
CREATE TRIGGER delivery_added AFTER INSERT ON delivery BEGIN
  UPDATE tally SET n = n + 1 WHERE name = CASE WHEN NEW.reply IS NULL THEN 'delivery ' ELSE 'reply ' END || NEW.state;
END;
CREATE TRIGGER delivery_changed AFTER UPDATE OF state ON delivery WHEN OLD.state <> NEW.state BEGIN
  UPDATE tally SET n = n - 1 WHERE name = CASE WHEN NEW.reply IS NULL THEN 'delivery ' ELSE 'reply ' END || OLD.state;
  UPDATE tally SET n = n + 1 WHERE name = CASE WHEN NEW.reply IS NULL THEN 'delivery ' ELSE 'reply ' END || NEW.state;
END;
