package pkcs11

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"

	"espero-soft.com/printroom/sync/central"
)

func TestWrapAndUnwrap(t *testing.T) {
	ctx := context.Background()
	kms := newToken(t).open()
	for _, size := range []int{0, 1, 32, 80, 4096} {
		secret := bytes.Repeat([]byte{7}, size)
		first, err := kms.Wrap(ctx, "job/1", secret)
		if err != nil {
			t.Fatal(err)
		}
		second, err := kms.Wrap(ctx, "job/1", secret)
		if err != nil || bytes.Equal(first, second) {
			t.Errorf("%d bytes, wrapped twice: the same, %v", size, err)
		}
		if size >= 32 && bytes.Contains(first, secret[:32]) {
			t.Error("wrapped in clear")
		}
		if got, err := kms.Unwrap(ctx, "job/1", first); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%d bytes: %x, %v", size, got, err)
		}
		if _, err := kms.Unwrap(ctx, "job/2", first); !errors.Is(err, central.ErrUnwrap) {
			t.Errorf("another purpose: %v", err)
		}
	}
	good, err := kms.Wrap(ctx, "person/p1", []byte("Anna"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, err := kms.Unwrap(ctx, "person/p1", bad); !errors.Is(err, central.ErrUnwrap) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := kms.Unwrap(ctx, "person/p1", good[:i]); !errors.Is(err, central.ErrUnwrap) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if got, err := kms.Unwrap(ctx, "person/p1", good); err != nil || string(got) != "Anna" {
		t.Errorf("after all this: %q, %v", got, err)
	}
}

// TestKeysStayInTheToken: what is asked for its value, or to wrap a key out, refuses.
func TestKeysStayInTheToken(t *testing.T) {
	kms := newToken(t).open()
	s := <-kms.link.sessions
	defer func() { kms.link.sessions <- s }()
	k, _ := kms.link.newest()
	ask := func(attribute uint) ([]byte, error) {
		have, err := kms.module.GetAttributeValue(s, k.handle, []*pkcs11.Attribute{pkcs11.NewAttribute(attribute, nil)})
		if err != nil {
			return nil, err
		}
		return have[0].Value, nil
	}
	if v, err := ask(pkcs11.CKA_VALUE); !is(err, pkcs11.CKR_ATTRIBUTE_SENSITIVE) {
		t.Errorf("the key's value: %x, %v", v, err)
	}
	for attribute, want := range map[uint]byte{
		pkcs11.CKA_SENSITIVE: 1, pkcs11.CKA_EXTRACTABLE: 0, pkcs11.CKA_ALWAYS_SENSITIVE: 1, pkcs11.CKA_NEVER_EXTRACTABLE: 1,
		pkcs11.CKA_LOCAL: 1, pkcs11.CKA_PRIVATE: 1, pkcs11.CKA_TOKEN: 1, pkcs11.CKA_WRAP: 0, pkcs11.CKA_UNWRAP: 0,
	} {
		if v, err := ask(attribute); err != nil || !bytes.Equal(v, []byte{want}) {
			t.Errorf("attribute %#x: %x, %v", attribute, v, err)
		}
	}
	if v, err := ask(pkcs11.CKA_VALUE_LEN); err != nil || v[0] != keySize {
		t.Errorf("the key's size: %x, %v", v, err)
	}
	err := kms.module.SetAttributeValue(s, k.handle, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true)})
	if err == nil {
		t.Error("the key can be made extractable")
	}
}

