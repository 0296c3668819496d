-- Silence proposes that somebody looks in at the home; the service came after the rows that say what proposes it.
UPDATE catalogue_item SET fired_by = '{inactivity}' WHERE code = 'no-answer' AND fired_by = '{}';

-- What was written stays, also when a whole table is emptied at once.
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
