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
