package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPeek looks beside the program that has the store, and after it.
func TestPeek(t *testing.T) {
	s := filled(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Messages: []Message{{ID: "m1", Kind: EventMessage, Body: []byte("{}")}}}))
	want := Glance{Jobs: map[State]int{Ready: 1, Held: 1}, Outbox: 1}
	for _, when := range []string{"while it is open", "when it is closed"} {
		got, err := Peek(t.Context(), s.dir)
		check(t, err)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", when, d)
		}
		check(t, s.Close()) // twice is fine
	}
	open(t, s.dir) // it left nothing locked
}

func TestPeekAtNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := Peek(t.Context(), dir); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) != 0 {
		t.Errorf("it made %v, %v", found, err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "station.db"))
	check(t, err)
	_, err = db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	check(t, errors.Join(err, db.Close()))
	if _, err := Peek(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
}
