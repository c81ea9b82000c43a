package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// raising is a store with its TPM, what lives in it, and copies of it that
// somebody took.
type raising struct {
	t     *testing.T
	rt    *rapid.T
	dir   string
	store *Store
	tpm   *counted

	next    int
	living  map[string]string // job to its wrapped key
	gone    map[string]bool   // forgotten, true once that is final
	copies  []loot
	meddled bool // somebody raised the counter since the last raise
}

var errAway = errors.New("no TPM")

// steps of a raise, after which it can be stopped.
func steps() []string { return []string{"sealed", "wrapped", "committed", "raised", "ended"} }

// crash stops an act after a step, the machine with it.
type crash struct{ step string }

func (m *raising) check(err error) {
	if err != nil {
		m.rt.Fatal(err)
	}
}

func (m *raising) start() {
	var err error
	m.store, err = Open(m.t.Context(), m.dir, m.tpm)
	m.check(err)
	_, err = m.store.db.ExecContext(m.t.Context(), "PRAGMA synchronous = OFF") // the copies have all that was written
	m.check(err)
}

func (m *raising) add() {
	id := fmt.Sprintf("j%d", m.next)
	m.next++
	j := aJob(id)
	j.WrappedKey = []byte("key of " + id)
	switch err := m.store.AddJob(m.t.Context(), j); {
	case err == nil:
		m.living[id] = string(j.WrappedKey)
	case errors.Is(err, ErrEra):
		m.startOver()
	case !errors.Is(err, ErrNoEra):
		m.rt.Fatal(err)
	}
}

// forget works without the TPM.
func (m *raising) forget() {
	for id := range m.living {
		m.check(m.store.Erase(m.t.Context(), id))
		delete(m.living, id)
		m.gone[id] = false
		return
	}
}

func (m *raising) raise(raise func(context.Context) error) {
	err := raise(m.t.Context())
	switch {
	case errors.Is(err, ErrEra):
		m.startOver()
	case err != nil && !errors.Is(err, ErrNoEra):
		m.rt.Fatal(err)
	case err == nil:
		if n, err := m.store.Unraised(m.t.Context()); err != nil || n != 0 {
			m.rt.Fatalf("%d deletions are not final after a raise: %v", n, err)
		}
		for id := range m.gone {
			m.gone[id] = true
		}
		m.meddled = m.meddled && m.tpm.away != nil // with nothing due it is not asked
	}
}

// crash raises until a step, and starts with what the disk has then.
func (m *raising) crash(step string) {
	m.store.at = func(at string) {
		if at == step {
			panic(crash{step})
		}
	}
	func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(crash); !ok {
					panic(r)
				}
			}
		}()
		m.raise(m.store.Raise)
	}()
	dead := m.store
	m.dir = image(m.t, m.dir)
	m.check(dead.Close())
	m.start()
}

// startOver is allowed only when somebody raised the counter while the key was in
// no memory.
func (m *raising) startOver() {
	if !m.meddled {
		m.rt.Fatal("the sealed values are lost, and nobody meddled")
	}
	_, err := m.store.StartOver(m.t.Context(), "lost")
	m.check(err)
	for id := range m.living {
		m.gone[id] = false
	}
	m.living = map[string]string{}
	m.meddled = false
}

func (m *raising) invariants() {
	m.alive()
	rows, err := m.store.eraRows(m.t.Context())
	m.check(err)
	for _, c := range m.copies {
		c.eras = slices.Concat(c.eras, rows) // who has the copy has the disk too
		for f, v := range c.opens(m.t, m.tpm) {
			if m.gone[f.row] {
				m.rt.Fatalf("a copy opens %+v: %q", f, v)
			}
		}
	}
	if len(rows) > 2 {
		m.rt.Fatalf("%d eras", len(rows))
	}
	if n := len(rows); n > 0 && !m.meddled && rows[n-1].generation != m.tpm.value && rows[n-1].generation != m.tpm.value+1 {
		m.rt.Fatalf("era %d, the counter is at %d", rows[n-1].generation, m.tpm.value)
	}
}

// alive: what lives opens, as soon as the TPM is there.
func (m *raising) alive() {
	_, done, err := m.store.hold(m.t.Context())
	switch {
	case errors.Is(err, ErrEra):
		m.startOver()
		return
	case errors.Is(err, ErrNoEra) && (m.tpm.away != nil || errors.Is(err, errAway)):
		return
	case err != nil:
		m.rt.Fatal(err)
	}
	done()
	jobs, err := m.store.Jobs(m.t.Context())
	m.check(err)
	have := map[string]string{}
	for _, j := range jobs {
		if j.Closed != nil {
			m.rt.Fatalf("%s: %v", j.ID, j.Closed)
		}
		if j.Keyed {
			have[j.ID] = string(j.WrappedKey)
		}
	}
	if len(have) != len(m.living) {
		m.rt.Fatalf("%v open, want %v", have, m.living)
	}
	for id, key := range m.living {
		if have[id] != key {
			m.rt.Fatalf("%s opens as %q", id, have[id])
		}
	}
}
