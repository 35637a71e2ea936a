-- Whom each duty concerns, so that a party finds its own by their day: one row for each reason that
-- a party has to see it. `key` is a party (it owes it, or asked), a municipality's code (its citizen)
-- or `calendar:` with who owes it (owed to the others of the agreement). `day` is the due day;
-- '9999-12-31' where there is none.
CREATE TABLE duty_of (
  duty    INTEGER NOT NULL,
  key     TEXT    NOT NULL,
  state   TEXT    NOT NULL,
  day     TEXT    NOT NULL,
  owed_by TEXT    NOT NULL,
  area    TEXT    NOT NULL,
  PRIMARY KEY (duty, key)
) WITHOUT ROWID;
CREATE INDEX duty_of_day ON duty_of (key, state, day, duty, owed_by, area);

INSERT INTO duty_of (duty, key, state, day, owed_by, area)
  SELECT duty.seq, found.key, duty.state, COALESCE(duty.due, '9999-12-31'), duty.owed_by,
    substr(duty.case_key, 1, length(duty.case_key) - 37)
  FROM duty JOIN (
    SELECT seq, owed_by AS key FROM duty
    UNION SELECT seq, json_extract(doc, '$.asked_by') FROM duty
    UNION SELECT seq, json_extract(doc, '$.residence') FROM duty
    UNION SELECT seq, substr(json_extract(doc, '$.answer_to'), 1, instr(json_extract(doc, '$.answer_to'), '/') - 1)
      FROM duty
    UNION SELECT seq, 'calendar:' || owed_by FROM duty WHERE case_key LIKE 'calendar-%'
  ) AS found ON found.seq = duty.seq
  WHERE found.key IS NOT NULL AND found.key <> '';

-- How many duties stand how on which day, by who finds them, kept by the database itself: a board
-- counts days, and not all that was ever owed. `seen_by` has each `key` of the duty between spaces.
ALTER TABLE duty ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
UPDATE duty SET seen_by = COALESCE((SELECT ' ' || group_concat(key, ' ') || ' ' FROM duty_of WHERE duty_of.duty = duty.seq), '');
CREATE TABLE duty_tally (
  state   TEXT    NOT NULL,
  day     TEXT    NOT NULL,
  seen_by TEXT    NOT NULL,
  owed_by TEXT    NOT NULL,
  area    TEXT    NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (state, day, seen_by, owed_by, area)
) WITHOUT ROWID;
INSERT INTO duty_tally (state, day, seen_by, owed_by, area, n)
  SELECT state, COALESCE(due, '9999-12-31') AS day, seen_by, owed_by,
    substr(case_key, 1, length(case_key) - 37) AS area, COUNT(*) FROM duty GROUP BY 1, 2, 3, 4, 5;
CREATE TRIGGER duty_added AFTER INSERT ON duty BEGIN
  INSERT INTO duty_tally (state, day, seen_by, owed_by, area, n)
    VALUES (NEW.state, COALESCE(NEW.due, '9999-12-31'), NEW.seen_by, NEW.owed_by,
      substr(NEW.case_key, 1, length(NEW.case_key) - 37), 1)
    ON CONFLICT (state, day, seen_by, owed_by, area) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER duty_changed AFTER UPDATE OF state, due ON duty
WHEN OLD.state <> NEW.state OR OLD.due IS NOT NEW.due BEGIN
  UPDATE duty_tally SET n = n - 1
    WHERE state = OLD.state AND day = COALESCE(OLD.due, '9999-12-31') AND seen_by = OLD.seen_by
      AND owed_by = OLD.owed_by AND area = substr(OLD.case_key, 1, length(OLD.case_key) - 37);
  DELETE FROM duty_tally
    WHERE state = OLD.state AND day = COALESCE(OLD.due, '9999-12-31') AND seen_by = OLD.seen_by
      AND owed_by = OLD.owed_by AND area = substr(OLD.case_key, 1, length(OLD.case_key) - 37) AND n = 0;
  INSERT INTO duty_tally (state, day, seen_by, owed_by, area, n)
    VALUES (NEW.state, COALESCE(NEW.due, '9999-12-31'), NEW.seen_by, NEW.owed_by,
      substr(NEW.case_key, 1, length(NEW.case_key) - 37), 1)
    ON CONFLICT (state, day, seen_by, owed_by, area) DO UPDATE SET n = n + 1;
END;

-- The kind of event that opened a duty: what a party is asked and has not answered.
ALTER TABLE duty ADD COLUMN opened_by TEXT;
UPDATE duty SET opened_by = (SELECT kind FROM event WHERE event.seq = duty.event);
CREATE INDEX duty_asked ON duty (opened_by, owed_by, state, seq);

-- The events of grants and contracts that a negotiator's mailbox got, kept when a delivery is planned:
-- which grants there are is found without looking at anything else. What stands in them is sealed.
CREATE TABLE grant_event (
  mailbox  TEXT    NOT NULL,
  event    INTEGER NOT NULL,
  PRIMARY KEY (mailbox, event)
) WITHOUT ROWID;
INSERT INTO grant_event (mailbox, event)
  SELECT DISTINCT delivery.mailbox, event.seq FROM delivery JOIN event ON event.seq = delivery.event
  WHERE delivery.mailbox LIKE '%/kontrakt' AND event.kind IN ('adult.grant.decided',
    'adult.grant.changed', 'adult.grant.ended', 'contract.needed', 'contract.signed', 'adult.follow-up.done',
    'visitation.case.decided');
