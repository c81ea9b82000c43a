package central

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

const (
	authorityLife = 20 * 365 * 24 * time.Hour
	serverLife    = 30 * 24 * time.Hour
	clockSkew     = time.Hour // stations' clocks may be behind by this much
	maxKeyFile    = 64 << 10
)

// authority is the room's own certificate authority.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	names       []string
	now         func() time.Time

	mu     sync.Mutex // guards server
	server *tls.Certificate
}

// loadAuthority reads authority.key and authority.pem, or makes them at the first start. The
// certificate is made from the key each time it is missing, so that a crash between the two is harmless.
func loadAuthority(dir string, config Config) (*authority, error) {
	a := &authority{names: config.Names, now: config.Now}
	key, err := loadKey(filepath.Join(dir, "authority.key"), func() (crypto.Signer, error) {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	})
	if err != nil {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	var ok bool
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok {
		return nil, errors.New("room authority: not an ECDSA key")
	}
	path := filepath.Join(dir, "authority.pem")
	der, err := readPEM(path, "CERTIFICATE")
	if errors.Is(err, os.ErrNotExist) {
		if der, err = a.sign(a.template(config.Name+" authority", authorityLife), &a.key.PublicKey); err == nil {
			err = writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("room authority: %w", err)
	}
	if !a.key.PublicKey.Equal(a.certificate.PublicKey) {
		return nil, errors.New("room authority: certificate and key do not belong together")
	}
	return a, nil
}

func loadWitness(dir, name string) (*checkpoint.Cosigner, error) {
	key, err := loadKey(filepath.Join(dir, "witness.key"), func() (crypto.Signer, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	if err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("witness: not an Ed25519 key")
	}
	return checkpoint.NewCosigner(name+"/witness", private)
}

// template is a certificate's frame; the authority's own when used as it is.
func (a *authority) template(name string, life time.Duration) *x509.Certificate {
	now := a.now()
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: []string{"Bjet24 print room"}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(life),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
}

func (a *authority) leaf(name string, life time.Duration, usage x509.ExtKeyUsage) *x509.Certificate {
	t := a.template(name, life)
	t.IsCA, t.MaxPathLenZero = false, false
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

// client makes a station's certificate for its K_tls.
func (a *authority) client(station string, life time.Duration, public crypto.PublicKey) ([]byte, error) {
	t := a.leaf(station, life, x509.ExtKeyUsageClientAuth)
	t.URIs = []*url.URL{stationURI(station)}
	return a.sign(t, public)
}

func stationURI(station string) *url.URL {
	return &url.URL{Scheme: "urn", Opaque: "bjet24:station:" + station}
}

// serverCertificate gives the server's certificate, made anew in memory when a third of its life is left.
func (a *authority) serverCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if a.server != nil && now.Add(serverLife/3).Before(a.server.Leaf.NotAfter) && now.After(a.server.Leaf.NotBefore) {
		return a.server, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	t := a.leaf("central", serverLife, x509.ExtKeyUsageServerAuth)
	for _, name := range a.names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	der, err := a.sign(t, &key.PublicKey)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the server's certificate back: %w", err)
	}
	a.server = &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key, Leaf: leaf}
	return a.server, nil
}
