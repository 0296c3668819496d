-- Of each resident behind an outage: has somebody spoken with them meanwhile?
ALTER TABLE outage_device
  ADD COLUMN result text CHECK (result IN ('reached', 'not-reached')),
  ADD COLUMN marked_at timestamptz,
  ADD COLUMN marked_by uuid REFERENCES account;

-- Until then the next press of its button is the test that somebody asked for on the telephone. It ends with that press.
ALTER TABLE device ADD COLUMN test_call_until timestamptz;

-- Calling the unprotected one after the other, so that each presses their button once.
CREATE TABLE campaign (
  id uuid PRIMARY KEY,
  area_id uuid NOT NULL REFERENCES area,
  reason text,            -- of the list of the unprotected; none: whatever the reason
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL REFERENCES account,
  stopped_at timestamptz,
  stopped_by uuid REFERENCES account
);
CREATE TABLE test_call (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaign,
  resident_id uuid NOT NULL REFERENCES resident,
  device_id uuid NOT NULL REFERENCES device,
  position int NOT NULL,  -- the frailest first
  due_at timestamptz NOT NULL, -- not before then: they asked to be called later
  taken_by uuid REFERENCES account,
  taken_at timestamptz,
  listening_at timestamptz, -- since then the press is awaited
  result text CHECK (result IN ('pressed', 'no-answer', 'device-faulty', 'stopped')),
  done_at timestamptz,
  done_by uuid REFERENCES account, -- none: the press itself
  UNIQUE (campaign_id, resident_id),
  CHECK ((result IS NULL) = (done_at IS NULL))
);
-- Nobody is called by two campaigns at once.
CREATE UNIQUE INDEX test_call_open ON test_call (resident_id) WHERE done_at IS NULL;
CREATE INDEX test_call_next ON test_call (campaign_id, position) WHERE done_at IS NULL;
CREATE INDEX test_call_device ON test_call (device_id) WHERE done_at IS NULL;
-- Whoever works has one at a time.
CREATE UNIQUE INDEX test_call_taken ON test_call (taken_by) WHERE done_at IS NULL AND taken_by IS NOT NULL;

-- Whom a follow-up is about, where it is about more than its incident: one of a kind is open for a person.
ALTER TABLE follow_up ADD COLUMN resident_id uuid REFERENCES resident;
CREATE UNIQUE INDEX follow_up_of_resident ON follow_up (resident_id, kind) WHERE done_at IS NULL AND resident_id IS NOT NULL;
