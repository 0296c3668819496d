-- Looks at files: a review finds those that matter, and each is written once however often a screen asks again.

-- When somebody's look at something was last written; a screen that asks again within minutes is the same look.
CREATE TABLE last_look (
  account_id uuid NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (account_id, subject_kind, subject_id)
);

-- The address is shown to a responder once for each assignment (its id is the reason), however often the page asks.
CREATE UNIQUE INDEX audit_shown_once ON audit (subject_id, reason) WHERE action = 'shown-to-responder';

-- The review of one kind of action, newest first.
CREATE INDEX audit_action ON audit (action, id);
