-- Voice and text: calls and their legs, what was written, recordings, prompts; and what the incident needs of them.

-- One conversation. It belongs to an incident from its first moment, so that nobody who called can be forgotten.
CREATE TABLE call (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident(id),
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  medium text NOT NULL CHECK (medium IN ('voice', 'text')),
  status text NOT NULL CHECK (status IN ('offered', 'queued', 'ringing', 'answered', 'held', 'ended')),
  line text NOT NULL,              -- the number that was dialled, or kiosk, web
  number text,                     -- of the other side, E.164; null when withheld or a kiosk
  device_id uuid REFERENCES device(id),
  contact_id uuid,                 -- a contact who was called out
  area_path text NOT NULL,
  locale text NOT NULL,
  operator_id uuid REFERENCES account(id),
  offered_at timestamptz NOT NULL,
  greeted_at timestamptz,          -- the greeting is over
  noticed_at timestamptz,          -- and was heard to its end, with the recording notice
  queued_at timestamptz,           -- first time; a requeue keeps it
  waiting_since timestamptz,       -- since when nobody talks with them, without a break
  answered_at timestamptz,
  held_at timestamptz,
  seen_at timestamptz,             -- a text caller's page was last heard
  announced int NOT NULL DEFAULT 0, -- how often the position was told
  broken int NOT NULL DEFAULT 0,   -- how often the operator's line broke off
  ended_at timestamptz,
  ended_because text,
  version int NOT NULL DEFAULT 1,
  seq bigint NOT NULL DEFAULT nextval('change_seq')
);
CREATE INDEX call_incident ON call (incident_id);
CREATE INDEX call_live ON call (area_path text_pattern_ops) WHERE status <> 'ended';
CREATE INDEX call_operator ON call (operator_id) WHERE status <> 'ended';
CREATE INDEX call_recent ON call (offered_at DESC);

CREATE TABLE call_leg (
  call_id uuid NOT NULL REFERENCES call(id),
  leg_id text NOT NULL,
  side text NOT NULL CHECK (side IN ('caller', 'third')),
  address jsonb NOT NULL,          -- {phone} or {kiosk} or {operator}
  label text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('new', 'early', 'up', 'down')),
  created_at timestamptz NOT NULL,
  up_at timestamptz,
  ended_at timestamptz,
  ended_because text,
  PRIMARY KEY (call_id, leg_id)
);
CREATE INDEX call_leg_live ON call_leg (leg_id) WHERE status <> 'down';

-- The telephone of an operator's console: up between calls.
CREATE TABLE operator_leg (
  account_id uuid PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  up boolean NOT NULL,
  since timestamptz NOT NULL
);

-- What was written in a conversation, sealed like every free word about a person.
CREATE TABLE call_text (
  call_id uuid NOT NULL REFERENCES call(id),
  n int NOT NULL,
  side text NOT NULL CHECK (side IN ('caller', 'operator')),
  author_id uuid,
  client_id text NOT NULL,         -- made by who wrote it: sending twice stores once
  sealed bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (call_id, n),
  UNIQUE (call_id, client_id)
);

CREATE TABLE recording (
  id uuid PRIMARY KEY,
  call_id uuid NOT NULL REFERENCES call(id),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  duration_ms int NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  expires_at timestamptz,
  deleted_at timestamptz,
  deleted_by uuid,
  delete_reason text
);
CREATE INDEX recording_call ON recording (call_id);

-- Voices of people instead of the shipped placeholders. At most one of a key is in use.
CREATE TABLE prompt (
  id uuid PRIMARY KEY,
  locale text NOT NULL,
  key text NOT NULL,
  audio bytea NOT NULL,            -- WAV, 8 kHz mono mu-law
  duration_ms int NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  approved_by uuid,
  approved_at timestamptz,
  in_use boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX prompt_in_use ON prompt (locale, key) WHERE in_use;

-- Why somebody must be called back: abandoned, lost, media-lost. And the rung of the no-response ladder with its time limit.
ALTER TABLE incident ADD COLUMN call_back text;
ALTER TABLE incident ADD COLUMN ladder_rung int;
ALTER TABLE incident ADD COLUMN ladder_until timestamptz;
CREATE INDEX incident_call_back ON incident (area_path text_pattern_ops) WHERE call_back IS NOT NULL AND status <> 'closed';
