-- What fired proposes the service: a fall sensor help after a fall, a smoke detector the fire. The catalogue says it, so a centre can say it otherwise.
ALTER TABLE catalogue_item ADD COLUMN fired_by text[] NOT NULL DEFAULT '{}';
UPDATE catalogue_item SET fired_by = '{fall}' WHERE code = 'fall-help';
UPDATE catalogue_item SET fired_by = '{smoke,gas}' WHERE code = 'fire-gas';
UPDATE catalogue_item SET fired_by = '{inactivity}' WHERE code = 'no-answer';
UPDATE catalogue_item SET fired_by = '{flood}' WHERE code = 'plumbing';
UPDATE catalogue_item SET fired_by = '{low-battery,mains,line,fault,tamper}' WHERE code = 'device-check';
