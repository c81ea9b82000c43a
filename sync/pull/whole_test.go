package pull

import (
	"context"
	"crypto/ecdh"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/push"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// whole is a station with all that speaks to central, between a TPM and the reference server. Only its
// printer is missing.
type whole struct {
	*station.Station
	t        testing.TB
	puller   *Puller
	keeper   *retention.Keeper
	central  *central.Central
	identity *enrolment.Holder
	keys     *tpm.Keys
	log      *journal.Journal
	kept     *store.Store
	address  string
	stop     func() // ends central's answers
}

const pin = "483920"

// onKeys are loaded keys as the station takes a chip.
type onKeys struct{ *tpm.Keys }

func (k onKeys) Doc(p tpm.PIN) (ecdh.KeyExchanger, error) { return k.Keys.Doc(p), nil }

// onCounter is the TPM's counter as the journal takes it.
type onCounter struct{ *tpm.Keys }

func (k onCounter) Value() (uint64, error) { return k.Counter(tpm.CounterJournal) }
func (k onCounter) Raise() (uint64, error) { return k.Increment(tpm.CounterJournal) }

type noPrinter struct{ station.Device }

func (noPrinter) Describe(context.Context) (device.Capabilities, error) {
	return device.Capabilities{}, nil
}

// noFormer: a station that enrolled once.
type noFormer struct{}

func (noFormer) Former(context.Context) ([]retention.Former, error) { return nil, nil }
func (noFormer) ForgetFormer(context.Context, string) error         { return nil }

type noLogs struct{}

func (noLogs) Expire(time.Time) error { return nil }

func newWhole(t testing.TB, hooks *central.Hooks) *whole {
	t.Helper()
	chip, err := swtpm.Start(context.Background(), t.TempDir())
	noError(t, err)
	t.Cleanup(func() { noError(t, chip.Stop()) })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chip.CA())
	w := &whole{t: t, address: "127.0.0.1:0"}
	w.central, err = central.New(t.Context(), central.Config{Dir: t.TempDir(), EKRoots: roots, Hooks: hooks})
	noError(t, err)
	t.Cleanup(func() { noError(t, w.central.Close()) })
	noError(t, w.central.AddPerson(t.Context(), wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleOperator, Language: "nl"}))
	w.serve()
	t.Cleanup(func() { w.stop() })
	w.enrol(chip.Endpoint())
	return w
}

// serve has central answer at its address until stop is called.
func (w *whole) serve() {
	w.t.Helper()
	l, err := net.Listen("tcp", w.address)
	noError(w.t, err)
	w.address = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.central.Serve(ctx, l) }()
	w.stop = func() {
		w.t.Helper()
		cancel()
		noError(w.t, <-served)
	}
}

func (w *whole) connect(own *tls.Certificate) *client.Client {
	w.t.Helper()
	c, err := client.New(client.Config{BaseURL: "https://" + w.address, Authorities: client.Fixed(w.central.Authority()), Certificate: func() (*tls.Certificate, error) { return own, nil }})
	noError(w.t, err)
	w.t.Cleanup(c.Close)
	return c
}

func (w *whole) enrol(endpoint string) {
	w.t.Helper()
	chip, err := tpm.Open(endpoint)
	noError(w.t, err)
	w.t.Cleanup(func() { noError(w.t, chip.Close()) })
	token, err := w.central.Token(w.t.Context(), "press-1")
	noError(w.t, err)
	id, err := enrolment.Enrol(w.t.Context(), w.connect(nil), chip, w.central.Authority(), token)
	noError(w.t, err)
	dir := w.t.TempDir()
	noError(w.t, id.Save(dir))
	w.identity, err = enrolment.Hold(dir)
	noError(w.t, err)
	w.keys, err = chip.Load(id.Keys)
	noError(w.t, err)
	w.assemble(dir)
}

