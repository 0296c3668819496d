-- The spine: who and what (files), then the line from press to closure.
CREATE EXTENSION IF NOT EXISTS cube;
CREATE EXTENSION IF NOT EXISTS earthdistance;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Every change that a console shows takes the next number; a console asks "what since N".
CREATE SEQUENCE change_seq;

-- One row; a restored or new database has another epoch, so that consoles start over.
CREATE TABLE system (
  id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO system DEFAULT VALUES;

-- Files ---------------------------------------------------------------------------------------
CREATE TABLE area (
  id uuid PRIMARY KEY,
  parent_id uuid REFERENCES area(id),
  level text NOT NULL CHECK (level IN ('district', 'street', 'community')),
  name text NOT NULL,
  name_en text NOT NULL,
  path text NOT NULL UNIQUE, -- /district/street/community/ : a scope is a prefix
  lat double precision NOT NULL,
  lon double precision NOT NULL,
  on_call_phone text,
  version int NOT NULL DEFAULT 1
);

CREATE TABLE account (
  id uuid PRIMARY KEY,
  username text NOT NULL UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  phone text,
  locale text NOT NULL DEFAULT 'zh-CN',
  languages text[] NOT NULL DEFAULT '{zh}',
  skills text[] NOT NULL DEFAULT '{}',
  capacity int NOT NULL DEFAULT 3,
  active boolean NOT NULL DEFAULT true,
  failed_logins int NOT NULL DEFAULT 0,
  locked_until timestamptz,
  version int NOT NULL DEFAULT 1
);

CREATE TABLE account_role (
  account_id uuid NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  role text NOT NULL,
  area_id uuid NOT NULL REFERENCES area(id),
  PRIMARY KEY (account_id, role, area_id)
);

CREATE TABLE session (
  id text PRIMARY KEY, -- SHA-256 of the cookie's value; the value itself is stored nowhere
  account_id uuid NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Every look at a personal file, every reveal, every administrative change.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  account_id uuid,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  reason text
);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, at);

