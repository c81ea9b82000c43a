// Command printroom is the desktop application of Bjet24's print rooms: it
// pulls paid letters, opens them with keys sealed in the workstation's TPM,
// prints them, captures the proof of drop-off, and keeps an access journal.
//
// Without arguments it opens the window; with a command it does without; run
// again by itself, it is the sandboxed renderer. This file builds the parts and
// joins them; it decides nothing.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/printer/render/worker"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/pull"
	"espero-soft.com/printroom/sync/push"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui"
	"espero-soft.com/printroom/ui/cli"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/techlog"
	"espero-soft.com/printroom/vault/tpm"
)

// workerArgument is what the renderer's parent gives its worker processes.
const workerArgument = "render-worker"

func main() {
	if len(os.Args) == 2 && os.Args[1] == workerArgument {
		os.Exit(worker.Main())
	}
	if err := memory.Harden(); err != nil {
		fmt.Fprintln(os.Stderr, "printroom: this process could not be closed to others:", err)
		os.Exit(1)
	}
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		fmt.Fprintln(os.Stderr, "printroom:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := &cli.Program{
		Version: settings.Version, Texts: texts.In(os.Getenv("LANGUAGE")), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Window: window, Enrol: enrol,
		Open: func(ctx context.Context, config string) (cli.Room, error) { return open(ctx, config) },
	}
	code := program.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// window runs the program in its window.
func window(ctx context.Context, config string) (err error) {
	r, err := open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return ui.Run(ctx, ui.Config{Station: r, Language: r.settings.Language, Idle: r.settings.IdleLock})
}

// room is a station with everything around it at work.
type room struct {
	*station.Station
	*pull.Puller
	*push.Pusher
	settings settings.Settings
	journal  *journal.Journal

	stop    context.CancelFunc
	loops   sync.WaitGroup
	closers []func() error // undone from the last to the first
}

// open puts the room together. What is missing for a moment (central, the
// printer, the TPM) is no error here: the room says so by its lamps, and opens
// no letter meanwhile.
func open(ctx context.Context, config string) (_ *room, err error) {
	r := new(room)
	if r.settings, err = load(config); err != nil {
		return nil, err
	}
	id, err := enrolment.Load(r.settings.DataDir)
	if errors.Is(err, enrolment.ErrNotEnrolled) {
		return nil, fmt.Errorf("%w; an admin makes it a station with: printroom enrol --token-file FILE", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.release())
		}
	}()
	if err := r.assemble(ctx, id); err != nil {
		return nil, err
	}
	if known, err := r.People(ctx); err == nil && len(known) == 0 {
		first, cancel := context.WithTimeout(ctx, firstAnswer)
		r.Puller.Staff(first) // the day after enrolment nobody is known yet
		cancel()
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	r.loops.Go(func() { r.Puller.Run(run) })
	r.loops.Go(func() { r.Pusher.Run(run) })
	r.loops.Go(func() { r.WatchPrinter(run) })
	r.loops.Go(func() {
		_, _ = r.journal.Verify(run) // the start reads but the tail; what this finds is in the status
		r.JournalReport(r.journal.Status().Broken)
	})
	return r, nil
}

func (r *room) assemble(ctx context.Context, id enrolment.Identity) error {
	kept, err := store.Open(ctx, r.settings.DataDir) // first: it keeps a second program out
	if errors.Is(err, store.ErrInUse) {
		return err
	}
	if err != nil {
		return station.Explain(err)
	}
	r.closers = append(r.closers, kept.Close)
	log, err := techlog.Open(techlog.Config{Dir: filepath.Join(r.settings.DataDir, "log")})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, log.Close)
	log.Info("start", "version", settings.Version, "station", id.Station, "pid", os.Getpid())
	chip, err := tpm.OpenChip(r.settings.TPM.Endpoint, id.Keys)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, chip.Close)
	r.journal, err = journal.Open(ctx, journal.Config{
		Dir: filepath.Join(r.settings.DataDir, "journal"), Log: id.Log, Signer: chip.Log(), Witness: id.Witness,
	})
	if err != nil {
		return station.Explain(err)
	}
	r.closers = append(r.closers, r.journal.Close)
	printer, err := ipp.Dial(ipp.Config{URI: r.settings.Printer.URI, Pin: r.settings.Printer.Pin})
	if err != nil {
		return err
	}
	renderer, err := render.NewPool(render.Config{Arg: workerArgument, Spares: 2})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, renderer.Close)
	tables, err := postal.Default()
	if err != nil {
		return err
	}
	r.Station, err = station.New(ctx, station.Config{
		ID: id.Station, Room: id.Station, Store: kept, Journal: r.journal, Authority: id.Authority,
		Printer: printer, PrinterName: r.settings.Printer.Name, Renderer: renderer,
		Doc: chip.Doc, TPMEndpoint: r.settings.TPM.Endpoint, SealedStoreKey: id.StoreKey, Postal: tables, Log: log.Logger, Now: time.Now, Edge: edge(),
	})
	if err != nil {
		return err
	}
	r.TPMReport(chip.Fault())
	r.JournalReport(r.journal.Status().Broken)
	r.JournalSealed(r.journal.Status().SealedAt)
	central, err := connect(r.settings, &tls.Certificate{Certificate: id.Certificates, PrivateKey: chip.TLS()})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { central.Close(); return nil })
	r.Puller = pull.New(central, r.Station, r.settings.Limits.ClaimJobs)
	r.Pusher = push.New(central, r.Station, r.journal, id.Log)
	return nil
}

