package room

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/vault/store"
)

// refused starts the program and wants it to end with a fault.
func refused(t *testing.T, r *Room, said *complaints, pin, fault string) {
	t.Helper()
	w, err := r.Work(t.Context(), "p1", pin)
	if err == nil {
		t.Fatalf("the program works, want it to refuse with %s: %v", fault, w.Quit())
	}
	if !strings.Contains(said.String(), "("+fault+":") {
		t.Errorf("it said %q, want the fault %s", said, fault)
	}
	if lines := strings.Count(said.String(), "\n"); lines < 4 {
		t.Errorf("it said %q: want what happened, what it means and what to do", said)
	}
}

func fails(t *testing.T, w *Worker, instruction, fault string) {
	t.Helper()
	a, err := w.Do("%s", instruction)
	if err == nil || a.Fault != fault {
		t.Errorf("%s: %+v, want the fault %s", instruction, a, fault)
	}
}

func quit(t *testing.T, w *Worker) {
	t.Helper()
	if err := w.Quit(); err != nil {
		t.Error(err)
	}
}

func TestWrongPIN(t *testing.T) {
	r, said := openRoom(t, Options{})
	refused(t, r, said, "000000", "wrong_pin")
	quit(t, work(t, r)) // one wrong PIN locks nobody out
}

func TestNoTPM(t *testing.T) {
	r, said := openRoom(t, Options{})
	if err := r.TPM.Stop(); err != nil {
		t.Fatal(err)
	}
	refused(t, r, said, PIN("p1"), "tpm_missing")
}

func TestCentralDown(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	fails(t, w, "claim", "central_down")
	if err := r.StartCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := do(t, w, "claim"); a.Ready != 1 {
		t.Errorf("%d letters are ready, want 1", a.Ready)
	}
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	do(t, w, "print") // what is here can be printed without central
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v, want the letter DEVICE_DONE", got)
	}
	quit(t, w)
	if err := r.StartCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
	w = work(t, r)
	do(t, w, "push")
	quit(t, w)
	if l, err := r.Central.Ledger(t.Context()); err != nil || l.Printed != 1 {
		t.Errorf("central's ledger: %+v, %v; want what happened offline in it", l, err)
	}
}

func TestWrongCertificate(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	other, _ := openRoom(t, Options{})
	text, err := os.ReadFile(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	// Another room's central, where ours is expected.
	changed := strings.Replace(string(text), r.address, other.address, 1)
	if err := os.WriteFile(r.Config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := r.Work(t.Context(), "p1", PIN("p1"))
	if err == nil {
		fails(t, w, "claim", "certificate")
		quit(t, w)
		return
	}
	// Nobody is known here yet, and a stranger's word on who may unlock is not taken.
	if !strings.Contains(err.Error(), "the program ended") {
		t.Error(err)
	}
}

func TestBadDocumentsAreHeld(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1, Defects: []mail.Defect{mail.Corrupt, mail.Encrypted, mail.PageCount}})
	w := work(t, r)
	do(t, w, "claim")
	for range 4 {
		do(t, w, "print")
	}
	holds := map[string]int{}
	for _, j := range do(t, w, "status").Jobs {
		holds[j.State+" "+j.Hold]++
	}
	for _, want := range []string{"DEVICE_DONE ", "HELD document_corrupt", "HELD document_encrypted", "HELD page_count"} {
		if holds[want] != 1 {
			t.Errorf("%v: want one %q", holds, want)
		}
	}
	do(t, w, "push")
	quit(t, w)
	if l, err := r.Central.Ledger(t.Context()); err != nil || l.Rejected != 3 {
		t.Errorf("central's ledger: %+v, %v; want 3 rejected", l, err)
	}
	if n := len(r.Printer.Printed()); n != 1 {
		t.Errorf("%d letters came out, want the good one", n)
	}
}

