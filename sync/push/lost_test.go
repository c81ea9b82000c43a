package push

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// real is a pusher between the reference server and a journal that a TPM signs.
type real struct {
	*Pusher
	station *fakeStation
	central *central.Central
	client  *client.Client
	journal *journal.Journal
}

func newReal(t *testing.T, hooks *central.Hooks) *real {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	chip, err := swtpm.Start(ctx, t.TempDir())
	noError(t, err)
	t.Cleanup(func() { noError(t, chip.Stop()) })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chip.CA())
	r := &real{station: newStation()}
	r.central, err = central.New(ctx, central.Config{Dir: t.TempDir(), EKRoots: roots, Hooks: hooks})
	noError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	served := make(chan error, 1)
	go func() { served <- r.central.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		noError(t, <-served)
		noError(t, r.central.Close())
	})
	r.enrol(t, "https://"+l.Addr().String(), chip.Endpoint())
	return r
}

func (r *real) enrol(t *testing.T, url, endpoint string) {
	t.Helper()
	ctx := t.Context()
	device, err := tpm.Open(endpoint)
	noError(t, err)
	t.Cleanup(func() { noError(t, device.Close()) })
	token, err := r.central.Token(ctx, "press-1")
	noError(t, err)
	id, err := enrolment.Enrol(ctx, connect(t, r.central, url, nil), device, r.central.Authority(), token)
	noError(t, err)
	loaded, err := device.Load(id.Keys)
	noError(t, err)
	r.client = connect(t, r.central, url, &tls.Certificate{Certificate: id.Certificates, PrivateKey: loaded.TLS()})
	config, err := id.Journal(t.TempDir(), loaded.Log())
	noError(t, err)
	r.journal, err = journal.Open(ctx, config)
	noError(t, err)
	t.Cleanup(func() { noError(t, r.journal.Close()) })
	r.Pusher = New(r.client, r.station, r.journal, id.Log)
}

func connect(t *testing.T, c *central.Central, url string, own *tls.Certificate) *client.Client {
	t.Helper()
	to, err := client.New(client.Config{BaseURL: url, Authorities: client.Fixed(c.Authority()), Certificate: func() (*tls.Certificate, error) { return own, nil }})
	noError(t, err)
	t.Cleanup(to.Close)
	return to
}

// letter is a letter's whole way: printed, dropped off, its receipt attached.
func (r *real) letter(t *testing.T) {
	t.Helper()
	job, err := r.central.Pay(t.Context(), central.Letter{
		PDF: []byte("%PDF-1.7"), Recipient: []string{"Recipient"}, Country: "BE", Return: []string{"Sender"},
		Product: wire.ProductStandard, Envelope: "c5_6", Pages: 1, CutOff: time.Now().Add(time.Hour),
	})
	noError(t, err)
	claim, err := r.client.Claim(t.Context(), wire.ClaimRequest{ID: uuid.NewString(), Max: 1})
	noError(t, err)
	const attempt = "000000000001A"
	for i, kind := range []wire.EventKind{wire.EventAttempt, wire.EventSent, wire.EventDeviceDone, wire.EventConfirmed, wire.EventEnveloped} {
		e := wire.Event{ID: uuid.NewString(), Kind: kind, At: time.Now().UTC(), Job: job, Attempt: attempt, FencingToken: claim.FencingToken}
		if i == 0 {
			e.Number = 1
		}
		r.station.put(store.EventMessage, e)
	}
	deposit := r.station.put(store.DepositMessage, wire.DepositRequest{
		Attempts: []string{attempt}, ClosedAt: time.Now().UTC(), SlipSHA256: hex.EncodeToString(make([]byte, 32)),
	})
	picture := []byte("a picture")
	digest := sha256.Sum256(picture)
	receipt := r.station.put(store.ReceiptMessage, "its id")
	r.station.picture = picture
	r.station.proofs[receipt] = wire.ReceiptRequest{
		Deposit: deposit, MediaType: wire.MediaPNG, Size: int64(len(picture)), SHA256: hex.EncodeToString(digest[:]),
	}
}

// TestAnswersLost runs a letter's way against the reference server, which does
// each kind of request once without its answer arriving.
func TestAnswersLost(t *testing.T) {
	var mu sync.Mutex
	lost := map[string]bool{}
	done := map[string]int{}
	r := newReal(t, &central.Hooks{BeforeAnswer: func(_ context.Context, operation string) error {
		mu.Lock()
		defer mu.Unlock()
		done[operation]++
		if first := !lost[operation]; first && !slices.Contains([]string{"trust", "enrol", "activate", "claim"}, operation) {
			lost[operation] = true
			return central.ErrDrop
		}
		return nil
	}})
	noError(t, r.journal.Record(t.Context(), journal.Access{Actor: "p1", Action: journal.ActionUnlock}, journal.OutcomeDone))
	r.letter(t)
	operations := []string{"report", "deposit", "receipt", "receiptImage", "journalEntries", "journalCheckpoint"}
	for range operations {
		wantFault(t, r.Push(t.Context()), station.CentralDown)
	}
	noError(t, r.Push(t.Context()))
	wantLeft(t, r.station)
	for _, operation := range operations {
		if done[operation] != 2 && operation != "receipt" { // each turn announces the picture first
			t.Errorf("%s was done %d times, want once without an answer and once with", operation, done[operation])
		}
	}
	if s := r.journal.Status(); s.Sealed != 1 || s.Sealed != s.Entries || len(r.station.sealed) != 1 {
		t.Errorf("%d of %d entries are sealed, the station was told %d times", s.Sealed, s.Entries, len(r.station.sealed))
	}
	ledger, err := r.central.Ledger(t.Context())
	noError(t, err)
	if ledger.DroppedOff != 1 || ledger.Jobs[0].Attempts != 1 || ledger.Waiting != 0 {
		t.Errorf("central's ledger: %+v", ledger)
	}
	for _, v := range r.station.judged {
		if v.Verdict != wire.VerdictDuplicate {
			t.Errorf("the second telling of %s is %s", v.ID, v.Verdict)
		}
	}
}

// TestRefusedByCentral: the reference server refuses a deposit of a piece that
// it has not accepted, and what is behind it goes up.
func TestRefusedByCentral(t *testing.T) {
	r := newReal(t, nil)
	bad := r.station.put(store.DepositMessage, wire.DepositRequest{
		Attempts: []string{"000000000009A"}, ClosedAt: time.Now().UTC(), SlipSHA256: hex.EncodeToString(make([]byte, 32)),
	})
	r.letter(t)
	malformed := r.station.put(store.EventMessage, wire.Event{ID: uuid.NewString(), Kind: "telegram", At: time.Now(), Job: uuid.NewString()})
	err := r.Push(t.Context())
	wantFault(t, err, station.CentralRefused)
	wantLeft(t, r.station, bad, malformed)
	ledger, err := r.central.Ledger(t.Context())
	noError(t, err)
	if ledger.DroppedOff != 1 {
		t.Errorf("central's ledger: %+v, want the letter behind the refused deposit dropped off", ledger)
	}
}
