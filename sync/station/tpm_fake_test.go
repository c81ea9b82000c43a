package station

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/operators"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// fakeTPM keeps slots and counts as the real one does. It is central too, as far
// as PINs are granted, and what the store's eras are sealed by.
type fakeTPM struct {
	before func(command string) // called before each command of K_doc's or a slot's, while nothing is held

	mu     sync.Mutex // guards what follows
	doc    *ecdh.PrivateKey
	slots  map[int]*fakeSlot
	owned  bool                 // its owner has a password: no slot is undefined
	away   error                // what every command answers, nil while it is there
	used   int                  // operations of K_doc
	shown  int                  // PINs that were shown
	codes  map[string]string    // what central gave out, by person
	lost   int                  // answers of central's that get lost
	grants map[string]wire.UUID // codes that were used, and for which grant
	value  uint64               // the eras' counter
	taken  *memory.Buffer       // what was shown before it was wiped, for the next command
	sealed map[string][]byte
}

type fakeSlot struct {
	auth     []byte
	failures int
	foreign  bool // undefined and defined anew by somebody
	unset    bool // defined, and never written
}

func newFakeTPM(doc *ecdh.PrivateKey) *fakeTPM {
	return &fakeTPM{doc: doc, slots: map[int]*fakeSlot{}, codes: map[string]string{}, grants: map[string]wire.UUID{}, value: 1, sealed: map[string][]byte{}}
}

// set gives somebody a PIN.
func (c *fakeTPM) set(slot int, pseudonym, pin string) {
	auth, err := operators.Auth(salt[:], pseudonym, []byte(pin))
	if err != nil {
		panic(err)
	}
	defer auth.Destroy()
	c.slots[slot] = &fakeSlot{auth: bytes.Clone(auth.Bytes())}
}

func (c *fakeTPM) called(command string) {
	if c.before != nil {
		c.before(command)
	}
}

// check shows a slot an authorisation value. Callers hold mu.
func (c *fakeTPM) check(p tpm.PIN) error {
	if c.away != nil {
		return c.away
	}
	s := c.slots[p.Slot]
	var auth []byte
	if c.taken != nil {
		p.Auth, c.taken = c.taken, nil
	}
	if !p.Auth.Use(func(b []byte) { auth = bytes.Clone(b) }) {
		return tpm.ErrNoPIN
	}
	c.shown++
	switch {
	case s == nil || s.unset:
		return tpm.ErrPINUnset
	case s.foreign:
		return tpm.ErrPINForeign
	case !bytes.Equal(p.Approval, []byte{byte(p.Slot)}):
		return tpm.ErrApproval
	case s.failures >= tpm.PINLimit:
		return tpm.ErrPINBlocked
	case !bytes.Equal(s.auth, auth):
		s.failures++
		return tpm.ErrWrongPIN
	}
	s.failures = 0
	return nil
}

func (c *fakeTPM) Doc(p tpm.PIN) (ecdh.KeyExchanger, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return guarded{c.doc, c, p}, c.away
}

type guarded struct {
	*ecdh.PrivateKey
	chip *fakeTPM
	pin  tpm.PIN
}

func (g guarded) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	g.chip.called("doc")
	g.chip.mu.Lock()
	defer g.chip.mu.Unlock()
	if err := g.chip.check(g.pin); err != nil {
		return nil, err
	}
	g.chip.used++
	return g.PrivateKey.ECDH(peer)
}

func (c *fakeTPM) CheckPIN(p tpm.PIN) error {
	c.called("check")
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.check(p)
}

func (c *fakeTPM) ChangePIN(slot int, before, after *memory.Buffer) error {
	c.called("change")
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.check(tpm.PIN{Slot: slot, Approval: []byte{byte(slot)}, Auth: before}); err != nil {
		return err
	}
	c.slots[slot].auth = bytes.Clone(after.Bytes())
	return nil
}

func (c *fakeTPM) ForgetPIN(slot int) error {
	c.called("forget")
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.away != nil:
		return c.away
	case c.owned && c.slots[slot] != nil:
		return tpm.ErrHierarchy
	}
	delete(c.slots, slot)
	return nil
}

