package central

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

const (
	authorityLife = 20 * 365 * 24 * time.Hour
	serverLife    = 30 * 24 * time.Hour
	clockSkew     = time.Hour // stations' clocks may be behind by this much
	maxKeyFile    = 64 << 10
)

// authority is one of the room's own certificate authorities. It is never changed.
type authority struct {
	name        string // of its files: name.key, name.pem, name.cross.pem
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	cross       *x509.Certificate // the same key, certified by the authority before it; nil for the first
}

func (a *authority) id() wire.Digest { return wire.AuthorityID(a.certificate) }

// openAuthority reads an authority's files, or makes those that are missing: the certificates are made
// from the key, so that a crash between them is harmless. The title is the certificate's; before is who
// certifies a new one as well, nil for the first.
func openAuthority(dir, name, title string, now time.Time, before *authority) (*authority, error) {
	a := &authority{name: name}
	key, err := loadKey(filepath.Join(dir, name+".key"), newP256)
	if err != nil {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	var ok bool
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok || a.key.Curve != elliptic.P256() {
		return nil, errors.New("room authority: not a key on P-256")
	}
	frame := template(title, authorityLife, now)
	a.certificate, err = openCertificate(filepath.Join(dir, name+".pem"), func() ([]byte, error) {
		return a.sign(frame, &a.key.PublicKey)
	})
	if err != nil {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	cross := filepath.Join(dir, name+".cross.pem")
	a.cross, err = openCertificate(cross, func() ([]byte, error) {
		if before == nil {
			return nil, os.ErrNotExist
		}
		frame.RawSubject, frame.SubjectKeyId = a.certificate.RawSubject, a.certificate.SubjectKeyId
		return before.sign(frame, &a.key.PublicKey)
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	for _, c := range []*x509.Certificate{a.certificate, a.cross} {
		if c != nil && !a.key.PublicKey.Equal(c.PublicKey) {
			return nil, errors.New("room authority: certificate and key do not belong together")
		}
	}
	return a, nil
}

func newP256() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// openCertificate reads a certificate, or makes and keeps it.
func openCertificate(path string, issue func() ([]byte, error)) (*x509.Certificate, error) {
	der, err := readPEM(path, "CERTIFICATE")
	if errors.Is(err, os.ErrNotExist) {
		if der, err = issue(); err == nil {
			err = writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		}
	}
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// template is a certificate's frame; an authority's own when used as it is.
func template(title string, life time.Duration, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: title, Organization: []string{"Bjet24 print room"}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(life),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLen:            wire.MaxAuthorities, // it certifies the authorities that follow it
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
}

func leaf(title string, life time.Duration, now time.Time, usage x509.ExtKeyUsage) *x509.Certificate {
	t := template(title, life, now)
	t.IsCA, t.MaxPathLen = false, 0
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	return t
}

func (a *authority) sign(t *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	serial := make([]byte, 16)
	if _, err := rand.Read(serial); err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	serial[0] = serial[0]&0x7f | 0x40 // positive, and of one length
	t.SerialNumber = new(big.Int).SetBytes(serial)
	parent := a.certificate
	if parent == nil {
		parent = t
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, public, a.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return der, nil
}

func stationURI(station string) *url.URL {
	return &url.URL{Scheme: "urn", Opaque: "bjet24:station:" + station}
}

// statement signs a statement's digest, as wire.StaffDigest and wire.TrustDigest make it.
func (a *authority) statement(digest [sha256.Size]byte) ([]byte, error) {
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign a statement: %w", err)
	}
	return signature, nil
}
