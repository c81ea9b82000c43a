//go:build window

package room

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal/verify"
)

// TestWindowJournal is a supervisor who reads the journal of an operator's
// morning: a letter's accesses, one access with its proof, the whole chain, and
// a report in each format. The files are checked, and so is what the journal
// says of who read it.
func TestWindowJournal(t *testing.T) {
	home := t.TempDir() // where reports go when nobody says where
	t.Setenv("HOME", home)
	r, heard := openRoom(t, Options{Letters: 2, PINs: Everybody()})
	piece := morning(t, r)
	w := openWindow(t, r, heard)
	w.unlock("2", PIN("p2"))
	awaitWritten(t, r, "unlock p2 done", 1)
	w.try("the journal is open", w.has(r, "review p2 done opened"), "ctrl+4")
	letter := query(t, stationDB(r), `SELECT job FROM attempts WHERE code = ?`, piece)[0][0]
	w.scan(piece)
	if e := awaitWritten(t, r, "review p2 done filter_letter", 1); e.Object != letter {
		t.Errorf("the accesses to %s were read, want those to %s", e.Object, letter)
	}
	w.try("an access was read", w.has(r, "review p2 done entry"), "ctrl+t", "Home", "Return")
	w.try("the journal was verified", w.has(r, "review p2 done verify"), "Escape", "F8")

	w.press("Escape", "ctrl+e", "Home", "Right", "Tab", "ctrl+a")
	w.write("accesses.csv")
	w.try("a table is saved", w.has(r, "export p2 done csv"), "Return")
	w.try("data is saved", w.has(r, "export p2 done json"), "Escape", "ctrl+e", "Home", "Right", "Right", "Tab", "Return")
	w.try("a paper is saved", w.has(r, "export p2 done pdf"), "Escape", "ctrl+e", "Home", "Tab", "Return")
	w.try("the journal itself is saved", w.has(r, "export p2 done"), "Escape", "ctrl+e", "End", "Tab", "Tab", "Tab", "Return")
	w.quit()

	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if report, err := readExport(out); err != nil || !report.OK {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	var read []string
	for _, e := range exported(t, out) {
		if e.Actor == "p2" && e.Action != "counter" { // in its own time
			read = append(read, e.String())
		}
	}
	want := []string{"pin_set p2 done", "unlock p2 done", "review p2 done opened", "review p2 done filter_letter", "review p2 done entry",
		"review p2 done verify", "export p2 done csv", "export p2 done json", "export p2 done pdf", "export p2 done", "lock p2 done"}
	if diff := cmp.Diff(want, slices.Compact(read)); diff != "" {
		t.Errorf("what the journal says of its reader: %s", diff)
	}
	checkReports(t, home, out, letter)
	checkWhole(t, only(t, home, "whole-journal-*.jsonl"), out)
}

// checkWhole verifies the journal that was saved, with keys from elsewhere.
func checkWhole(t *testing.T, path, keys string) {
	t.Helper()
	out := t.TempDir()
	for from, to := range map[string]string{path: "journal.jsonl", filepath.Join(keys, "journal.vkey"): "journal.vkey"} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(out, to), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if report, err := readExport(out); err != nil || !report.OK || report.Entries == 0 {
		t.Errorf("the journal that was saved: %+v, %v", report, err)
	}
}

// morning is an operator at work without the window: two letters into their
// envelopes. It returns the code on the first one's paper.
func morning(t *testing.T, r *Room) string {
	t.Helper()
	a := work(t, r)
	do(t, a, "claim")
	for range 2 {
		do(t, a, "print")
	}
	pieces, err := r.Pieces(t.Context(), "")
	if err != nil || len(pieces) != 2 {
		t.Fatalf("%d pieces came out, %v", len(pieces), err)
	}
	for _, p := range pieces {
		do(t, a, "%s", p.Attempt)
	}
	do(t, a, "push")
	quit(t, a)
	return string(pieces[0].Attempt)
}

// checkReports reads the three files in a folder: each is signed, and lists the
// accesses to one letter.
func checkReports(t *testing.T, folder, keys, letter string) {
	t.Helper()
	want := []string{"p1 fetch " + letter + " done", "p1 print " + letter + " done", "p1 envelope " + letter + " done", "p2 review " + letter + " done"}
	table, err := csv.NewReader(strings.NewReader(signedFile(t, filepath.Join(folder, "accesses.csv"), keys))).ReadAll()
	if err != nil || len(table) == 0 {
		t.Fatalf("the table has %d lines, %v", len(table), err)
	}
	var listed []string
	for _, row := range table[1:] { // sequence, time, actor, action, object, attempt, pages, reason, outcome
		listed = append(listed, strings.Join([]string{row[2], row[3], row[4], row[8]}, " "))
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the table: %s", diff)
	}
	var data struct {
		Filter   struct{ Object string }
		Accesses []struct{ Actor, Action, Object, Outcome string }
	}
	if err := json.Unmarshal([]byte(signedFile(t, only(t, folder, "journal-*.json"), keys)), &data); err != nil {
		t.Fatal(err)
	}
	listed = nil
	for _, a := range data.Accesses {
		listed = append(listed, strings.Join([]string{a.Actor, a.Action, a.Object, a.Outcome}, " "))
	}
	if diff := cmp.Diff(want, listed); diff != "" || data.Filter.Object != letter {
		t.Errorf("the data is of %s: %s", data.Filter.Object, diff)
	}
	paper := only(t, folder, "journal-*.pdf")
	signedFile(t, paper, keys)
	text, err := exec.CommandContext(t.Context(), "pdftotext", paper, "-").Output()
	if err != nil || !strings.Contains(string(text), letter) {
		t.Errorf("the paper does not name the letter, %v: %s", err, text)
	}
}

// only is the one file that fits a pattern.
func only(t *testing.T, folder, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files are %s, %v", len(found), pattern, err)
	}
	return found[0]
}

// signedFile reads a report that has to be the one that its note was signed for.
func signedFile(t *testing.T, path, keys string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keys, "journal.vkey"))
	if err != nil {
		t.Fatal(err)
	}
	who, err := verify.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(path + ".note")
	if err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify.File(strings.NewReader(string(report)), note, who); err != nil {
		t.Errorf("%s: %v", filepath.Base(path), err)
	}
	return string(report)
}
