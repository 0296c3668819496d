-- Which zone, detector or line of a device is broken: one must not hide another. Empty for the device itself.
ALTER TABLE device_fault ADD COLUMN part text NOT NULL DEFAULT '';
DROP INDEX device_fault_open;
CREATE UNIQUE INDEX device_fault_open ON device_fault (device_id, type, part) WHERE restored_at IS NULL;