func (w *whole) assemble(dir string) {
	w.t.Helper()
	ctx, keys, id := w.t.Context(), w.keys, w.identity.Identity()
	config, err := id.Journal(dir, keys.Log())
	noError(w.t, err)
	config.Counter = onCounter{keys}
	w.log, err = journal.Open(ctx, config)
	noError(w.t, err)
	w.t.Cleanup(func() { noError(w.t, w.log.Close()) })
	w.kept, err = store.Open(ctx, dir, eras.Of(keys))
	noError(w.t, err)
	w.t.Cleanup(func() { noError(w.t, w.kept.Close()) })
	tables, err := postal.Default()
	noError(w.t, err)
	to := w.connect(w.identity.Certificate(keys.TLS()))
	w.Station, err = station.New(ctx, station.Config{
		ID: id.Station, Room: id.Station, Store: w.kept, Journal: w.log, Printer: noPrinter{}, Postal: tables,
		TPM: station.OnChip(onKeys{keys}), Authority: to, PINSalt: id.PINSalt, TrustedAuthorities: w.identity.Authorities,
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	noError(w.t, err)
	w.t.Cleanup(func() { noError(w.t, w.Close(context.Background())) })
	w.puller = New(to, w.Station, w.identity, 25)
	pusher := push.New(to, w.Station, w.log, id.Log)
	w.keeper = retention.New(retention.Config{
		Store: w.kept, Journal: w.log, Former: noFormer{}, Logs: noLogs{}, Now: time.Now, Confirmed: w.CentralTime, Report: func(error) {},
	})
	w.puller.Staff(ctx)
	code, err := w.central.PINCode(ctx, "p1")
	noError(w.t, err)
	noError(w.t, w.SetPIN(ctx, "p1", code, []byte(pin)))
	noError(w.t, w.Unlock(ctx, "p1", []byte(pin)))
	run, stop := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { w.puller.Run(run); ended <- struct{}{} }()
	go func() { pusher.Run(run); ended <- struct{}{} }()
	w.t.Cleanup(func() { stop(); <-ended; <-ended })
}

func (w *whole) pay(n int) (jobs []wire.UUID) {
	w.t.Helper()
	for i := range n {
		job, err := w.central.Pay(w.t.Context(), central.Letter{
			PDF: []byte("%PDF-1.7"), Recipient: []string{"Recipient"}, Country: "BE", Return: []string{"Sender"},
			Product: wire.ProductStandard, Envelope: "c5_6", Pages: 1, CutOff: time.Now().Add(time.Duration(i+1) * time.Hour),
		})
		noError(w.t, err)
		jobs = append(jobs, job)
	}
	return jobs
}

// soon wants something to become true by itself.
func (w *whole) soon(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("not soon: %s; %v", what, w.Snapshot().LastFault)
		}
	}
}

func (w *whole) is(job wire.UUID, state store.State, hold station.FaultCode) func() bool {
	return func() bool {
		for _, j := range w.Snapshot().Jobs {
			if j.ID == job {
				return j.State == state && j.Hold == hold
			}
		}
		return false
	}
}

// done tells whether central knows what came of all its orders about a letter.
func (w *whole) done(job wire.UUID, outcome wire.ReasonCode) func() bool {
	return func() bool {
		w.t.Helper()
		orders, err := w.central.Orders(w.t.Context(), job)
		noError(w.t, err)
		for _, o := range orders {
			if o.Outcome != outcome {
				return false
			}
		}
		return len(orders) > 0
	}
}

// forget purges until a letter is gone: central knows of its end a moment before the station has heard so.
func (w *whole) forget(job wire.UUID) {
	w.t.Helper()
	w.soon("the letter is forgotten", func() bool {
		w.t.Helper()
		noError(w.t, w.keeper.Purge(w.t.Context()))
		return !w.kept.HasDocument(job)
	})
}

