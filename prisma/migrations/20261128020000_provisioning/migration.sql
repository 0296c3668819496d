ALTER TABLE device
  ADD COLUMN revoked_at timestamptz,          -- its key was taken away; nobody is believed to be this device until it has another
  ADD COLUMN revoked_because text NOT NULL DEFAULT '',
  ADD COLUMN first_press_at timestamptz,      -- the first one after it was installed; an operator confirms it by voice
  ADD COLUMN battery_at timestamptz,          -- when it told its battery
  ADD COLUMN test_from timestamptz,
  ADD COLUMN test_told text CHECK (test_told IN ('ending', 'ended'));

-- Battery, mains, line, fault, tamper: one open matter for each device and kind, from the first word of it until it is well again.
CREATE TABLE device_fault (
  id uuid PRIMARY KEY,
  device_id uuid NOT NULL REFERENCES device,
  type text NOT NULL,
  since timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL,
  count int NOT NULL DEFAULT 1,
  alarm_id uuid NOT NULL REFERENCES alarm ON DELETE CASCADE, -- the signal that opened it: the same again is answered as that
  incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  restored_at timestamptz
);
CREATE UNIQUE INDEX device_fault_open ON device_fault (device_id, type) WHERE restored_at IS NULL;
CREATE INDEX device_fault_alarm ON device_fault (alarm_id);
CREATE INDEX device_fault_incident ON device_fault (incident_id);
