-- Who may use the console. `secret` is what is kept of a password (a PHC string); NULL where the
-- account has none and its owner comes by a link. `roles` as text, separated by spaces.
CREATE TABLE account (
  user         TEXT PRIMARY KEY,
  name         TEXT    NOT NULL,
  roles        TEXT    NOT NULL,
  secret       TEXT,
  failures     INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER
) WITHOUT ROWID;

-- Who is signed in. `token` is the hash of what the browser holds.
CREATE TABLE session (
  token BLOB PRIMARY KEY,
  user  TEXT    NOT NULL,
  begun INTEGER NOT NULL,
  seen  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session (user);

-- Links that sign somebody in once.
CREATE TABLE ticket (
  token BLOB PRIMARY KEY,
  user  TEXT    NOT NULL,
  ends  INTEGER NOT NULL
) WITHOUT ROWID;

-- When something was last sent to a mailbox, and how old the oldest in its queue is.
CREATE INDEX delivery_sent ON delivery (mailbox, channel, seq) WHERE state = 'delivered';
