-- The numbers that people dial, each with its area and its language.
CREATE TABLE hotline (
  id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  name text NOT NULL,
  name_en text NOT NULL,
  area_id uuid NOT NULL REFERENCES area (id),
  locale text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  version int NOT NULL DEFAULT 1
);
-- Numbers whose calls come last for a time. One row a number; an expired one means nothing.
CREATE TABLE nuisance (
  id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  area_path text NOT NULL,
  reason text NOT NULL,
  account_id uuid NOT NULL REFERENCES account (id),
  since timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
-- Does the carrier vouch for the number? Null: it does not say.
ALTER TABLE call ADD COLUMN verified boolean;
