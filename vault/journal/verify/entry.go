// Package verify reads an access log's entries and exports and tells whether
// every byte is as it was written. It is the only parser of the format and
// knows nothing else of the program: it imports the standard library, x/mod
// and package checkpoint. docs/journal.md is the format.
package verify

import (
	"encoding/base64"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// Version is the format's version, in every entry.
	Version = 1
	// MaxEntry bounds an entry's length in bytes.
	MaxEntry = 1024
	// MaxInteger is the largest integer of an entry (RFC 8785 needs safe ones).
	MaxInteger = 1<<53 - 1

	timeLayout = "2006-01-02T15:04:05.000Z"
)

// Kind tells an entry's part in an access.
type Kind string

// The kinds of entries.
const (
	KindIntent Kind = "intent" // it is about to happen; has no outcome
	KindResult Kind = "result" // how an intent ended; has an intent and an outcome
	KindRecord Kind = "record" // happened, and opened nothing; has an outcome alone
)

// Entry is one entry of a log. Optional fields are zero where they are absent.
type Entry struct {
	Action    string    // what was done, a code
	Actor     string    // optional: a pseudonym; the station itself when absent
	Attempt   string    // optional: a printing attempt's code
	Boot      string    // UUID that names the monotonic clock
	Counter   int64     // optional: the rollback counter's value
	Intent    int64     // results only: the intent's sequence
	Log       string    // the log's origin
	Monotonic int64     // milliseconds of the monotonic clock
	Object    string    // optional: the id of what was accessed
	Outcome   string    // absent in an intent
	Pages     string    // optional: which pages were shown, "3" or "3-7"; 1 is the carrier page
	Previous  tlog.Hash // leaf hash of the entry before
	Reason    string    // optional: a code
	Sequence  int64     // 1 for the first entry
	Time      time.Time // UTC, milliseconds
}

// Kind follows from the fields that are there.
func (e Entry) Kind() Kind {
	switch {
	case e.Outcome == "":
		return KindIntent
	case e.Intent != 0:
		return KindResult
	default:
		return KindRecord
	}
}

// Append appends the entry's one encoding to b: JSON in RFC 8785 form, of
// strings that need no escaping and safe integers. It checks nothing; ParseEntry
// refuses what must not be written.
func (e Entry) Append(b []byte) []byte {
	b = appendString(b, `{"action":"`, e.Action)
	b = appendOptional(b, `,"actor":"`, e.Actor)
	b = appendOptional(b, `,"attempt":"`, e.Attempt)
	b = appendString(b, `,"boot":"`, e.Boot)
	if e.Counter != 0 {
		b = appendInt(b, `,"counter":`, e.Counter)
	}
	if e.Intent != 0 {
		b = appendInt(b, `,"intent":`, e.Intent)
	}
	b = appendString(b, `,"log":"`, e.Log)
	b = appendInt(b, `,"monotonic":`, e.Monotonic)
	b = appendOptional(b, `,"object":"`, e.Object)
	b = appendOptional(b, `,"outcome":"`, e.Outcome)
	b = appendOptional(b, `,"pages":"`, e.Pages)
	b = append(b, `,"previous":"`...)
	b = base64.StdEncoding.AppendEncode(b, e.Previous[:])
	b = append(b, '"')
	b = appendOptional(b, `,"reason":"`, e.Reason)
	b = appendInt(b, `,"sequence":`, e.Sequence)
	b = append(b, `,"time":"`...)
	b = e.Time.UTC().AppendFormat(b, timeLayout)
	b = append(b, '"')
	b = appendInt(b, `,"version":`, Version)
	return append(b, '}')
}

func appendString(b []byte, key, value string) []byte {
	b = append(b, key...)
	b = append(b, value...)
	return append(b, '"')
}

func appendOptional(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(b, key, value)
}

func appendInt(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(b, key...), n, 10)
}