func (c *fakeTPM) PINState(slot int) (tpm.PINState, error) {
	c.called("state")
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[slot]
	if s == nil || c.away != nil {
		return tpm.PINState{Failures: -1}, c.away
	}
	return tpm.PINState{Defined: true, Ours: !s.foreign, Written: !s.unset, Failures: s.failures, Limit: tpm.PINLimit}, nil
}

func (c *fakeTPM) BeginPIN(slot int, auth *memory.Buffer) (PINChange, tpm.PINRequest, error) {
	c.called("begin")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return nil, tpm.PINRequest{}, c.away
	}
	if s := c.slots[slot]; s == nil || s.foreign {
		c.slots[slot] = &fakeSlot{unset: true}
	}
	nonce := make([]byte, 32)
	_, _ = rand.Read(nonce)
	r := tpm.PINRequest{Slot: slot, Auth: tpm.SignRequest{Nonce: nonce, CpHash: []byte("auth")}, Write: tpm.SignRequest{Nonce: nonce, CpHash: []byte("write")}}
	return &fakeChange{c, r, bytes.Clone(auth.Bytes())}, r, nil
}

type fakeChange struct {
	chip    *fakeTPM
	request tpm.PINRequest
	auth    []byte
}

func signature(nonce, hash []byte) []byte {
	sum := sha256.Sum256(append(bytes.Clone(nonce), hash...))
	return sum[:]
}

func (f *fakeChange) Finish(auth, write []byte) error {
	f.chip.called("finish")
	f.chip.mu.Lock()
	defer f.chip.mu.Unlock()
	r := f.request
	if !bytes.Equal(auth, signature(r.Auth.Nonce, r.Auth.CpHash)) || !bytes.Equal(write, signature(r.Write.Nonce, r.Write.CpHash)) {
		return tpm.ErrPINRequest
	}
	if f.chip.away == nil {
		f.chip.slots[r.Slot] = &fakeSlot{auth: f.auth}
	}
	return f.chip.away
}

func (f *fakeChange) Abort() {}

// GrantPIN is central's: a code is good for one grant, however often that is
// asked for.
func (c *fakeTPM) GrantPIN(_ context.Context, r wire.PINGrantRequest) (wire.PINGrant, error) {
	c.called("grant")
	c.mu.Lock()
	defer c.mu.Unlock()
	if code := c.codes[r.Person]; code == "" || code != r.Code || c.grants[code] != "" && c.grants[code] != r.ID {
		return wire.PINGrant{}, fmt.Errorf("grant PIN: %w", wire.NewProblem(wire.ProblemPINCodeRefused, ""))
	}
	c.grants[r.Code] = r.ID
	if c.lost > 0 {
		c.lost--
		return wire.PINGrant{}, fmt.Errorf("grant PIN: %w", wire.NewProblem(wire.ProblemBusy, ""))
	}
	return wire.PINGrant{
		AuthSignature: signature(r.Request.Auth.Nonce, r.Request.Auth.CpHash), WriteSignature: signature(r.Request.Write.Nonce, r.Request.Write.CpHash),
	}, nil
}

// leave has every command answered with an error, with nil no more.
func (c *fakeTPM) leave(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = err
}

// counts are how often K_doc was used, and how often a PIN was shown.
func (c *fakeTPM) counts() (used, shown int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used, c.shown
}

func (c *fakeTPM) Counter() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.away
}

func (c *fakeTPM) Increment() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away == nil {
		c.value++
	}
	return c.value, c.away
}

func (c *fakeTPM) SealAt(generation uint64, secret []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	blob := []byte(fmt.Sprint(generation, " ", len(c.sealed)))
	c.sealed[string(blob)] = bytes.Clone(secret)
	return blob, c.away
}

func (c *fakeTPM) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return nil, c.away
	}
	var generation uint64
	secret := c.sealed[string(sealed)]
	if _, err := fmt.Sscan(string(sealed), &generation); err != nil || generation != c.value || secret == nil {
		return nil, errors.Join(store.ErrEra, err)
	}
	b, err := memory.New(len(secret))
	if err == nil {
		copy(b.Bytes(), secret)
	}
	return b, err
}
