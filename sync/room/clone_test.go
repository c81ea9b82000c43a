package room

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// A verifier is printroom-verify, built when it is first wanted.
type verifier struct {
	once sync.Once
	path string
	err  error
}

var checker verifier

// verify runs printroom-verify and gives its exit code and what it wrote.
func (v *verifier) verify(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	v.once.Do(func() {
		v.path = filepath.Join(filepath.Dir(program), "printroom-verify")
		build := exec.Command("go", "build", "-o", v.path, "espero-soft.com/printroom/vault/journal/verify/printroom-verify")
		build.Stderr = os.Stderr
		v.err = build.Run()
	})
	if v.err != nil {
		t.Fatal(v.err)
	}
	cmd := exec.Command(v.path, args...)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// clone copies a room's station, its disk and its TPM, while it is off.
func clone(t *testing.T, r *Room) *Room {
	t.Helper()
	if err := r.TPM.Stop(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &Room{
		Options: r.Options, Central: r.Central, Printer: r.Printer, looked: map[string]Piece{}, address: r.address,
		Config: filepath.Join(dir, "settings.toml"), Data: filepath.Join(dir, "data"),
	}
	c.Options.Dir = dir
	var err error
	for from, to := range map[string]string{r.Data: c.Data, r.tpmDir(): c.tpmDir()} {
		err = errors.Join(err, os.CopyFS(to, os.DirFS(from)), os.Chmod(to, 0o700))
	}
	authority, readErr := os.ReadFile(r.authorityPath())
	if err := errors.Join(err, readErr, os.WriteFile(c.authorityPath(), authority, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, room := range []*Room{r, c} {
		if room.TPM, err = swtpm.Start(t.Context(), room.tpmDir()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = c.TPM.Stop() })
	if err := c.configure(c.printerURI()); err != nil {
		t.Fatal(err)
	}
	return c
}

// alarmOf is the open alarm of a kind, if there is one.
func alarmOf(t *testing.T, r *Room, kind central.AlarmKind) (central.Alarm, bool) {
	t.Helper()
	all, err := r.Central.Alarms(t.Context(), central.AlarmFilter{Kind: kind, Open: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return central.Alarm{}, false
	}
	return all[0], true
}

// TestClonedStation: somebody copies the data folder and the TPM, and both
// stations sync. Central refuses the second history and keeps it; neither station
// gets letters or opens one until a person decides.
func TestClonedStation(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 3})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	c := clone(t, r)

	w = work(t, r)
	do(t, w, "print")
	do(t, w, "push")
	thief := work(t, c)
	fails(t, thief, "push", "journal_fork")
	fails(t, thief, "claim", "journal_fork")
	fails(t, thief, "print", "journal_fork")
	eventually(t, "the first one is told", func() bool {
		a, err := w.Do("claim")
		return err != nil && a.Fault == "journal_fork"
	})
	eventually(t, "its status says so", func() bool { // by central's notice, not by the claim
		_, out, _ := said(t, r, "", "status", "--json")
		running, _ := decoded(t, out)["running"].(map[string]any)
		return running["no_decryption"] == "journal_fork"
	})
	printed := len(r.Printer.Printed())
	_ = thief.Quit() // what it has to tell is not taken
	if n := states(t, w)[store.DeviceDone]; n != printed || printed == 0 {
		t.Errorf("%d letters came out, %d at the first station", printed, n)
	}
	alarm, open := alarmOf(t, r, central.AlarmFork)
	if !open || alarm.Station != Station {
		t.Fatalf("%+v", alarm)
	}
	evidence(t, r, alarm)

	if err := r.Central.Resolve(t.Context(), Station, "p2", "incident"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first one goes on", func() bool {
		_, err := w.Do("claim")
		return err == nil
	})
	quit(t, w)
}

// evidence exports a fork, and has printroom-verify look at both histories.
func evidence(t *testing.T, r *Room, alarm central.Alarm) {
	t.Helper()
	dir := t.TempDir()
	files, err := r.Central.ExportFork(t.Context(), alarm.Log, dir)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other-1.jsonl")
	keys := filepath.Join(dir, "journal.vkey")
	for _, name := range []string{filepath.Join(dir, "held.jsonl"), other} {
		if code, out := checker.verify(t, "--keys", keys, "--allow-unsealed", name); code != 0 {
			t.Errorf("%s of %v: %d, %s", filepath.Base(name), files, code, out)
		}
	}
	if code, out := checker.verify(t, "--keys", keys, other); code != 3 {
		t.Errorf("what the copy wrote passes as sealed: %d, %s", code, out)
	}
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(text), "\n"); !strings.Contains(lines[len(lines)-2], alarm.Log) || !strings.Contains(string(text), `"checkpoint"`) {
		t.Errorf("the copy's history is %s", text)
	}
}
