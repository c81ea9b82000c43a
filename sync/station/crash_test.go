package station

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// TestAnIntentThatIsNotStoredOpensNothing: the journal's file takes everything but
// intents. A preview does not even ask K_doc, nothing is shown, the printer gets no
// byte, and what opens nothing goes on.
func TestAnIntentThatIsNotStoredOpensNothing(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "journal", "journal.db"))
	r.check(err)
	_, err = db.Exec(`CREATE TRIGGER no_intents BEFORE INSERT ON entry WHEN instr(CAST(NEW.bytes AS TEXT), '"outcome"') = 0
		BEGIN SELECT RAISE(ABORT, 'not stored'); END`)
	r.check(errors.Join(err, db.Close()))

	before := r.tpm.used
	shown := 0
	if err := r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { shown++; return nil }); err == nil || shown > 0 {
		t.Errorf("%d pages were shown, and %v", shown, err)
	}
	if err := r.PrintBatch(t.Context(), ids); err == nil || r.printer.printed() > 0 {
		t.Errorf("%d letters were printed, and %v", r.printer.printed(), err)
	}
	if r.tpm.used != before {
		t.Errorf("K_doc was used %d times", r.tpm.used-before)
	}
	r.order(order("cancel", ids[0]))
	r.check(r.Lock(t.Context()))
	if _, err := r.journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if open, err := r.journal.OpenIntents(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("open intents %v, %v", open, err)
	}
}

// TestKilledBetweenIntentAndOpening ends the program when K_doc is asked for the
// first time: the intents, of the letter and of its claim's key, are stored and
// nothing is opened yet. Afterwards nobody can know, and so it says: accesses
// without a result.
func TestKilledBetweenIntentAndOpening(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	left := filepath.Join(t.TempDir(), "left")
	var told error
	r.tpm.before = func(string) {
		if r.tpm.before = nil; told == nil {
			told = os.CopyFS(left, os.DirFS(r.dir)) // what a kill leaves here
		}
	}
	r.check(r.Preview(t.Context(), ids[0], []int{0}, func(PreviewPage) error { return nil }))
	r.check(told)
	if _, err := os.Stat(left); err != nil {
		t.Fatalf("K_doc was not asked: %v", err)
	}
	r.stop()
	r.dir = left
	r.start()

	open, err := r.journal.OpenIntents(t.Context())
	r.check(err)
	if len(open) != 2 || open[1].Action != string(journal.ActionOpen) {
		t.Fatalf("open intents %+v, want those of the letter and of its claim's key", open)
	}
	rows, err := r.journal.About(t.Context(), ids[0])
	r.check(err)
	found := false
	for _, row := range rows {
		if row.Sequence == open[0].Sequence {
			found = row.Action == journal.ActionPreview && row.Outcome == "" && row.Result == 0
		}
	}
	if !found {
		t.Errorf("intent %d is not shown as an access that possibly occurred: %+v", open[0].Sequence, rows)
	}
	if b := r.journal.Status().Broken; b != nil {
		t.Error(b)
	}
	if got := r.state(ids[0]); got != store.Ready {
		t.Errorf("the letter is %s", got)
	}
}
