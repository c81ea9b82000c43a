-- Version 3: attestation, renewal and revocation of stations; people's slots and PIN codes; the room's policy.

-- Enrolments wait for minutes only: those of the former kind are made again.
DROP TABLE enrolments;
CREATE TABLE enrolments (
	id         TEXT PRIMARY KEY,
	station    TEXT NOT NULL,
	pin_kind   TEXT NOT NULL,
	ak_key     BLOB NOT NULL,               -- public keys, PKIX
	doc_key    BLOB NOT NULL,
	log_key    BLOB NOT NULL,
	tls_key    BLOB NOT NULL,
	doc_name   BLOB NOT NULL,               -- what the TPM calls them
	log_name   BLOB NOT NULL,
	tls_name   BLOB NOT NULL,
	secret     BLOB NOT NULL,               -- SHA-256 of it
	expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE certificates (
	sha256     BLOB PRIMARY KEY,
	station    TEXT NOT NULL,
	generation INTEGER NOT NULL,
	number     INTEGER NOT NULL,            -- of this generation's certificates, from 1
	der        BLOB NOT NULL,               -- empty where it was not kept
	FOREIGN KEY (station, generation) REFERENCES stations (id, generation),
	UNIQUE (station, generation, number)
) STRICT;
INSERT INTO certificates (sha256, station, generation, number, der) SELECT certificate, id, generation, 1, x'' FROM stations;
ALTER TABLE stations DROP COLUMN certificate;
ALTER TABLE stations ADD COLUMN pin_kind TEXT NOT NULL DEFAULT 'lockout';
ALTER TABLE stations ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0; -- 0: it is not

CREATE TABLE leavers (
	pseudonym TEXT PRIMARY KEY,             -- nobody else's, ever
	left_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE slots (
	station   TEXT NOT NULL,
	slot      INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 31),
	pseudonym TEXT NOT NULL REFERENCES people (pseudonym),
	approval  BLOB NOT NULL,                -- by the policy key
	pin       TEXT NOT NULL CHECK (pin IN ('unset', 'set')),
	PRIMARY KEY (station, slot),
	UNIQUE (station, pseudonym)
) STRICT;

CREATE TABLE pin_codes (
	pseudonym  TEXT PRIMARY KEY REFERENCES people (pseudonym),
	digest     BLOB NOT NULL,               -- SHA-256, sealed by the KMS
	expires_at INTEGER NOT NULL,
	wrong      INTEGER NOT NULL             -- codes shown in its place
) STRICT;

CREATE TABLE policies (
	number INTEGER PRIMARY KEY,             -- the highest is in force
	set_at INTEGER NOT NULL,
	policy TEXT NOT NULL                    -- JSON
) STRICT;

CREATE TABLE revisions (
	what     TEXT PRIMARY KEY,
	revision INTEGER NOT NULL
) STRICT;
INSERT INTO revisions (what, revision) VALUES ('staff', 1);
