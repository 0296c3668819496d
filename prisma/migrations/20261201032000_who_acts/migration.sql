-- From where and in which session; the words of a search, sealed, and whom its answer named; the batch that seals the row.
ALTER TABLE audit ADD COLUMN address text, ADD COLUMN session text, ADD COLUMN words bytea, ADD COLUMN named uuid[], ADD COLUMN sealed_in bigint;
CREATE INDEX audit_unsealed ON audit (id) WHERE sealed_in IS NULL;
CREATE INDEX audit_sealed ON audit (sealed_in);

-- Who has looked at unusually many people within the hour.
CREATE INDEX audit_at ON audit (at);
ALTER TABLE system ADD COLUMN audit_broken_at timestamptz;

-- One row for each batch: what its rows say, and our signature under that and the batch before.
CREATE TABLE audit_seal (
  n bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  count int NOT NULL,
  head bytea NOT NULL
);

-- What was written stays as it was, whoever asks the database. The one way around has a name, for what the law wants erased
-- and for repairs: SET LOCAL yihu.rewriting = '<why>', in a transaction of its own.
CREATE FUNCTION written_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('yihu.rewriting', true), '') <> '' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  -- To be sealed is the one thing that still happens to a row.
  IF TG_TABLE_NAME = 'audit' AND TG_OP = 'UPDATE'
    AND to_jsonb(OLD)->>'sealed_in' IS NULL AND to_jsonb(OLD) - 'sealed_in' = to_jsonb(NEW) - 'sealed_in' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rows of % are not changed and not removed', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER written_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION written_stays();
CREATE TRIGGER written_stays BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION written_stays();
-- Their change is refused already (fact_immutable).
CREATE TRIGGER written_stays BEFORE DELETE ON fact FOR EACH ROW EXECUTE FUNCTION written_stays();

ALTER TABLE session ADD COLUMN address text, ADD COLUMN browser text, ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN before_at timestamptz, ADD COLUMN before_address text;
ALTER TABLE account ADD COLUMN password_changed_at timestamptz, ADD COLUMN password_changed_by uuid,
  ADD COLUMN signed_in_at timestamptz, ADD COLUMN signed_in_address text;

-- A link by which somebody sets their own password: good once, and not for long. Its value is stored nowhere.
CREATE TABLE password_link (
  id bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  made_by uuid NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- A role that would make one account too mighty: held only when a second administrator has said yes.
CREATE TABLE asked_role (
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  role text NOT NULL,
  area_id uuid NOT NULL REFERENCES area,
  asked_by uuid NOT NULL,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, role, area_id)
);

-- Written to see whether a press would be stored: it is in the same lane, and flushed like one.
CREATE TABLE lane_probe (id int PRIMARY KEY, n bigint NOT NULL);
INSERT INTO lane_probe VALUES (1, 0);
