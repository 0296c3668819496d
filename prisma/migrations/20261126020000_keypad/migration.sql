-- What a caller says by keys: while they wait, in place of speech, and on the help they got.
ALTER TABLE call
  ADD COLUMN keyed text NOT NULL DEFAULT '',
  ADD COLUMN keyed_at timestamptz,
  ADD COLUMN asked_at timestamptz,
  ADD COLUMN survey_until timestamptz,
  ADD COLUMN rating smallint CHECK (rating BETWEEN 1 AND 3);
-- A key that comes after the call is looked up by its leg.
CREATE INDEX call_leg_leg ON call_leg (leg_id);
