-- Version 4: keys of the KMS that were dropped. Whatever the code above does: nothing is kept that only such
-- a key could open.

CREATE TABLE dropped_keys (
	id BLOB PRIMARY KEY
) STRICT;
CREATE TRIGGER jobs_new_by_dropped_key BEFORE INSERT ON jobs
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.wrapped_dek, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER jobs_changed_by_dropped_key BEFORE UPDATE OF wrapped_dek ON jobs
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.wrapped_dek, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER people_new_by_dropped_key BEFORE INSERT ON people
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.name, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER people_changed_by_dropped_key BEFORE UPDATE OF name ON people
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.name, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER receipts_new_by_dropped_key BEFORE INSERT ON receipts
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.dek, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER receipts_changed_by_dropped_key BEFORE UPDATE OF dek ON receipts
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.dek, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER pin_codes_new_by_dropped_key BEFORE INSERT ON pin_codes
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.digest, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
CREATE TRIGGER pin_codes_changed_by_dropped_key BEFORE UPDATE OF digest ON pin_codes
	WHEN EXISTS (SELECT 1 FROM dropped_keys WHERE id = substr(NEW.digest, 1, length(id)))
	BEGIN SELECT RAISE(ABORT, 'wrapped by a key that was dropped'); END;
