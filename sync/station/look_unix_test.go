//go:build unix

package station

import (
	"context"
	"os"
	"syscall"
	"testing"
)

// A look at a letter whose claim is just done must not find its key wiped: it
// stands between the key and the document, which comes slowly.
func TestLookWhileAClaimEnds(t *testing.T) {
	r := newRoom(t)
	done := r.printed()
	j, err := r.kept.Job(t.Context(), done)
	r.check(err)
	path := r.kept.DocumentPath(done)
	document, err := os.ReadFile(path)
	r.check(err)
	r.check(os.Remove(path))
	r.check(syscall.Mkfifo(path, 0o600))
	looked, wiped := make(chan error, 1), make(chan error, 1)
	go func() {
		looked <- r.Preview(context.Background(), done, []int{0}, func(PreviewPage) error { return nil })
	}()
	slow, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
	r.check(err)
	go func() { wiped <- r.doneWith(context.Background(), j.Claim) }()
	for waits := false; !waits && len(wiped) == 0; { // until it has wiped the key, or waits for the look
		if waits = !r.using.TryRLock(); !waits {
			r.using.RUnlock()
		}
	}
	_, err = slow.Write(document)
	r.check(err)
	r.check(slow.Close())
	r.check(<-looked)
	r.check(<-wiped)
}
