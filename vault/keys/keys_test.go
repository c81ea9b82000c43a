package keys

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

const (
	job     = "0d9f4c5e-6c1b-4b0e-9f43-0c2f5a1f7e10"
	other   = "1d9f4c5e-6c1b-4b0e-9f43-0c2f5a1f7e11"
	letter  = "%PDF-1.7 a letter"
	details = `{"recipient":["Ann Peeters","Rue Haute 1","1000 Bruxelles"],"country":"BE","return":["X"]}`
)

var binding = Binding{Claim: "claim-1", Station: "press-1"}

// sealed is a job as central hands it over.
type sealed struct {
	claimKey, wrapped, document, details []byte
}

func seal3(t *testing.T, to *ecdh.PublicKey) sealed {
	t.Helper()
	kek, dek := random(t), random(t)
	var s sealed
	var errs [4]error
	s.claimKey, errs[0] = SealClaimKey(to, binding, kek)
	s.wrapped, errs[1] = WrapDocumentKey(kek, binding, job, dek)
	s.document, errs[2] = SealPart(dek, job, PartDocument, []byte(letter))
	s.details, errs[3] = SealPart(dek, job, PartDetails, []byte(details))
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return s
}

func random(t *testing.T) []byte {
	t.Helper()
	k := make([]byte, KeySize)
	if _, err := rand.Read(k); err != nil {
		t.Fatal(err)
	}
	return k
}

