package pkcs11

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"
)

// link is a connection to the token: logged in, with its sessions and the keys that were there. Only keys
// changes, under KMS.mu.
type link struct {
	slot     uint
	sessions chan pkcs11.SessionHandle // those that are idle
	keys     []key                     // oldest first
}

// work runs one operation on a session of its own. When the connection turns out to be lost, or a key is
// not known, it connects anew and runs it once more: the token may have been away, and others may have made
// keys.
func (k *KMS) work(ctx context.Context, operation func(*link, pkcs11.SessionHandle) error) error {
	tried, err := k.attempt(ctx, operation)
	switch {
	case err == nil || !lost(err):
		return err
	case tried != nil && errors.Is(err, errStale): // it works, but others may have made keys
		_, err = k.Keys(ctx)
	default:
		err = k.connect(tried)
	}
	if err != nil {
		return err
	}
	_, err = k.attempt(ctx, operation)
	return err
}

// attempt runs an operation on the connection there is, and tells which one that was.
func (k *KMS) attempt(ctx context.Context, operation func(*link, pkcs11.SessionHandle) error) (*link, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	l := k.link
	if k.closed {
		return l, ErrClosed
	}
	if l == nil {
		return l, errStale
	}
	select {
	case s := <-l.sessions:
		defer func() { l.sessions <- s }()
		return l, operation(l, s)
	case <-ctx.Done():
		return l, ctx.Err()
	}
}

// connect replaces a connection that was lost, unless somebody else has done so meanwhile.
func (k *KMS) connect(lost *link) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return ErrClosed
	}
	if k.link != lost {
		return nil
	}
	k.disconnect()
	if err := k.module.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return fmt.Errorf("%w: start %s: %w", ErrModule, k.config.Module, err)
	}
	l, err := k.newLink()
	if err != nil {
		k.disconnect()
		return err
	}
	k.link = l
	return nil
}

// disconnect ends the library's state, and with it all sessions. Its errors say that it was gone already.
// Callers hold mu.
func (k *KMS) disconnect() {
	k.link = nil
	_ = k.module.Finalize()
}

func (k *KMS) newLink() (*link, error) {
	slot, flags, err := k.findToken()
	if err != nil {
		return nil, err
	}
	if err := k.mechanisms(slot); err != nil {
		return nil, err
	}
	l := &link{slot: slot, sessions: make(chan pkcs11.SessionHandle, k.config.Sessions)}
	for range k.config.Sessions {
		s, err := k.module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return nil, fmt.Errorf("open a session: %w", err)
		}
		l.sessions <- s
	}
	s := <-l.sessions
	defer func() { l.sessions <- s }()
	if err := k.login(s, flags); err != nil {
		return nil, err
	}
	l.keys, err = k.list(s)
	return l, err
}

// findToken finds the slot of the token with our label.
func (k *KMS) findToken() (slot, flags uint, err error) {
	slots, err := k.module.GetSlotList(true)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: list the slots: %w", ErrToken, err)
	}
	found := 0
	for _, s := range slots {
		info, err := k.module.GetTokenInfo(s)
		if err == nil && info.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0 && info.Label == k.config.Token {
			found, slot, flags = found+1, s, info.Flags
		}
	}
	if found != 1 {
		return 0, 0, fmt.Errorf("%w: %d of %d are called %q", ErrToken, found, len(slots), k.config.Token)
	}
	return slot, flags, nil
}

func (k *KMS) mechanisms(slot uint) error {
	for _, m := range []uint{pkcs11.CKM_AES_KEY_GEN, pkcs11.CKM_AES_GCM} {
		info, err := k.module.GetMechanismInfo(slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(m, nil)})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMechanism, err)
		}
		if info.MaxKeySize != 0 && info.MaxKeySize < keySize {
			return fmt.Errorf("%w: keys of %d bytes at most", ErrMechanism, info.MaxKeySize)
		}
	}
	return nil
}

// login shows the PIN, once: a PIN that was refused is not shown again until the file has another, since a
// few wrong ones lock the token.
func (k *KMS) login(s pkcs11.SessionHandle, flags uint) error {
	pin, err := readPIN(k.config.PINFile)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(pin))
	if digest == k.refused {
		return fmt.Errorf("%w before, and %s has no other", ErrWrongPIN, k.config.PINFile)
	}
	if err := mayLogIn(flags); err != nil {
		return err
	}
	err = refusal(k.module.Login(s, pkcs11.CKU_USER, pin))
	if errors.Is(err, ErrWrongPIN) {
		k.refused = digest
	}
	return err
}
