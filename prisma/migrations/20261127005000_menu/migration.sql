-- What callers of a number can choose by a key while they wait: one level, three choices at most.
ALTER TABLE hotline ADD COLUMN menu jsonb NOT NULL DEFAULT '[]';