// TestOrdersFromEndToEnd: central's decisions reach the letters by themselves, and come back as reports.
func TestOrdersFromEndToEnd(t *testing.T) {
	w := newWhole(t, nil)
	ctx := t.Context()
	w.soon("the stream says that nothing waits", func() bool { return w.Snapshot().Waiting == 0 })
	jobs := w.pay(5)
	w.soon("five letters wait", func() bool { return w.Snapshot().Waiting == 5 })
	noError(t, w.puller.Claim(ctx))
	w.soon("none waits", func() bool { return w.Snapshot().Waiting == 0 })

	noError(t, w.central.Cancel(ctx, jobs[0]))
	w.soon("the cancelled letter is held", w.is(jobs[0], store.Held, station.OrderCancelled))
	w.soon("central knows", w.done(jobs[0], wire.OrderBeforePrint))
	w.forget(jobs[0])
	if !w.kept.HasDocument(jobs[1]) {
		t.Error("a letter that was not cancelled is forgotten")
	}

	noError(t, w.central.Erase(ctx, jobs[1]))
	w.soon("the erased letter is gone", func() bool {
		_, err := os.Stat(w.kept.DocumentPath(jobs[1]))
		return os.IsNotExist(err)
	})
	w.soon("central knows", w.done(jobs[1], wire.OrderBeforePrint))

	noError(t, w.central.Recall(ctx, jobs[2]))
	w.soon("central knows", w.done(jobs[2], wire.OrderBeforePrint))
	w.soon("it waits for the next claim", func() bool { return w.Snapshot().Waiting == 1 })
	w.forget(jobs[2]) // meanwhile
	noError(t, w.puller.Claim(ctx))
	w.soon("it is here again", w.is(jobs[2], store.Ready, ""))
	if !w.kept.HasDocument(jobs[2]) {
		t.Error("it has no document")
	}
	ledger, err := w.central.Ledger(ctx)
	noError(t, err)
	if ledger.Cancelled != 2 || ledger.Working != 3 {
		t.Errorf("%d cancelled, %d at work", ledger.Cancelled, ledger.Working)
	}
}

// TestCentralGoesAndComes: what was decided while central could not be reached comes when it can.
func TestCentralGoesAndComes(t *testing.T) {
	w := newWhole(t, nil)
	job := w.pay(1)[0]
	noError(t, w.puller.Claim(t.Context()))
	w.soon("the lamp is on", func() bool { return w.Snapshot().Central == station.LampOK })
	w.stop()
	w.soon("the lamp is off", func() bool { return w.Snapshot().Central == station.LampBad })
	noError(t, w.central.Cancel(t.Context(), job))
	if w.is(job, store.Held, station.OrderCancelled)() {
		t.Error("the station knows what nobody told it")
	}
	w.serve()
	w.soon("the cancelled letter is held", w.is(job, store.Held, station.OrderCancelled))
	w.soon("central knows", w.done(job, wire.OrderBeforePrint))
	w.soon("the lamp is on again", func() bool { return w.Snapshot().Central == station.LampOK })
}

// TestBackAtOnce: when orders come again after a turn that failed, central is asked for the rest at once,
// and not at the next minute.
func TestBackAtOnce(t *testing.T) {
	var down atomic.Bool
	w := newWhole(t, &central.Hooks{Before: func(_ context.Context, operation string) error {
		if down.Load() && operation == "renew" {
			return wire.NewProblem(wire.ProblemBusy, "for a moment")
		}
		return nil
	}})
	w.pay(1)
	noError(t, w.puller.Claim(t.Context()))
	w.soon("the lamp is on", func() bool { return w.Snapshot().Central == station.LampOK })
	down.Store(true)
	w.puller.ask()
	w.soon("the lamp is off", func() bool { return w.Snapshot().Central == station.LampBad })
	w.stop()
	down.Store(false)
	w.serve()
	w.soon("the lamp is on again", func() bool { return w.Snapshot().Central == station.LampOK })
}

// TestOldCentral: one that has no stream lists what is cancelled when a lease is renewed. The letter is held
// as by an order, not as one whose lease is lost, and the report that nobody waits for is in nobody's way.
func TestOldCentral(t *testing.T) {
	w := newWhole(t, &central.Hooks{Before: func(_ context.Context, operation string) error {
		if operation == "orders" {
			return wire.NewProblem(wire.ProblemNotFound, "no such path")
		}
		return nil
	}})
	jobs := w.pay(2)
	noError(t, w.puller.Claim(t.Context()))
	for i, job := range jobs { // some of a claim's letters, then all
		noError(t, w.central.Cancel(t.Context(), job))
		for range 2 {
			noError(t, w.puller.renew(t.Context()))
		}
		if !w.is(job, store.Held, station.OrderCancelled)() {
			t.Errorf("letter %d is not held as cancelled: %+v", i, w.Snapshot().Jobs)
		}
	}
	w.soon("nothing is left to report", func() bool {
		left, err := w.kept.Outbox(t.Context(), 10)
		noError(t, err)
		return len(left) == 0
	})
	if s := w.Snapshot(); s.Central != station.LampOK || s.Waiting != unsaid {
		t.Errorf("the lamp is %s, %d letters wait", s.Central, s.Waiting)
	}
}
