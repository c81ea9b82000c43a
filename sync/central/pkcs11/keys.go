package pkcs11

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"

	"espero-soft.com/printroom/sync/central"
)

const (
	keySize = 32
	// idSize is that of a key's CKA_ID: a number that rises from key to key in 4 bytes, its first bit set so
	// that it is no key ring's, and 4 random bytes, so that two servers that rotate at once make two keys.
	idSize = 8
	idBit  = 1 << 31
	// maxKeys bounds how many keys are looked at.
	maxKeys = 1000
)

// key is one of ours in the token.
type key struct {
	id     []byte
	handle pkcs11.ObjectHandle
}

func (l *link) newest() (key, bool) {
	if len(l.keys) == 0 {
		return key{}, false
	}
	return l.keys[len(l.keys)-1], true
}

func (l *link) find(id []byte) (key, bool) {
	i := slices.IndexFunc(l.keys, func(k key) bool { return bytes.Equal(k.id, id) })
	if i < 0 {
		return key{}, false
	}
	return l.keys[i], true
}

// Keys looks at the token for its keys of now. Others may have made or dropped some.
func (k *KMS) Keys(ctx context.Context) (ids [][]byte, err error) {
	err = k.change(ctx, func(*link, pkcs11.SessionHandle) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.link == nil {
		return nil, fmt.Errorf("list keys: %w", ErrClosed)
	}
	for _, one := range k.link.keys {
		ids = append(ids, bytes.Clone(one.id))
	}
	return ids, nil
}

// Rotate makes a key in the token: AES-256, sensitive, not extractable, for nothing but this.
func (k *KMS) Rotate(ctx context.Context) error {
	err := k.change(ctx, func(l *link, s pkcs11.SessionHandle) error {
		id := make([]byte, idSize)
		if _, err := rand.Read(id[4:]); err != nil {
			return fmt.Errorf("make a key's id: %w", err)
		}
		number := uint32(idBit)
		if newest, ok := l.newest(); ok {
			number = binary.BigEndian.Uint32(newest.id) + 1
		}
		binary.BigEndian.PutUint32(id, number|idBit)
		made, err := k.module.GenerateKey(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_GEN, nil)}, k.template(id))
		if err != nil {
			return err
		}
		return k.confined(s, made)
	})
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return nil
}

func (k *KMS) template(id []byte) []*pkcs11.Attribute {
	a := pkcs11.NewAttribute
	return []*pkcs11.Attribute{
		a(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), a(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		a(pkcs11.CKA_VALUE_LEN, keySize), a(pkcs11.CKA_LABEL, k.config.Label), a(pkcs11.CKA_ID, id),
		a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_PRIVATE, true),
		a(pkcs11.CKA_SENSITIVE, true), a(pkcs11.CKA_EXTRACTABLE, false),
		a(pkcs11.CKA_ENCRYPT, true), a(pkcs11.CKA_DECRYPT, true),
		a(pkcs11.CKA_WRAP, false), a(pkcs11.CKA_UNWRAP, false), a(pkcs11.CKA_SIGN, false), a(pkcs11.CKA_VERIFY, false),
	}
}

// confined asks the token whether a new key is what was wanted; one that is not is destroyed.
func (k *KMS) confined(s pkcs11.SessionHandle, made pkcs11.ObjectHandle) error {
	for attribute, want := range map[uint]byte{
		pkcs11.CKA_ALWAYS_SENSITIVE: 1, pkcs11.CKA_NEVER_EXTRACTABLE: 1, pkcs11.CKA_LOCAL: 1,
	} {
		have, err := k.module.GetAttributeValue(s, made, []*pkcs11.Attribute{pkcs11.NewAttribute(attribute, nil)})
		if err == nil && (len(have) != 1 || !bytes.Equal(have[0].Value, []byte{want})) {
			err = fmt.Errorf("the token says of its new key that attribute %#x is not set", attribute)
		}
		if err != nil {
			return errors.Join(err, k.module.DestroyObject(s, made))
		}
	}
	return nil
}

// Drop destroys a key in the token.
func (k *KMS) Drop(ctx context.Context, id []byte) error {
	err := k.change(ctx, func(l *link, s pkcs11.SessionHandle) error {
		found, ok := l.find(id)
		if !ok {
			return nil
		}
		if newest, _ := l.newest(); bytes.Equal(newest.id, id) {
			return central.ErrNewest
		}
		return k.module.DestroyObject(s, found.handle)
	})
	if err != nil {
		return fmt.Errorf("drop a key: %w", err)
	}
	return nil
}

// change looks at the keys, changes them, and looks again, alone.
func (k *KMS) change(ctx context.Context, operation func(*link, pkcs11.SessionHandle) error) error {
	once := func() (*link, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.closed {
			return nil, ErrClosed
		}
		l := k.link
		if l == nil {
			return nil, errStale
		}
		s := <-l.sessions // nobody works while mu is held: all are idle
		defer func() { l.sessions <- s }()
		var err error
		if l.keys, err = k.list(s); err != nil {
			return l, err
		}
		if err := operation(l, s); err != nil {
			return l, err
		}
		l.keys, err = k.list(s)
		return l, err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tried, err := once()
	if err == nil || !lost(err) {
		return err
	}
	if err := k.connect(tried); err != nil {
		return err
	}
	_, err = once()
	return err
}

// list finds our keys, oldest first.
func (k *KMS) list(s pkcs11.SessionHandle) ([]key, error) {
	handles, err := k.handles(s)
	if err != nil {
		return nil, fmt.Errorf("look for keys: %w", err)
	}
	var keys []key
	for _, h := range handles {
		have, err := k.module.GetAttributeValue(s, h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, nil)})
		if err != nil {
			return nil, fmt.Errorf("read a key's id: %w", err)
		}
		if len(have) == 1 && len(have[0].Value) == idSize && have[0].Value[0]&0x80 != 0 {
			keys = append(keys, key{id: have[0].Value, handle: h})
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(a.id, b.id) })
	return keys, nil
}

func (k *KMS) handles(s pkcs11.SessionHandle) ([]pkcs11.ObjectHandle, error) {
	ours := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, k.config.Label),
	}
	if err := k.module.FindObjectsInit(s, ours); err != nil {
		return nil, err
	}
	var all []pkcs11.ObjectHandle
	for {
		some, _, err := k.module.FindObjects(s, 100)
		if err != nil || len(some) == 0 || len(all) > maxKeys {
			return all, errors.Join(err, k.module.FindObjectsFinal(s))
		}
		all = append(all, some...)
	}
}
