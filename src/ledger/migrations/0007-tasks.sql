-- How tasks in the console's inbox stand: one for each mailbox and case. `doc` is the task; the rest
-- is what lists go by. `holder` is empty where nobody has it; `until` the day to which it waits, far
-- off where it waits for an answer, and empty where it does not wait; `due` far off where no day was
-- agreed.
CREATE TABLE task (
  seq      INTEGER PRIMARY KEY,
  mailbox  TEXT    NOT NULL,
  case_key TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  holder   TEXT    NOT NULL,
  until    TEXT    NOT NULL,
  due      TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  doc      TEXT    NOT NULL,
  UNIQUE (mailbox, case_key)
);
CREATE INDEX task_state ON task (mailbox, state, due, seq);
CREATE INDEX task_held ON task (mailbox, due, seq) WHERE state IN ('taken', 'waiting');
CREATE INDEX task_holder ON task (mailbox, holder, due, seq) WHERE state IN ('taken', 'waiting');
CREATE INDEX task_open ON task (mailbox, due, seq) WHERE state IN ('new', 'taken', 'waiting');
CREATE INDEX task_done ON task (mailbox, since, seq) WHERE state = 'done';

-- What lies in the inbox belongs to a task. `handled`: the task's version by which it was brought to
-- an end; 0 where it was not. `duty`: the row of what came to be owed with it.
ALTER TABLE inbox ADD COLUMN task INTEGER;
ALTER TABLE inbox ADD COLUMN event INTEGER;
ALTER TABLE inbox ADD COLUMN capacity TEXT;
ALTER TABLE inbox ADD COLUMN duty INTEGER;
ALTER TABLE inbox ADD COLUMN handled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX inbox_task ON inbox (task, handled, seq);
CREATE INDEX inbox_duty ON inbox (duty) WHERE duty IS NOT NULL;

-- What people note beside a task. What they write is content: it is sealed.
CREATE TABLE note (
  seq     INTEGER PRIMARY KEY,
  task    INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  by_user TEXT    NOT NULL
);
CREATE INDEX note_task ON note (task, seq);
CREATE TABLE note_body (
  seq    INTEGER PRIMARY KEY,
  key    TEXT NOT NULL,
  sealed BLOB NOT NULL
);

-- When somebody last opened a task, so that they are shown what is new since. It decides nothing.
CREATE TABLE task_seen (
  task    INTEGER NOT NULL,
  by_user TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (task, by_user)
) WITHOUT ROWID;
