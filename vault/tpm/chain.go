package tpm

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Where a maker keeps the certificates of those who issued the endorsement
// certificate (TCG EK Credential Profile for TPM 2.0, 2.2.1.5.4): DER, one
// after the other, in the order of the indexes.
const (
	firstChainIndex tpm2.TPMHandle = 0x01c00100
	lastChainIndex  tpm2.TPMHandle = 0x01c001ff
)

// MaxChain is how many certificates of a chain are read and taken.
const MaxChain = 8

// maxChainBytes bounds what is read of all indexes together.
const maxChainBytes = MaxChain * maxCertificate

// readChain reads the endorsement certificate's issuers as far as the TPM
// holds them. What can't be read is left out: the authority may have the rest.
func readChain(t transport.TPM) ([][]byte, error) {
	rsp, err := tpm2.GetCapability{
		Capability: tpm2.TPMCapHandles, Property: uint32(firstChainIndex), PropertyCount: 64,
	}.Execute(t)
	if err != nil {
		return nil, fmt.Errorf("list the certificates' NV indexes: %w", err)
	}
	list, err := rsp.CapabilityData.Data.Handles()
	if err != nil {
		return nil, fmt.Errorf("list the certificates' NV indexes: %w", err)
	}
	var stream []byte
	for _, index := range list.Handle {
		if index < firstChainIndex || index > lastChainIndex || len(stream) > maxChainBytes {
			break
		}
		data, err := readNV(t, index)
		if errors.Is(err, ErrHierarchy) || errors.Is(err, ErrEndorsement) {
			continue
		}
		if err != nil {
			return nil, err
		}
		stream = append(stream, data...)
	}
	return splitChain(stream), nil
}

// splitChain cuts a stream into its certificates. A certificate may go on in
// the next index, and an index may be longer than what is in it: what fills it
// up is skipped.
func splitChain(stream []byte) [][]byte {
	var chain [][]byte
	for len(chain) < MaxChain {
		stream = bytes.TrimLeft(stream, "\x00\xff")
		var outer asn1.RawValue
		rest, err := asn1.Unmarshal(stream, &outer)
		if err != nil {
			return chain
		}
		if _, err := x509.ParseCertificate(outer.FullBytes); err == nil && len(outer.FullBytes) <= maxCertificate {
			chain = append(chain, outer.FullBytes)
		}
		stream = rest
	}
	return chain
}

// intermediates are the chain's certificates beside those the authority knows;
// what vouches for them are the authority's roots alone.
func (e Endorsement) intermediates(known *x509.CertPool) (*x509.CertPool, error) {
	if len(e.Chain) > MaxChain {
		return nil, fmt.Errorf("%w: a chain of %d certificates", ErrEndorsement, len(e.Chain))
	}
	pool := x509.NewCertPool()
	if known != nil {
		pool = known.Clone()
	}
	for _, der := range e.Chain {
		if len(der) > maxCertificate {
			return nil, fmt.Errorf("%w: a certificate of %d bytes", ErrEndorsement, len(der))
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%w: chain: %w", ErrEndorsement, err)
		}
		pool.AddCert(cert)
	}
	return pool, nil
}
