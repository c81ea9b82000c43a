package pull

import "testing"

// BenchmarkUnlock is a person's PIN at a whole station with a software TPM: the
// slot, the store's key, the journal's counter and entry. Central listens.
func BenchmarkUnlock(b *testing.B) {
	w := newWhole(b, nil)
	for b.Loop() {
		noError(b, w.Unlock(b.Context(), "p1", []byte(pin)))
	}
}
