package journal

import (
	"errors"
	"fmt"
	"testing"
)

// TestASignedTailIsCutUnderTheProgram: what the station itself signed is missed by the
// next whole verification, not only by the next start.
func TestASignedTailIsCutUnderTheProgram(t *testing.T) {
	for _, sealedFirst := range []int{0, 2} {
		r := newRoom(t)
		j := r.whole(t)
		if sealedFirst > 0 {
			write(t, j, sealedFirst)
			r.seal(t, j)
		}
		write(t, j, 1)
		if _, err := j.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.edit(t, entriesFile, noTriggers, fmt.Sprintf("DELETE FROM entry WHERE sequence > %d", 2*sealedFirst))
		_, err := j.Verify(t.Context())
		var broken *BrokenError
		if !errors.As(err, &broken) || broken.Sequence != int64(2*sealedFirst+1) {
			t.Errorf("after %d sealed accesses: %v", sealedFirst, err)
		}
	}
}
