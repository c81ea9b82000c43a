package station

import (
	"testing"

	"espero-soft.com/printroom/vault/store"
)

// TestAnUncertainLetterSaysWhereToLook, also after a restart.
func TestAnUncertainLetterSaysWhereToLook(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 1")
	r.killAt(store.Sending, ids[:1])
	for _, j := range r.Snapshot().Jobs {
		switch {
		case j.ID == ids[0] && (j.State != store.Uncertain || j.Printer != r.Snapshot().Printers[0].ID || j.Begun.IsZero()):
			t.Errorf("the uncertain letter: %s on %q, begun %v", j.State, j.Printer, j.Begun)
		case j.ID == ids[1] && (j.Printer != "" || !j.Begun.IsZero()):
			t.Errorf("a letter that was never printed: on %q, begun %v", j.Printer, j.Begun)
		}
	}
}
