package keys

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"sync"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
)

// Field names the place of a sealed value in the store that is no more than
// registered numbers: it is opened without a permit, because a number alone names
// nobody. It is bound to the value, so that rows can't be exchanged. What shows
// addresses has no Field; see OpenPicture.
type Field struct {
	table, column, row string
}

// TrackingNumber is the place of a job's registered number.
func TrackingNumber(job string) Field { return Field{"jobs", "sealed_tracking", job} }

// ReceiptNumbers is the place of the numbers on a receipt.
func ReceiptNumbers(receipt string) Field { return Field{"receipts", "sealed_numbers", receipt} }

func picture(receipt string) Field { return Field{"receipts", "sealed_image", receipt} }

func (f Field) context() []byte { return bound("printroom/store/v1", f.table, f.column, f.row) }

// StoreKey seals the personal fields of the station's own store. It is safe
// for concurrent use.
type StoreKey struct {
	mu  sync.RWMutex // guards key
	key *memory.Buffer
}

// NewStoreKey makes a store's key and returns it sealed to the station's own
// K_doc, which is the only form that is ever written down.
func NewStoreKey(station *ecdh.PublicKey, id string) ([]byte, error) {
	key := make([]byte, KeySize)
	defer memory.Wipe(key)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a store key: %w", err)
	}
	return sealTo(station, storeInfo(id), key)
}

// OpenStoreKey opens the store's key with K_doc. It is the first thing done
// with a PIN: whoever can't open the store is not let in.
func OpenStoreKey(doc ecdh.KeyExchanger, id string, sealed []byte) (*StoreKey, error) {
	key, err := openFrom(doc, storeInfo(id), sealed)
	if err != nil {
		return nil, err
	}
	return &StoreKey{key: key}, nil
}

// Seal encrypts a field: nonce, ciphertext, tag.
func (s *StoreKey) Seal(f Field, plaintext []byte) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.key == nil {
		return nil, ErrDestroyed
	}
	return seal(s.key.Bytes(), plaintext, f.context())
}

// SealPicture encrypts the picture of a receipt.
func (s *StoreKey) SealPicture(receipt string, plaintext []byte) ([]byte, error) {
	return s.Seal(picture(receipt), plaintext)
}

// OpenPicture opens the picture of a receipt, which shows the addresses of all
// letters on it, into memory of its own; the caller destroys it. The permit must
// be for this receipt; it is used up even when opening fails.
func (s *StoreKey) OpenPicture(p journal.Permit, receipt string, sealed []byte) (*memory.Buffer, error) {
	if err := p.Use(receipt); err != nil {
		return nil, err
	}
	return s.Open(picture(receipt), sealed)
}

// Open decrypts a field into memory of its own; the caller destroys it.
func (s *StoreKey) Open(f Field, sealed []byte) (*memory.Buffer, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.key == nil {
		return nil, ErrDestroyed
	}
	return openInto(s.key.Bytes(), sealed, f.context())
}

// Destroy wipes the key. Its end is that of a person's work: what the opening of
// keys and letters left in the heap (a cipher's schedule, an address as text) is
// collected too, which takes some ten milliseconds. It is safe to call twice and
// on nil.
func (s *StoreKey) Destroy() {
	if s != nil && s.wipe() {
		memory.Collect()
	}
}

// wipe wipes the key, and tells whether there was one.
func (s *StoreKey) wipe() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := s.key != nil
	s.key.Destroy()
	s.key = nil
	return had
}

func storeInfo(id string) []byte { return bound("printroom/storekey/v1", id) }
