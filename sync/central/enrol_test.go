package central

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// TestEnrolmentOfTPM enrols a real (software) TPM and works with the keys in it.
func TestEnrolmentOfTPM(t *testing.T) {
	ctx := context.Background()
	chip, err := swtpm.Start(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := chip.Stop(); err != nil {
			t.Error(err)
		}
	}()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(chip.CA()) {
		t.Fatal("no certificate in the TPM maker's PEM")
	}
	device, err := tpm.Open(chip.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := device.Close(); err != nil {
			t.Error(err)
		}
	}()
	pin, err := memory.New(6)
	if err != nil {
		t.Fatal(err)
	}
	defer pin.Destroy()
	copy(pin.Bytes(), "314159")
	set, err := device.CreateKeys([]byte("314159"))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := device.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	endorsement, err := device.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	r := newRoom(t, func(c *Config) {
		c.EKRoots = roots
		c.Now = time.Now // the TPM's certificate is of today
	})
	r.clock.at = time.Now()
	token, err := r.Token(ctx, "press-1")
	if err != nil {
		t.Fatal(err)
	}
	request := wire.EnrolmentRequest{
		ID: uuid.NewString(), Token: token, EKCertificate: endorsement.Certificate, EKPublic: endorsement.Public,
		Keys: wire.KeyBytes{Doc: set.Keys[tpm.RoleDoc].Public, Log: set.Keys[tpm.RoleLog].Public, TLS: set.Keys[tpm.RoleTLS].Public},
	}
	e, err := r.client(nil).Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	challenge := func(c wire.Challenge) tpm.Challenge { return tpm.Challenge{Credential: c.Credential, Seed: c.Secret} }
	secrets, err := loaded.Activate([3]tpm.Challenge{challenge(e.Challenges.Doc), challenge(e.Challenges.Log), challenge(e.Challenges.TLS)}, pin)
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.client(nil).Activate(ctx, e.ID, wire.ActivationRequest{Secrets: wire.KeyBytes{Doc: secrets[0], Log: secrets[1], TLS: secrets[2]}})
	if err != nil {
		t.Fatal(err)
	}
	s := &soft{Client: r.client(&tls.Certificate{Certificate: a.Certificates, PrivateKey: loaded.TLS()})}
	r.pay(2)
	claim := r.claim(s, 10)
	if len(claim.Jobs) != 2 {
		t.Fatalf("%d jobs", len(claim.Jobs))
	}
	key, err := keys.OpenClaimKey(loaded.Doc(pin), keys.Binding{Claim: claim.ID, Station: a.Station}, claim.SealedKey)
	if err != nil {
		t.Fatal(err)
	}
	key.Destroy()

	t.Run("keys in the wrong roles", func(t *testing.T) {
		wrong := request
		wrong.ID = uuid.NewString()
		if wrong.Token, err = r.Token(ctx, "press-2"); err != nil {
			t.Fatal(err)
		}
		wrong.Keys.Doc, wrong.Keys.Log = wrong.Keys.Log, wrong.Keys.Doc
		if _, err := r.client(nil).Enrol(ctx, wrong); !errors.Is(err, wire.ProblemKeyRefused) {
			t.Errorf("%v", err)
		}
	})
	t.Run("another maker", func(t *testing.T) {
		r.tpm = tpmEndorser{roots: x509.NewCertPool(), now: time.Now}
		wrong := request
		wrong.ID = uuid.NewString()
		if wrong.Token, err = r.Token(ctx, "press-2"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.client(nil).Enrol(ctx, wrong); !errors.Is(err, wire.ProblemEndorsementRefused) {
			t.Errorf("%v", err)
		}
	})
}

func TestEnrolmentIsIdempotent(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	_, request := r.request("press-1")
	first, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Error(d)
	}
	other := request
	other.EKPublic = []byte("other")
	if _, err := open.Enrol(ctx, other); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("same id, other body: %v", err)
	}
	other = request
	other.ID = uuid.NewString()
	if _, err := open.Enrol(ctx, other); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("a token twice: %v", err)
	}
	secrets := secretsOf(first)
	wrong := secrets
	wrong.Secrets.Log = bytes.Repeat([]byte{1}, 32)
	if _, err := open.Activate(ctx, first.ID, wrong); !errors.Is(err, wire.ProblemSecretRefused) {
		t.Errorf("a wrong secret: %v", err)
	}
	a, err := open.Activate(ctx, first.ID, secrets)
	if err != nil {
		t.Fatal(err)
	}
	b, err := open.Activate(ctx, first.ID, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
	if _, err := open.Activate(ctx, first.ID, wrong); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("other secrets afterwards: %v", err)
	}
}

func TestEnrolmentRunsOut(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	_, late := r.request("press-1")
	r.clock.Add(15 * time.Minute)
	if _, err := open.Enrol(ctx, late); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("an old token: %v", err)
	}
	guess := late
	guess.ID, guess.Token = uuid.NewString(), guess.Token[:17]+"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	if _, err := open.Enrol(ctx, guess); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("a guessed token: %v", err)
	}
	_, request := r.request("press-1")
	e, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Add(15 * time.Minute)
	if _, err := open.Activate(ctx, e.ID, secretsOf(e)); !errors.Is(err, wire.ProblemEnrolmentExpired) {
		t.Errorf("old challenges: %v", err)
	}
}

func TestEnrolAgain(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	before := r.enrol("press-1")
	r.pay(2)
	claim := r.claim(before, 10)
	paper := r.event(wire.EventAttempt, claim.Jobs[0].ID, code(1), claim.FencingToken)
	r.report(before, []wire.Event{paper}, accepted)
	after := r.enrol("press-1")
	if _, err := before.Staff(ctx); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("the former certificate: %v", err)
	}
	a := after.activation
	if a.Log == before.activation.Log || a.Predecessor == nil || a.Predecessor.Log != before.activation.Log {
		t.Errorf("%q succeeds %+v", a.Log, a.Predecessor)
	}
	again := r.claim(after, 10)
	if len(again.Jobs) != 1 || again.Jobs[0].ID != claim.Jobs[1].ID {
		t.Errorf("leased anew: %d jobs; only the one on no paper may be", len(again.Jobs))
	}
}

func TestStaff(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	if err := r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleOperator, Language: "fr"}); err != nil {
		t.Fatal(err)
	}
	if err := r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}); err != nil {
		t.Fatal(err)
	}
	for _, pseudonym := range []string{"", "anna", "anna-claes", "P1", "p 1"} {
		if err := r.AddPerson(ctx, wire.Person{Pseudonym: pseudonym, Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}); !errors.Is(err, ErrLetter) {
			t.Errorf("pseudonym %q: %v", pseudonym, err)
		}
	}
	s := r.enrol("press-1")
	signed, err := s.Staff(ctx)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(s.activation.Authority)
	if err != nil {
		t.Fatal(err)
	}
	staff, err := signed.Open(authority.PublicKey.(*ecdsa.PublicKey), "press-1")
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.Person{{Pseudonym: "p1", Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}}
	if d := cmp.Diff(want, staff.People); d != "" {
		t.Error(d)
	}
}