func device(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func openJournal(t *testing.T) *journal.Journal {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, witness, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := checkpoint.NewCosigner("witness.example", witness)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(context.Background(), journal.Config{Dir: t.TempDir(), Log: "example.org/room/press-1", Signer: signer, Witness: cosigner.Vkey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func permit(t *testing.T, j *journal.Journal, object string) journal.Permit {
	t.Helper()
	p, err := j.Intent(context.Background(), journal.Access{Actor: "p1", Action: journal.ActionPrint, Object: object})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLetterOpensAtItsStation(t *testing.T) {
	doc, j := device(t), openJournal(t)
	s := seal3(t, doc.PublicKey())
	k, err := OpenClaimKey(doc, binding, s.claimKey)
	if err != nil {
		t.Fatal(err)
	}
	l, err := k.Open(permit(t, j, job), job, s.wrapped, s.document, s.details)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(l.Document.Bytes()); got != letter {
		t.Errorf("document %q, want %q", got, letter)
	}
	if len(l.Details.Recipient) != 3 || l.Details.Country != "BE" {
		t.Errorf("details %+v", l.Details)
	}
	l.Close()
	l.Close()
	k.Destroy()
	if _, err := k.Open(permit(t, j, job), job, s.wrapped, s.document, s.details); !errors.Is(err, ErrDestroyed) {
		t.Errorf("after Destroy: %v, want ErrDestroyed", err)
	}
}

func TestOpeningNeedsItsPermit(t *testing.T) {
	doc, j := device(t), openJournal(t)
	s := seal3(t, doc.PublicKey())
	k, err := OpenClaimKey(doc, binding, s.claimKey)
	if err != nil {
		t.Fatal(err)
	}
	used := permit(t, j, job)
	l, err := k.Open(used, job, s.wrapped, s.document, s.details)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for name, c := range map[string]struct {
		permit journal.Permit
		want   error
	}{
		"none":             {journal.Permit{}, journal.ErrNoPermit},
		"used":             {used, journal.ErrPermitUsed},
		"another letter's": {permit(t, j, other), journal.ErrPermitObject},
	} {
		if _, err := k.Open(c.permit, job, s.wrapped, s.document, s.details); !errors.Is(err, c.want) {
			t.Errorf("with a permit that is %s: %v, want %v", name, err, c.want)
		}
	}
}

func TestSwappedAndChangedBytesAreRefused(t *testing.T) {
	doc, j := device(t), openJournal(t)
	s := seal3(t, doc.PublicKey())
	k, err := OpenClaimKey(doc, binding, s.claimKey)
	if err != nil {
		t.Fatal(err)
	}
	try := func(name, id string, wrapped, document, details []byte) {
		t.Helper()
		if _, err := k.Open(permit(t, j, id), id, wrapped, document, details); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	try("another job", other, s.wrapped, s.document, s.details)
	try("parts exchanged", job, s.wrapped, s.details, s.document)
	foreign := seal3(t, doc.PublicKey())
	try("a key of another claim", job, foreign.wrapped, s.document, s.details)
	try("a document of another letter", job, s.wrapped, foreign.document, s.details)
	try("no document", job, s.wrapped, nil, s.details)
	for _, part := range [][]byte{s.wrapped, s.document, s.details} {
		for _, at := range []int{0, len(part) / 2, len(part) - 1} {
			part[at] ^= 1
			try("a flipped bit", job, s.wrapped, s.document, s.details)
			part[at] ^= 1
		}
	}
	try("a cut document", job, s.wrapped, s.document[:len(s.document)-1], s.details)
}

func TestClaimKeyIsBound(t *testing.T) {
	doc := device(t)
	s := seal3(t, doc.PublicKey())
	for name, try := range map[string]func() (*ClaimKey, error){
		"another claim":   func() (*ClaimKey, error) { return OpenClaimKey(doc, Binding{"claim-2", "press-1"}, s.claimKey) },
		"another station": func() (*ClaimKey, error) { return OpenClaimKey(doc, Binding{"claim-1", "press-2"}, s.claimKey) },
		"moved border":    func() (*ClaimKey, error) { return OpenClaimKey(doc, Binding{"claim-1p", "ress-1"}, s.claimKey) },
		"another TPM":     func() (*ClaimKey, error) { return OpenClaimKey(device(t), binding, s.claimKey) },
		"nothing":         func() (*ClaimKey, error) { return OpenClaimKey(doc, binding, nil) },
		"a flipped bit": func() (*ClaimKey, error) {
			bad := bytes.Clone(s.claimKey)
			bad[len(bad)-1] ^= 1
			return OpenClaimKey(doc, binding, bad)
		},
	} {
		if _, err := try(); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
}

// refusing is a device that answers each use with an error.
type refusing struct {
	*ecdh.PrivateKey
	err error
}

func (r refusing) ECDH(*ecdh.PublicKey) ([]byte, error) { return nil, r.err }

func TestDeviceErrorComesThrough(t *testing.T) {
	doc := device(t)
	s := seal3(t, doc.PublicKey())
	wrong := errors.New("wrong PIN")
	if _, err := OpenClaimKey(refusing{doc, wrong}, binding, s.claimKey); !errors.Is(err, wrong) || errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want the device's own error alone", err)
	}
}

func TestStoreKey(t *testing.T) {
	doc := device(t)
	blob, err := NewStoreKey(doc.PublicKey(), "press-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStoreKey(doc, "press-2", blob); !errors.Is(err, ErrRefused) {
		t.Errorf("for another station: %v, want ErrRefused", err)
	}
	k, err := OpenStoreKey(doc, "press-1", blob)
	if err != nil {
		t.Fatal(err)
	}
	f := TrackingNumber(job)
	sealed, err := k.Seal(f, []byte("RB123456785GB"))
	if err != nil {
		t.Fatal(err)
	}
	buf, err := k.Open(f, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(buf.Bytes()); got != "RB123456785GB" {
		t.Errorf("got %q", got)
	}
	buf.Destroy()
	for _, f := range []Field{TrackingNumber(other), ReceiptNumbers(job)} {
		if _, err := k.Open(f, sealed); !errors.Is(err, ErrRefused) {
			t.Errorf("in another place: %v, want ErrRefused", err)
		}
	}
	k.Destroy()
	if _, err := k.Open(f, sealed); !errors.Is(err, ErrDestroyed) {
		t.Errorf("after Destroy: %v, want ErrDestroyed", err)
	}
}

// TestPicturesTakePermits: the picture of a receipt opens once for each permit,
// which must be for this receipt.
func TestPicturesTakePermits(t *testing.T) {
	doc, j := device(t), openJournal(t)
	blob, err := NewStoreKey(doc.PublicKey(), "press-1")
	if err != nil {
		t.Fatal(err)
	}
	k, err := OpenStoreKey(doc, "press-1", blob)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.SealPicture(other, []byte("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.OpenPicture(journal.Permit{}, other, sealed); !errors.Is(err, journal.ErrNoPermit) {
		t.Errorf("without a permit: %v", err)
	}
	if _, err := k.OpenPicture(permit(t, j, job), other, sealed); !errors.Is(err, journal.ErrPermitObject) {
		t.Errorf("with the permit of another: %v", err)
	}
	p := permit(t, j, other)
	b, err := k.OpenPicture(p, other, sealed)
	if err != nil || string(b.Bytes()) != "a picture" {
		t.Fatalf("opened %v", err)
	}
	b.Destroy()
	if _, err := k.OpenPicture(p, other, sealed); !errors.Is(err, journal.ErrPermitUsed) {
		t.Errorf("with a permit that was spent: %v", err)
	}
	for _, f := range []Field{TrackingNumber(other), ReceiptNumbers(other)} {
		if _, err := k.Open(f, sealed); !errors.Is(err, ErrRefused) {
			t.Errorf("as numbers, without a permit: %v", err)
		}
	}
}
