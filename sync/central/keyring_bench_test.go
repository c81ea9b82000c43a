package central

import (
	"context"
	"path/filepath"
	"testing"
)

func BenchmarkKeyRing(b *testing.B) {
	ring, err := OpenKeyRing(filepath.Join(b.TempDir(), "ring"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, dek := context.Background(), make([]byte, 32)
	wrapped, err := ring.Wrap(ctx, "job/1", dek)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Wrap", func(b *testing.B) {
		for b.Loop() {
			if _, err := ring.Wrap(ctx, "job/1", dek); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Unwrap", func(b *testing.B) {
		for b.Loop() {
			if _, err := ring.Unwrap(ctx, "job/1", wrapped); err != nil {
				b.Fatal(err)
			}
		}
	})
}
