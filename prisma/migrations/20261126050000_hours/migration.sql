-- When a number is open, where it is rung through to when nobody answers, and after how long. No hours: always open.
ALTER TABLE hotline
  ADD COLUMN hours jsonb NOT NULL DEFAULT '{"week": [], "dates": []}',
  ADD COLUMN overflow_number text,
  ADD COLUMN overflow_minutes smallint NOT NULL DEFAULT 5 CHECK (overflow_minutes BETWEEN 1 AND 60);
-- Where a caller who waits is instead of in the plain line: hears that we are closed, is rung through, talks with the
-- number outside, is asked for a message, leaves one; since when; and when it is looked at whether they are rung through.
ALTER TABLE call
  ADD COLUMN aside text CHECK (aside IN ('closed', 'overflow', 'outside', 'offer', 'message')),
  ADD COLUMN aside_at timestamptz,
  ADD COLUMN overflow_minutes smallint,
  ADD COLUMN overflow_at timestamptz;
-- Came in while its number was closed, and is not urgent: it rings and escalates from then on.
ALTER TABLE incident ADD COLUMN quiet_until timestamptz;
