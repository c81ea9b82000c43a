-- The station's store. Times are milliseconds since 1970-01-01 UTC, 0 for none.
-- Columns called sealed_… and wrapped_… hold ciphertext only. Those marked (era)
-- are under the key of the newest era besides; empty or NULL when forgotten.
BEGIN;

CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL -- of store_key: the store key sealed to K_doc (era)
) STRICT;

-- The later one is what is sealed under, always. The earlier one stays until the
-- TPM's counter is known to be raised.
CREATE TABLE eras (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	generation INTEGER NOT NULL,          -- the counter's value at which its key opens
	sealed     BLOB NOT NULL,             -- its key, sealed by the TPM
	covers     INTEGER NOT NULL DEFAULT 0 -- deletions that are final with it
) STRICT;
CREATE TRIGGER eras_at_most_two BEFORE INSERT ON eras WHEN (SELECT count(*) FROM eras) >= 2
	BEGIN SELECT RAISE(ABORT, 'a raise of the era is not finished'); END;

-- What was forgotten and is not final yet; one row.
CREATE TABLE unraised (deletions INTEGER NOT NULL) STRICT;
INSERT INTO unraised VALUES (0);

-- A claim is written before central is asked, so that a question whose answer
-- was lost is asked again under the same id.
CREATE TABLE claims (
	id         TEXT PRIMARY KEY,
	token      INTEGER NOT NULL DEFAULT 0, -- fencing token, 0 until central answered
	expires    INTEGER NOT NULL DEFAULT 0,
	sealed_key BLOB,                       -- HPKE to K_doc (era)
	fetched    INTEGER NOT NULL DEFAULT 0  -- 1 when every job of it is in jobs
) STRICT;
CREATE INDEX claims_keyed ON claims (id) WHERE sealed_key IS NOT NULL;

CREATE TABLE jobs (
	id              TEXT PRIMARY KEY,
	claim           TEXT NOT NULL REFERENCES claims (id),
	product         TEXT NOT NULL,
	duplex          INTEGER NOT NULL,
	colour          INTEGER NOT NULL,
	envelope        TEXT NOT NULL,
	pages           INTEGER NOT NULL, -- paid pages
	paid_at         INTEGER NOT NULL,
	cut_off         INTEGER NOT NULL,
	wrapped_key     BLOB NOT NULL,    -- the document's key under the claim's key (era)
	sealed_details  BLOB NOT NULL,
	sealed_tracking BLOB,             -- under the store key (era)
	state           TEXT NOT NULL,
	attempt         TEXT NOT NULL DEFAULT '', -- the latest
	next_attempt    TEXT NOT NULL,            -- the code the next printing will bear, so that a preview shows it
	hold            TEXT NOT NULL DEFAULT '',
	number          INTEGER NOT NULL DEFAULT 0, -- the latest attempt's, 0 before the first
	batch           TEXT NOT NULL DEFAULT '',   -- the batch it was last printed in
	paper           INTEGER NOT NULL DEFAULT 0, -- 1 while sheets of it may exist
	scanned         INTEGER NOT NULL DEFAULT 0, -- 1 when its piece was scanned at enveloping
	reprint         TEXT NOT NULL DEFAULT '',   -- why a person has it printed again, until it is
	approved        TEXT NOT NULL DEFAULT '',   -- the second person who agreed to that
	findings        TEXT,                       -- preflight's codes with commas, NULL before it was drawn
	overridden      TEXT,                       -- those of them for which it was held and let go, NULL for none
	proof           INTEGER NOT NULL DEFAULT 0, -- 1 when it must be kept as long as a registered one
	longer          INTEGER NOT NULL DEFAULT 0  -- 1 while a person wants it kept as long
) STRICT;
CREATE INDEX jobs_by_claim ON jobs (claim);
CREATE INDEX jobs_by_state ON jobs (state);
-- Those that are listed, in that order. What is forgotten stays for years.
CREATE INDEX jobs_listed ON jobs (cut_off, paid_at, id)
	WHERE NOT (state = 'DROPPED' AND wrapped_key = x'' AND sealed_details = x'' AND sealed_tracking IS NULL);

