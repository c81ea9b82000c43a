package central

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// chip is a station with a (software) TPM.
type chip struct {
	*soft
	device *tpm.Device
	set    tpm.KeySet
	keys   *tpm.Keys
}

// newChipRoom is a room that trusts the maker of one TPM, and that TPM. It is today there, as it is in the
// TPM's certificate.
func newChipRoom(t testing.TB) (*room, *tpm.Device) {
	t.Helper()
	sim, err := swtpm.Start(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Stop(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(sim.CA()) {
		t.Fatal("no certificate in the TPM maker's PEM")
	}
	device, err := tpm.Open(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := device.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newRoom(t, func(c *Config) { c.EKRoots = roots })
	r.clock.Add(time.Since(r.clock.Now()))
	return r, device
}

// chipRequest makes keys in the TPM, and an enrolment of them.
func (r *room) chipRequest(d *tpm.Device, name string) (*chip, *tpm.Attestation, wire.EnrolmentRequest) {
	r.t.Helper()
	set, err := d.CreateKeys(r.PolicyKey())
	r.check(err)
	loaded, err := d.Load(set)
	r.check(err)
	attestation, err := loaded.Attest()
	r.check(err)
	endorsement, err := d.Endorsement()
	r.check(err)
	token, err := r.Token(context.Background(), name)
	r.check(err)
	request := wire.EnrolmentRequest{
		ID: uuid.NewString(), Token: token, EKCertificate: endorsement.Certificate, EKChain: endorsement.Chain, EKPublic: endorsement.Public,
		AK: attestation.Public(), PINKind: wire.PINKind(set.PINKind),
		Keys: wire.KeyBytes{Doc: set.Keys[tpm.RoleDoc].Public, Log: set.Keys[tpm.RoleLog].Public, TLS: set.Keys[tpm.RoleTLS].Public},
	}
	if request.EKChain == nil {
		request.EKChain = [][]byte{}
	}
	return &chip{soft: &soft{name: name}, device: d, set: set, keys: loaded}, attestation, request
}

// prove answers a challenge and has the keys certified.
func (r *room) prove(a *tpm.Attestation, e wire.Enrolment) wire.ActivationRequest {
	r.t.Helper()
	secret, err := a.Activate(tpm.Challenge{Credential: e.Challenge.Credential, Seed: e.Challenge.Secret})
	r.check(err)
	all, err := a.Certify(tpm.Qualifying(secret, e.ID))
	r.check(err)
	one := func(role tpm.Role) wire.Certification {
		return wire.Certification{Attest: all[role].Attest, Signature: all[role].Signature}
	}
	return wire.ActivationRequest{Secret: secret, Certifications: wire.Certifications{
		Doc: one(tpm.RoleDoc), Log: one(tpm.RoleLog), TLS: one(tpm.RoleTLS),
	}}
}

func (r *room) enrolChip(d *tpm.Device, name string) *chip {
	r.t.Helper()
	ctx := context.Background()
	c, attestation, request := r.chipRequest(d, name)
	open := r.client(nil)
	e, err := open.Enrol(ctx, request)
	r.check(err)
	c.activation, err = open.Activate(ctx, e.ID, r.prove(attestation, e))
	r.check(err)
	c.certificate = &tls.Certificate{Certificate: c.activation.Certificates, PrivateKey: c.keys.TLS()}
	c.Client = r.client(c.certificate)
	return c
}

// staff is the list that a station gets, checked as the station checks it.
func (r *room) staff(s *soft) wire.Staff {
	r.t.Helper()
	signed, err := s.Staff(context.Background())
	r.check(err)
	staff, err := signed.Open(r.Authorities(), s.activation.Station)
	r.check(err)
	return staff
}

func (r *room) personAt(s *soft, pseudonym string) wire.Person {
	r.t.Helper()
	for _, p := range r.staff(s).People {
		if p.Pseudonym == pseudonym {
			return p
		}
	}
	r.t.Fatalf("%s is not in the list", pseudonym)
	return wire.Person{}
}

// auth is what a PIN gives.
func auth(t testing.TB, pin string) *memory.Buffer {
	t.Helper()
	b, err := memory.New(tpm.AuthSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Destroy)
	copy(b.Bytes(), pin)
	return b
}

// begin has the TPM ask for a PIN in a slot. What is asked may be answered, or not.
func (c *chip) begin(t testing.TB, slot int, pin *memory.Buffer) (*tpm.PINChange, wire.PINRequest) {
	t.Helper()
	change, r, err := c.keys.BeginPIN(slot, pin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(change.Abort)
	sign := func(s tpm.SignRequest) wire.SignRequest { return wire.SignRequest{Nonce: s.Nonce, CpHash: s.CpHash} }
	return change, wire.PINRequest{Slot: r.Slot, Auth: sign(r.Auth), Write: sign(r.Write)}
}

// setPIN sets a person's PIN, with a code.
func (r *room) setPIN(c *chip, pseudonym, pin string) *memory.Buffer {
	r.t.Helper()
	ctx := context.Background()
	code, err := r.PINCode(ctx, pseudonym)
	r.check(err)
	buffer := auth(r.t, pin)
	change, request := c.begin(r.t, r.personAt(c.soft, pseudonym).Slot, buffer)
	grant, err := c.GrantPIN(ctx, wire.PINGrantRequest{ID: uuid.NewString(), Person: pseudonym, Code: code, Request: request})
	r.check(err)
	r.check(change.Finish(grant.AuthSignature, grant.WriteSignature))
	return buffer
}

// unlocks says whether a person's PIN opens a claim key at a station.
func (r *room) unlocks(c *chip, pseudonym string, pin *memory.Buffer) error {
	r.t.Helper()
	p := r.personAt(c.soft, pseudonym)
	r.pay(1)
	claim := r.claim(c.soft, 1)
	doc := c.keys.Doc(tpm.PIN{Slot: p.Slot, Approval: p.Approval, Auth: pin})
	key, err := keys.OpenClaimKey(doc, keys.Binding{Claim: claim.ID, Station: c.name}, claim.SealedKey)
	if err == nil {
		key.Destroy()
	}
	return err
}

func (r *room) addPeople(pseudonyms ...string) {
	r.t.Helper()
	for _, p := range pseudonyms {
		r.check(r.AddPerson(context.Background(), wire.Person{Pseudonym: p, Name: "Name of " + p, Role: wire.RoleOperator, Language: "fr"}))
	}
}

// TestEnrolmentOfTPM enrols a real (software) TPM and works with the keys in it.
func TestEnrolmentOfTPM(t *testing.T) {
	ctx := context.Background()
	r, device := newChipRoom(t)
	r.addPeople("p1", "p2")
	c := r.enrolChip(device, "press-1")
	pin := r.setPIN(c, "p1", "314159")
	if err := r.unlocks(c, "p1", pin); err != nil {
		t.Errorf("the right PIN: %v", err)
	}
	if err := r.unlocks(c, "p1", auth(t, "271828")); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Errorf("a wrong PIN: %v", err)
	}
	if err := r.unlocks(c, "p2", pin); !errors.Is(err, tpm.ErrPINUnset) {
		t.Errorf("somebody who has none: %v", err)
	}

	_, attestation, request := r.chipRequest(device, "press-2")
	stranger, err := device.CreateKeys(&newKey(t).PublicKey)
	r.check(err)
	for name, change := range map[string]struct {
		change func(*wire.EnrolmentRequest)
		want   wire.ProblemType
	}{
		"keys in the wrong roles":  {func(q *wire.EnrolmentRequest) { q.Keys.Doc, q.Keys.Log = q.Keys.Log, q.Keys.Doc }, wire.ProblemKeyRefused},
		"K_doc for another policy": {func(q *wire.EnrolmentRequest) { q.Keys.Doc = stranger.Keys[tpm.RoleDoc].Public }, wire.ProblemKeyRefused},
		"K_log to attest with":     {func(q *wire.EnrolmentRequest) { q.AK = q.Keys.Log }, wire.ProblemKeyRefused},
		"no certificate":           {func(q *wire.EnrolmentRequest) { q.EKCertificate = []byte{} }, wire.ProblemEndorsementRefused},
		"another endorsement key":  {func(q *wire.EnrolmentRequest) { q.EKPublic = q.AK }, wire.ProblemEndorsementRefused},
		"a chain of garbage": {func(q *wire.EnrolmentRequest) {
			q.EKChain = [][]byte{{1, 2, 3}}
			q.EKCertificate = q.EKCertificate[:40]
		}, wire.ProblemEndorsementRefused},
	} {
		wrong := request
		wrong.ID = uuid.NewString()
		change.change(&wrong)
		if _, err := r.client(nil).Enrol(ctx, wrong); !errors.Is(err, change.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The keys of one enrolment, certified for it, with those of another in their place.
	other, _, _ := r.chipRequest(device, "press-3")
	request.Keys.TLS = other.set.Keys[tpm.RoleTLS].Public
	e, err := r.client(nil).Enrol(ctx, request)
	r.check(err)
	if _, err := r.client(nil).Activate(ctx, e.ID, r.prove(attestation, e)); !errors.Is(err, wire.ProblemKeyRefused) {
		t.Errorf("a K_tls that was not certified: %v", err)
	}
}

func TestEnrolmentOfUntrustedMaker(t *testing.T) {
	r, device := newChipRoom(t)
	r.tpm = tpmEndorser{roots: x509.NewCertPool(), now: time.Now}
	_, _, request := r.chipRequest(device, "press-1")
	if _, err := r.client(nil).Enrol(context.Background(), request); !errors.Is(err, wire.ProblemEndorsementRefused) {
		t.Error(err)
	}
	r.tpm = tpmEndorser{now: time.Now}
	if _, err := r.client(nil).Enrol(context.Background(), request); !errors.Is(err, wire.ProblemEndorsementRefused) {
		t.Errorf("no maker is trusted: %v", err)
	}
}
