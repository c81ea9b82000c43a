package central

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
)

// serverCertificate gives the server's certificate, made anew in memory when a third of its life is left.
// The authorities are certified down to the oldest that holds: whoever trusts any of them believes it.
func (k *keySet) serverCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.config.Now()
	if s := k.server; s != nil && now.Add(serverLife/3).Before(s.Leaf.NotAfter) && now.After(s.Leaf.NotBefore) {
		return s, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	t := leaf("central", serverLife, now, x509.ExtKeyUsageServerAuth)
	for _, name := range k.config.Names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	der, err := k.authorities[0].sign(t, &key.PublicKey)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the server's certificate back: %w", err)
	}
	k.server = &tls.Certificate{Certificate: append([][]byte{der}, k.chain()...), PrivateKey: key, Leaf: leaf}
	return k.server, nil
}

// chain is the current authority, and what former ones that hold certified. Callers hold mu.
func (k *keySet) chain() [][]byte {
	chain := [][]byte{k.authorities[0].certificate.Raw}
	line := append([]*authority{k.authorities[0]}, k.authorities[k.state.Authorities.former():]...)
	for i, a := range line[:len(line)-1] {
		if a.cross == nil || a.cross.CheckSignatureFrom(line[i+1].certificate) != nil {
			break
		}
		chain = append(chain, a.cross.Raw)
	}
	return chain
}

// tlsConfig is mutual TLS 1.3 by the authorities of the moment.
func (k *keySet) tlsConfig() *tls.Config {
	roots := x509.NewCertPool()
	for _, c := range k.certificates() {
		roots.AddCert(c)
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		GetCertificate: k.serverCertificate,
		ClientAuth:     tls.VerifyClientCertIfGiven,
		ClientCAs:      roots,
		Time:           k.config.Now,
	}
}
