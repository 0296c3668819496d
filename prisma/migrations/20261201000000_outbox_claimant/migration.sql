-- Which process took a row to send it. A process holds a session lock of its number for as long as it lives, so that what a dead one
-- had taken is seen and given back at once, and not only after the half minute in which any job is thought lost.
ALTER TABLE outbox ADD COLUMN claimed_by integer;
