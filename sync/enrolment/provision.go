package enrolment

import (
	"context"
	"crypto/x509"

	"espero-soft.com/printroom/vault/tpm"
)

// Provision makes in the TPM what an enrolment and the people of the station
// need of its owner's authorisation (tpm.Device.Provision), for a room whose
// trust the configured authority signed. An installer runs it where people at
// work have no such authorisation.
func Provision(ctx context.Context, c Central, d *tpm.Device, authority *x509.Certificate, slots int) error {
	e := enroller{central: c}
	if err := e.learn(ctx, authority); err != nil {
		return err
	}
	return d.Provision(e.policy, slots)
}