-- What central asked for. A row stays, so that what is told again is known.
CREATE TABLE orders (
	id      TEXT PRIMARY KEY,
	job     TEXT NOT NULL,            -- also of a letter that was never here
	kind    TEXT NOT NULL,
	at      INTEGER NOT NULL,         -- by central's clock
	done    TEXT NOT NULL DEFAULT '', -- what came of it, '' while it is open
	message TEXT NOT NULL DEFAULT ''  -- the outbox's id of the report
) STRICT;
CREATE INDEX orders_by_job ON orders (job);

CREATE TABLE attempts (
	code          TEXT PRIMARY KEY,
	job           TEXT NOT NULL REFERENCES jobs (id),
	number        INTEGER NOT NULL,           -- 1 for the first printing
	impressions   INTEGER NOT NULL DEFAULT 0, -- page sides that must come out
	printer_uuid  TEXT NOT NULL DEFAULT '',
	printer_epoch INTEGER NOT NULL DEFAULT 0, -- when the printer was started
	device_job    INTEGER NOT NULL DEFAULT 0,
	printer       TEXT NOT NULL DEFAULT '',   -- where it went: printers.id, also of one removed since
	actor         TEXT NOT NULL,
	started       INTEGER NOT NULL,
	reason        TEXT NOT NULL DEFAULT '',   -- why it was needed after the one before
	approved      TEXT NOT NULL DEFAULT '',   -- the second person who agreed
	UNIQUE (job, number)
) STRICT;

CREATE TABLE printers (
	id     TEXT PRIMARY KEY,
	name   TEXT NOT NULL,
	uri    TEXT NOT NULL,
	pin    BLOB,              -- SHA-256 of its certificate's key
	tested INTEGER NOT NULL   -- when a test sheet last came out
) STRICT;

CREATE TABLE deposits (
	id       TEXT PRIMARY KEY,
	number   TEXT NOT NULL UNIQUE,
	closed   INTEGER NOT NULL,
	slip_key BLOB NOT NULL,              -- of its slip (era)
	seen     INTEGER NOT NULL DEFAULT 0, -- the latest time known when it was closed
	dated    INTEGER NOT NULL DEFAULT 0  -- since when its letters are kept, see retention.go
) STRICT;

-- Apart, so that wrapping a key anew does not write what it opens.
CREATE TABLE slips (
	deposit TEXT PRIMARY KEY REFERENCES deposits (id) ON DELETE CASCADE,
	sealed  BLOB NOT NULL -- PDF: codes, counts and registered numbers
) STRICT;

CREATE TABLE pieces (
	attempt TEXT PRIMARY KEY REFERENCES attempts (code),
	deposit TEXT NOT NULL REFERENCES deposits (id)
) STRICT;
CREATE INDEX pieces_by_deposit ON pieces (deposit);

CREATE TABLE receipts (
	id             TEXT PRIMARY KEY,
	deposit        TEXT NOT NULL REFERENCES deposits (id),
	media_type     TEXT NOT NULL,
	sha256         TEXT NOT NULL, -- of the picture as it came
	image_key      BLOB NOT NULL, -- of its picture (era)
	sealed_numbers BLOB NOT NULL, -- under the store key (era)
	at             INTEGER NOT NULL,
	source         TEXT NOT NULL -- SHA-256 of the file that the picture was made from
) STRICT;
CREATE INDEX receipts_by_deposit ON receipts (deposit);

CREATE TABLE pictures (
	receipt TEXT PRIMARY KEY REFERENCES receipts (id) ON DELETE CASCADE,
	sealed  BLOB NOT NULL -- under the store key, then under the receipt's
) STRICT;

-- Which pieces a receipt shows the number of; the numbers themselves are sealed.
CREATE TABLE proofs (
	receipt TEXT NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
	attempt TEXT NOT NULL,
	PRIMARY KEY (receipt, attempt)
) STRICT;

-- Pieces that were taken out of a deposit: the one being made, or a closed one.
CREATE TABLE returns (
	attempt TEXT NOT NULL,
	deposit TEXT NOT NULL DEFAULT '', -- '' for the one being made
	reason  TEXT NOT NULL,
	at      INTEGER NOT NULL
) STRICT;
CREATE INDEX returns_by_attempt ON returns (attempt);

-- Letters whose registered number is that of a label, not central's.
CREATE TABLE labels (
	job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
	at  INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
	seq  INTEGER PRIMARY KEY AUTOINCREMENT,
	id   TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	body BLOB NOT NULL
) STRICT;

PRAGMA user_version = 3;
COMMIT;
