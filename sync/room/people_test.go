package room

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not so after 20 seconds", what)
		}
	}
}

// has tells whether the station's journal has an entry that reads so.
func has(t *testing.T, r *Room, line string) bool {
	t.Helper()
	for _, e := range written(t, r) {
		if e.String() == line {
			return true
		}
	}
	return false
}

// TestPersonLeaves: whoever central lets go is locked out where they stand, and
// their place in the TPM is empty.
func TestPersonLeaves(t *testing.T) {
	r, said := openRoom(t, Options{Letters: 1, PINs: []string{"p1", "p2"}})
	w := work(t, r)
	do(t, w, "claim")
	if err := r.Central.RemovePerson(t.Context(), "p1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "p1 is locked out", func() bool { return has(t, r, "lock p1 done") })
	fails(t, w, "print", "locked")
	quit(t, w)
	refused(t, r, said, PIN("p1"), "wrong_pin")
	w, err := r.Work(t.Context(), "p2", PIN("p2"))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v, want the letter printed by the other person", got)
	}
	quit(t, w)
	if !has(t, r, "person_removed done p1") && !has(t, r, "person_removed done") {
		t.Error("no entry tells of the leave")
	}
}

// TestStationRevoked: a revoked station does nothing more, and its letters go to others.
func TestStationRevoked(t *testing.T) {
	r, said := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	if err := r.Central.Revoke(t.Context(), Station); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the station knows", func() bool {
		a, err := w.Do("print")
		return err != nil && (a.Fault == "revoked" || a.Fault == "locked")
	})
	_ = w.Quit() // what it has to tell is not taken any more
	refused(t, r, said, PIN("p1"), "revoked")
	if n := len(r.Printer.Printed()); n != 0 {
		t.Errorf("%d letters came out", n)
	}
	if l, err := r.Central.Ledger(t.Context()); err != nil || l.Waiting != 2 {
		t.Errorf("central's ledger: %+v, %v; want both letters waiting", l, err)
	}
}

// TestYesterdaysFolder: a data folder that was put back opens nothing, although
// nothing in it is wrong and central is away.
func TestYesterdaysFolder(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	yesterday := filepath.Join(t.TempDir(), "yesterday")
	if err := errors.Join(os.CopyFS(yesterday, os.DirFS(r.Data)), os.Chmod(yesterday, 0o700)); err != nil {
		t.Fatal(err)
	}
	w = work(t, r)
	do(t, w, "print")
	quit(t, w)
	if err := errors.Join(r.StopCentral(), os.RemoveAll(r.Data), os.Rename(yesterday, r.Data)); err != nil {
		t.Fatal(err)
	}
	w = work(t, r)
	fails(t, w, "print", "journal_old")
	quit(t, w)
	if n := len(r.Printer.Printed()); n != 1 {
		t.Errorf("%d letters came out, want the one of before", n)
	}
}

// TestTPMCleared: the TPM is cleared while central is away and something is yet
// to be told. The program says so; enrolled again, it has lost nothing.
func TestTPMCleared(t *testing.T) {
	r, said := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	do(t, w, "print")
	quit(t, w)
	clearTPM(t, r)
	refused(t, r, said, PIN("p1"), "tpm_cleared")

	if err := r.StartCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.enrol(t.Context(), "--again"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if err := r.SetPIN(t.Context(), "p1", PIN("p1")); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	w = work(t, r)
	do(t, w, "push")
	if l, err := r.Central.Ledger(t.Context()); err != nil || l.Printed != 1 {
		t.Errorf("central's ledger: %+v, %v; want what was printed before in it", l, err)
	}
	eventually(t, "the other letter is leased anew", func() bool {
		_, err := w.Do("claim")
		return err == nil && states(t, w)[store.Ready] == 1
	})
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 2 {
		t.Errorf("%v, want both letters DEVICE_DONE", got)
	}
	do(t, w, "push")
	quit(t, w)
	if n := len(r.Printer.Printed()); n != 2 {
		t.Errorf("%d letters came out, want 2", n)
	}
	checkLogs(t, r)
}

// checkLogs wants both journals whole at central: the one of before as far as it
// was written, and the one that goes on.
func checkLogs(t *testing.T, r *Room) {
	t.Helper()
	first, err := r.Central.Journal(t.Context(), "bjet24.example/room/"+Station)
	if err != nil {
		t.Fatal(err)
	}
	before := query(t, filepath.Join(r.Data, "journal-1", "journal.db"), "SELECT max(sequence) FROM entry")[0][0]
	if have := first.Entries; before == "" || before != strconv.FormatInt(have, 10) {
		t.Errorf("central has %d entries of the first journal, the station wrote %s", have, before)
	}
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if report, err := readExport(out); err != nil || !report.OK || report.Predecessor == "" {
		t.Errorf("the journal that goes on: %+v, %v", report, err)
	}
	exports, keys, _, err := r.Central.ExportStation(t.Context(), Station, t.TempDir(), false)
	if err != nil || len(exports) != 2 {
		t.Fatalf("%v: %v", exports, err)
	}
	if code, said := checker.verify(t, append([]string{"--keys", keys[0], "--keys", keys[1]}, exports...)...); code != 0 {
		t.Errorf("both journals, as central has them: %d, %s", code, said)
	}
	noAlarm(t, r)
	checkTakenOut(t, r)
}

// clearTPM is what a firmware's "clear TPM" does.
func clearTPM(t *testing.T, r *Room) {
	t.Helper()
	link, err := tpm.Dial(r.TPM.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = link.Close() }()
	lockout := tpm2.AuthHandle{Handle: tpm2.TPMRHLockout, Auth: tpm2.PasswordAuth(nil)}
	if _, err := (tpm2.Clear{AuthHandle: lockout}).Execute(link); err != nil {
		t.Fatal(err)
	}
}
