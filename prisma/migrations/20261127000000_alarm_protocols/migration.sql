-- What the device said in its own words, for the operator: codes that we do not know are never lost with their meaning.
ALTER TABLE alarm ADD COLUMN said text NOT NULL DEFAULT '';

-- The secret of a device whose protocol needs it in the clear (digest, AES), sealed.
ALTER TABLE device ADD COLUMN secret bytea;

-- Signals of nobody we know: looked at by a person, since somebody may be behind them.
CREATE TABLE stranger (
  id uuid PRIMARY KEY,
  protocol text NOT NULL,
  account text NOT NULL,
  said text NOT NULL,
  because text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  count int NOT NULL DEFAULT 1,
  reviewed_at timestamptz,
  reviewed_by uuid REFERENCES account,
  UNIQUE (protocol, account, because)
);
