-- Somebody is to be spoken with through the unit of this alarm: it was told to call us, or it asks to be called. Until it was
-- looked at there is a time when that is done; afterwards none.
ALTER TABLE alarm
  ADD COLUMN voice text CHECK (voice IN ('calls', 'asks')),
  ADD COLUMN voice_due_at timestamptz;
CREATE INDEX alarm_voice_due ON alarm (voice_due_at) WHERE voice_due_at IS NOT NULL;

-- The telephone number of the unit itself, as it said last.
ALTER TABLE device ADD COLUMN own_number text;