func TestRotateAndDrop(t *testing.T) {
	ctx := context.Background()
	kms := newToken(t).open()
	var wrapped [][]byte
	for i := range 3 {
		if i > 0 {
			if err := kms.Rotate(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w, err := kms.Wrap(ctx, "p", fmt.Append(nil, i))
		if err != nil {
			t.Fatal(err)
		}
		wrapped = append(wrapped, w)
	}
	ids, err := kms.Keys(ctx)
	if err != nil || len(ids) != 3 {
		t.Fatalf("%x, %v", ids, err)
	}
	for i, w := range wrapped {
		if !bytes.HasPrefix(w, ids[i]) {
			t.Errorf("%d is not wrapped by %x", i, ids[i])
		}
		if got, err := kms.Unwrap(ctx, "p", w); err != nil || string(got) != fmt.Sprint(i) {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
	if err := kms.Drop(ctx, ids[2]); !errors.Is(err, central.ErrNewest) {
		t.Errorf("the newest: %v", err)
	}
	for range 2 {
		if err := kms.Drop(ctx, ids[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kms.Unwrap(ctx, "p", wrapped[0]); !errors.Is(err, central.ErrUnwrap) {
		t.Errorf("by a dropped key: %v", err)
	}
	if got, err := kms.Unwrap(ctx, "p", wrapped[1]); err != nil || string(got) != "1" {
		t.Errorf("by the one after: %q, %v", got, err)
	}
}

// TestTwoServers: each sees the keys that the other makes and drops, when it meets them.
func TestTwoServers(t *testing.T) {
	ctx := context.Background()
	k := newToken(t)
	a, b := k.open(), k.open()
	if err := b.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	w, err := b.Wrap(ctx, "p", []byte("of b"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Unwrap(ctx, "p", w); err != nil || string(got) != "of b" {
		t.Errorf("by a key of the other: %q, %v", got, err)
	}
	for _, kms := range []*KMS{a, b} {
		if ids, err := kms.Keys(ctx); err != nil || len(ids) != 2 {
			t.Errorf("%x, %v", ids, err)
		}
	}
	if err := b.Close(); err != nil { // it ends the library that both use
		t.Fatal(err)
	}
	if got, err := a.Unwrap(ctx, "p", w); err != nil || string(got) != "of b" {
		t.Errorf("after the other's end: %q, %v", got, err)
	}
	if _, err := b.Wrap(ctx, "p", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestTokenWasAway: sessions that are gone, a library that was ended, a token that is missing for a while.
func TestTokenWasAway(t *testing.T) {
	ctx := context.Background()
	k := newToken(t)
	kms := k.open()
	w, err := kms.Wrap(ctx, "p", []byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	opens := func(when string) {
		t.Helper()
		if got, err := kms.Unwrap(ctx, "p", w); err != nil || string(got) != "before" {
			t.Errorf("%s: %q, %v", when, got, err)
		}
		if _, err := kms.Wrap(ctx, "p", []byte("after")); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	if err := kms.module.CloseAllSessions(kms.link.slot); err != nil {
		t.Fatal(err)
	}
	opens("sessions are gone")
	if err := kms.module.Finalize(); err != nil {
		t.Fatal(err)
	}
	opens("the library was ended")
	if err := os.Rename(k.tokens(), k.tokens()+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(k.tokens(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := kms.module.Finalize(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := kms.Wrap(ctx, "p", nil); !errors.Is(err, ErrToken) {
			t.Errorf("the token is away: %v", err)
		}
		if err := kms.Rotate(ctx); !errors.Is(err, ErrToken) {
			t.Errorf("the token is away: %v", err)
		}
	}
	if err := os.Remove(k.tokens()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(k.tokens()+".away", k.tokens()); err != nil {
		t.Fatal(err)
	}
	opens("it is back")
}

func TestManyAtOnce(t *testing.T) {
	ctx := context.Background()
	kms := newToken(t).open()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 10 {
				w, err := kms.Wrap(ctx, "p", fmt.Append(nil, i, n))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := kms.Unwrap(ctx, "p", w); err != nil || string(got) != fmt.Sprint(i, " ", n) {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
	if err := kms.Rotate(ctx); err != nil {
		t.Error(err)
	}
	if err := kms.module.CloseAllSessions(kms.link.slot); err != nil {
		t.Error(err)
	}
	all.Wait()
	done, cancel := context.WithCancel(ctx)
	cancel()
	for range kms.config.Sessions {
		<-kms.link.sessions
	}
	if _, err := kms.Wrap(done, "p", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("all sessions are taken: %v", err)
	}
}

func BenchmarkWrap(b *testing.B) {
	kms := newToken(b).open()
	dek := make([]byte, 32)
	for b.Loop() {
		if _, err := kms.Wrap(b.Context(), "job/1", dek); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	kms := newToken(b).open()
	w, err := kms.Wrap(b.Context(), "job/1", make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := kms.Unwrap(b.Context(), "job/1", w); err != nil {
			b.Fatal(err)
		}
	}
}
