package central

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// logbook makes a station's journal.
type logbook struct {
	t       testing.TB
	signer  *checkpoint.StationSigner
	chain   *verify.Chain
	entries []string
}

func newLogbook(t testing.TB, s *soft) *logbook {
	t.Helper()
	signer, err := checkpoint.NewStationSigner(s.activation.Log, s.log)
	if err != nil {
		t.Fatal(err)
	}
	return &logbook{t: t, signer: signer, chain: verify.NewChain(s.activation.Log)}
}

// copy is what a cloned disk gives.
func (l *logbook) copy() *logbook {
	c := *l
	c.entries = append([]string(nil), l.entries...)
	c.chain = verify.ResumeChain(l.signer.Name(), l.chain.Tree(), l.chain.Last())
	return &c
}

func (l *logbook) add(r *room, n int, object string) {
	l.t.Helper()
	for range n {
		e := verify.Entry{
			Action: "preview", Actor: "p1", Boot: "00000000-0000-4000-8000-000000000000", Log: l.signer.Name(), Object: object,
			Outcome: "done", Previous: l.chain.Last(), Sequence: l.chain.Size() + 1, Time: r.clock.Now(),
		}
		text := e.Append(nil)
		if err := l.chain.Add(text); err != nil {
			l.t.Fatal(err)
		}
		l.entries = append(l.entries, string(text))
	}
}

// succeed adds a first entry that names the last one of the log before.
func (l *logbook) succeed(r *room, last tlog.Hash) {
	l.t.Helper()
	e := verify.Entry{
		Action: "unlock", Actor: "p1", Boot: "00000000-0000-4000-8000-000000000000", Log: l.signer.Name(), Outcome: "done",
		Previous: last, Sequence: 1, Time: r.clock.Now(),
	}
	text := e.Append(nil)
	if err := l.chain.Add(text); err != nil {
		l.t.Fatal(err)
	}
	l.entries = append(l.entries, string(text))
}

func (l *logbook) from(first int) wire.JournalEntries {
	return wire.JournalEntries{Log: l.signer.Name(), First: int64(first), Entries: l.entries[first-1:]}
}

func (l *logbook) note() wire.SignedNote {
	l.t.Helper()
	note, err := l.signer.Checkpoint(l.chain.Size(), l.chain.Root())
	if err != nil {
		l.t.Fatal(err)
	}
	return wire.SignedNote{Note: string(note)}
}

func (r *room) journal(log string) JournalStatus {
	r.t.Helper()
	s, err := r.Journal(context.Background(), log)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func TestJournal(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 5, "job-1")
	var p *wire.Problem
	if _, err := s.JournalEntries(ctx, l.from(2)); !errors.As(err, &p) || p.Type != wire.ProblemJournalGap || p.Size != 0 {
		t.Errorf("a gap: %v", err)
	}
	if _, err := s.JournalCheckpoint(ctx, l.note()); !errors.Is(err, wire.ProblemJournalGap) {
		t.Errorf("a checkpoint before its entries: %v", err)
	}
	for range 2 {
		size, err := s.JournalEntries(ctx, l.from(1))
		if err != nil || size.Size != 5 {
			t.Fatalf("%+v %v", size, err)
		}
	}
	early := l.note()
	l.add(r, 3, "job-2")
	if size, err := s.JournalEntries(ctx, l.from(4)); err != nil || size.Size != 8 { // two of them are held
		t.Fatalf("%+v %v", size, err)
	}
	for _, note := range []wire.SignedNote{early, l.note(), l.note()} {
		signed, err := s.JournalCheckpoint(ctx, note)
		if err != nil {
			t.Fatal(err)
		}
		cp, at, err := checkpoint.OpenCountersigned([]byte(signed.Note), l.signer.Vkey(), s.activation.Witness)
		if err != nil || !at.Equal(r.clock.Now()) || cp.Size < 5 {
			t.Errorf("%+v %v %v", cp, at, err)
		}
	}
	status := r.journal(l.signer.Name())
	if status.Entries != 8 || status.Countersigned != 8 || status.Forks != 0 || status.Vkey != l.signer.Vkey() {
		t.Errorf("%+v", status)
	}
	other := r.enrol("press-2")
	if _, err := other.JournalEntries(ctx, l.from(1)); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("another station's journal: %v", err)
	}
	if _, err := other.JournalCheckpoint(ctx, l.note()); !errors.Is(err, wire.ProblemCheckpointRefused) {
		t.Errorf("another station's checkpoint: %v", err)
	}
}

