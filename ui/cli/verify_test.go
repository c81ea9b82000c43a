package cli

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal"
)

func TestVerifyJournal(t *testing.T) {
	r := newRun(t, "en", "")
	r.log.read = journal.Verification{Entries: 20, Checkpoints: 4}
	r.log.status = journal.Status{Sealed: 18, SealedAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	want := map[string]any{"ok": true, "entries": 20.0, "checkpoints": 4.0, "sealed": 18.0, "unsealed": 2.0, "sealed_at": "2026-11-22T12:00:00Z"}
	if d := cmp.Diff(want, r.json(t, 0, "journal", "verify", "--json", "--config", "a.toml")); d != "" {
		t.Error(d)
	}
	r.out.Reset()
	r.wantExit(t, 0, "journal", "verify")
	if !strings.HasPrefix(r.out.String(), "OK  20 entries") || !strings.Contains(r.out.String(), "2 not sealed yet") {
		t.Errorf("it said %q", r.out.String())
	}
	if r.log.closed != 2 || len(r.room.asked) != 0 {
		t.Errorf("closed %d times; the room was asked %q", r.log.closed, r.room.asked)
	}
}

func TestVerifyBrokenJournal(t *testing.T) {
	r := newRun(t, "en", "")
	r.log.read, r.log.err = journal.Verification{Entries: 6}, &journal.BrokenError{Sequence: 7, What: "the chain is cut"}
	got := r.json(t, 1, "journal", "verify", "--json")
	if got["ok"] != false || got["entry"] != 7.0 || !strings.Contains(got["fault"].(string), "the chain is cut") || got["sealed_at"] != nil {
		t.Errorf("%v", got)
	}
	r.out.Reset()
	r.wantExit(t, 1, "journal", "verify")
	if !strings.HasPrefix(r.out.String(), "BROKEN") || !strings.Contains(r.out.String(), "entry 7") || r.err.Len() != 0 {
		t.Errorf("it said %q and %q", r.out.String(), r.err.String())
	}
	r.log.err = errors.New("the disk does not answer")
	r.wantExit(t, 1, "journal", "verify")
	r.wantSaid(t, "the disk does not answer")
}
