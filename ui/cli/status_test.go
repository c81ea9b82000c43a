package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/vault/store"
)

// station is a data folder of an enrolled station, and the settings that name it.
func stationFolder(t *testing.T) (dir, config string) {
	t.Helper()
	home, err := os.MkdirTemp("", "room") // short enough for a socket
	noError(t, err)
	t.Cleanup(func() { noError(t, os.RemoveAll(home)) })
	dir, config = filepath.Join(home, "data"), filepath.Join(home, "settings.toml")
	noError(t, os.Mkdir(dir, 0o700))
	text := fmt.Sprintf("data_dir = %q\n[central]\nurl = \"https://127.0.0.1:1\"\nauthority = \"/nowhere.pem\"\n[printer]\nuri = \"ipp://127.0.0.1:1/ipp/print\"\n", dir)
	noError(t, os.WriteFile(config, []byte(text), 0o600))
	id, err := enrolment.Load("../../sync/enrolment/testdata")
	noError(t, err)
	noError(t, id.Save(dir))
	return dir, config
}

// absent is the era of a TPM that is not there: what status reads needs none.
type absent struct{ store.Eras }

func openStore(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dir, absent{})
	noError(t, err)
	return s
}

func TestStatusOfAStoppedStation(t *testing.T) {
	dir, config := stationFolder(t)
	noError(t, openStore(t, dir).Close())
	r := newRun(t, "en", "")
	want := map[string]any{"station": "press-1", "data_dir": dir, "running": nil, "jobs": map[string]any{}, "outbox": 0.0}
	if d := cmp.Diff(want, r.json(t, 0, "status", "--json", "--config", config)); d != "" {
		t.Error(d)
	}
	r.out.Reset()
	r.wantExit(t, 0, "status", "--config", config)
	if !strings.Contains(r.out.String(), "not running") {
		t.Errorf("it said %q", r.out.String())
	}
}

func TestStatusBesideTheProgram(t *testing.T) {
	dir, config := stationFolder(t)
	s := openStore(t, dir)
	defer func() { noError(t, s.Close()) }()
	sealed := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	snapshot := station.Snapshot{
		Central: station.LampBad, TPM: station.LampOK, Journal: station.LampOK, Printer: station.LampBusy, Waiting: 7,
		Person: &station.Person{Pseudonym: "p1", Name: "Anna Claes"}, SealedAt: sealed, NoDecryption: station.JournalBroken,
		LastFault: &station.Fault{Code: station.CentralDown, Err: errors.New("no route")}, Batch: &station.Batch{Total: 9, Done: 4, Stopped: station.PrinterOff},
	}
	l, err := instance.Listen(dir, instance.Serve{Status: func() any { return Live(snapshot) }})
	noError(t, err)
	defer func() { noError(t, l.Close()) }()
	r := newRun(t, "fr", "")
	want := map[string]any{
		"unlocked": true, "no_decryption": "journal_broken", "fault": "central_down", "waiting": 7.0, "sealed_at": "2026-11-22T12:00:00Z",
		"lamps": map[string]any{"central": "bad", "tpm": "ok", "journal": "ok", "printer": "busy"},
		"batch": map[string]any{"total": 9.0, "done": 4.0, "stopped": "printer_off"},
	}
	if d := cmp.Diff(want, r.json(t, 0, "status", "--json", "--config", config)["running"]); d != "" {
		t.Error(d)
	}
	r.out.Reset()
	r.wantExit(t, 0, "status", "--config", config)
	for _, part := range []string{"press-1", "4 / 9", "2026-11-22T12:00:00Z", r.Texts.Say("cli.status.running.unlocked")} {
		if !strings.Contains(r.out.String(), part) {
			t.Errorf("it said %q, want %q in it", r.out.String(), part)
		}
	}
	if strings.Contains(r.out.String(), "Anna") {
		t.Error("it names who is at work")
	}
}

func TestStatusWithoutAStation(t *testing.T) {
	dir, config := stationFolder(t)
	r := newRun(t, "en", "")
	r.wantExit(t, 1, "status", "--config", config) // never started: no store yet
	noError(t, os.Remove(filepath.Join(dir, "identity.json")))
	r.wantExit(t, 1, "status", "--config", config)
	r.wantSaid(t, r.Texts.Say("fault.not_enrolled.what"))
	r.wantExit(t, 1, "status", "--config", filepath.Join(dir, "none.toml"))
	r.wantSaid(t, r.Texts.Say("fault.settings.what"), "none.toml")
}
