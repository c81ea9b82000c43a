package render

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkFifty draws 50 pages in grey at 150 dpi, as the reference program
// does in BenchmarkFiftyMutool.
func BenchmarkFifty(b *testing.B) {
	document := letter(b, 50)
	for name, workers := range map[string]int{"one": 1, "two": 2} {
		b.Run(name, func(b *testing.B) {
			pool := newPool(b, Config{Spares: workers, Workers: workers})
			for b.Loop() {
				if _, err := pool.Render(b.Context(), Request{Document: document, DPI: 150}, func(Page) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFirst draws the first page of a letter of three with a spare that
// is up.
func BenchmarkFirst(b *testing.B) {
	document := letter(b, 3)
	enough := errors.New("enough")
	pool := newPool(b, Config{Spares: 1})
	for b.Loop() {
		b.StopTimer()
		if err := pool.Check(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := pool.Render(b.Context(), Request{Document: document, DPI: 150}, func(Page) error { return enough }); err != enough {
			b.Fatal(err)
		}
	}
}

func BenchmarkFiftyMutool(b *testing.B) { benchmarkMutool(b, letter(b, 50), "1-N") }
func BenchmarkFirstMutool(b *testing.B) { benchmarkMutool(b, letter(b, 3), "1") }

func benchmarkMutool(b *testing.B, document []byte, pages string) {
	dir := b.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, document, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := exec.Command("mutool", "draw", "-q", "-r", "150", "-c", "gray", "-o", filepath.Join(dir, "%d.pgm"), in, pages).Run(); err != nil {
			b.Fatal(err)
		}
	}
}
