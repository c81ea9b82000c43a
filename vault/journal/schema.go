package journal

// schema is append-only: updates, gaps, replacements and deletions are refused by
// the database itself, but for what lies before the start, which goes forward
// from one countersigned checkpoint to another. Who edits the file below SQLite
// breaks the chain.
const schema = `
CREATE TABLE IF NOT EXISTS entry (
	sequence INTEGER PRIMARY KEY,
	bytes    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
	size   INTEGER NOT NULL,
	sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
	note   BLOB NOT NULL,
	PRIMARY KEY (size, sealed)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS witness (
	vkey  TEXT PRIMARY KEY,
	place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS witness_delete BEFORE DELETE ON witness
	BEGIN SELECT RAISE(ABORT, 'a witness key is never forgotten'); END;
CREATE TRIGGER IF NOT EXISTS entry_update BEFORE UPDATE ON entry
	BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_replace BEFORE INSERT ON checkpoint
	WHEN EXISTS (SELECT 1 FROM checkpoint WHERE sealed = NEW.sealed AND size = NEW.size)
	BEGIN SELECT RAISE(ABORT, 'checkpoints are never replaced'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_update BEFORE UPDATE ON checkpoint
	BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TABLE IF NOT EXISTS start (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	size     INTEGER NOT NULL,
	note     BLOB NOT NULL,
	frontier BLOB NOT NULL,
	leaf     BLOB NOT NULL,
	proof    BLOB NOT NULL,
	anchor   BLOB NOT NULL,
	anchored BLOB NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS start_insert BEFORE INSERT ON start
	WHEN EXISTS (SELECT 1 FROM start)
	OR NOT EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size AND sealed = 1 AND note = NEW.note)
	BEGIN SELECT RAISE(ABORT, 'not a start'); END;
CREATE TRIGGER IF NOT EXISTS start_update BEFORE UPDATE ON start
	WHEN NEW.size <= OLD.size
	OR NOT EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size AND sealed = 1 AND note = NEW.note)
	BEGIN SELECT RAISE(ABORT, 'not a later start'); END;
CREATE TRIGGER IF NOT EXISTS start_delete BEFORE DELETE ON start
	BEGIN SELECT RAISE(ABORT, 'the start is never deleted'); END;
CREATE TRIGGER IF NOT EXISTS entry_order BEFORE INSERT ON entry
	WHEN NEW.sequence IS NOT ` + lastSequence + ` + 1
	BEGIN SELECT RAISE(ABORT, 'not the next entry'); END;
CREATE TRIGGER IF NOT EXISTS entry_delete BEFORE DELETE ON entry
	WHEN OLD.sequence > coalesce((SELECT size FROM start), 0)
	BEGIN SELECT RAISE(ABORT, 'entries are not deleted but before the start'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_delete BEFORE DELETE ON checkpoint
	WHEN OLD.size > coalesce((SELECT size FROM start), 0)
	BEGIN SELECT RAISE(ABORT, 'checkpoints are not deleted but before the start'); END;
`
