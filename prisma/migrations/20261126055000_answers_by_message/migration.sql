-- Helpers who are told by message and answer by message.

-- Which message asks somebody to come, so that one that does not arrive is known to be unasked.
ALTER TABLE message ADD COLUMN request boolean NOT NULL DEFAULT false;
-- Answers that came by message, by the gateway's name for them: one that comes twice acts once.
CREATE TABLE message_answer (
  id text PRIMARY KEY,
  at timestamptz NOT NULL
);
-- Since when it is known that the request does not reach them.
ALTER TABLE assignment ADD COLUMN undelivered_at timestamptz;
ALTER TABLE message DROP CONSTRAINT message_status_check;
ALTER TABLE message ADD CONSTRAINT message_status_check CHECK (status IN ('queued', 'sent', 'delivered', 'failed', 'no-carrier'));
