package cli

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestNoPINComes: the program ends when it is told to, although whoever hands
// the PIN over does not.
func TestNoPINComes(t *testing.T) {
	r := newRun(t, "en", "")
	read, write, err := os.Pipe()
	noError(t, err)
	fd := owned(t, read)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- r.Run(ctx, []string{"work", "--person", "p1", "--pin-fd", fd}) }()
	stop()
	select {
	case n := <-ended:
		if n != 1 || len(r.room.asked) != 0 {
			t.Errorf("it ended with %d after %q", n, r.room.asked)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for a PIN")
	}
	noError(t, write.Close())
}

// TestOnlyWhatWasHandedOver: a number that is nobody's becomes the store's, say,
// and would be read as a PIN and closed; so would one of the program's own.
func TestOnlyWhatWasHandedOver(t *testing.T) {
	own, err := os.Open(os.DevNull)
	noError(t, err)
	defer func() { noError(t, own.Close()) }()
	for _, fd := range []string{"987", strconv.Itoa(int(own.Fd()))} {
		r := newRun(t, "en", "person p2\n")
		r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", pipe(t, pin), "--second-pin-fd", fd)
		r.wantSaid(t, "handed over")
		r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", fd)
		r.wantSaid(t, "handed over")
		if len(r.room.asked) != 0 {
			t.Errorf("the room was asked %q", r.room.asked)
		}
	}
	r, fd := newRun(t, "en", "person p2\n"), pipe(t, pin)
	r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", fd, "--second-pin-fd", fd)
	r.wantSaid(t, "another file descriptor")
	if _, err := own.Stat(); err != nil {
		t.Errorf("a file of the program's own was closed: %v", err)
	}
}
