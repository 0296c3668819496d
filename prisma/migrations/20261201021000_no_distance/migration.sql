-- Where the incident or the helper is may be unknown: then no distance is told, rather than one that is untrue.
ALTER TABLE assignment ALTER COLUMN distance_m DROP NOT NULL;
ALTER TABLE assignment ALTER COLUMN travel_minutes DROP NOT NULL;
