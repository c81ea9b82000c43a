package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/printer/render/worker"
	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// TestMain lets the test binary be run again as the sandboxed renderer.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == worker.Arg {
		os.Exit(worker.Main())
	}
	if err := memory.Harden(); err != nil { // as main does
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// room is everything that a station needs, and real.
type room struct {
	dir     string
	chip    *swtpm.TPM
	central *central.Central
	url     string
	printer *virtual.Printer
	journal *journal.Journal
	pool    *render.Pool
	stop    func() // ends central
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{dir: t.TempDir()}
	var err error
	r.chip, err = swtpm.Start(context.Background(), t.TempDir())
	noError(t, err)
	t.Cleanup(func() { noError(t, r.chip.Stop()) })
	r.startCentral(t)
	r.printer, err = virtual.Start(context.Background(), virtual.Options{TLS: true, Duplex: true})
	noError(t, err)
	t.Cleanup(func() { noError(t, r.printer.Stop()) })
	r.pool, err = render.NewPool(render.Config{Arg: worker.Arg})
	noError(t, err)
	t.Cleanup(func() { noError(t, r.pool.Close()) })
	noError(t, os.WriteFile(r.path("authority.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.central.Authority().Raw}), 0o600))
	noError(t, settings.MakeDataFolder(r.path("data")))
	return r
}

func (r *room) path(name string) string { return filepath.Join(r.dir, name) }

func (r *room) startCentral(t *testing.T) {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(r.chip.CA()) {
		t.Fatal("the TPM's maker has no certificate")
	}
	var err error
	r.central, err = central.New(context.Background(), central.Config{Dir: t.TempDir(), EKRoots: roots})
	noError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	r.url = "https://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	served, ended := make(chan error, 1), false
	go func() { served <- r.central.Serve(ctx, l) }()
	r.stop = func() {
		if stop(); !ended {
			noError(t, <-served)
		}
		ended = true
	}
	t.Cleanup(func() {
		r.stop()
		noError(t, r.central.Close())
	})
}

// enrol makes the data folder a station's, with a journal of one entry.
func (r *room) enrol(t *testing.T) {
	t.Helper()
	device, err := tpm.Open(r.chip.Endpoint())
	noError(t, err)
	t.Cleanup(func() { noError(t, device.Close()) })
	c, err := client.New(client.Config{BaseURL: r.url, Authorities: client.Fixed(r.central.Authority()), Timeout: 10 * time.Second})
	noError(t, err)
	defer c.Close()
	token, err := r.central.Token(context.Background(), "press-1")
	noError(t, err)
	id, err := enrolment.Enrol(context.Background(), c, device, r.central.Authority(), token)
	noError(t, err)
	noError(t, id.Save(r.path("data")))
	keys, err := device.Load(id.Keys)
	noError(t, err)
	config, err := id.Journal(r.path("data"), keys.Log())
	noError(t, err)
	r.journal, err = journal.Open(context.Background(), config)
	noError(t, err)
	t.Cleanup(func() { noError(t, r.journal.Close()) })
	noError(t, r.journal.Record(context.Background(), journal.Access{Action: journal.ActionExport}, journal.OutcomeDone))
}

// look runs the checks. change spoils the settings, nil does not.
func (r *room) look(t *testing.T, change func(*settings.Settings)) map[Name]Check {
	t.Helper()
	s := settings.Default()
	s.DataDir, s.TPM.Endpoint = r.path("data"), r.chip.Endpoint()
	s.Central = settings.Central{URL: r.url, Authority: r.path("authority.pem")}
	s.Printer = settings.Printer{Name: "HP-A", URI: r.printer.URI(), Pin: r.printer.Pin()}
	if change != nil {
		change(&s)
	}
	checks := Run(t.Context(), Config{
		Settings: func() (settings.Settings, error) { return s, nil },
		Journal:  func(context.Context) (Reader, error) { return left{r.journal}, nil },
		Renderer: r.pool, Patience: 5 * time.Second, Now: time.Now,
	})
	all := map[Name]Check{}
	for _, c := range checks {
		if _, twice := all[c.Name]; twice {
			t.Errorf("%s is said twice", c.Name)
		}
		all[c.Name] = c
	}
	return all
}

// left is a journal that stays open.
type left struct{ *journal.Journal }

func (left) Close() error { return nil }
