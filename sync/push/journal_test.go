package push

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

func (r *room) wantSealed(t *testing.T, want int64) {
	t.Helper()
	if d := cmp.Diff(r.journal.lines, r.central.entries); d != "" {
		t.Errorf("central's entries (-ours +its): %s", d)
	}
	if r.journal.sealed != want || r.central.sealed != want {
		t.Errorf("sealed up to %d here and %d at central, want %d", r.journal.sealed, r.central.sealed, want)
	}
	if len(r.station.sealed) == 0 {
		t.Error("the station was not told of the seal")
	}
}

func numbered(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("entry %d", i+1))
	}
	return lines
}

func TestJournalGoesUp(t *testing.T) {
	r := newRoom()
	r.journal.add(numbered(wire.MaxJournalEntries + 2)...)
	r.mustPush(t)
	r.wantSealed(t, wire.MaxJournalEntries+2)
	wantRequests(t, r.central, "entries[]", "entries[]", "checkpoint[]")
	r.mustPush(t)
	if n := len(r.central.requests()); n != 3 {
		t.Errorf("%d requests after a turn with nothing new, want the 3 of before", n)
	}
}

// TestAppendedWhileSealing: the checkpoint covers entries that came after the
// upload; they go before it.
func TestAppendedWhileSealing(t *testing.T) {
	r := newRoom()
	r.journal.add("one")
	r.journal.during = func() { r.journal.add("two") }
	r.mustPush(t)
	r.wantSealed(t, 2)
}

// TestStartsAfterTheSeal: a station that starts sends what is not sealed.
func TestStartsAfterTheSeal(t *testing.T) {
	r := newRoom()
	r.journal.add(numbered(5)...)
	r.journal.sealed = 3
	r.central.entries = numbered(3)
	r.mustPush(t)
	r.wantSealed(t, 5)
	wantRequests(t, r.central, "entries[]", "checkpoint[]")
}

// TestGap sets central back to an older backup.
func TestGap(t *testing.T) {
	for _, held := range []int{0, 2} {
		r := newRoom()
		r.journal.add(numbered(5)...)
		r.mustPush(t)
		r.central.entries = r.central.entries[:held]
		r.journal.add("entry 6")
		r.mustPush(t)
		r.wantSealed(t, 6)
	}
}

// TestAfterForgetting: what is new goes up and is sealed when the older entries are
// gone; central that was set back gets what is still here.
func TestAfterForgetting(t *testing.T) {
	for _, held := range []int{3, 4} {
		r := newRoom()
		r.journal.add(numbered(5)...)
		r.mustPush(t)
		r.journal.start = 3
		r.journal.add("entry 6")
		r.mustPush(t)
		r.wantSealed(t, 6)
		r.central.entries = r.central.entries[:held]
		r.journal.add("entry 7")
		r.mustPush(t)
		r.wantSealed(t, 7)
	}
}

// TestSetBackBeforeTheStart: central lost entries that it had countersigned, and
// that were forgotten here since. That is told, in words, and asked again every few
// minutes; nothing else waits for it.
func TestSetBackBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.journal.add(numbered(5)...)
		r.mustPush(t)
		r.journal.start, r.central.entries = 3, r.central.entries[:2]
		r.journal.add("entry 6")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		time.Sleep(time.Second)
		r.station.event("1")
		before := len(r.central.requests())
		time.Sleep(time.Hour)
		stop()
		<-ended
		if n := len(r.central.requests()) - before; n < 10 || n > 30 {
			t.Errorf("central was asked %d times in an hour", n)
		}
		reports := r.station.said()
		last := reports[len(reports)-1]
		if !errors.Is(last, wire.ProblemJournalGap) || !strings.Contains(fmt.Sprint(last), "central holds 2 journal entries, and those up to 3 were forgotten") {
			t.Errorf("the station heard %v", last)
		}
		wantLeft(t, r.station) // no event was held up
		if len(r.central.entries) != 2 {
			t.Errorf("central holds %v", r.central.entries)
		}
	})
}

// TestGapBeforeTheSeal sets central back when all entries are up and only the
// checkpoint is missing.
func TestGapBeforeTheSeal(t *testing.T) {
	r := newRoom()
	r.journal.add(numbered(5)...)
	if refused, err := r.push(t.Context(), newTurn(false)); refused != nil || err != nil {
		t.Fatal(refused, err)
	}
	r.journal.sealed, r.central.entries = 3, r.central.entries[:1]
	r.mustPush(t)
	r.wantSealed(t, 5)
}

