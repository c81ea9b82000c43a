package store_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// startTPM runs a software TPM in dir until stop.
func startTPM(t testing.TB, dir string) (sim *swtpm.TPM, stop func()) {
	t.Helper()
	sim, err := swtpm.Start(t.Context(), dir)
	check(t, err)
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			check(t, sim.Stop())
		}
	}
	t.Cleanup(stop)
	return sim, stop
}

// newKeys makes a station's keys.
func newKeys(t testing.TB, sim *swtpm.TPM) tpm.KeySet {
	t.Helper()
	d, err := tpm.Open(sim.Endpoint())
	check(t, err)
	policy, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	set, err := d.CreateKeys(&policy.PublicKey)
	check(t, errors.Join(err, d.Close()))
	return set
}

func openChip(t testing.TB, sim *swtpm.TPM, set tpm.KeySet) *tpm.Chip {
	t.Helper()
	chip, err := tpm.OpenChip(sim.Endpoint(), set)
	check(t, err)
	t.Cleanup(func() { check(t, chip.Close()) })
	return chip
}

func newChip(t testing.TB) *tpm.Chip {
	t.Helper()
	sim, _ := startTPM(t, t.TempDir())
	return openChip(t, sim, newKeys(t, sim))
}

func open(t testing.TB, dir string, chip *tpm.Chip) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, eras.Of(chip))
	check(t, err)
	t.Cleanup(func() { _ = s.Close() }) // tests close it themselves where it matters
	return s
}

func counter(t testing.TB, chip *tpm.Chip) uint64 {
	t.Helper()
	n, err := chip.Counter(tpm.CounterGeneration)
	check(t, err)
	return n
}

// office is K_doc and what central sealed for it: what a person's PIN opens.
type office struct {
	doc      *ecdh.PrivateKey
	envelope []byte
	key      *keys.StoreKey
	binding  keys.Binding
	claim    []byte
	journal  *journal.Journal
}

func newOffice(t testing.TB) office {
	t.Helper()
	doc, err := ecdh.P256().GenerateKey(rand.Reader)
	check(t, err)
	o := office{doc: doc, binding: keys.Binding{Claim: "c1", Station: "press-1"}}
	o.envelope, err = keys.NewStoreKey(doc.PublicKey(), "press-1")
	check(t, err)
	o.key, err = keys.OpenStoreKey(doc, "press-1", o.envelope)
	check(t, err)
	o.claim, err = keys.SealClaimKey(doc.PublicKey(), o.binding, make([]byte, keys.KeySize))
	check(t, err)
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	witness, err := checkpoint.NewCosigner("central.example", private)
	check(t, err)
	o.journal, err = journal.Open(t.Context(), journal.Config{Dir: t.TempDir(), Log: "example.org/room/press-1", Signer: signer, Witness: witness.Vkey()})
	check(t, err)
	t.Cleanup(func() { check(t, o.journal.Close()) })
	return o
}

var noon = time.UnixMilli(1_790_000_000_000).UTC()

// work fills a store: letters j1 and j2 of a deposit with a receipt, j3 to print.
func (o office) work(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	check(t, s.SetStoreKeyEnvelope(ctx, o.envelope))
	_, err := s.BeginClaim(ctx, "c1")
	check(t, err)
	check(t, s.AnswerClaim(ctx, store.Claim{ID: "c1", Token: 1, Expires: noon, SealedKey: o.claim}))
	d := store.Deposit{ID: "d1", Number: "D1", Closed: noon, Slip: []byte("%PDF slip")}
	for i := range 3 {
		id := fmt.Sprintf("j%d", i+1)
		wrapped, err := keys.WrapDocumentKey(make([]byte, keys.KeySize), o.binding, id, make([]byte, keys.KeySize))
		check(t, err)
		number, err := o.key.Seal(keys.TrackingNumber(id), []byte("number of "+id))
		check(t, err)
		check(t, s.AddJob(ctx, store.Job{ID: id, Claim: "c1", Product: "registered", WrappedKey: wrapped, Details: []byte("sealed"), Tracking: number, NextAttempt: id + "-1"}))
		if id == "j3" {
			continue
		}
		_, err = s.BeginAttempt(ctx, store.Attempt{Code: id + "-1", Job: id, Actor: "p1"}, []store.State{store.Ready}, id+"-2")
		check(t, err)
		check(t, s.Move(ctx, store.Move{Job: id, From: []store.State{store.Intent}, To: store.Enveloped}))
		d.Attempts = append(d.Attempts, id+"-1")
	}
	check(t, s.FinishClaim(ctx, "c1"))
	check(t, s.CloseDeposit(ctx, d))
	picture, err := o.key.SealPicture("r1", []byte("picture"))
	check(t, err)
	numbers, err := o.key.Seal(keys.ReceiptNumbers("r1"), []byte("numbers"))
	check(t, err)
	check(t, s.AddReceipt(ctx, store.Receipt{ID: "r1", Deposit: "d1", Image: picture, Numbers: numbers}, nil))
}

// opens reads a value of a store as far as an unlocked station does: "" and the
// error where it can't.
func (o office) opens(t testing.TB, s *store.Store, what string) (string, error) {
	t.Helper()
	ctx := t.Context()
	read := func(b *memory.Buffer, err error) (string, error) {
		if err != nil {
			return "", err
		}
		defer b.Destroy()
		return string(b.Bytes()), nil
	}
	switch what {
	case "claim":
		c, err := s.ClaimByID(ctx, "c1")
		if err = errors.Join(err, c.Closed); err != nil {
			return "", err
		}
		k, err := keys.OpenClaimKey(o.doc, o.binding, c.SealedKey)
		if err == nil {
			k.Destroy()
		}
		return string(c.SealedKey), err
	case "picture", "numbers":
		r, err := s.ReceiptByID(ctx, "r1")
		if err != nil {
			return "", err
		}
		if what == "picture" {
			p, err := o.journal.Intent(ctx, journal.Access{Action: journal.ActionReceipt, Object: "r1"})
			check(t, err)
			return read(o.key.OpenPicture(p, "r1", r.Image))
		}
		return read(o.key.Open(keys.ReceiptNumbers("r1"), r.Numbers))
	case "slip":
		d, err := s.DepositByNumber(ctx, "D1")
		return string(d.Slip), err
	case "envelope":
		e, err := s.StoreKeyEnvelope(ctx)
		return string(e), err
	}
	j, err := s.Job(ctx, what)
	if err = errors.Join(err, j.Closed); err != nil {
		return "", err
	}
	n, err := read(o.key.Open(keys.TrackingNumber(what), j.Tracking))
	return string(j.WrappedKey) + n, err
}

func everything() []string {
	return []string{"claim", "j1", "j2", "j3", "picture", "numbers", "slip", "envelope"}
}

// purge forgets the deposit, and makes that final.
func purge(t testing.TB, s *store.Store) {
	t.Helper()
	forget(t, s)
	check(t, s.RaiseIfDue(t.Context()))
}

func forget(t testing.TB, s *store.Store) {
	t.Helper()
	for _, id := range []string{"j1", "j2"} {
		check(t, s.Forget(t.Context(), store.Kept{Job: id, State: store.Dropped}))
	}
	check(t, s.ForgetProof(t.Context(), "d1"))
}
