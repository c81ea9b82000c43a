-- Version 5: alarms about the stations' logs, every countersigned head, other histories, and months that end.

ALTER TABLE journals ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;     -- 0: not known
ALTER TABLE journals ADD COLUMN sealed_at INTEGER NOT NULL DEFAULT 0;     -- the witness's time on the checkpoint; 0: none
ALTER TABLE journals ADD COLUMN written_at INTEGER NOT NULL DEFAULT 0;    -- the time that the last entry says
ALTER TABLE journals ADD COLUMN working_since INTEGER NOT NULL DEFAULT 0; -- the first work that is not sealed; 0: none
ALTER TABLE journals ADD COLUMN worked_at INTEGER NOT NULL DEFAULT 0;     -- the last work
ALTER TABLE journals ADD COLUMN forked_at INTEGER NOT NULL DEFAULT 0;     -- no letters since then; 0: letters
ALTER TABLE journals ADD COLUMN start INTEGER NOT NULL DEFAULT 0;         -- entries that are forgotten
ALTER TABLE journals ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;   -- when the last entry came
ALTER TABLE journals ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;         -- a former log's entries that are forgotten, sealed or not
UPDATE journals SET received_at = unixepoch() * 1000000;                  -- at the latest

CREATE TABLE checkpoints (
	log       TEXT NOT NULL REFERENCES journals (log),
	size      INTEGER NOT NULL,
	signed_at INTEGER NOT NULL,             -- the witness's time; rises with the size
	note      TEXT NOT NULL,                -- countersigned
	frontier  BLOB NOT NULL,                -- of the tree of so many entries
	thinned   INTEGER NOT NULL DEFAULT 0,   -- 1: the last of its hour, for good
	PRIMARY KEY (log, size)
) STRICT;
CREATE INDEX checkpoints_by_time ON checkpoints (log, signed_at);
CREATE INDEX checkpoints_to_thin ON checkpoints (log, signed_at) WHERE thinned = 0;

CREATE TABLE witnesses (
	vkey TEXT PRIMARY KEY                   -- every key that ever countersigned
) STRICT;

CREATE TABLE alarms (
	id              TEXT PRIMARY KEY,
	log             TEXT NOT NULL,
	station         TEXT NOT NULL,
	kind            TEXT NOT NULL CHECK (kind IN
		('fork', 'set_back', 'gap', 'broken', 'checkpoint', 'silent', 'successor', 'clock_back', 'clock_far')),
	place           INTEGER NOT NULL,       -- an entry's sequence, or a size
	times           INTEGER NOT NULL,
	first_at        INTEGER NOT NULL,
	last_at         INTEGER NOT NULL,
	mended_at       INTEGER NOT NULL DEFAULT 0, -- what was missing came; 0: it did not, or nothing is missing
	told            INTEGER NOT NULL DEFAULT 0, -- 1: the hook has it
	acknowledged_at INTEGER NOT NULL DEFAULT 0, -- 0: it is open
	acknowledged_by TEXT NOT NULL DEFAULT '',
	reason          TEXT NOT NULL DEFAULT ''
) STRICT;
-- What is found again counts in the alarm that is open.
CREATE UNIQUE INDEX alarms_open ON alarms (log, kind) WHERE acknowledged_at = 0;
CREATE INDEX alarms_untold ON alarms (first_at) WHERE told = 0;

ALTER TABLE evidence ADD COLUMN kind TEXT NOT NULL DEFAULT 'fork'; -- as the alarm's
ALTER TABLE evidence ADD COLUMN upto INTEGER NOT NULL DEFAULT 0;   -- the last entry of that history here; 0: none
ALTER TABLE evidence ADD COLUMN last BLOB NOT NULL DEFAULT x'';    -- its leaf hash
DROP INDEX evidence_once;                                          -- what was of one kind may be of another later
CREATE UNIQUE INDEX evidence_once ON evidence (log, kind, size, shown);
-- How another history goes on after the entry that was shown first.
CREATE TABLE evidence_entries (
	evidence TEXT NOT NULL REFERENCES evidence (id),
	sequence INTEGER NOT NULL,
	entry    BLOB NOT NULL,
	PRIMARY KEY (evidence, sequence)
) STRICT;
CREATE TRIGGER evidence_remains BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is immutable'); END;
CREATE TRIGGER evidence_entries_stay BEFORE UPDATE ON evidence_entries BEGIN SELECT RAISE(ABORT, 'evidence is immutable'); END;
CREATE TRIGGER evidence_entries_remain BEFORE DELETE ON evidence_entries BEGIN SELECT RAISE(ABORT, 'evidence is immutable'); END;

-- Only months that are over go, and their end is kept first.
DROP TRIGGER entries_remain;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
	WHEN OLD.sequence > COALESCE((SELECT MAX(start, ended) FROM journals WHERE log = OLD.log), 0)
	BEGIN SELECT RAISE(ABORT, 'journal entries are immutable'); END;
CREATE TRIGGER journals_start BEFORE UPDATE OF start ON journals
	WHEN NEW.start < OLD.start OR NOT EXISTS (SELECT 1 FROM checkpoints WHERE log = NEW.log AND size = NEW.start)
	BEGIN SELECT RAISE(ABORT, 'a log starts after a checkpoint that is kept'); END;
CREATE TRIGGER journals_end BEFORE UPDATE OF ended ON journals
	WHEN NEW.ended < OLD.ended OR NEW.ended > NEW.size OR NEW.start < NEW.countersigned
		OR NOT EXISTS (SELECT 1 FROM stations s JOIN stations n ON n.id = s.id AND n.generation > s.generation WHERE s.log = NEW.log)
	BEGIN SELECT RAISE(ABORT, 'only the end of a former log is forgotten without a checkpoint'); END;
