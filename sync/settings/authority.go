package settings

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

// ReadAuthority reads the certificate, PEM, of the room authority that a station is enrolled by.
func ReadAuthority(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the room authority's certificate: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("the room authority's certificate %s is not PEM", path)
	}
	return x509.ParseCertificate(block.Bytes)
}
