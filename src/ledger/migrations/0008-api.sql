-- The systems that may use the API. `token` is the hash of what each holds; `roles` as text,
-- separated by spaces.
CREATE TABLE system (
  name  TEXT PRIMARY KEY,
  token BLOB    NOT NULL UNIQUE,
  roles TEXT    NOT NULL,
  made  INTEGER NOT NULL,
  ends  INTEGER NOT NULL,
  seen  INTEGER
) WITHOUT ROWID;

-- Sessions of people whom an OpenID provider vouches for: they have no account. `member_of` is a JSON
-- array of groups, `subject` a keyed hash of whom the provider knows them as.
ALTER TABLE session ADD COLUMN name TEXT;
ALTER TABLE session ADD COLUMN member_of TEXT;
ALTER TABLE session ADD COLUMN subject BLOB;
CREATE INDEX session_subject ON session (subject) WHERE subject IS NOT NULL;

-- People whom the provider has vouched for: what colleagues call them, and whether work can be handed to
-- them. As they were when they last signed in.
CREATE TABLE vouched (
  user      TEXT PRIMARY KEY,
  name      TEXT    NOT NULL,
  member_of TEXT    NOT NULL,
  seen      INTEGER NOT NULL
) WITHOUT ROWID;

-- Attempts to sign in by the provider that have been used. `attempt` is a hash.
CREATE TABLE openid_used (
  attempt BLOB PRIMARY KEY,
  ends    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX openid_used_ends ON openid_used (ends);
