package enrolment

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/operators"
	"espero-soft.com/printroom/vault/tpm"
)

// Central is what is asked, without a client certificate.
type Central interface {
	Trust(ctx context.Context) (wire.SignedTrust, error)
	Enrol(ctx context.Context, r wire.EnrolmentRequest) (wire.Enrolment, error)
	Activate(ctx context.Context, enrolment wire.UUID, r wire.ActivationRequest) (wire.Activation, error)
}

// Enrol makes the three keys in the TPM, proves to central that they are in
// it, and returns the identity that central gave. It takes no PIN: people set
// theirs afterwards. Nothing is kept: on an error the token may be used up, and
// the TPM holds nothing new but its counters.
func Enrol(ctx context.Context, c Central, d *tpm.Device, authority *x509.Certificate, token string) (Identity, error) {
	e := enroller{central: c, device: d, token: token}
	if err := e.learn(ctx, authority); err != nil {
		return Identity{}, err
	}
	set, err := d.CreateKeys(e.policy)
	if err != nil {
		return Identity{}, fmt.Errorf("make the station's keys: %w", err)
	}
	a, err := e.prove(ctx, set)
	if err != nil {
		return Identity{}, err
	}
	id := e.identity(a)
	id.Predecessors = succeed(nil, nil, a.Predecessor)
	return id, id.check()
}

// enroller is one enrolment under way.
type enroller struct {
	central Central
	device  *tpm.Device
	token   string
	station string // the only name to enrol by, "" for any

	signed      wire.SignedTrust
	trust       wire.Trust
	authorities []*x509.Certificate
	policy      *ecdsa.PublicKey

	set     tpm.KeySet
	keys    *tpm.Keys
	salt    []byte
	counter uint64
}

// learn asks whom the room trusts, and for its policy key, before anything is
// made: the configured authority has to have signed it.
func (e *enroller) learn(ctx context.Context, authority *x509.Certificate) (err error) {
	if e.signed, err = e.central.Trust(ctx); err != nil {
		return err
	}
	if e.trust, err = openTrust(e.signed, []*x509.Certificate{authority}); err != nil {
		return err
	}
	if e.authorities, err = e.trust.Certificates(); err != nil {
		return err
	}
	e.policy, err = e.trust.Policy()
	return err
}

// prepare loads the keys and takes what the identity needs of the TPM, so that
// a TPM in which it can't be made keeps its token.
func (e *enroller) prepare(set tpm.KeySet) (err error) {
	e.set = set
	if e.keys, err = e.device.Load(set); err != nil {
		return fmt.Errorf("load the station's keys: %w", err)
	}
	if _, err = e.keys.Counter(tpm.CounterGeneration); err != nil {
		return fmt.Errorf("begin the station's counters: %w", err)
	}
	if e.counter, err = e.keys.Counter(tpm.CounterJournal); err != nil {
		return fmt.Errorf("begin the station's counters: %w", err)
	}
	e.salt, err = operators.NewSalt()
	return err
}

// prove goes through the enrolment: central challenges the attestation key of
// this TPM, which then certifies the station's keys.
func (e *enroller) prove(ctx context.Context, set tpm.KeySet) (a wire.Activation, err error) {
	if err := e.prepare(set); err != nil {
		return a, err
	}
	endorsement, err := e.device.Endorsement()
	if err != nil {
		return a, fmt.Errorf("read the TPM's endorsement key: %w", err)
	}
	attestation, err := e.keys.Attest()
	if err != nil {
		return a, fmt.Errorf("make an attestation key: %w", err)
	}
	enrolled, err := e.central.Enrol(ctx, e.request(endorsement, attestation))
	if err != nil {
		return a, err
	}
	if e.station != "" && enrolled.Station != e.station {
		return a, fmt.Errorf("%w: the token is for %s, the data is %s's", ErrStation, enrolled.Station, e.station)
	}
	answer, err := answerTo(enrolled, attestation)
	if err != nil {
		return a, fmt.Errorf("answer central's challenge: %w", err)
	}
	if a, err = e.central.Activate(ctx, enrolled.ID, answer); err != nil {
		return a, err
	}
	return a, e.checkActivation(a)
}

func (e *enroller) request(endorsement tpm.Endorsement, attestation *tpm.Attestation) wire.EnrolmentRequest {
	chain := endorsement.Chain
	if chain == nil {
		chain = [][]byte{}
	}
	keys := e.set.Keys
	return wire.EnrolmentRequest{
		ID: uuid.NewString(), Token: e.token,
		EKCertificate: endorsement.Certificate, EKChain: chain, EKPublic: endorsement.Public,
		AK: attestation.Public(), PINKind: wire.PINKind(e.set.PINKind),
		Keys: wire.KeyBytes{Doc: keys[tpm.RoleDoc].Public, Log: keys[tpm.RoleLog].Public, TLS: keys[tpm.RoleTLS].Public},
	}
}

// answerTo opens the challenge and has the keys certified for this enrolment.
func answerTo(e wire.Enrolment, attestation *tpm.Attestation) (wire.ActivationRequest, error) {
	secret, err := attestation.Activate(tpm.Challenge{Credential: e.Challenge.Credential, Seed: e.Challenge.Secret})
	if err != nil {
		return wire.ActivationRequest{}, err
	}
	all, err := attestation.Certify(tpm.Qualifying(secret, e.ID))
	if err != nil {
		return wire.ActivationRequest{}, err
	}
	return wire.ActivationRequest{Secret: secret, Certifications: wire.Certifications{
		Doc: wire.Certification(all[tpm.RoleDoc]), Log: wire.Certification(all[tpm.RoleLog]), TLS: wire.Certification(all[tpm.RoleTLS]),
	}}, nil
}

// checkActivation wants what central gave to fit whom the room trusts.
func (e *enroller) checkActivation(a wire.Activation) error {
	if !slices.ContainsFunc(e.authorities, func(c *x509.Certificate) bool { return string(c.Raw) == string(a.Authority) }) {
		return ErrAuthority
	}
	if !slices.Contains(e.trust.Witnesses, a.Witness) {
		return fmt.Errorf("%w: its witness is not one of the room's", ErrAuthority)
	}
	_, err := checkCertificates(a.Certificates, e.set, a.Station, e.authorities)
	return err
}

func (e *enroller) identity(a wire.Activation) Identity {
	return Identity{
		Version: identityVersion, Station: a.Station, Log: a.Log, Certificates: a.Certificates,
		Keys: e.set, PINSalt: e.salt, Trust: e.signed, Counter: e.counter,
	}
}
