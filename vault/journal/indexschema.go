package journal

// indexFile serves the questions of whoever reads the journal. It is a file of
// its own, so that neither appends nor proofs nor the start wait for it.
const indexFile = "index.db"

// indexSchema: an access is an intent with its result, or a record; "result" is
// the sequence of the entry that has the outcome, 0 while there is none.
// Objects are packed, see packID. "tally" counts accesses by the hour and by the
// day, so that no picture of them needs a scan; its action 0 is all actions.
// "unusual" are those that a rule fired for, "open" the ones of them that nobody
// has concluded. "hour" narrows a time to sequences. "due" are rules that fire
// when their time comes and nothing has called them off. "letter" counts a
// letter's printings, the one of the greatest sequence being "last"; "again" are
// the accesses that an earlier printing made a difference to. In state, "start" is
// the entry after which the log begins and "searched" tells whether the
// indexes of searches are there.
const indexSchema = `
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,
	start INTEGER NOT NULL, hours TEXT NOT NULL, searched INTEGER NOT NULL) STRICT;
INSERT INTO state (one, size, start, hours, searched) SELECT 1, 0, 0, '', 0 WHERE NOT EXISTS (SELECT 1 FROM state);
CREATE TABLE IF NOT EXISTS word (id INTEGER PRIMARY KEY CHECK (id > 0), text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS access (
	sequence  INTEGER PRIMARY KEY,
	at        INTEGER NOT NULL,
	actor     INTEGER NOT NULL,
	action    INTEGER NOT NULL,
	object    BLOB,
	attempt   TEXT,
	result    INTEGER NOT NULL,
	rules     INTEGER NOT NULL,
	concluded INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS rule_any ON access (sequence) WHERE rules <> 0;
CREATE INDEX IF NOT EXISTS rule_actor ON access (actor) WHERE rules <> 0;
CREATE INDEX IF NOT EXISTS rule_action ON access (action) WHERE rules <> 0;
CREATE INDEX IF NOT EXISTS rule_both ON access (actor, action) WHERE rules <> 0;
CREATE INDEX IF NOT EXISTS rule_viewed ON access (object) WHERE rules & 4 <> 0;
CREATE TABLE IF NOT EXISTS hour (hour INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tally (
	days INTEGER NOT NULL, action INTEGER NOT NULL, hour INTEGER NOT NULL, actor INTEGER NOT NULL,
	accesses INTEGER NOT NULL, unusual INTEGER NOT NULL, open INTEGER NOT NULL,
	PRIMARY KEY (days, action, hour, actor)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letter (object BLOB PRIMARY KEY, prints INTEGER NOT NULL, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS again (sequence INTEGER NOT NULL, object BLOB NOT NULL, PRIMARY KEY (sequence, object)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS streak (actor INTEGER PRIMARY KEY, failed INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS due (
	sequence INTEGER NOT NULL, rule INTEGER NOT NULL, at INTEGER NOT NULL, object BLOB,
	PRIMARY KEY (sequence, rule)
) STRICT, WITHOUT ROWID;
`

// searches are the indexes that every access is in. They are made at once when
// the first entries are all in: that takes a third of the time that adding to
// them does.
func searches() []string {
	return []string{
		"by_actor ON access (actor)", "by_action ON access (action)", "by_both ON access (actor, action)",
		"by_object ON access (object) WHERE object IS NOT NULL", "by_attempt ON access (attempt) WHERE attempt IS NOT NULL",
	}
}

// ruleIsViewed is the condition of index rule_viewed.
const ruleIsViewed = "rules & 4 <> 0"

// packID is an object's id as the index has it: a UUID in 17 bytes, the first
// of them zero, any other id as it is, "" for none.
func packID(id string) string {
	var packed [17]byte
	if len(id) != 36 {
		return id
	}
	at := 2
	for i := range len(id) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if id[i] != '-' {
				return id
			}
			continue
		}
		n, ok := nibble(id[i])
		if !ok {
			return id
		}
		packed[at/2] |= n << (4 * (1 - at%2))
		at++
	}
	return string(packed[:])
}

func nibble(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// blob is a packed id as an argument: NULL for none.
func blob(packed string) any {
	if packed == "" {
		return nil
	}
	return []byte(packed)
}

// text is an attempt's code as an argument: NULL for none.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