func TestPrinterOff(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	if err := r.Printer.PowerOff(); err != nil {
		t.Fatal(err)
	}
	w := work(t, r)
	do(t, w, "claim")
	fails(t, w, "print", "printer_off")
	if got := states(t, w); got[store.Ready] != 1 {
		t.Errorf("%v, want the letter READY", got)
	}
	if err := r.Printer.PowerOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v, want the letter DEVICE_DONE", got)
	}
	quit(t, w)
}

// TestDiskFull runs the program on a data folder in a small file system of its
// own, fills that up while it works, and frees it again.
func TestDiskFull(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r) // everybody is known after this
	do(t, w, "claim")
	quit(t, w)

	signs := t.TempDir()
	seed := r.Data + ".seed"
	if err := os.Rename(r.Data, seed); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(r.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATA", r.Data)
	t.Setenv("SEED", seed)
	t.Setenv("SIGNS", signs)
	r.Options.Wrap = append(ownMounts(), "sh", "-c", smallDisk, "sh")
	w = work(t, r)
	turn(t, signs, "fill")
	fails(t, w, "print", "disk_full")
	if got := states(t, w); got[store.Ready] != 2 {
		t.Errorf("%v, want both letters READY", got)
	}
	if n := len(r.Printer.Printed()); n != 0 {
		t.Errorf("%d letters came out although nothing could be journaled", n)
	}
	turn(t, signs, "free")
	for range 2 {
		do(t, w, "print")
	}
	if got := states(t, w); got[store.DeviceDone] != 2 {
		t.Errorf("%v, want both letters DEVICE_DONE", got)
	}
	quit(t, w)
}

// smallDisk runs a command on a data folder of 14 MB, of which the journal keeps 8
// in reserve. It fills and frees it when it is given the signs to.
const smallDisk = `mount -t tmpfs -o size=14m,mode=0700 tmpfs "$DATA" && cp -a "$SEED/." "$DATA" || exit 9
await() { n=0; while [ ! -e "$SIGNS/$1" ] && [ $n -lt 600 ]; do n=$((n + 1)); sleep 0.1; done; }
(
	await fill; head -c 64m /dev/zero >"$DATA/ballast" 2>/dev/null; touch "$SIGNS/fill.done"
	await free; rm "$DATA/ballast"; touch "$SIGNS/free.done"
) </dev/null >/dev/null &
"$@"`

// ownMounts gives a command mounts of its own: root may have them, others with
// a user namespace.
func ownMounts() []string {
	if os.Geteuid() == 0 {
		return []string{"unshare", "--mount"}
	}
	return []string{"unshare", "--user", "--map-root-user", "--mount"}
}

// turn gives a sign and waits until it was followed.
func turn(t *testing.T, signs, sign string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(signs, sign), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(signs, sign+".done")); err == nil {
			return
		}
	}
	t.Fatalf("the sign %q was not followed", sign)
}

// TestOldEntryChanged: the start reads the journal from its last seal on; what was changed before is found
// in the background, and nothing is opened from then on.
func TestOldEntryChanged(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	quit(t, work(t, r)) // its start has read the entries of before, and kept their hashes
	db, err := sql.Open("sqlite", filepath.Join(r.Data, "journal", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `DROP TRIGGER entry_update;
		UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '"p1"', '"p2"') AS BLOB)
		WHERE sequence = (SELECT min(sequence) FROM entry WHERE CAST(bytes AS TEXT) LIKE '%"p1"%')`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	w = work(t, r)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		log, err := os.ReadFile(filepath.Join(r.Data, "log", "printroom.log"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(log), `"part":"journal","ok":false,"code":"journal_broken"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("nobody noticed:\n%s", log)
		}
	}
	fails(t, w, "print", "journal_broken")
	quit(t, w)
}

func TestSettingsThatLack(t *testing.T) {
	config := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(config, []byte(fmt.Sprintf("data_dir = %q\n", t.TempDir())), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), program, "--config", config, "journal", "export", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "central.url, central.authority, printer.uri") {
		t.Errorf("%v: %s", err, said)
	}
}
