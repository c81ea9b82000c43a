package station

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

const (
	anna = "p1"
	pin  = "483920"
	name = "press-1"
)

// room is a station with a real store, journal and envelope, whose printer and
// renderer are fakes that keep to the contracts.
type room struct {
	t        *testing.T
	dir      string
	doc      *ecdh.PrivateKey
	signer   *ecdsa.PrivateKey
	witness  string
	storeKey []byte
	printer  *fakePrinter
	edge     func(string, store.State)

	*Station
	journal *journal.Journal
	kept    *store.Store
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir(), printer: newFakePrinter()}
	var errs [4]error
	r.doc, errs[0] = ecdh.P256().GenerateKey(rand.Reader)
	r.signer, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	r.storeKey, errs[2] = keys.NewStoreKey(r.doc.PublicKey(), name)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	errs[3] = err
	r.check(errors.Join(errs[:]...))
	cosigner, err := checkpoint.NewCosigner("central.example", private)
	r.check(err)
	r.witness = cosigner.Vkey()
	r.start()
	r.check(r.Unlock(context.Background(), anna, []byte(pin)))
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *room) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// start opens the data folder, as the program does when it begins.
func (r *room) start() {
	r.t.Helper()
	ctx := context.Background()
	var err error
	r.journal, err = journal.Open(ctx, journal.Config{Dir: filepath.Join(r.dir, "journal"), Log: "bjet24.example/room/" + name, Signer: r.signer, Witness: r.witness})
	r.check(err)
	r.kept, err = store.Open(ctx, r.dir)
	r.check(err)
	tables, err := postal.Default()
	r.check(err)
	r.Station, err = New(ctx, Config{
		ID: name, Room: name, Store: r.kept, Journal: r.journal, Printer: r.printer, PrinterName: "fake", Renderer: fakeRenderer{},
		Doc: r.chip, SealedStoreKey: r.storeKey, Postal: tables, Now: time.Now,
		Edge: func(job string, s store.State) {
			if r.edge != nil {
				r.edge(job, s)
			}
		},
	})
	r.check(err)
	r.people = []Person{{Pseudonym: anna, Name: "Anna", Role: "operator", Language: "nl"}}
}

// stop closes the files without a word to the station, as a kill does.
func (r *room) stop() {
	r.t.Helper()
	r.check(errors.Join(r.journal.Close(), r.kept.Close()))
}

// restart stops, starts and unlocks.
func (r *room) restart() {
	r.t.Helper()
	r.stop()
	r.start()
	r.check(r.Unlock(context.Background(), anna, []byte(pin)))
}

// chip is a TPM: it wants the PIN with each use.
func (r *room) chip(held *memory.Buffer) (ecdh.KeyExchanger, error) {
	return guarded{r.doc, held}, nil
}

type guarded struct {
	*ecdh.PrivateKey
	held *memory.Buffer
}

func (g guarded) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	if string(g.held.Bytes()) != pin {
		return nil, tpm.ErrWrongPIN
	}
	return g.PrivateKey.ECDH(peer)
}

// pay brings letters in, as pull does. A document is "PAGES n", or "CORRUPT".
func (r *room) pay(documents ...string) (ids []string) {
	r.t.Helper()
	ctx := context.Background()
	claim, err := r.BeginClaim(ctx)
	r.check(err)
	kek := make([]byte, keys.KeySize)
	binding := keys.Binding{Claim: claim, Station: name}
	sealedKey, err := keys.SealClaimKey(r.doc.PublicKey(), binding, kek)
	r.check(err)
	r.check(r.TakeClaim(ctx, wire.Claim{ID: claim, FencingToken: 7, ExpiresAt: time.Now().Add(time.Hour), SealedKey: sealedKey}))
	for i, text := range documents {
		id, dek := uuid.NewString(), make([]byte, keys.KeySize)
		wrapped, e1 := keys.WrapDocumentKey(kek, binding, id, dek)
		document, e2 := keys.SealPart(dek, id, keys.PartDocument, []byte(text))
		details, e3 := keys.SealPart(dek, id, keys.PartDetails, []byte(`{"recipient":["Ann Peeters","Rue Haute 1","1000 Bruxelles"],"country":"BE","return":["Bjet24","1000 Bruxelles"]}`))
		r.check(errors.Join(e1, e2, e3))
		job := wire.Job{
			ID: id, Product: wire.ProductStandard, Options: wire.Options{Envelope: "c56"}, PaidPages: 2,
			PaidAt: time.Now(), CutOff: time.Now().Add(time.Duration(i+1) * time.Hour), WrappedKey: wrapped, Details: details,
		}
		r.check(r.TakeJob(ctx, claim, job, func(path string) error { return os.WriteFile(path, document, 0o600) }))
		ids = append(ids, id)
	}
	r.check(r.EndClaim(ctx, claim))
	return ids
}

