-- Version 1. Times are microseconds since 1970 UTC. Plain SQL: what SQLite and PostgreSQL both do.

CREATE TABLE tokens (
	id         TEXT PRIMARY KEY,            -- the token's public half
	hash       BLOB NOT NULL,               -- SHA-256 of the whole token
	station    TEXT NOT NULL,
	expires_at INTEGER NOT NULL,
	enrolment  TEXT                         -- the enrolment that used it
) STRICT;

CREATE TABLE enrolments (
	id         TEXT PRIMARY KEY,
	station    TEXT NOT NULL,
	doc_key    BLOB NOT NULL,               -- public keys, PKIX
	log_key    BLOB NOT NULL,
	tls_key    BLOB NOT NULL,
	secrets    BLOB NOT NULL,               -- SHA-256 of each secret, in order doc, log, tls
	expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE stations (
	id          TEXT NOT NULL,
	generation  INTEGER NOT NULL,           -- enrolments of this station so far; the highest is in force
	enrolment   TEXT NOT NULL UNIQUE,
	doc_key     BLOB NOT NULL,
	certificate BLOB NOT NULL,              -- SHA-256 of the client certificate
	log         TEXT NOT NULL UNIQUE,
	PRIMARY KEY (id, generation)
) STRICT;

CREATE TABLE people (
	pseudonym TEXT PRIMARY KEY,
	name      BLOB NOT NULL,                -- sealed by the KMS
	role      TEXT NOT NULL,
	language  TEXT NOT NULL
) STRICT;

CREATE TABLE answers (
	station   TEXT NOT NULL,                -- '' before enrolment
	operation TEXT NOT NULL,
	id        TEXT NOT NULL,
	request   BLOB NOT NULL,                -- SHA-256 of path and body
	status    INTEGER NOT NULL,
	answer    BLOB NOT NULL,
	PRIMARY KEY (station, operation, id)
) STRICT;

CREATE TABLE claims (
	id         TEXT PRIMARY KEY,
	station    TEXT NOT NULL,
	fencing    INTEGER NOT NULL UNIQUE,     -- rises with every claim
	expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
	id          TEXT PRIMARY KEY,
	product     TEXT NOT NULL,
	duplex      INTEGER NOT NULL,
	colour      INTEGER NOT NULL,
	envelope    TEXT NOT NULL,
	pages       INTEGER NOT NULL,
	paid_at     INTEGER NOT NULL,
	cut_off     INTEGER NOT NULL,
	tracking    TEXT NOT NULL,              -- '' when central gives none
	state       TEXT NOT NULL CHECK (state IN ('ready', 'paper', 'held', 'cancelled', 'dropped')),
	document    TEXT NOT NULL UNIQUE,
	size        INTEGER NOT NULL,
	sha256      TEXT NOT NULL,
	wrapped_dek BLOB NOT NULL,
	details     BLOB NOT NULL,
	claim       TEXT REFERENCES claims (id),
	accepted    TEXT                        -- the one attempt that may be mailed
) STRICT;
CREATE INDEX jobs_by_cut_off ON jobs (state, cut_off, paid_at, id);
CREATE INDEX jobs_by_claim ON jobs (claim);

CREATE TABLE attempts (
	code        TEXT PRIMARY KEY,
	job         TEXT NOT NULL REFERENCES jobs (id),
	station     TEXT NOT NULL,
	fencing     INTEGER NOT NULL,
	number      INTEGER NOT NULL,
	reason      TEXT NOT NULL,
	approved_by TEXT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN
		('attempt', 'sent', 'device_done', 'uncertain', 'confirmed', 'enveloped', 'dropped')),
	printed     INTEGER NOT NULL,           -- 1 once device_done or confirmed
	begun_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_job ON attempts (job);
-- Whatever the code above does: no letter has two pieces that may be mailed.
CREATE UNIQUE INDEX attempts_accepted_once ON attempts (job) WHERE state IN ('enveloped', 'dropped');

CREATE TABLE events (
	station     TEXT NOT NULL,
	id          TEXT NOT NULL,
	request     BLOB NOT NULL,              -- SHA-256 of the event
	event       TEXT NOT NULL,              -- as it was sent: ids and codes alone
	received_at INTEGER NOT NULL,
	verdict     TEXT NOT NULL,
	problem     TEXT NOT NULL,              -- '' or JSON
	PRIMARY KEY (station, id)
) STRICT;

CREATE TABLE deposits (
	id          TEXT PRIMARY KEY,
	station     TEXT NOT NULL,
	closed_at   INTEGER NOT NULL,
	slip        TEXT NOT NULL,
	received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pieces (
	attempt TEXT PRIMARY KEY REFERENCES attempts (code),
	job     TEXT NOT NULL UNIQUE REFERENCES jobs (id),
	deposit TEXT NOT NULL REFERENCES deposits (id)
) STRICT;

CREATE TABLE receipts (
	id      TEXT PRIMARY KEY,
	station TEXT NOT NULL,
	deposit TEXT NOT NULL REFERENCES deposits (id),
	media   TEXT NOT NULL,
	size    INTEGER NOT NULL,
	sha256  TEXT NOT NULL,
	image   TEXT,                           -- the file of the sealed picture
	dek     BLOB                            -- its key, wrapped
) STRICT;

CREATE TABLE numbers (
	number  TEXT PRIMARY KEY,
	job     TEXT NOT NULL REFERENCES jobs (id),
	receipt TEXT NOT NULL REFERENCES receipts (id)
) STRICT;

CREATE TABLE journals (
	log           TEXT PRIMARY KEY,
	station       TEXT NOT NULL,
	vkey          TEXT NOT NULL,
	size          INTEGER NOT NULL,
	frontier      BLOB NOT NULL,            -- the tree's complete subtrees, largest first
	last          BLOB NOT NULL,            -- leaf hash of the last entry
	countersigned INTEGER NOT NULL,         -- size of the checkpoint below
	checkpoint    TEXT NOT NULL             -- '' or the last countersigned note
) STRICT;

CREATE TABLE entries (
	log      TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	entry    BLOB NOT NULL,                 -- the exact bytes
	root     BLOB NOT NULL,                 -- of the tree up to here
	PRIMARY KEY (log, sequence)
) STRICT;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'journal entries are immutable'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'journal entries are immutable'); END;

CREATE TABLE evidence (
	id          TEXT PRIMARY KEY,
	log         TEXT NOT NULL,
	size        INTEGER NOT NULL,           -- the entry, or the checkpoint's size
	held        BLOB NOT NULL,              -- what central holds there: an entry, or a root
	shown       BLOB NOT NULL,              -- what was shown instead: an entry, or a signed note
	received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX evidence_once ON evidence (log, size, shown);
