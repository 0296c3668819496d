-- A supervisor in somebody's conversation: listens, coaches the operator alone, or talks with both.
ALTER TABLE call_leg DROP CONSTRAINT call_leg_side_check;
ALTER TABLE call_leg ADD CONSTRAINT call_leg_side_check CHECK (side IN ('caller', 'third', 'listener'));
ALTER TABLE call_leg ADD COLUMN mode text CHECK (mode IN ('listen', 'coach', 'join'));
