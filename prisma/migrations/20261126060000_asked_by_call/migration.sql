-- Calls out that ask somebody by keys: a helper whether they come, an on-call telephone whether it takes an incident.
ALTER TABLE call
  ADD COLUMN asks text CHECK (asks IN ('assignment', 'on-call')),
  ADD COLUMN asks_id uuid,         -- the assignment, or the area whose on-call telephone it is
  ADD COLUMN reply text CHECK (reply IN ('yes', 'no')),
  ADD COLUMN outcome text CHECK (outcome IN ('accepted', 'declined', 'too-late')),
  ADD CONSTRAINT call_asks_whom CHECK ((asks IS NULL) = (asks_id IS NULL));
CREATE INDEX call_asked ON call (asks_id) WHERE asks IS NOT NULL;
-- How a responder wants to be asked.
ALTER TABLE responder ADD COLUMN told_by text NOT NULL DEFAULT 'sms' CHECK (told_by IN ('app', 'sms', 'call'));
-- They accepted by telephone and were not connected to the operator: somebody has to tell them where.
ALTER TABLE assignment ADD COLUMN tell_where boolean NOT NULL DEFAULT false;
-- Since when the on-call telephone has taken responsibility of an incident that waits.
ALTER TABLE incident ADD COLUMN on_call_at timestamptz;
