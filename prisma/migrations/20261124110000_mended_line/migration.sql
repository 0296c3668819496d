-- What a review of the line found: catch-up that misses nothing, a counter that starts again, waiting measured afresh.

-- Catch-up: the transaction that changed a row last. "Everything since X" is then exact: what was not finished when the
-- cursor was given out has a number at or above it.
ALTER TABLE incident ADD COLUMN changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
DROP INDEX incident_seq;
CREATE INDEX incident_changed ON incident (changed_xid);

-- Since when it waits without a break; escalation counts from here, the order of the queue from queued_at.
ALTER TABLE incident ADD COLUMN waiting_since timestamptz;
UPDATE incident SET waiting_since = queued_at;
ALTER TABLE incident ALTER COLUMN waiting_since SET NOT NULL;

-- A device that was reset counts from 1 again: the same number long after is another press.
ALTER TABLE alarm ADD COLUMN round int NOT NULL DEFAULT 0;
ALTER TABLE alarm DROP CONSTRAINT alarm_device_id_sequence_key;
CREATE UNIQUE INDEX alarm_once ON alarm (device_id, sequence, round);

-- A worker somewhere is alive; and a word sealed with the field key, to notice at start that the key is another one.
ALTER TABLE system ADD COLUMN worker_seen_at timestamptz;
ALTER TABLE system ADD COLUMN key_check bytea;

-- Nobody is sent whose provider was withdrawn.
CREATE OR REPLACE FUNCTION responder_skill_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free boolean;
BEGIN
  free := NEW.active AND NEW.on_duty AND NEW.open_assignments < NEW.max_open
    AND (NEW.provider_id IS NULL OR EXISTS (SELECT 1 FROM provider p WHERE p.id = NEW.provider_id AND p.active));
  DELETE FROM responder_skill WHERE responder_id = NEW.id AND (NOT free OR NOT skill = ANY (NEW.skills));
  IF free THEN
    INSERT INTO responder_skill (responder_id, skill, earth)
    SELECT NEW.id, s, ll_to_earth(NEW.lat, NEW.lon)::cube FROM unnest(NEW.skills) s
    ON CONFLICT (responder_id, skill) DO UPDATE SET earth = excluded.earth
      WHERE responder_skill.earth <> excluded.earth;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER responder_skill_follow ON responder;
CREATE TRIGGER responder_skill_follow
  AFTER INSERT OR UPDATE OF skills, on_duty, active, lat, lon, open_assignments, max_open, provider_id
  ON responder FOR EACH ROW EXECUTE FUNCTION responder_skill_follow();
CREATE FUNCTION provider_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE responder SET active = active WHERE provider_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER provider_follow AFTER UPDATE OF active ON provider
  FOR EACH ROW WHEN (OLD.active IS DISTINCT FROM NEW.active) EXECUTE FUNCTION provider_follow();

-- Handed to a colleague who has not looked yet: their console's heartbeat does not count for it.
ALTER TABLE incident ADD COLUMN claim_seen boolean NOT NULL DEFAULT true;
