-- Lists that grow with the years: somebody's history, what an operator has had, and the files in their order. Without these each look
-- reads the whole table (two million closed incidents: 771 ms for a history, 2.3 ms by index).
CREATE INDEX incident_of_resident ON incident (resident_id, number DESC) WHERE resident_id IS NOT NULL;
CREATE INDEX incident_of_owner ON incident (owner_id, number DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX resident_in_order ON resident (active DESC, name, id);
CREATE INDEX household_in_order ON household (address, building, id);
