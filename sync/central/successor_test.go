package central

import (
	"context"
	"errors"
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// TestEntriesOfAFormerJournal: what a station wrote before it enrolled anew, and could not send, is taken
// after that, and countersigned if K_log could still sign it.
func TestEntriesOfAFormerJournal(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	before := r.enrol("press-1")
	l := newLogbook(t, before)
	l.add(r, 3, "job-1")
	if _, err := before.JournalEntries(ctx, l.from(1)); err != nil {
		t.Fatal(err)
	}
	l.add(r, 4, "job-2")
	clone := l.copy()
	l.add(r, 1, "job-3")
	after := r.enrol("press-1")
	if p := after.activation.Predecessor; p == nil || p.Log != l.signer.Name() || p.Size != 3 {
		t.Fatalf("%+v", p)
	}
	for range 2 {
		size, err := after.JournalEntries(ctx, l.from(4))
		if err != nil || size.Size != 8 || size.Log != l.signer.Name() {
			t.Fatalf("%+v %v", size, err)
		}
	}
	signed, err := after.JournalCheckpoint(ctx, l.note())
	if err != nil {
		t.Fatal(err)
	}
	if cp, _, err := checkpoint.OpenCountersigned([]byte(signed.Note), l.signer.Vkey(), r.Witness()); err != nil || cp.Size != 8 {
		t.Errorf("%+v %v", cp, err)
	}
	if status := r.journal(l.signer.Name()); status.Entries != 8 || status.Countersigned != 8 || status.Forks != 0 {
		t.Errorf("%+v", status)
	}
	// Its history is as fixed as any other.
	clone.add(r, 1, "job-4")
	if _, err := after.JournalEntries(ctx, clone.from(8)); !errors.Is(err, wire.ProblemJournalFork) {
		t.Errorf("another history: %v", err)
	}
	// The successor signs its own journal, and not its predecessor's.
	own := newLogbook(t, after)
	own.add(r, 2, "job-5")
	if _, err := after.JournalEntries(ctx, own.from(1)); err != nil {
		t.Errorf("the journal in force: %v", err)
	}
	if _, err := after.JournalCheckpoint(ctx, own.note()); err != nil {
		t.Errorf("its checkpoint: %v", err)
	}
	forged, err := checkpoint.NewStationSigner(l.signer.Name(), after.log)
	r.check(err)
	note, err := forged.Checkpoint(l.chain.Size(), l.chain.Root())
	r.check(err)
	if _, err := after.JournalCheckpoint(ctx, wire.SignedNote{Note: string(note)}); !errors.Is(err, wire.ProblemCheckpointRefused) {
		t.Errorf("the former journal, signed by the new key: %v", err)
	}
}

func TestFormerJournalOfAnotherStation(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	before := r.enrol("press-1")
	l := newLogbook(t, before)
	l.add(r, 1, "job-1")
	r.enrol("press-1")
	other := r.enrol("press-2")
	if _, err := other.JournalEntries(ctx, l.from(1)); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("another station sends it: %v", err)
	}
	if _, err := other.JournalCheckpoint(ctx, l.note()); !errors.Is(err, wire.ProblemCheckpointRefused) {
		t.Errorf("another station has it countersigned: %v", err)
	}
	if _, err := before.JournalEntries(ctx, l.from(1)); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("with the former certificate: %v", err)
	}
	for _, note := range []string{"x", "\n", l.signer.Name() + "\n", "bjet24.example/room/press-1\n1\n"} {
		if _, err := other.JournalCheckpoint(ctx, wire.SignedNote{Note: note}); !errors.Is(err, wire.ProblemCheckpointRefused) {
			t.Errorf("%q: %v", note, err)
		}
	}
}
