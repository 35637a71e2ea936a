-- What the database itself keeps: how many rows are in which state, apart from those who write them.

CREATE FUNCTION tally_one_more(what TEXT) RETURNS VOID LANGUAGE SQL AS $$
  INSERT INTO tally AS kept (name, n) VALUES (what, 1) ON CONFLICT (name) DO UPDATE SET n = kept.n + 1;
$$;
CREATE FUNCTION tally_one_less(what TEXT) RETURNS VOID LANGUAGE SQL AS $$
  UPDATE tally SET n = n - 1 WHERE name = what;
$$;

CREATE FUNCTION item_counted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM tally_one_less('item ' || OLD.state);
  END IF;
  PERFORM tally_one_more('item ' || NEW.state);
  RETURN NULL;
END;
$$;
CREATE TRIGGER item_added AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION item_counted();
CREATE TRIGGER item_changed AFTER UPDATE OF state ON item FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION item_counted();

CREATE FUNCTION delivery_counted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  kind TEXT := CASE WHEN NEW.reply IS NULL THEN 'delivery ' ELSE 'reply ' END;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM tally_one_less(kind || OLD.state);
  END IF;
  PERFORM tally_one_more(kind || NEW.state);
  RETURN NULL;
END;
$$;
CREATE TRIGGER delivery_added AFTER INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION delivery_counted();
CREATE TRIGGER delivery_changed AFTER UPDATE OF state ON delivery FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION delivery_counted();

CREATE FUNCTION wish_counted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM tally_one_less('wish ' || OLD.service);
  ELSE
    PERFORM tally_one_more('wish ' || NEW.service);
  END IF;
  RETURN NULL;
END;
$$;
CREATE TRIGGER wish_added AFTER INSERT ON wish FOR EACH ROW EXECUTE FUNCTION wish_counted();
CREATE TRIGGER wish_ended AFTER UPDATE OF state ON wish FOR EACH ROW
  WHEN (OLD.state = 'open' AND NEW.state <> 'open') EXECUTE FUNCTION wish_counted();

CREATE FUNCTION duty_counted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE duty_tally SET n = n - 1
      WHERE state = OLD.state AND day = COALESCE(OLD.due, '9999-12-31') AND seen_by = OLD.seen_by
        AND owed_by = OLD.owed_by AND area = left(OLD.case_key, -37);
    DELETE FROM duty_tally
      WHERE state = OLD.state AND day = COALESCE(OLD.due, '9999-12-31') AND seen_by = OLD.seen_by
        AND owed_by = OLD.owed_by AND area = left(OLD.case_key, -37) AND n = 0;
  END IF;
  INSERT INTO duty_tally AS kept (state, day, seen_by, owed_by, area, n)
    VALUES (NEW.state, COALESCE(NEW.due, '9999-12-31'), NEW.seen_by, NEW.owed_by,
      left(NEW.case_key, -37), 1)
    ON CONFLICT (state, day, seen_by, owed_by, area) DO UPDATE SET n = kept.n + 1;
  RETURN NULL;
END;
$$;
CREATE TRIGGER duty_added AFTER INSERT ON duty FOR EACH ROW EXECUTE FUNCTION duty_counted();
CREATE TRIGGER duty_changed AFTER UPDATE OF state, due ON duty FOR EACH ROW
  WHEN (OLD.state <> NEW.state OR OLD.due IS DISTINCT FROM NEW.due) EXECUTE FUNCTION duty_counted();
