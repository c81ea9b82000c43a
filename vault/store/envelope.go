package store

import (
	"context"
	"errors"
	"fmt"
)

// storeKeySetting is the setting that holds the store key's envelope.
const storeKeySetting = "store_key"

// StoreKeyEnvelope is the store's key, sealed to the station's K_doc, by which an
// unlock opens the registered numbers and the receipts; nil when none was set, or
// when it was lost with its era. Then whoever starts the station makes one
// (keys.NewStoreKey needs only K_doc's public key) and sets it. The era is opened
// anew for it if it was closed: ErrNoEra, ErrEra.
func (s *Store) StoreKeyEnvelope(ctx context.Context) ([]byte, error) {
	k, done, err := s.hold(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the store's key: %w", err)
	}
	defer done()
	sealed, err := s.Setting(ctx, storeKeySetting)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return nil, nil
	}
	return k.unwrap(field{"settings", "value", storeKeySetting}, sealed)
}

// SetStoreKeyEnvelope keeps the store key's envelope, under the era. What was
// sealed under another store key opens no more.
func (s *Store) SetStoreKeyEnvelope(ctx context.Context, envelope []byte) error {
	if len(envelope) == 0 {
		return errors.New("keep the store's key: it is empty")
	}
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("keep the store's key: %w", err)
	}
	defer done()
	return s.SetSetting(ctx, storeKeySetting, k.wrap(field{"settings", "value", storeKeySetting}, envelope))
}
