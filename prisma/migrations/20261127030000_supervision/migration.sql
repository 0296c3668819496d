-- What a kind of device promises: how often it reports, and after how long without a word it is late, and lost.
CREATE TABLE device_type (
  code text PRIMARY KEY,
  name text NOT NULL,
  name_en text NOT NULL,
  kind text NOT NULL,
  protocol text NOT NULL,
  heartbeat_s int,          -- none: it speaks only when pressed, and its silence says nothing
  late_s int,
  lost_s int,
  battery_low real NOT NULL DEFAULT 0.2,
  battery_restored real NOT NULL DEFAULT 0.3,
  quirks jsonb NOT NULL DEFAULT '{}',
  version int NOT NULL DEFAULT 1,
  CHECK (num_nulls(heartbeat_s, late_s, lost_s) IN (0, 3)),
  CHECK (heartbeat_s > 0 AND late_s >= heartbeat_s AND lost_s > late_s),
  CHECK (battery_low < battery_restored)
);
-- The periods are those of PROTOCOLS.md 3.3 and 6.2; the standards' texts were not read.
INSERT INTO device_type (code, name, name_en, kind, protocol, heartbeat_s, late_s, lost_s) VALUES
  ('ip-unit', '联网呼叫器', 'IP unit', 'bedside', 'scaip', 300, 600, 900),
  ('radio-trigger', '无线按钮', 'Radio trigger', 'pendant', 'scaip', 86400, 86400, 129600),
  ('lora-button', 'LoRa 按钮', 'LoRa button', 'pendant', 'lorawan', 64800, 64800, 129600),
  ('dc09-panel-90s', 'DC-09 主机（90 秒）', 'DC-09 panel, 90 s', 'bedside', 'dc09', 90, 180, 270),
  ('dc09-panel-25h', 'DC-09 主机（25 小时）', 'DC-09 panel, 25 h', 'bedside', 'dc09', 90000, 90000, 180000),
  ('gateway', '网关', 'Gateway', 'gateway', 'mqtt', 300, 600, 900),
  ('http-pendant', 'HTTP 吊坠', 'HTTP pendant', 'pendant', 'http', NULL, NULL, NULL);

ALTER TABLE device
  ADD COLUMN type_code text REFERENCES device_type,
  ADD COLUMN gateway_id uuid REFERENCES device,
  ADD COLUMN silence text CHECK (silence IN ('late', 'lost')),
  ADD COLUMN silent_since timestamptz, -- when it was found late, then when it was found lost
  ADD COLUMN lost_told_at timestamptz; -- a person has been told of it, alone or with its gateway
CREATE INDEX device_silent ON device (silence) WHERE silence IS NOT NULL;
CREATE INDEX device_gateway ON device (gateway_id) WHERE gateway_id IS NOT NULL;

-- When supervision last looked, and since when it has been looking without a gap.
ALTER TABLE system ADD COLUMN supervised_at timestamptz, ADD COLUMN supervised_from timestamptz;

-- Many devices of one gateway or building lost at once: one incident, with the devices listed here.
CREATE TABLE outage (
  id uuid PRIMARY KEY,
  fold text NOT NULL,
  incident_id uuid NOT NULL REFERENCES incident,
  device_id uuid NOT NULL REFERENCES device, -- whose signal opened it: the gateway, or one of the building
  since timestamptz NOT NULL,
  restored_at timestamptz
);
CREATE UNIQUE INDEX outage_open ON outage (fold) WHERE restored_at IS NULL;
CREATE INDEX outage_incident ON outage (incident_id);
CREATE TABLE outage_device (
  outage_id uuid NOT NULL REFERENCES outage ON DELETE CASCADE,
  device_id uuid NOT NULL REFERENCES device,
  PRIMARY KEY (outage_id, device_id)
);
