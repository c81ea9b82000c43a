-- Version 2: orders, and which claims a letter was ever under.

CREATE TABLE leasings (
	job   TEXT NOT NULL REFERENCES jobs (id),
	claim TEXT NOT NULL REFERENCES claims (id),
	PRIMARY KEY (job, claim)
) STRICT;
INSERT INTO leasings (job, claim) SELECT id, claim FROM jobs WHERE claim IS NOT NULL;

CREATE TABLE orders (
	id      TEXT PRIMARY KEY,
	job     TEXT NOT NULL REFERENCES jobs (id),
	station TEXT NOT NULL,
	kind    TEXT NOT NULL CHECK (kind IN ('cancel', 'erase', 'recall')),
	at      INTEGER NOT NULL,
	outcome TEXT NOT NULL DEFAULT '',       -- '' while it is open
	done_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX orders_by_job ON orders (job);
CREATE INDEX orders_open ON orders (station, at) WHERE outcome = '';

ALTER TABLE jobs ADD COLUMN legal_proof INTEGER NOT NULL DEFAULT 0;