func (r *room) state(id string) store.State {
	r.t.Helper()
	return r.job(id).State
}

func (r *room) job(id string) Job {
	r.t.Helper()
	for _, j := range r.Snapshot().Jobs {
		if j.ID == id {
			return j
		}
	}
	r.t.Fatalf("job %s is gone", id)
	return Job{}
}

func wantFault(t *testing.T, err error, want FaultCode) {
	t.Helper()
	if got := code(err); got != want || err == nil {
		t.Errorf("got %v (%q), want the fault %q", err, got, want)
	}
}

// fakeRenderer draws pages of an inch; a document says how many it has.
type fakeRenderer struct{}

func (fakeRenderer) Render(_ context.Context, r render.Request, emit func(render.Page) error) (render.Report, error) {
	pages := 1 // the carrier page
	text := string(r.Document)
	if text == "CORRUPT" {
		return render.Report{}, render.ErrCorrupt
	}
	if strings.HasPrefix(text, "PAGES ") {
		if _, err := fmt.Sscanf(text, "PAGES %d", &pages); err != nil {
			return render.Report{}, err
		}
	}
	for i := range pages {
		p := render.Page{Index: i, Width: r.DPI, Height: r.DPI, Pix: make([]byte, r.DPI*r.DPI)}
		if err := emit(p); err != nil {
			return render.Report{}, err
		}
	}
	return render.Report{Pages: pages}, nil
}

// fakePrinter keeps what it printed. Its knobs make it misbehave.
type fakePrinter struct {
	mu      sync.Mutex
	uuid    string
	epoch   time.Time
	jobs    map[int]*device.JobStatus
	bytes   map[string]int // what was printed, by job name
	off     bool
	offAt   string // goes off before this call: Create, Send
	sendErr error  // after half of the document
	short   int    // impressions that are missing at the end
	abort   bool
}

func newFakePrinter() *fakePrinter {
	return &fakePrinter{uuid: "urn:uuid:1", epoch: time.Now().Add(-time.Hour), jobs: map[int]*device.JobStatus{}, bytes: map[string]int{}}
}

// reboot forgets its jobs, as printers do.
func (p *fakePrinter) reboot() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch, p.jobs = time.Now(), map[int]*device.JobStatus{}
}

func (p *fakePrinter) up() error {
	if p.off {
		return ipp.ErrUnreachable
	}
	return nil
}

func (p *fakePrinter) Describe(context.Context) (device.Capabilities, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return device.Capabilities{
		UUID: p.uuid, Formats: []string{device.FormatPWGRaster}, DPI: []int{300}, RasterTypes: []string{device.Gray8, device.RGB8},
		Colour: true, Sides: []string{device.OneSided, device.TwoSidedLongEdge}, Media: []string{paper}, Scaling: []string{"none"},
	}, p.up()
}

func (p *fakePrinter) Status(context.Context) (device.Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return device.Status{UUID: p.uuid, Epoch: p.epoch, State: device.PrinterIdle, Accepting: true}, p.up()
}

func (p *fakePrinter) Create(_ context.Context, t device.Ticket) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.up(); err != nil {
		return 0, err
	}
	for _, j := range p.jobs {
		if !j.State.Ended() {
			return 0, &ipp.StatusError{} // one job at a time, as ippeveprinter has it
		}
	}
	id := len(p.jobs) + 1
	p.jobs[id] = &device.JobStatus{ID: id, Name: t.Name, State: device.Held}
	return id, nil
}

func (p *fakePrinter) Send(_ context.Context, id int, t device.Ticket, document io.Reader) (device.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off = p.off || p.offAt == "Send"; p.off {
		return device.JobStatus{}, p.up()
	}
	data, err := io.ReadAll(document)
	j := p.jobs[id]
	if err = errors.Join(err, p.sendErr); err != nil {
		// Like the real ones: what arrived is printed and called completed.
		j.State, j.Impressions, p.bytes[t.Name] = device.Completed, t.Impressions, len(data)/2
		return device.JobStatus{}, err
	}
	j.State, j.Impressions = device.Completed, t.Impressions-p.short
	if p.abort {
		j.State, j.Impressions = device.Aborted, 0
		return *j, nil
	}
	p.bytes[t.Name] = len(data)
	return *j, nil
}

func (p *fakePrinter) Job(_ context.Context, id int) (device.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.up(); err != nil {
		return device.JobStatus{}, err
	}
	if j := p.jobs[id]; j != nil {
		return *j, nil
	}
	return device.JobStatus{}, &ipp.StatusError{}
}

func (p *fakePrinter) Jobs(context.Context) (all []device.JobStatus, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		all = append(all, *j)
	}
	return all, p.up()
}

func (p *fakePrinter) Cancel(_ context.Context, id int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[id].State = device.Canceled
	return p.up()
}

func (p *fakePrinter) printed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.bytes)
}
