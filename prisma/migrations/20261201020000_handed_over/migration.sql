-- A transfer rings at the colleague like an offer; until they take it, it stays with whoever hands it over.
ALTER TABLE offer ADD COLUMN from_id uuid REFERENCES account (id);
-- At whom it began to ring while they were talking: their console rings softly.
ALTER TABLE offer ADD COLUMN soft uuid[] NOT NULL DEFAULT '{}';

-- At whom a transfer rings now, and who let the last one pass.
ALTER TABLE incident ADD COLUMN offered_to uuid;
ALTER TABLE incident ADD COLUMN not_taken_by uuid;
-- Whose file was closed (moved away, deceased) when the signal came.
ALTER TABLE incident ADD COLUMN file_closed boolean NOT NULL DEFAULT false;