func TestBrokenJournal(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	for name, change := range map[string]func([]string){
		"not an entry":  func(e []string) { e[1] = `{"action":"preview"}` },
		"re-serialised": func(e []string) { e[1] = strings.Replace(e[1], `,"log"`, `, "log"`, 1) },
		"out of order":  func(e []string) { e[1], e[2] = e[2], e[1] },
		"another log":   func(e []string) { e[0] = strings.Replace(e[0], "press-1", "press-9", 1) },
	} {
		c := l.copy()
		change(c.entries)
		if _, err := s.JournalEntries(ctx, c.from(1)); !errors.Is(err, wire.ProblemJournalBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if status := r.journal(l.signer.Name()); status.Entries != 0 {
		t.Errorf("%d entries of refused batches were kept", status.Entries)
	}
}

func TestFork(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 4, "job-1")
	clone := l.copy()
	l.add(r, 2, "job-2")
	clone.add(r, 2, "job-3")
	if _, err := s.JournalEntries(ctx, l.from(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.JournalCheckpoint(ctx, l.note()); err != nil {
		t.Fatal(err)
	}
	for i, send := range []func() error{
		func() error { _, err := s.JournalEntries(ctx, clone.from(1)); return err },
		func() error { _, err := s.JournalEntries(ctx, clone.from(5)); return err },
		func() error { _, err := s.JournalCheckpoint(ctx, clone.note()); return err },
	} {
		if err := send(); !errors.Is(err, wire.ProblemJournalFork) {
			t.Errorf("%d: %v", i, err)
		}
	}
	// An entry that would be the next one, but after another history.
	clone.add(r, 1, "job-3")
	if _, err := s.JournalEntries(ctx, clone.from(7)); !errors.Is(err, wire.ProblemJournalFork) {
		t.Errorf("the next entry of another history: %v", err)
	}
	// A rewritten head of the right size.
	rewritten, err := l.signer.Checkpoint(3, l.chain.Root())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.JournalCheckpoint(ctx, wire.SignedNote{Note: string(rewritten)}); !errors.Is(err, wire.ProblemJournalFork) {
		t.Errorf("a rewritten head: %v", err)
	}
	status := r.journal(l.signer.Name())
	if status.Entries != 6 || status.Countersigned != 6 || status.Forks != 3 || !status.Suspended {
		t.Errorf("%+v", status)
	}
	l.add(r, 1, "job-2") // the history that came first goes on
	if size, err := s.JournalEntries(ctx, l.from(7)); err != nil || size.Size != 7 {
		t.Errorf("%+v %v", size, err)
	}
	for _, statement := range []string{`UPDATE entries SET entry = x'00'`, `DELETE FROM entries`} {
		if _, err := r.db.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	if _, err := r.Journal(ctx, "no such log"); err == nil {
		t.Error("a journal nobody has")
	}
}

// TestBatchThatDisagreesWithItself: its first entry is the next one, its second names another one before it.
func TestBatchThatDisagreesWithItself(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 2, "job-1")
	clone := l.copy()
	l.add(r, 2, "job-2")
	clone.add(r, 2, "job-3")
	if _, err := s.JournalEntries(ctx, wire.JournalEntries{Log: l.signer.Name(), First: 1, Entries: l.entries[:2]}); err != nil {
		t.Fatal(err)
	}
	mixed := wire.JournalEntries{Log: l.signer.Name(), First: 3, Entries: []string{l.entries[2], clone.entries[3]}}
	for range 2 {
		if _, err := s.JournalEntries(ctx, mixed); !errors.Is(err, wire.ProblemJournalBroken) {
			t.Errorf("a mixed batch: %v", err)
		}
	}
	if status := r.journal(l.signer.Name()); status.Entries != 2 || status.Forks != 0 {
		t.Errorf("%+v", status)
	}
	if size, err := s.JournalEntries(ctx, l.from(3)); err != nil || size.Size != 4 {
		t.Errorf("the journal goes on: %+v %v", size, err)
	}
}

func TestFullBatchFits(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, wire.MaxJournalEntries, "job-00000000-0000-4000-8000-000000000000")
	if size, err := s.JournalEntries(context.Background(), l.from(1)); err != nil || size.Size != wire.MaxJournalEntries {
		t.Errorf("%+v %v", size, err)
	}
	l.add(r, wire.MaxJournalEntries+1, "job-1")
	if _, err := s.JournalEntries(context.Background(), l.from(wire.MaxJournalEntries+1)); !errors.Is(err, wire.ProblemBadRequest) {
		t.Error(fmt.Sprint("more than a batch: ", err))
	}
}
