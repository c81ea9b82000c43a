//go:build window

package room

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"espero-soft.com/printroom/vault/journal/verify"
)

// TestWindowBrokenJournal is a supervisor at a station whose journal somebody
// changed: no letter is opened, and in the window the journal is read, verified
// and taken out, a letter is cancelled and another erased. What leaves the
// station tells where it was changed.
func TestWindowBrokenJournal(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	r, heard := openRoom(t, Options{Letters: 2, PINs: Everybody()})
	first := work(t, r)
	do(t, first, "claim")
	do(t, first, "push")
	quit(t, first)
	letters := keptLetters(t, r)
	changed := changeEntry(t, r)
	w := openWindow(t, r, heard)
	w.unlock("2", PIN("p2"))
	awaitWritten(t, r, "unlock p2 done", 1)
	w.try("the journal is open", w.has(r, "review p2 done opened"), "ctrl+4")
	w.try("the break is found", w.has(r, "review p2 failed verify"), "F8")
	w.try("the journal is taken out", w.has(r, "export p2 done unsealed"), "Escape", "Escape", "ctrl+e", "End", "Tab", "Tab", "space", "Tab", "Return")

	for i, order := range []func() error{
		func() error { return r.Central.Cancel(t.Context(), letters[0].ID) },
		func() error { return r.Central.Erase(t.Context(), letters[1].ID) },
	} {
		if err := order(); err != nil {
			t.Fatal(err)
		}
		await(t, fmt.Sprintf("order %d is followed", i), func() bool { return hasAbout(t, r, []string{"cancel", "erase"}[i], letters[i].ID) })
	}
	w.press("ctrl+1", "ctrl+p")
	w.quit()
	for _, e := range written(t, r) {
		if slices.Contains([]string{"print", "preview", "open"}, e.Action) && e.Outcome != "refused" {
			t.Errorf("a letter was opened: %+v", e)
		}
	}
	checkBroken(t, only(t, home, "whole-journal-*.jsonl"), changed)
}

// hasAbout tells whether an access to a letter was done.
func hasAbout(t *testing.T, r *Room, action, object string) bool {
	t.Helper()
	return slices.ContainsFunc(written(t, r), func(e entry) bool {
		return e.Action == action && e.Object == object && e.Outcome == "done"
	})
}

// changeEntry gives an access of an operator to somebody else, as who controls the
// disk could, and tells which one.
func changeEntry(t *testing.T, r *Room) (sequence int64) {
	t.Helper()
	for _, e := range written(t, r) {
		if e.Actor == "p1" && sequence == 0 {
			sequence = e.Sequence
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(r.Data, "journal", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `DROP TRIGGER entry_update`)
	if err == nil {
		_, err = db.ExecContext(t.Context(), `UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '"p1"', '"p3"') AS BLOB) WHERE sequence = ?`, sequence)
	}
	if err := errors.Join(err, db.Close()); err != nil || sequence == 0 {
		t.Fatalf("entry %d: %v", sequence, err)
	}
	return sequence
}

// checkBroken wants an export refused for one entry, or the one after it.
func checkBroken(t *testing.T, path string, changed int64) {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(path, ".jsonl") + ".vkey")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := verify.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	report, _ := verify.Export(f, keys, verify.Options{})
	if report.OK || report.Fault == nil || report.Fault.Sequence != changed && report.Fault.Sequence != changed+1 {
		t.Errorf("entry %d was changed, the export says %+v", changed, report.Fault)
	}
}
