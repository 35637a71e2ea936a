-- `user` and `session_user` are words of the language in PostgreSQL, which has the same tables.
ALTER TABLE account RENAME COLUMN user TO login;
ALTER TABLE session RENAME COLUMN user TO login;
ALTER TABLE ticket RENAME COLUMN user TO login;
ALTER TABLE vouched RENAME COLUMN user TO login;
DROP INDEX session_user;
CREATE INDEX session_login ON session (login);
