package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/pull"
	"espero-soft.com/printroom/sync/push"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/cli"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/techlog"
	"espero-soft.com/printroom/vault/tpm"
)

// room is a station with everything around it at work.
type room struct {
	*station.Station
	*pull.Puller
	*push.Pusher
	*retention.Keeper
	*review.Desk
	settings settings.Settings
	store    *store.Store
	logs     *techlog.Log
	log      *slog.Logger
	holder   *enrolment.Holder
	chip     *tpm.Chip
	journal  *journal.Journal
	central  *client.Client
	window   bool // people work in the window; set before they do

	guard  sync.Mutex         // guards former
	former []enrolment.Former // the oldest first

	stop    context.CancelFunc
	loops   sync.WaitGroup
	closers []func() error // undone from the last to the first
}

// open puts the room together. What is missing for a moment (central, the
// printer, the TPM) is no error here: the room says so by its lamps, and opens
// no letter meanwhile.
func open(ctx context.Context, s settings.Settings) (_ *room, err error) {
	r := &room{settings: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.release())
		}
	}()
	if err := r.assemble(ctx); err != nil {
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
	r.loops.Go(func() { r.WatchReceipts(run, r.settings.Receipts.Folder) })
	r.loops.Go(func() { r.Keeper.Run(run) })
	r.loops.Go(func() {
		_, _ = r.journal.Verify(run) // the start reads but the tail; what this finds is in the status
		r.JournalReport(r.journal.Status().Broken)
		r.journal.KeepIndex(run, indexPace) // so that nobody waits for the first question
	})
	return r, nil
}

// assemble builds the parts, from the disk outwards.
func (r *room) assemble(ctx context.Context) error {
	for _, part := range []func(context.Context) error{r.openVault, r.openJournal, r.openStation, r.openCentral} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openVault opens what lies on the disk and in the TPM.
func (r *room) openVault(ctx context.Context) error {
	kept, err := store.Open(ctx, r.settings.DataDir, eras.Of(laterChip{r})) // first: it keeps a second program out
	if errors.Is(err, store.ErrInUse) {
		return err
	}
	if err != nil {
		return station.Explain(err)
	}
	r.store = kept
	r.closers = append(r.closers, kept.Close)
	logs := filepath.Join(r.settings.DataDir, "log")
	if err := techlog.CatchCrashes(logs, time.Now()); err != nil {
		return err
	}
	if r.logs, err = techlog.Open(techlog.Config{Dir: logs}); err != nil {
		return err
	}
	r.closers = append(r.closers, r.logs.Close)
	r.log = r.logs.Logger
	if r.holder, err = enrolment.Hold(r.settings.DataDir); err != nil {
		return err
	}
	id := r.holder.Identity()
	r.log.Info("start", "version", settings.Version, "station", id.Station, "pid", os.Getpid())
	if r.chip, err = tpm.OpenChip(r.settings.TPM.Endpoint, id.Keys); err != nil {
		return err
	}
	r.closers = append(r.closers, r.chip.Close)
	return nil
}

// openStation puts the station together.
func (r *room) openStation(ctx context.Context) error {
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
	if r.central, err = r.connect(); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.central.Close(); return nil })
	id := r.holder.Identity()
	r.Station, err = station.New(ctx, station.Config{
		ID: id.Station, Room: id.Station, Store: r.store, Journal: r.journal,
		TPM: station.OnChip(r.chip), TPMEndpoint: r.settings.TPM.Endpoint, PINSalt: id.PINSalt,
		Authority: r.central, TrustedAuthorities: r.holder.Authorities,
		Printer: printer, PrinterName: r.settings.Printer.Name, PrinterURI: r.settings.Printer.URI,
		PrinterPin: r.settings.Printer.Pin, PrinterFile: r.settings.Printer.File,
		Dial: dialPrinter, Discover: findPrinters, Renderer: renderer,
		Postal: tables, Log: r.log, Now: clock(), Edge: edge(),
	})
	if err != nil {
		return err
	}
	r.Desk = review.New(review.Config{
		Journal: r.journal, Who: r.reader, Agreed: func() error { return r.Agreed(wire.ActJournalExport) },
	})
	if err := r.begin(ctx); err != nil { // before any fault of this start is written
		return err
	}
	r.TPMReport(r.chip.Fault())
	r.JournalReport(r.journal.Status().Broken)
	r.JournalSealed(r.journal.Status().SealedAt)
	return nil
}

// connect is the client of central, under the identity of each moment.
func (r *room) connect() (*client.Client, error) {
	return client.New(client.Config{
		BaseURL: r.settings.Central.URL, Authorities: r.holder.Authorities, Now: clock(),
		Certificate: func() (*tls.Certificate, error) { return r.holder.Certificate(r.chip.TLS()), nil },
	})
}

// openCentral sets up who speaks with central, and who forgets.
func (r *room) openCentral(context.Context) error {
	r.Puller = pull.New(r.central, r.Station, r.holder, r.settings.Limits.ClaimJobs)
	var former []push.Former
	for _, f := range r.former { // nobody changes them before the keeper runs
		former = append(former, f.Journal)
	}
	r.Pusher = push.New(r.central, r.Station, r.journal, r.journal.Log(), former...)
	r.Keeper = retention.New(retention.Config{
		Store: r.store, Journal: r.journal, Former: r, Logs: r.logs, Now: clock(), Confirmed: r.CentralTime,
		Report: func(err error) {
			if err != nil {
				r.log.Error("retention", "error", err)
			}
			if errors.Is(err, store.ErrEra) { // its letters are held now
				ctx := context.Background()
				r.log.Error("keys_lost", "error", errors.Join(r.Reload(ctx), r.Surrender(ctx)))
			}
		},
	})
	return nil
}

// answer lets other copies of the program ask for the window and for the state
// of the station. It works without: not every folder can have a socket.
func (r *room) answer(show func() bool) {
	s, err := instance.Listen(r.settings.DataDir, instance.Serve{
		Show: show, Status: func() any { return cli.Live(r.Snapshot()) },
	})
	if err != nil {
		r.log.Warn("no_socket", "error", err)
		return
	}
	r.closers = append(r.closers, s.Close)
}

// reader is who reads the journal now, if anybody.
func (r *room) reader() (review.Person, bool) {
	p := r.Snapshot().Person
	if p == nil {
		return review.Person{}, false
	}
	return review.Person{Pseudonym: p.Pseudonym, Role: p.Role}, true
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

// indexPace is how often the journal's index is brought up to date while nobody
// asks it.
const indexPace = 5 * time.Minute

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
