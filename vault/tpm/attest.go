package tpm

import (
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Attestation proves to an authority that a station's keys are in this TPM: an
// attestation key, made for one enrolment, answers the authority's challenge
// and then certifies each of the keys. It holds nothing in the TPM between two
// uses, and is forgotten once the enrolment is through.
type Attestation struct {
	keys    *Keys
	public  []byte // TPM2B_PUBLIC
	name    tpm2.TPM2BName
	area    tpm2.TPM2BPublic
	private tpm2.TPM2BPrivate
}

// Attest makes an attestation key under the storage root.
func (k *Keys) Attest() (*Attestation, error) {
	a := &Attestation{keys: k}
	err := k.device.sequence("make an attestation key", func(t transport.TPM) error {
		return k.retry(t, func() error {
			return withRoot(t, k.root, func(parent tpm2.AuthHandle) error {
				rsp, err := tpm2.Create{
					ParentHandle: parent,
					InSensitive:  tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{}},
					InPublic:     tpm2.New2B(attestationTemplate()),
				}.Execute(t)
				if err != nil {
					return err
				}
				a.public, a.private = tpm2.Marshal(rsp.OutPublic), rsp.OutPrivate
				return nil
			})
		})
	})
	if err != nil {
		return nil, err
	}
	_, name, err := CheckAK(a.public)
	if err != nil {
		return nil, err
	}
	a.name, a.area = tpm2.TPM2BName{Buffer: name}, tpm2.BytesAs2B[tpm2.TPMTPublic](a.public[2:])
	return a, nil
}

// Public is the attestation key's TPM2B_PUBLIC.
func (a *Attestation) Public() []byte { return append([]byte(nil), a.public...) }

// Certify has the TPM certify each role's key over a qualifying value, which
// Qualifying makes.
func (a *Attestation) Certify(qualifying []byte) (all [3]Certification, err error) {
	err = a.keys.device.sequence("certify", func(t transport.TPM) error {
		for _, role := range Roles() {
			if all[role], err = a.certify(t, role, qualifying); err != nil {
				return fmt.Errorf("%v: %w", role, err)
			}
		}
		return nil
	})
	if err != nil {
		return [3]Certification{}, err
	}
	return all, nil
}

func (a *Attestation) certify(t transport.TPM, role Role, qualifying []byte) (c Certification, err error) {
	err = a.keys.use(t, role, encryptIn, func(key tpm2.AuthHandle) error {
		return a.with(t, func(ak tpm2.NamedHandle) error {
			return withSession(t, a.keys.root, encryptNothing, func(s *session) error {
				rsp, err := tpm2.Certify{
					ObjectHandle:   key,
					SignHandle:     tpm2.AuthHandle{Handle: ak.Handle, Name: ak.Name, Auth: s},
					QualifyingData: tpm2.TPM2BData{Buffer: qualifying},
					InScheme:       tpm2.TPMTSigScheme{Scheme: tpm2.TPMAlgNull},
				}.Execute(t)
				if err != nil {
					return err
				}
				c.Attest = rsp.CertifyInfo.Bytes()
				c.Signature, err = encodeSignature(rsp.Signature)
				return err
			})
		})
	})
	return c, err
}

// with runs f with the attestation key loaded, and unloads it.
func (a *Attestation) with(t transport.TPM, f func(tpm2.NamedHandle) error) (err error) {
	var ak tpm2.NamedHandle
	err = withRoot(t, a.keys.root, func(parent tpm2.AuthHandle) error {
		rsp, err := tpm2.Load{ParentHandle: parent, InPrivate: a.private, InPublic: a.area}.Execute(t)
		if err != nil {
			return notOfThisTPM(err)
		}
		ak = tpm2.NamedHandle{Handle: rsp.ObjectHandle, Name: a.name}
		return nil
	})
	if ak.Handle != 0 {
		defer flush(t, ak.Handle, &err)
	}
	if err != nil {
		return err
	}
	return f(ak)
}
