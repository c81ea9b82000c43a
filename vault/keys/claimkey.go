package keys

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
)

// ErrDestroyed says that the claim's key was wiped: the station was locked, or
// the claim is done.
var ErrDestroyed = errors.New("the claim's key is no longer in memory")

// Details are a letter's personal fields besides the document.
type Details struct {
	Recipient []string `json:"recipient"` // address lines, as printed
	Country   string   `json:"country"`   // ISO 3166-1 alpha-2
	Return    []string `json:"return"`    // sender's lines
}

// Letter is an opened job. Close wipes it.
type Letter struct {
	Document *memory.Buffer // the PDF
	Details  Details
}

// Close wipes the document. It is safe to call twice and on nil.
func (l *Letter) Close() {
	if l != nil {
		l.Document.Destroy()
		l.Details = Details{}
	}
}

// ClaimKey opens the letters of one claim. It is safe for concurrent use.
type ClaimKey struct {
	binding Binding

	mu  sync.Mutex // guards kek
	kek *memory.Buffer
}

// OpenClaimKey opens what SealClaimKey sealed: the one operation of K_doc that
// a claim costs. The TPM's own errors (a wrong PIN, a lockout) come through.
func OpenClaimKey(doc ecdh.KeyExchanger, b Binding, sealed []byte) (*ClaimKey, error) {
	kek, err := openFrom(doc, claimInfo(b), sealed)
	if err != nil {
		return nil, err
	}
	return &ClaimKey{binding: b, kek: kek}, nil
}

// Open opens a letter: its document and its details. The permit must be for
// this job; it is used up even when opening fails. On an error nothing of the
// plaintext is left.
func (k *ClaimKey) Open(p journal.Permit, job string, wrapped, document, details []byte) (*Letter, error) {
	if err := p.Use(job); err != nil {
		return nil, err
	}
	dek, err := k.unwrap(job, wrapped)
	if err != nil {
		return nil, err
	}
	defer dek.Destroy()

	d, err := openPart(dek, job, PartDetails, details)
	if err != nil {
		return nil, err
	}
	defer d.Destroy()
	letter := new(Letter)
	if err := json.Unmarshal(d.Bytes(), &letter.Details); err != nil {
		return nil, fmt.Errorf("read the letter's details: %w", errors.Join(ErrRefused, shape(err)))
	}
	if letter.Document, err = openPart(dek, job, PartDocument, document); err != nil {
		return nil, err
	}
	return letter, nil
}

// Destroy wipes the key. Letters opened before stay open. It is safe to call twice
// and on nil.
func (k *ClaimKey) Destroy() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kek.Destroy()
	k.kek = nil
}

func (k *ClaimKey) unwrap(job string, wrapped []byte) (*memory.Buffer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kek == nil {
		return nil, ErrDestroyed
	}
	if len(wrapped) != KeySize+Overhead {
		return nil, ErrRefused
	}
	return openInto(k.kek.Bytes(), wrapped, wrapContext(k.binding, job))
}

func openPart(dek *memory.Buffer, job string, part Part, sealed []byte) (*memory.Buffer, error) {
	return openInto(dek.Bytes(), sealed, partContext(job, part))
}

func openInto(key, sealed, context []byte) (*memory.Buffer, error) {
	if len(sealed) <= Overhead {
		return nil, ErrRefused
	}
	buf, err := memory.New(len(sealed) - Overhead)
	if err != nil {
		return nil, fmt.Errorf("set memory aside for plaintext: %w", err)
	}
	if err := open(key, buf.Bytes(), sealed, context); err != nil {
		buf.Destroy()
		return nil, err
	}
	return buf, nil
}

// openFrom opens an HPKE-sealed key with a private key that never leaves its
// device.
func openFrom(doc ecdh.KeyExchanger, info, sealed []byte) (*memory.Buffer, error) {
	device := &witnessed{KeyExchanger: doc}
	priv, err := hpke.NewDHKEMPrivateKey(device)
	if err != nil {
		return nil, fmt.Errorf("use the station's key: %w", err)
	}
	secret, err := hpke.Open(priv, hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
	if device.err != nil {
		return nil, fmt.Errorf("open a key with the TPM: %w", device.err)
	}
	if err != nil {
		return nil, ErrRefused
	}
	defer memory.Wipe(secret)
	if len(secret) != KeySize {
		return nil, ErrRefused
	}
	buf, err := memory.New(KeySize)
	if err != nil {
		return nil, fmt.Errorf("set memory aside for a key: %w", err)
	}
	copy(buf.Bytes(), secret)
	return buf, nil
}

// witnessed remembers what its device answered, so that a TPM that refuses can
// be told from sealed bytes that are not for it.
type witnessed struct {
	ecdh.KeyExchanger
	err error
}

func (w *witnessed) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	secret, err := w.KeyExchanger.ECDH(peer)
	w.err = err
	return secret, err
}

// shape keeps the kind and place of a JSON error and drops the text around it,
// which may quote the plaintext.
func shape(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	}
	return errors.New("not of the expected shape")
}
