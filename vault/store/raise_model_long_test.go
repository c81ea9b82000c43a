//go:build long

package store

import (
	"testing"

	"pgregory.net/rapid"
)

// TestRaiseModel: whatever happens between raises, at any of their steps, and to
// the TPM, what lives opens and what was forgotten before a raise that ended is in
// no copy.
func TestRaiseModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &raising{t: t, rt: rt, dir: t.TempDir(), tpm: newCounted(), living: map[string]string{}, gone: map[string]bool{}}
		m.start()
		defer func() { _ = m.store.Close() }()
		_, err := m.store.BeginClaim(t.Context(), "c1")
		m.check(err)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(*rapid.T) { m.add() }, "forget": func(*rapid.T) { m.forget() },
			"raise":  func(*rapid.T) { m.raise(m.store.Raise) },
			"purge":  func(*rapid.T) { m.raise(m.store.RaiseIfDue) },
			"crash":  func(rt *rapid.T) { m.crash(rapid.SampledFrom(steps()).Draw(rt, "step")) },
			"copy":   func(*rapid.T) { m.copies = append(m.copies, steal(t, m.dir)) },
			"away":   func(*rapid.T) { m.tpm.set(errAway) },
			"back":   func(*rapid.T) { m.tpm.set(nil) },
			"lost":   func(*rapid.T) { m.tpm.lost = errAway },
			"meddle": func(*rapid.T) { m.tpm.somebody(); m.meddled = true },
			"":       func(*rapid.T) { m.invariants() },
		})
	})
}
