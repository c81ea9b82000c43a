//go:build window

package room

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestSecondWindow: a second copy of the program brings the first one's window
// to the front and ends.
func TestSecondWindow(t *testing.T) {
	r, complaints := openRoom(t, Options{Letters: 1})
	ctx, stop := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	go func() { closed <- r.Window(ctx) }()
	defer func() {
		stop()
		t.Log("the window ended:", <-closed)
	}()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if _, out, _ := said(t, r, "", "status", "--json"); strings.Contains(out, `"lamps"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no window: %s", complaints)
		}
	}
	for range 2 {
		code, _, complaint := said(t, r, "")
		if code != 3 || !strings.Contains(complaint, "naar voren gehaald") {
			t.Errorf("the second copy ended with %d and said %s", code, complaint)
		}
	}
	if code, _, complaint := said(t, r, PIN("p1"), "work", "--person", "p1", "--pin-fd", "3"); code != 3 || !strings.Contains(complaint, "loopt al") {
		t.Errorf("work ended with %d and said %s", code, complaint)
	}
	select {
	case err := <-closed:
		closed <- err
		t.Errorf("the first window is gone: %v, %s", err, complaints)
	default:
	}
}
