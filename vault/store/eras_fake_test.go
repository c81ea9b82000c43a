package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"sync"

	"espero-soft.com/printroom/vault/memory"
)

// counted is a TPM's counter and what is sealed to it, in memory: a value that
// only goes up, by one, and secrets that open at one value.
type counted struct {
	mu     sync.Mutex // guards what follows
	value  uint64
	sealed map[string]counterSecret
	away   error // what it answers while it is away, nil while it is there
	lost   error // what the next increment answers although it was done
}

type counterSecret struct {
	generation uint64
	secret     []byte
}

var errGeneration = errors.New("sealed in another generation")

func newCounted() *counted { return &counted{value: 1, sealed: map[string]counterSecret{}} }

func (c *counted) Counter() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.away
}

func (c *counted) Increment() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return 0, c.away
	}
	c.value++
	lost := c.lost
	c.lost = nil
	if lost != nil {
		return 0, lost
	}
	return c.value, nil
}

func (c *counted) SealAt(generation uint64, secret []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return nil, c.away
	}
	blob := make([]byte, 64)
	if _, err := rand.Read(blob); err != nil {
		return nil, err
	}
	c.sealed[string(blob)] = counterSecret{generation, bytes.Clone(secret)}
	return blob, nil
}

func (c *counted) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.sealed[string(sealed)]
	switch {
	case c.away != nil:
		return nil, c.away
	case !ok:
		return nil, ErrEra
	case s.generation != c.value:
		return nil, errGeneration
	}
	b, err := memory.New(len(s.secret))
	if err != nil {
		return nil, err
	}
	b.Use(func(to []byte) { copy(to, s.secret) })
	return b, nil
}

// set makes the TPM go away or come back.
func (c *counted) set(away error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

// somebody else raises the counter.
func (c *counted) somebody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.value++
}

// reach is what whoever has the TPM gets out of a sealed secret, now or by
// raising the counter as far as is needed; nil for nothing.
func (c *counted) reach(sealed []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sealed[string(sealed)]; s.generation >= c.value {
		return s.secret
	}
	return nil
}
