package room

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"espero-soft.com/printroom/sync/wire"
)

// asPair runs the program for a supervisor and an admin, each with a descriptor for the PIN.
func asPair(t *testing.T, r *Room, first, second string, args ...string) (string, error) {
	t.Helper()
	args = append(args, "--person", "p2", "--pin-fd", "3", "--second", "p3", "--second-pin-fd", "4")
	cmd, err := r.command(t.Context(), first, args...)
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(write, second+"\n")
	if err := errors.Join(err, write.Close()); err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, read)
	said := new(strings.Builder)
	cmd.Stderr = said
	err = cmd.Run()
	return said.String(), errors.Join(err, closePIN(cmd))
}

// TestTwoPeople: where central's policy wants two people for the journal's
// export, one gets nothing, nor do two with one PIN; the journal names both. An
// operator never gets it.
func TestTwoPeople(t *testing.T) {
	r, said := openRoom(t, Options{PINs: []string{"p1", "p2", "p3"}})
	quit(t, work(t, r)) // what it wrote is countersigned
	alone, err := r.command(t.Context(), PIN("p1"), "journal", "export", t.TempDir(), "--person", "p1", "--pin-fd", "3")
	if err != nil {
		t.Fatal(err)
	}
	operator := new(strings.Builder)
	alone.Stderr = operator
	if err := errors.Join(alone.Run(), closePIN(alone)); err == nil || !strings.Contains(operator.String(), "(not_permitted:") {
		t.Errorf("an operator: %v: %s", err, operator)
	}
	policy := wire.DefaultPolicy()
	policy.SecondPerson = append(policy.SecondPerson, wire.ActJournalExport)
	if err := r.Central.SetPolicy(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	// The station hears of it a moment after its start.
	eventually(t, "one alone is refused", func() bool { return r.Export(t.Context(), t.TempDir()) != nil })
	if !strings.Contains(said.String(), "(second_person:") {
		t.Errorf("alone: %s", said)
	}
	if said, err := asPair(t, r, PIN("p2"), PIN("p2"), "journal", "export", t.TempDir()); err == nil || !strings.Contains(said, "(wrong_pin:") {
		t.Errorf("with the first one's PIN for the second: %v: %s", err, said)
	}
	out := t.TempDir()
	if said, err := asPair(t, r, PIN("p2"), PIN("p3"), "journal", "export", out); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if report, err := readExport(out); err != nil || !report.OK {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	for _, want := range []string{"export p1 refused not_permitted", "approve p3 failed wrong_pin", "approve p3 done journal_export", "export p2 done"} {
		if !has(t, r, want) {
			t.Errorf("the journal has no entry %q", want)
		}
	}
}
