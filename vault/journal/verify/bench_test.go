package verify

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// BenchmarkExport verifies an export; BenchmarkHash only hashes its lines once.
func BenchmarkExport(b *testing.B) {
	m := newMaker(b)
	export := m.export(b, 50_000)
	b.SetBytes(int64(len(export)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.check(export); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	entries := lines(50_000)
	b.SetBytes(int64(len(bytes.Join(entries, nil))))
	for b.Loop() {
		for _, e := range entries {
			sha256.Sum256(e)
		}
	}
}
