-- Who looked at what, and what is searched by.

-- What a look was about, beside the row that was read.
ALTER TABLE access ADD COLUMN message INTEGER;
ALTER TABLE access ADD COLUMN event INTEGER;
ALTER TABLE access ADD COLUMN delivery INTEGER;
CREATE INDEX access_at ON access (at, seq);
CREATE INDEX access_user ON access (by_user, seq);
CREATE INDEX access_message ON access (message, seq) WHERE message IS NOT NULL;

-- Whom a look was about, by keyed hashes.
CREATE TABLE access_citizen (
  mark   BLOB    NOT NULL,
  access INTEGER NOT NULL,
  PRIMARY KEY (mark, access)
) WITHOUT ROWID;
CREATE INDEX access_citizen_access ON access_citizen (access, mark);

-- Whom an event is about, when one looks at it.
CREATE INDEX citizen_event ON citizen (event, mark);

-- What people did: by when, by whom, to what; and how the proof of the ledger came out.
CREATE INDEX action_at ON action (at, seq);
CREATE INDEX action_user ON action (by_user, seq);
CREATE INDEX action_target ON action (target, seq);
CREATE INDEX action_proof ON action (seq) WHERE what = 'verify';

-- Search: by the mailbox that got it, by kind, law, state and time; each newest first.
CREATE INDEX delivery_mailbox ON delivery (mailbox, event) WHERE event IS NOT NULL;
CREATE INDEX item_what ON item (what, seq);
CREATE INDEX item_state ON item (state, seq) WHERE state <> 'routed';
CREATE INDEX event_law ON event (law, seq) WHERE law IS NOT NULL;
CREATE INDEX message_at ON message (at, seq);
