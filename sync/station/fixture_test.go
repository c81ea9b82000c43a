package station

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

const (
	anna  = "p1"
	boris = "p2"
	eva   = "p3"
	pin   = "483920"
	name  = "press-1"
)

const goodDetails = `{"recipient":["Ann Peeters","Rue Haute 1","1000 Bruxelles"],"country":"BE","return":["Bjet24","1000 Bruxelles"]}`

// room is a station with a real store, journal and envelope, whose printer and
// renderer are fakes that keep to the contracts.
type room struct {
	t        testing.TB
	dir      string
	doc      *ecdh.PrivateKey // K_doc
	signer   *ecdsa.PrivateKey
	witness  string
	tpm      *fakeTPM
	people   []wire.Person // on central's list
	revision int64         // of it
	policy   wire.Policy   // with it
	printer  *fakePrinter
	others   map[string]*fakePrinter // that may be set up, by their address
	details  string                  // of the letters to come
	product  wire.Product
	colour   int      // how many of the letters to come are in colour
	numbers  []string // registered ones, of the letters to come
	edge     func(string, store.State)

	*Station
	journal *journal.Journal
	kept    *store.Store
}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir(), printer: newFakePrinter(), others: map[string]*fakePrinter{}, details: goodDetails}
	var errs [3]error
	r.doc, errs[0] = ecdh.P256().GenerateKey(rand.Reader)
	r.signer, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	errs[2] = err
	r.check(errors.Join(errs[:]...))
	cosigner, err := checkpoint.NewCosigner("central.example", private)
	r.check(err)
	r.witness = cosigner.Vkey()
	r.tpm = newFakeTPM(r.doc)
	r.policy = wire.DefaultPolicy()
	for slot, p := range []string{anna, boris, eva} {
		r.tpm.set(slot, p, pin)
	}
	r.start()
	r.list(
		wire.Person{Pseudonym: anna, Name: "Anna", Role: wire.RoleOperator, Language: "nl", Slot: 0},
		wire.Person{Pseudonym: boris, Name: "Boris", Role: wire.RoleOperator, Language: "fr", Slot: 1},
		wire.Person{Pseudonym: eva, Name: "Eva", Role: wire.RoleOperator, Language: "de", Slot: 2},
	)
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
	r.kept, err = store.Open(ctx, r.dir, r.tpm)
	r.check(err)
	tables, err := postal.Default()
	r.check(err)
	r.Station, err = New(ctx, Config{
		ID: name, Room: name, Store: r.kept, Journal: r.journal, Printer: r.printer, PrinterName: "fake", PrinterURI: "ipp://127.0.0.1/fake", Dial: r.dial, Renderer: fakeRenderer{},
		TPM: r.tpm, Authority: r.tpm, PINSalt: salt[:], TrustedAuthorities: authorities, Postal: tables, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Edge: func(job string, s store.State) {
			if r.edge != nil {
				r.edge(job, s)
			}
		},
	})
	r.check(err)
}

func (r *room) dial(p PrinterSetup) (Device, error) {
	if d := r.others[p.URI]; d != nil {
		return d, nil
	}
	return nil, ipp.ErrPlain
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
		details, e3 := keys.SealPart(dek, id, keys.PartDetails, []byte(r.details))
		r.check(errors.Join(e1, e2, e3))
		job := wire.Job{
			ID: id, Product: wire.ProductStandard, Options: wire.Options{Envelope: "c56", Colour: i < r.colour}, PaidPages: 2,
			PaidAt: time.Now(), CutOff: time.Now().Add(time.Duration(i+1) * time.Hour), WrappedKey: wrapped, Details: details,
		}
		if r.product != "" {
			job.Product = r.product
		}
		if i < len(r.numbers) {
			job.TrackingNumber = r.numbers[i]
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
