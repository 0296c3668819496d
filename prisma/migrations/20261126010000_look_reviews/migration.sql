-- Who looked through a broken glass is asked why by a leader; that this was done is kept beside the audit, which stays as it is.
CREATE TABLE look_review (
  audit_id bigint PRIMARY KEY REFERENCES audit(id),
  reviewed_by uuid NOT NULL REFERENCES account(id),
  reviewed_at timestamptz NOT NULL,
  note text NOT NULL DEFAULT ''
);
