-- A leader calls everybody of an area to the desk: who called, what for, who has seen it.
CREATE TABLE all_hands (
  id uuid PRIMARY KEY,
  area_id uuid NOT NULL REFERENCES area,
  area_path text NOT NULL,
  called_by uuid NOT NULL REFERENCES account,
  text text NOT NULL,
  called_at timestamptz NOT NULL,
  ended_at timestamptz,
  seen_by uuid[] NOT NULL DEFAULT '{}'
);
-- What is over is of no use to the question that each console asks.
CREATE INDEX all_hands_open ON all_hands (called_at) WHERE ended_at IS NULL;
