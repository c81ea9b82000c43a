package store

import "testing"

// AtStep has f called after each step of a raise.
func (s *Store) AtStep(f func(step string)) { s.at = f }

// Steps of a raise.
func Steps() []string { return steps() }

// Image copies the data folder as it is on the disk now.
func Image(t testing.TB, dir string) string { return image(t, dir) }

// SealedEras are the sealed keys in a data folder.
func SealedEras(t testing.TB, dir string) (sealed [][]byte) {
	for _, e := range sealedEras(t, dir) {
		sealed = append(sealed, e.sealed)
	}
	return sealed
}

// Opened counts the values of a data folder, and those that an era's key opens.
func Opened(t testing.TB, dir string, key []byte) (opened, all int) {
	t.Helper()
	aead, err := newAEAD(key)
	check(t, err)
	for f, sealed := range values(t, dir) {
		all++
		if _, err := (eraKey{aead: aead}).unwrap(f, sealed); err == nil {
			opened++
		}
	}
	return opened, all
}
