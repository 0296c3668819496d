-- Whoever was not satisfied has a matter of their own, which a leader sees until it is closed.
ALTER TABLE follow_up ADD COLUMN linked_id uuid REFERENCES incident (id);
-- Nobody else was on duty: who had closed it asked.
ALTER TABLE follow_up ADD COLUMN by_closer boolean NOT NULL DEFAULT false;
CREATE INDEX follow_up_linked ON follow_up (linked_id) WHERE linked_id IS NOT NULL;
