package tpm

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Endorsement says which TPM this is.
type Endorsement struct {
	// Certificate is the maker's certificate on the endorsement key, DER;
	// empty where the TPM holds none.
	Certificate []byte `json:"certificate,omitempty"`
	// Chain are certificates of those who issued it, DER, as far as the TPM
	// holds them, in any order.
	Chain [][]byte `json:"chain,omitempty"`
	// Public is the endorsement key's TPM2B_PUBLIC.
	Public []byte `json:"public"`
}

// endorsementKind is one of the standard endorsement keys (TCG EK Credential
// Profile for TPM 2.0, 2.2.1.4 and annex B: templates L-1 and L-2).
type endorsementKind struct {
	certificate tpm2.TPMHandle // NV index
	persistent  tpm2.TPMHandle // where a maker may have left the key
	template    tpm2.TPMTPublic
}

func endorsementKinds() []endorsementKind {
	return []endorsementKind{
		{0x01c00002, 0x81010001, tpm2.RSAEKTemplate}, // L-1, RSA 2048
		{0x01c0000a, 0x81010002, tpm2.ECCEKTemplate}, // L-2, P-256
	}
}

// Endorsement reads the endorsement certificate and remakes its key from the
// standard template: RSA 2048 if there is such a certificate, else P-256. The
// key must be the certificate's; else ErrEndorsement. Without a certificate it
// is the P-256 key and Certificate is empty; whether that enrols a station is
// the authority's decision.
func (d *Device) Endorsement() (Endorsement, error) {
	var e Endorsement
	err := d.sequence("endorsement", func(t transport.TPM) error {
		kind, der, err := findEndorsement(t)
		if err != nil {
			return err
		}
		return withEndorsement(t, kind, func(key primary) error {
			e = Endorsement{Certificate: der, Public: marshalPublic(*key.public)}
			if len(der) == 0 {
				return nil
			}
			if e.Chain, err = readChain(t); err != nil {
				return err
			}
			cert, err := parseCertificate(der)
			if err != nil {
				return err
			}
			return sameKey(cert, key.public)
		})
	})
	if err != nil {
		return Endorsement{}, err
	}
	return e, nil
}

// CheckEndorsement is the authority's side of Endorsement, pure software: the
// certificate is one by the roots' makers, through the options' intermediates
// or those in e.Chain, valid at the options' time, and on the endorsement key
// in e.Public, which is a standard one; else ErrEndorsement. So is one that the
// maker gave for another use. Makers' extensions that x509 does not know are
// accepted where the profile puts them (subject alternative name).
func CheckEndorsement(e Endorsement, opts x509.VerifyOptions) (*x509.Certificate, error) {
	fail := func(err error) (*x509.Certificate, error) {
		if !errors.Is(err, ErrEndorsement) {
			err = fmt.Errorf("%w: %w", ErrEndorsement, err)
		}
		return nil, fmt.Errorf("tpm: %w", err)
	}
	area, err := parseEndorsement(e.Public)
	if err != nil {
		return fail(err)
	}
	cert, err := parseCertificate(e.Certificate)
	if err != nil {
		return fail(err)
	}
	if err := sameKey(cert, area); err != nil {
		return fail(err)
	}
	if err := endorses(cert); err != nil {
		return fail(err)
	}
	if opts.Intermediates, err = e.intermediates(opts.Intermediates); err != nil {
		return fail(err)
	}
	opts.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	if _, err := cert.Verify(opts); err != nil {
		return fail(err)
	}
	return cert, nil
}

// findEndorsement picks the first kind whose certificate is there.
func findEndorsement(t transport.TPM) (endorsementKind, []byte, error) {
	kinds := endorsementKinds()
	for _, kind := range kinds {
		der, err := readNV(t, kind.certificate)
		if err != nil {
			return endorsementKind{}, nil, err
		}
		if len(der) > 0 {
			return kind, der, nil
		}
	}
	return kinds[len(kinds)-1], nil, nil
}

// withEndorsement runs f with the endorsement key: the one a maker left
// persistent if it has the template (it saves seconds on a real TPM), else
// made anew from the template, which gives the same key.
func withEndorsement(t transport.TPM, kind endorsementKind, f func(primary) error) error {
	rsp, err := tpm2.ReadPublic{ObjectHandle: kind.persistent}.Execute(t)
	if err == nil {
		public, err := rsp.OutPublic.Contents()
		if err == nil && checkTemplate(public, kind.template) == nil {
			name, err := tpm2.ObjectName(public)
			if err != nil {
				return fmt.Errorf("name of the endorsement key: %w", err)
			}
			return f(primary{handle: kind.persistent, public: public, name: *name})
		}
	}
	return withPrimary(t, tpm2.TPMRHEndorsement, kind.template, f)
}

// maxCertificate bounds what is read of an NV index; certificates have one to
// two KiB.
const maxCertificate = 8 << 10

// readNV reads an index that anyone may read, as certificates are; nil if it
// is not defined or was never written.
func readNV(t transport.TPM, index tpm2.TPMHandle) ([]byte, error) {
	public, err := readIndex(t, index)
	if err != nil || public == nil {
		return nil, err
	}
	if public.DataSize > maxCertificate {
		return nil, fmt.Errorf("NV index %#x: %w: %d bytes", uint32(index), ErrEndorsement, public.DataSize)
	}
	if !public.Attributes.Written {
		return nil, nil
	}
	name, err := tpm2.NVName(public)
	if err != nil {
		return nil, fmt.Errorf("name of NV index %#x: %w", uint32(index), err)
	}
	var data []byte
	err = withHierarchy(t, func(s tpm2.Session) error {
		reader := tpm2.AuthHandle{Handle: index, Name: *name, Auth: s}
		if !public.Attributes.AuthRead {
			reader = tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner), Auth: s}
		}
		data, err = readChunks(t, reader, tpm2.NamedHandle{Handle: index, Name: *name}, public.DataSize)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read NV index %#x: %w", uint32(index), err)
	}
	return data, nil
}

// readChunks reads in pieces that every TPM takes.
func readChunks(t transport.TPM, reader tpm2.AuthHandle, index tpm2.NamedHandle, size uint16) ([]byte, error) {
	const chunk = 512
	data := make([]byte, 0, size)
	for len(data) < int(size) {
		rsp, err := tpm2.NVRead{
			AuthHandle: reader,
			NVIndex:    index,
			Size:       min(chunk, size-uint16(len(data))),
			Offset:     uint16(len(data)),
		}.Execute(t)
		if err != nil {
			return nil, err
		}
		if n := len(rsp.Data.Buffer); n == 0 || n > int(size)-len(data) {
			return nil, fmt.Errorf("%d bytes at once", n)
		}
		data = append(data, rsp.Data.Buffer...)
	}
	return data, nil
}
