package render

import (
	"bytes"
	"errors"
	"testing"
)

// TestPagesAreWiped: the memory that waits for the next document holds nothing
// of the last one, however it ended.
func TestPagesAreWiped(t *testing.T) {
	pool := newPool(t, Config{})
	enough := errors.New("enough")
	for _, last := range []error{nil, enough} {
		for kept := 0; kept == 0; { // under the race detector a sync.Pool loses some on purpose
			inked := false
			_, err := pool.Render(t.Context(), Request{Document: letter(t, 3), DPI: 72}, func(p Page) error {
				inked = inked || bytes.IndexByte(p.Pix, 0) >= 0
				return last
			})
			if err != last || !inked {
				t.Fatalf("%v, want %v; drawn %v", err, last, inked)
			}
			for b, ok := pool.memory.kept.Get().(*[]byte); ok; b, ok = pool.memory.kept.Get().(*[]byte) {
				kept++
				if !bytes.Equal(*b, make([]byte, cap(*b))) {
					t.Error("kept memory holds a page")
				}
			}
		}
	}
}
