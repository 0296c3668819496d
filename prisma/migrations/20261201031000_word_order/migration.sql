-- The number and the stamp of the last word of a device that was believed: what was said before it is not believed again.
ALTER TABLE device ADD COLUMN word_number bigint, ADD COLUMN word_at timestamptz;