// ExportJournal writes the journal up to its last countersignature, and the
// keys to check it with. The export is an access too: it is journaled first,
// and sealed if central is there.
func (r *room) ExportJournal(ctx context.Context, entries, keys io.Writer) (unsealed int64, err error) {
	if err := r.journal.Record(ctx, journal.Access{Action: journal.ActionExport}, journal.OutcomeDone); err != nil {
		return 0, station.Explain(err)
	}
	_ = r.Push(ctx) // without central the export ends at the last seal
	if _, err := io.WriteString(keys, r.journal.Vkeys()); err != nil {
		return 0, fmt.Errorf("write the keys: %w", err)
	}
	return r.journal.Export(ctx, entries)
}

// Close ends the loops, locks the station and reports what is left, if central
// is there. A batch must have ended.
func (r *room) Close() error {
	r.stop()
	r.loops.Wait()
	err := r.Station.Close(context.Background())
	last, cancel := context.WithTimeout(context.Background(), lastPush)
	defer cancel()
	_ = r.Push(last) // what central does not take now stays in the outbox
	return errors.Join(err, r.release())
}

// firstAnswer is how long a station that knows nobody waits for central before
// it shows that.
const firstAnswer = 5 * time.Second

// lastPush is how long the program's end may wait for central.
const lastPush = 5 * time.Second

func (r *room) release() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	return errors.Join(errs...)
}

// enrol makes this workstation a station.
func enrol(ctx context.Context, config, token string, pin *memory.Buffer) (string, error) {
	s, err := load(config)
	if err != nil {
		return "", err
	}
	if id, err := enrolment.Load(s.DataDir); err == nil {
		return "", fmt.Errorf("%s is station %s already: move that folder away to enrol again", s.DataDir, id.Station)
	} else if !errors.Is(err, enrolment.ErrNotEnrolled) {
		return "", err
	}
	authority, err := readAuthority(s.Central.Authority)
	if err != nil {
		return "", err
	}
	central, err := connect(s, nil)
	if err != nil {
		return "", err
	}
	defer central.Close()
	device, err := tpm.Open(s.TPM.Endpoint)
	if err != nil {
		return "", station.Explain(err)
	}
	id, err := enrolment.Enrol(ctx, central, device, authority, token, pin)
	if err == nil {
		err = id.Save(s.DataDir)
	}
	return id.Station, errors.Join(station.Explain(err), device.Close())
}

func load(config string) (settings.Settings, error) {
	var paths []string
	if config != "" {
		if _, err := os.Stat(config); err != nil {
			return settings.Settings{}, fmt.Errorf("read the settings: %w", err)
		}
		paths = []string{config}
	}
	s, err := settings.Load(paths...)
	if err != nil {
		return s, err
	}
	if missing := s.Missing(); len(missing) > 0 {
		return s, fmt.Errorf("the settings lack %s", strings.Join(missing, ", "))
	}
	if s.DataDir == "" {
		if s.DataDir, err = settings.DataHome(); err != nil {
			return s, err
		}
	}
	return s, settings.MakeDataFolder(s.DataDir)
}

func connect(s settings.Settings, own *tls.Certificate) (*client.Client, error) {
	authority, err := readAuthority(s.Central.Authority)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	return client.New(client.Config{
		BaseURL: s.Central.URL, Roots: roots,
		Certificate: func() (*tls.Certificate, error) { return own, nil },
	})
}

func readAuthority(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the room authority's certificate: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("the room authority's certificate %s is not PEM", path)
	}
	return x509.ParseCertificate(block.Bytes)
}