// TestCentralKeepsLosing: a central that takes entries and has none the next
// moment ends the turn.
func TestCentralKeepsLosing(t *testing.T) {
	r := newRoom()
	r.journal.add(numbered(3 * wire.MaxJournalEntries)...)
	r.own.pushed = wire.MaxJournalEntries
	r.central.fail = func(operation, first string) error {
		if operation == "entries" && first != "1" {
			return &wire.Problem{Type: wire.ProblemJournalGap, Status: 409}
		}
		return nil
	}
	wantFault(t, r.Push(t.Context()), station.CentralRefused)
	if n := len(r.central.requests()); n > 3 {
		t.Errorf("%d requests in one turn", n)
	}
}

// TestFork: a history that central does not accept is shown, and neither
// retried in a storm nor in the way of the outbox.
func TestFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		r.journal.add(numbered(2)...)
		r.central.entries = []string{"entry 1", "another"}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		time.Sleep(time.Second)
		r.journal.add("entry 3")
		e := r.station.event("1")
		time.Sleep(time.Hour)
		stop()
		<-ended
		if r.station.forks == 0 {
			t.Error("the station was not told of the fork")
		}
		reports := r.station.said()
		if len(reports) == 0 {
			t.Fatal("the station heard nothing")
		}
		for _, err := range reports {
			if !errors.Is(err, wire.ProblemJournalFork) {
				t.Fatalf("the station heard %v while the journal is refused", err)
			}
		}
		if n := strings.Count(fmt.Sprint(r.central.requests()), "entries[]"); n < 10 || n > 14 {
			t.Errorf("the fork was shown to central %d times in an hour, want about 12", n)
		}
		if r.central.verdict(e) != wire.VerdictDuplicate {
			t.Error("an event was held up by the fork")
		}
	})
}

func TestUnsealedJournalIsSealedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		for i := range 100 { // entries come all the time
			r.journal.add(fmt.Sprint("entry ", i+1))
			r.station.news <- struct{}{}
			time.Sleep(100 * time.Millisecond)
		}
		seals := strings.Count(fmt.Sprint(r.central.requests()), "checkpoint")
		if seals < 2 || seals > 3 {
			t.Errorf("%d signatures in 10 s, want one every 5 s", seals)
		}
		time.Sleep(2 * sealEvery)
		stop()
		<-ended
		r.wantSealed(t, 100)
	})
}

// TestBackOff watches a central that is away, comes back and goes again.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		away := func(string, string) error { return fmt.Errorf("%w: refused", client.ErrUnreachable) }
		r.central.fail = away
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		r.station.event("1")
		time.Sleep(10 * time.Minute)
		r.central.mu.Lock()
		at := r.central.at
		r.central.mu.Unlock()
		exact := 0
		for i := 1; i < len(at); i++ {
			limit := min(backOff<<min(i-1, 10), backMax)
			wait := at[i].Sub(at[i-1])
			if wait < limit/2 || wait > limit {
				t.Errorf("wait %d is %v, want between %v and %v", i, wait, limit/2, limit)
			}
			if wait%backOff == 0 {
				exact++
			}
		}
		if len(at) < 20 || exact > 2 {
			t.Errorf("%d tries in ten minutes, %d of them without jitter", len(at), exact)
		}
		r.station.event("2") // no reason to hurry at a central that is away
		time.Sleep(10 * time.Millisecond)
		if n := len(r.central.requests()); n != len(at) {
			t.Errorf("%d tries right after a change, want %d", n, len(at))
		}

		r.central.mu.Lock()
		r.central.fail = nil
		r.central.mu.Unlock()
		time.Sleep(backMax)
		wantLeft(t, r.station)
		r.central.mu.Lock()
		r.central.fail, r.central.asked, r.central.at = away, nil, nil
		r.central.mu.Unlock()
		r.station.event("3")
		time.Sleep(settle + backOff)
		if n := len(r.central.requests()); n < 2 {
			t.Errorf("%d tries after it went again, want the short waits of the beginning", n)
		}
		stop()
		<-ended
	})
}

// TestStopped: what the program's end broke off says nothing about central.
func TestStopped(t *testing.T) {
	r := newRoom()
	ctx, stop := context.WithCancel(t.Context())
	id := r.station.event("1")
	r.central.fail = func(string, string) error {
		stop()
		return fmt.Errorf("%w: %w", client.ErrUnreachable, context.Canceled)
	}
	r.Run(ctx)
	if reports := r.station.said(); len(reports) != 0 {
		t.Errorf("the station heard %v", reports)
	}
	wantLeft(t, r.station, id)
}
