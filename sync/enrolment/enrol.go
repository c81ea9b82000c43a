package enrolment

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
)

// Central is what is asked, without a client certificate.
type Central interface {
	Enrol(ctx context.Context, r wire.EnrolmentRequest) (wire.Enrolment, error)
	Activate(ctx context.Context, enrolment wire.UUID, r wire.ActivationRequest) (wire.Activation, error)
}

// ErrAuthority says that central answered with another room authority than the
// one that the configuration names. It is a client.ErrCertificate too.
var ErrAuthority = fmt.Errorf("central answered with another room authority than the configured one: %w", client.ErrCertificate)

// Enrol makes the three keys in the TPM, proves to central that they are in
// it, and returns the identity that central gave. The PIN guards K_doc. Nothing
// is kept: on an error the token may be used up, and the TPM holds nothing new.
func Enrol(ctx context.Context, c Central, d *tpm.Device, authority *x509.Certificate, token string, pin *memory.Buffer) (Identity, error) {
	endorsement, err := d.Endorsement()
	if err != nil {
		return Identity{}, fmt.Errorf("read the TPM's endorsement key: %w", err)
	}
	set, err := d.CreateKeys(pin.Bytes())
	if err != nil {
		return Identity{}, fmt.Errorf("make the station's keys: %w", err)
	}
	loaded, err := d.Load(set)
	if err != nil {
		return Identity{}, fmt.Errorf("load the station's keys: %w", err)
	}
	enrolled, err := c.Enrol(ctx, wire.EnrolmentRequest{
		ID: uuid.NewString(), Token: token,
		EKCertificate: endorsement.Certificate, EKPublic: endorsement.Public,
		Keys: wire.KeyBytes{Doc: set.Keys[tpm.RoleDoc].Public, Log: set.Keys[tpm.RoleLog].Public, TLS: set.Keys[tpm.RoleTLS].Public},
	})
	if err != nil {
		return Identity{}, err
	}
	secrets, err := loaded.Activate([3]tpm.Challenge{
		tpm.RoleDoc: challenge(enrolled.Challenges.Doc),
		tpm.RoleLog: challenge(enrolled.Challenges.Log),
		tpm.RoleTLS: challenge(enrolled.Challenges.TLS),
	}, pin)
	if err != nil {
		return Identity{}, fmt.Errorf("answer central's challenges: %w", err)
	}
	a, err := c.Activate(ctx, enrolled.ID, wire.ActivationRequest{
		Secrets: wire.KeyBytes{Doc: secrets[tpm.RoleDoc], Log: secrets[tpm.RoleLog], TLS: secrets[tpm.RoleTLS]},
	})
	if err != nil {
		return Identity{}, err
	}
	if given, err := x509.ParseCertificate(a.Authority); err != nil || !given.Equal(authority) {
		return Identity{}, errors.Join(ErrAuthority, err)
	}
	return identity(a, set)
}

func challenge(c wire.Challenge) tpm.Challenge {
	return tpm.Challenge{Credential: c.Credential, Seed: c.Secret}
}

func identity(a wire.Activation, set tpm.KeySet) (Identity, error) {
	public, _, err := tpm.CheckPublic(tpm.RoleDoc, set.Keys[tpm.RoleDoc].Public)
	if err != nil {
		return Identity{}, fmt.Errorf("use K_doc: %w", err)
	}
	doc, err := public.ECDH()
	if err != nil {
		return Identity{}, fmt.Errorf("use K_doc: %w", err)
	}
	storeKey, err := keys.NewStoreKey(doc, a.Station)
	if err != nil {
		return Identity{}, err
	}
	return Identity{
		Version: identityVersion, Station: a.Station, Log: a.Log, Witness: a.Witness, Authority: a.Authority,
		Certificates: a.Certificates, Keys: set, StoreKey: storeKey,
	}, nil
}
