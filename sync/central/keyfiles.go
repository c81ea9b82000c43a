package central

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/sync/wire"
)

// loadKey reads a PKCS #8 key in PEM, mode 0600, or makes and keeps one.
func loadKey(path string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	der, err := readPEM(path, "PRIVATE KEY")
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(path, generate)
	}
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("read %s: not a signing key", filepath.Base(path))
	}
	return key, nil
}

func makeKey(path string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	key, err := generate()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	if err := writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return nil, fmt.Errorf("keep a key: %w", err)
	}
	return key, nil
}

// readPEM reads a file that holds one block of the given type.
func readPEM(path, kind string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	text, err := wire.Read(f, maxKeyFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("read %s: no %s in it", filepath.Base(path), kind)
	}
	return block.Bytes, nil
}
