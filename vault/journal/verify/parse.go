package verify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// ErrEntry says that bytes are not an entry in the one form that is written.
var ErrEntry = errors.New("not a journal entry")

// fields are an entry's values as they stand in its bytes, which they alias.
type fields struct {
	action, actor, attempt, boot, log, object, outcome, pages, previous, reason, time []byte
	counter, intent, monotonic, sequence                                              int64
}

func (f *fields) kind() Kind {
	switch {
	case f.outcome == nil:
		return KindIntent
	case f.intent != 0:
		return KindResult
	default:
		return KindRecord
	}
}

// ParseEntry reads an entry's exact bytes, without a newline. It accepts what
// Append writes of valid values and not a byte else. Errors wrap ErrEntry.
func ParseEntry(line []byte) (Entry, error) {
	var f fields
	if err := f.parse(line); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	previous, err := decodeHash(f.previous)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	return Entry{
		Action: string(f.action), Actor: string(f.actor), Attempt: string(f.attempt),
		Boot: string(f.boot), Counter: f.counter, Intent: f.intent, Log: string(f.log),
		Monotonic: f.monotonic, Object: string(f.object), Outcome: string(f.outcome),
		Pages: string(f.pages), Previous: previous, Reason: string(f.reason), Sequence: f.sequence, Time: timeOf(f.time),
	}, nil
}

// parse reads every field but decodes neither the time nor the previous
// hash: the chain compares the latter's encoding.
func (f *fields) parse(line []byte) error {
	*f = fields{}
	if len(line) > MaxEntry {
		return fmt.Errorf("longer than %d bytes", MaxEntry)
	}
	p := parser{rest: line}
	f.action = p.text(`{"action":"`, isCode)
	f.actor = p.optional(`,"actor":"`, isID)
	f.attempt = p.optional(`,"attempt":"`, isAttempt)
	f.boot = p.text(`,"boot":"`, isUUID)
	f.counter = p.optionalInt(`,"counter":`)
	f.intent = p.optionalInt(`,"intent":`)
	f.log = p.text(`,"log":"`, isName)
	f.monotonic = p.integer(`,"monotonic":`, 0)
	f.object = p.optional(`,"object":"`, isID)
	f.outcome = p.optional(`,"outcome":"`, isCode)
	f.pages = p.optional(`,"pages":"`, isPages)
	f.previous = p.text(`,"previous":"`, isHash)
	f.reason = p.optional(`,"reason":"`, isCode)
	f.sequence = p.integer(`,"sequence":`, 1)
	f.time = p.text(`,"time":"`, isTime)
	version := p.integer(`,"version":`, 1)
	p.literal("}")
	switch {
	case p.bad != "":
		return fmt.Errorf("at byte %d: %s", len(line)-len(p.rest), p.bad)
	case len(p.rest) != 0:
		return fmt.Errorf("%d bytes after its end", len(p.rest))
	case version != Version:
		return fmt.Errorf("version %d instead of %d", version, Version)
	case f.intent != 0 && (f.outcome == nil || f.intent >= f.sequence):
		return errors.New("the result of no intent before it")
	}
	return nil
}

// parser walks over an entry. After the first fault every step does nothing.
type parser struct {
	rest []byte
	bad  string // what was expected
}

func (p *parser) literal(s string) {
	if p.bad != "" {
		return
	}
	if len(p.rest) < len(s) || string(p.rest[:len(s)]) != s {
		p.bad = "expected " + s
		return
	}
	p.rest = p.rest[len(s):]
}

func (p *parser) has(s string) bool {
	return p.bad == "" && len(p.rest) >= len(s) && string(p.rest[:len(s)]) == s
}

func (p *parser) text(key string, valid func([]byte) bool) []byte {
	p.literal(key)
	if p.bad != "" {
		return nil
	}
	end := bytes.IndexByte(p.rest, '"')
	if end < 0 || !valid(p.rest[:end]) {
		p.bad = "not a valid value after " + key
		return nil
	}
	v := p.rest[:end:end]
	p.rest = p.rest[end+1:]
	return v
}

func (p *parser) optional(key string, valid func([]byte) bool) []byte {
	if !p.has(key) {
		return nil
	}
	return p.text(key, valid)
}

func (p *parser) integer(key string, least int64) int64 {
	p.literal(key)
	if p.bad != "" {
		return 0
	}
	var n int64
	i := 0
	for ; i < len(p.rest) && i < 16 && p.rest[i] >= '0' && p.rest[i] <= '9'; i++ {
		n = n*10 + int64(p.rest[i]-'0')
	}
	if i == 0 || i > 1 && p.rest[0] == '0' || n > MaxInteger || n < least {
		p.bad = "not a valid integer after " + key
		return 0
	}
	p.rest = p.rest[i:]
	return n
}

func (p *parser) optionalInt(key string) int64 {
	if !p.has(key) {
		return 0
	}
	return p.integer(key, 1)
}

func isName(b []byte) bool { return checkpoint.CheckName(b) == nil }

// hashText is the length of a hash in base64.
const hashText = 44

func isHash(b []byte) bool { return len(b) == hashText }

func decodeHash(b []byte) (tlog.Hash, error) {
	var h tlog.Hash
	var raw [tlog.HashSize + 1]byte // of 44 characters without padding
	var again [hashText]byte
	if len(b) == hashText {
		n, err := base64.StdEncoding.Decode(raw[:], b)
		if copy(h[:], raw[:]); err == nil && n == len(h) {
			base64.StdEncoding.Encode(again[:], h[:])
		}
	}
	if !bytes.Equal(again[:], b) {
		return tlog.Hash{}, errors.New("hash: not canonical base64 of 32 bytes")
	}
	return h, nil
}