CREATE TABLE household (
  id uuid PRIMARY KEY,
  area_id uuid NOT NULL REFERENCES area(id),
  address text NOT NULL, -- road and number, or estate
  building text NOT NULL DEFAULT '',
  entrance text NOT NULL DEFAULT '',
  floor int,
  room text NOT NULL DEFAULT '',
  lift boolean NOT NULL DEFAULT false,
  lat double precision NOT NULL,
  lon double precision NOT NULL,
  access_sealed bytea, -- door code, key safe: AES-256-GCM
  search text NOT NULL,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX household_area ON household (area_id);
CREATE INDEX household_search ON household USING gin (search gin_trgm_ops);

CREATE TABLE resident (
  id uuid PRIMARY KEY,
  household_id uuid NOT NULL REFERENCES household(id),
  area_id uuid NOT NULL REFERENCES area(id),
  name text NOT NULL,
  name_to_use text NOT NULL DEFAULT '',
  sex text NOT NULL DEFAULT 'unknown',
  birth_date date,
  phone text, -- E.164
  languages text[] NOT NULL DEFAULT '{zh}',
  hearing text NOT NULL DEFAULT 'ordinary',
  speech text NOT NULL DEFAULT 'ordinary',
  mobility text NOT NULL DEFAULT 'ordinary',
  risks text[] NOT NULL DEFAULT '{}',
  standing_instruction text NOT NULL DEFAULT '',
  health_sealed bytea,
  line_class int NOT NULL DEFAULT 2 CHECK (line_class BETWEEN 1 AND 3),
  family_consent boolean NOT NULL DEFAULT false,
  review_due date,
  active boolean NOT NULL DEFAULT true,
  search text NOT NULL, -- name, pinyin, initials, digits of the phone
  version int NOT NULL DEFAULT 1
);
CREATE INDEX resident_household ON resident (household_id);
CREATE INDEX resident_area ON resident (area_id);
CREATE INDEX resident_phone ON resident (phone);
CREATE INDEX resident_search ON resident USING gin (search gin_trgm_ops);

CREATE TABLE contact (
  id uuid PRIMARY KEY,
  resident_id uuid NOT NULL REFERENCES resident(id) ON DELETE CASCADE,
  position int NOT NULL,
  name text NOT NULL,
  relation text NOT NULL,
  phone text NOT NULL,
  keyholder boolean NOT NULL DEFAULT false,
  hours text NOT NULL DEFAULT '',
  minutes_away int,
  last_reached_at timestamptz,
  last_result text
);
CREATE INDEX contact_resident ON contact (resident_id, position);

CREATE TABLE device (
  id uuid PRIMARY KEY,
  resident_id uuid REFERENCES resident(id),
  area_id uuid NOT NULL REFERENCES area(id),
  protocol text NOT NULL DEFAULT 'http',
  account text NOT NULL,
  key_hash bytea UNIQUE, -- SHA-256 of the bearer key
  kind text NOT NULL,
  room text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'registered',
  test_expires_at timestamptz,
  activated_at timestamptz,
  last_heard_at timestamptz,
  last_good_test_at timestamptz,
  battery real,
  version int NOT NULL DEFAULT 1,
  UNIQUE (protocol, account)
) WITH (fillfactor = 80);
CREATE INDEX device_resident ON device (resident_id);
CREATE INDEX device_area ON device (area_id);

CREATE TABLE catalogue_item (
  code text PRIMARY KEY,
  name text NOT NULL,
  name_en text NOT NULL,
  class text NOT NULL CHECK (class IN ('public', 'convenience', 'voluntary', 'emergency')),
  priority int NOT NULL CHECK (priority BETWEEN 1 AND 5),
  skill text NOT NULL,
  target_minutes int NOT NULL,
  price_fen int NOT NULL DEFAULT 0,
  subsidy_fen int NOT NULL DEFAULT 0,
  questions jsonb NOT NULL DEFAULT '[]',
  active boolean NOT NULL DEFAULT true,
  position int NOT NULL DEFAULT 100,
  version int NOT NULL DEFAULT 1
);

CREATE TABLE provider (
  id uuid PRIMARY KEY,
  area_id uuid NOT NULL REFERENCES area(id),
  name text NOT NULL,
  kind text NOT NULL,
  phone text NOT NULL,
  licence text NOT NULL DEFAULT '',
  licence_until date,
  services text[] NOT NULL DEFAULT '{}',
  hours text NOT NULL DEFAULT '',
  rating real,
  active boolean NOT NULL DEFAULT true,
  search text NOT NULL,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX provider_search ON provider USING gin (search gin_trgm_ops);

CREATE TABLE responder (
  id uuid PRIMARY KEY,
  provider_id uuid REFERENCES provider(id),
  area_id uuid NOT NULL REFERENCES area(id),
  name text NOT NULL,
  kind text NOT NULL,
  phone text NOT NULL,
  languages text[] NOT NULL DEFAULT '{zh}',
  skills text[] NOT NULL DEFAULT '{}',
  travel text NOT NULL DEFAULT 'foot',
  on_duty boolean NOT NULL DEFAULT false,
  lat double precision NOT NULL,
  lon double precision NOT NULL,
  position_at timestamptz NOT NULL,
  open_assignments int NOT NULL DEFAULT 0,
  max_open int NOT NULL DEFAULT 1,
  offers_made int NOT NULL DEFAULT 0,
  offers_accepted int NOT NULL DEFAULT 0,
  active boolean NOT NULL DEFAULT true,
  search text NOT NULL,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX responder_search ON responder USING gin (search gin_trgm_ops);
CREATE INDEX responder_provider ON responder (provider_id);

-- One row for each skill of each responder who may be sent now; the index answers "the nearest with this skill".
CREATE TABLE responder_skill (
  responder_id uuid NOT NULL REFERENCES responder(id) ON DELETE CASCADE,
  skill text NOT NULL,
  earth cube NOT NULL,
  PRIMARY KEY (responder_id, skill)
);
CREATE INDEX responder_skill_nearest ON responder_skill USING gist (skill, earth);

-- responder_skill follows responder, whoever writes it, in the same transaction.
CREATE FUNCTION responder_skill_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM responder_skill WHERE responder_id = NEW.id
    AND (NOT (NEW.active AND NEW.on_duty AND NEW.open_assignments < NEW.max_open) OR NOT skill = ANY (NEW.skills));
  IF NEW.active AND NEW.on_duty AND NEW.open_assignments < NEW.max_open THEN
    INSERT INTO responder_skill (responder_id, skill, earth)
    SELECT NEW.id, s, ll_to_earth(NEW.lat, NEW.lon)::cube FROM unnest(NEW.skills) s
    ON CONFLICT (responder_id, skill) DO UPDATE SET earth = excluded.earth
      WHERE responder_skill.earth <> excluded.earth;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER responder_skill_follow AFTER INSERT OR UPDATE OF skills, on_duty, active, lat, lon, open_assignments, max_open
  ON responder FOR EACH ROW EXECUTE FUNCTION responder_skill_follow();

-- The line --------------------------------------------------------------------------------------
CREATE TABLE incident (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  status text NOT NULL CHECK (status IN ('waiting', 'triage', 'response', 'wrap-up', 'closed')),
  kind text NOT NULL,            -- what fired: button, fall, smoke … (a call later)
  class int NOT NULL CHECK (class BETWEEN 1 AND 5),
  subject text NOT NULL,         -- whose need: resident:<id> or device:<id>
  resident_id uuid REFERENCES resident(id),
  device_id uuid REFERENCES device(id),
  area_id uuid NOT NULL REFERENCES area(id),
  area_path text NOT NULL,
  language text NOT NULL DEFAULT 'zh',
  lat double precision,
  lon double precision,
  opened_at timestamptz NOT NULL,
  queued_at timestamptz NOT NULL,   -- first queue time; a requeue keeps it
  rank_at timestamptz NOT NULL,     -- queued_at plus the allowance of the class: the order of the queue
  signals int NOT NULL DEFAULT 1,
  escalation int NOT NULL DEFAULT 0,
  limit_open boolean NOT NULL DEFAULT false, -- past the hard limit, not yet dismissed with a reason
  previous_id uuid,                 -- closed within 7 days before: marked unresolved
  sticky_operator_id uuid,
  owner_id uuid REFERENCES account(id),
  answered_at timestamptz,
  claimed_at timestamptz,           -- when the present owner took it
  claim_at timestamptz,             -- last heartbeat of the owner's console
  claim_stale boolean NOT NULL DEFAULT false,
  held_until timestamptz,
  hold_reason text,
  catalogue_code text REFERENCES catalogue_item(code),
  answers jsonb NOT NULL DEFAULT '{}',
  assignments_open int NOT NULL DEFAULT 0,
  promise_at timestamptz,           -- somebody should be there by then
  resolved_at timestamptz,
  wrap_up_until timestamptz,
  disposition text,
  note text NOT NULL DEFAULT '',
  closed_at timestamptz,
  version int NOT NULL DEFAULT 1,
  head bytea NOT NULL,              -- hash of the newest fact
  digest bytea NOT NULL,            -- digest of the newest fact's content, before chaining
  seq bigint NOT NULL DEFAULT nextval('change_seq')
) WITH (fillfactor = 70);
-- One open need for each subject; a second signal attaches. In wrap-up the old one takes no more signals.
CREATE UNIQUE INDEX incident_open_subject ON incident (subject) WHERE status IN ('waiting', 'triage', 'response');
CREATE INDEX incident_waiting ON incident (rank_at) WHERE status = 'waiting';
CREATE INDEX incident_owner ON incident (owner_id) WHERE status <> 'closed';
CREATE INDEX incident_open_area ON incident (area_path text_pattern_ops) WHERE status <> 'closed';
CREATE INDEX incident_seq ON incident (seq);
CREATE INDEX incident_subject ON incident (subject, opened_at DESC);
CREATE INDEX incident_number ON incident (number);

CREATE TABLE alarm (
  id uuid PRIMARY KEY,
  device_id uuid NOT NULL REFERENCES device(id),
  sequence bigint NOT NULL,
  type text NOT NULL,
  pressed_at timestamptz NOT NULL,  -- the device's clock
  received_at timestamptz NOT NULL, -- ours
  battery real,
  lat double precision,
  lon double precision,
  handling text NOT NULL CHECK (handling IN ('opened', 'attached', 'test')),
  notes text[] NOT NULL DEFAULT '{}',
  incident_id uuid,
  UNIQUE (device_id, sequence)
);
CREATE INDEX alarm_incident ON alarm (incident_id);
CREATE INDEX alarm_received ON alarm (received_at);

-- The timeline: append-only, each fact chained to the one before by its hash.
CREATE TABLE fact (
  incident_id uuid NOT NULL REFERENCES incident(id),
  seq int NOT NULL,
  type text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL, -- system, device:<id>, operator:<id>, responder:<id>
  data jsonb NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (incident_id, seq)
);
-- What a fact says, apart from its type; the chain is sha256(hash before || type || digest).
CREATE FUNCTION fact_digest(at timestamptz, actor text, data jsonb) RETURNS bytea
  LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to((extract(epoch FROM at) * 1000)::bigint || '|' || actor || '|' || data::text, 'UTF8'))
$$;
CREATE FUNCTION fact_chain(before bytea, type text, digest bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE AS $$ SELECT sha256(before || convert_to(type, 'UTF8') || digest) $$;
CREATE FUNCTION fact_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a fact is never changed'; END $$;
CREATE TRIGGER fact_immutable BEFORE UPDATE ON fact FOR EACH ROW EXECUTE FUNCTION fact_immutable();

CREATE TABLE offer (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident(id),
  round int NOT NULL,
  operators uuid[] NOT NULL,
  declined uuid[] NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'ringing' CHECK (status IN ('ringing', 'accepted', 'declined', 'expired', 'withdrawn')),
  reasons jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  accepted_by uuid,
  version int NOT NULL DEFAULT 1,
  seq bigint NOT NULL DEFAULT nextval('change_seq')
);
CREATE UNIQUE INDEX offer_ringing ON offer (incident_id) WHERE status = 'ringing';
CREATE INDEX offer_incident ON offer (incident_id);

CREATE TABLE presence (
  account_id uuid PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('available', 'on-call', 'wrap-up', 'break', 'away')),
  reason text,
  since timestamptz NOT NULL,
  idle_since timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  version int NOT NULL DEFAULT 1,
  seq bigint NOT NULL DEFAULT nextval('change_seq')
);

CREATE TABLE assignment (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident(id),
  responder_id uuid NOT NULL REFERENCES responder(id),
  wave int NOT NULL,
  status text NOT NULL CHECK (status IN ('requested', 'accepted', 'en-route', 'on-scene', 'cleared', 'declined', 'expired', 'stood-down')),
  reasons jsonb NOT NULL DEFAULT '[]',
  distance_m int NOT NULL,
  travel_minutes int NOT NULL,
  requested_by uuid,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  en_route_at timestamptz,
  on_scene_at timestamptz,
  ended_at timestamptz,
  promise_at timestamptz NOT NULL,
  reason text, -- of a decline, a hand-back or a stand-down
  note text NOT NULL DEFAULT '',
  version int NOT NULL DEFAULT 1,
  seq bigint NOT NULL DEFAULT nextval('change_seq')
);
CREATE INDEX assignment_incident ON assignment (incident_id);
CREATE INDEX assignment_responder ON assignment (responder_id) WHERE status IN ('requested', 'accepted', 'en-route', 'on-scene');
CREATE UNIQUE INDEX assignment_once ON assignment (incident_id, responder_id) WHERE status IN ('requested', 'accepted', 'en-route', 'on-scene');

-- What was to be said to whom by which channel; a carrier takes it from here.
CREATE TABLE message (
  id uuid PRIMARY KEY,
  channel text NOT NULL,
  phone text NOT NULL,
  about text NOT NULL, -- assignment:<id> or incident:<id>
  text text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'sent', 'no-carrier')),
  created_at timestamptz NOT NULL,
  UNIQUE (about, channel, phone, text)
);

CREATE TABLE follow_up (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident(id),
  kind text NOT NULL,
  due_at timestamptz NOT NULL,
  done_at timestamptz,
  done_by uuid,
  result text,
  note text NOT NULL DEFAULT '',
  UNIQUE (incident_id, kind)
);

-- Jobs and timers handed on by a change, in the change's own transaction. A row goes away when its work is done.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  due_at timestamptz NOT NULL,
  sent_at timestamptz,
  attempts int NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_subject ON outbox (subject, kind);
