package station

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

func TestBatchPrintsEachLetterOnce(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	for _, id := range ids {
		if got := r.state(id); got != store.DeviceDone {
			t.Errorf("job %s is %s, want DEVICE_DONE", id, got)
		}
	}
	if n := r.printer.printed(); n != 3 {
		t.Errorf("%d letters came out, want 3", n)
	}
	wantFault(t, r.PrintBatch(t.Context(), ids[:1]), CodeState) // no longer READY
	if n := r.printer.printed(); n != 3 {
		t.Errorf("printing again put out %d letters, want 3 still", n)
	}
	if got := kinds(t, r); got["attempt"] != 3 || got["sent"] != 3 || got["device_done"] != 3 {
		t.Errorf("the outbox holds %v", got)
	}
}

// kinds counts the events in the outbox.
func kinds(t *testing.T, r *room) map[wire.EventKind]int {
	t.Helper()
	messages, err := r.Outbox(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	n := map[wire.EventKind]int{}
	for _, m := range messages {
		var e wire.Event
		if err := json.Unmarshal(m.Body, &e); err != nil {
			t.Fatal(err)
		}
		n[e.Kind]++
	}
	return n
}

func TestBadLettersAreHeldAndTheBatchGoesOn(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("CORRUPT", "PAGES 3", "PAGES 1", "PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	for i, want := range []FaultCode{DocumentCorrupt, PageCount, PageCount} {
		if j := r.job(ids[i]); j.State != store.Held || j.Hold != want {
			t.Errorf("letter %d is %s for %q, want HELD for %q", i, j.State, j.Hold, want)
		}
	}
	if got := r.state(ids[3]); got != store.DeviceDone {
		t.Errorf("the good letter is %s", got)
	}
	if n := r.printer.printed(); n != 1 {
		t.Errorf("%d letters came out, want the good one alone", n)
	}
	if got := kinds(t, r); got[wire.EventHeld] != 3 || got[wire.EventAttempt] != 1 {
		t.Errorf("the outbox holds %v", got)
	}
}

// TestAddressThePostRefuses: over-long, hidden or incomplete lines are never
// printed, and the reason holds nothing of the address.
func TestAddressThePostRefuses(t *testing.T) {
	for name, recipient := range map[string]string{
		"no postcode":      `"Ann Peeters","Rue Haute 1","Bruxelles"`,
		"too few lines":    `"Ann Peeters","1000 Bruxelles"`,
		"a line too long":  `"Ann Peeters de la Haute Rue et de la Basse Rue de la Ville","Rue Haute 1","1000 Bruxelles"`,
		"hidden character": `"Ann\u200b Peeters","Rue Haute 1","1000 Bruxelles"`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.details = `{"recipient":[` + recipient + `],"country":"BE","return":["Bjet24"]}`
			ids := r.pay("PAGES 2")
			err := r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil })
			wantFault(t, err, Address)
			if strings.Contains(err.Error(), "Ann") {
				t.Errorf("the reason quotes the address: %v", err)
			}
			r.check(r.PrintBatch(t.Context(), ids))
			if j := r.job(ids[0]); j.State != store.Held || j.Hold != Address {
				t.Errorf("%s for %q, want HELD for address", j.State, j.Hold)
			}
		})
	}
}

func TestPrinterOffLeavesLettersReady(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.printer.off = true
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterOff)
	if s := r.Snapshot(); s.Printer != LampBad || s.Batch != nil {
		t.Errorf("printer lamp %s, batch %v", s.Printer, s.Batch)
	}
	r.printer.off = false
	r.check(r.PrintBatch(t.Context(), ids))
	if n := r.printer.printed(); n != 2 {
		t.Errorf("%d letters came out, want 2", n)
	}
}

func TestBrokenSendIsUncertain(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.printer.sendErr = errors.New("connection reset")
	wantFault(t, r.PrintBatch(t.Context(), ids), MaybeOnPaper)
	if got := r.state(ids[0]); got != store.Uncertain {
		t.Errorf("the cut letter is %s, want UNCERTAIN", got)
	}
	if got := r.state(ids[1]); got != store.Ready {
		t.Errorf("the next letter is %s, want READY", got)
	}
	r.printer.sendErr = nil
	r.restart()
	r.check(r.Recover(t.Context()))
	if got := r.state(ids[0]); got != store.Uncertain {
		t.Errorf("after a restart it is %s, want UNCERTAIN still", got)
	}
}

// Not a byte was sent, so nothing is uncertain; and the empty job at the
// printer must not be in the way afterwards.
func TestPrinterOffBetweenCreateAndSend(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.offAt = "Send"
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterOff)
	if got := r.state(ids[0]); got != store.Created {
		t.Errorf("%s, want CREATED", got)
	}
	r.printer.off, r.printer.offAt = false, ""
	r.check(r.Recover(t.Context()))
	r.check(r.PrintBatch(t.Context(), ids))
	if n := r.printer.printed(); n != 1 || r.state(ids[0]) != store.DeviceDone {
		t.Errorf("%d letters came out, the letter is %s", n, r.state(ids[0]))
	}
}

func TestPrinterThatStopsShort(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.short = 1
	wantFault(t, r.PrintBatch(t.Context(), ids), MaybeOnPaper)
	if got := r.state(ids[0]); got != store.Uncertain {
		t.Errorf("%s, want UNCERTAIN", got)
	}
}

func TestAbortedWithNothingPrintedIsReadyAgain(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.abort = true
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterRefused)
	if j := r.job(ids[0]); j.State != store.Ready || j.Hold != PrinterRefused {
		t.Errorf("%s for %q, want READY for printer_refused", j.State, j.Hold)
	}
}

func TestLockedStationOpensNothing(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.Lock(t.Context()))
	wantFault(t, r.PrintBatch(t.Context(), ids), Locked)
	wantFault(t, r.Preview(t.Context(), ids[0], nil, nil), Locked)
	wantFault(t, r.Unlock(t.Context(), anna, []byte("000000")), WrongPIN)
	if r.Snapshot().Person != nil {
		t.Error("a wrong PIN let somebody in")
	}
}

func TestLockDuringABatchLetsItFinish(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.edge = func(id string, s store.State) {
		if id == ids[0] && s == store.Sent {
			r.check(r.Lock(context.Background()))
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if got := r.state(ids[1]); got != store.DeviceDone {
		t.Errorf("the letter after the lock is %s, want DEVICE_DONE", got)
	}
	if n := len(r.claims); n != 0 {
		t.Errorf("%d claim keys are still in memory", n)
	}
}

func TestFailingJournalOpensNothing(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.journal.Close())
	wantFault(t, r.PrintBatch(t.Context(), ids), JournalBroken)
	if n := r.printer.printed(); n != 0 {
		t.Errorf("%d letters came out although nothing could be journaled", n)
	}
	if got := r.state(ids[0]); got != store.Ready {
		t.Errorf("%s, want READY", got)
	}
	if r.Snapshot().NoDecryption != JournalBroken {
		t.Error("the window is not told")
	}
}

func TestPreviewShowsWhatWillBePrinted(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 1")
	look := func(id string, pages ...int) (seen []int, err error) {
		err = r.Preview(t.Context(), id, pages, func(p PreviewPage) error {
			if p.Pages != 3 || p.Image.Bounds().Dx() != 100 {
				t.Errorf("page %d: %d pages, %v", p.Index, p.Pages, p.Image.Bounds())
			}
			seen = append(seen, p.Index)
			return nil
		})
		return seen, err
	}
	for _, c := range []struct{ ask, want []int }{
		{nil, []int{0, 1, 2}},
		{[]int{0}, []int{0}},
		{[]int{1, 2, 3, 4}, []int{1, 2}},
		{[]int{7}, nil},
	} {
		got, err := look(ids[0], c.ask...)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("pages %v: got %v, %v; want %v", c.ask, got, err, c.want)
		}
	}
	_, err := look(ids[1], 1, 2)
	wantFault(t, err, PageCount)

	code := r.job(ids[0]).Code
	r.check(r.PrintBatch(t.Context(), ids[:1]))
	if j := r.job(ids[0]); j.Code != code || j.Attempt != code {
		t.Errorf("previewed with %s, printed with %s, shown as %s", code, j.Attempt, j.Code)
	}
}

// TestCancelledBatchFinishesItsLetter: giving up in the middle of a letter must
// not make it UNCERTAIN.
func TestCancelledBatchFinishesItsLetter(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	ctx, cancel := context.WithCancel(t.Context())
	r.edge = func(_ string, s store.State) {
		if s == store.Sending {
			cancel()
		}
	}
	wantFault(t, r.PrintBatch(ctx, ids), Cancelled)
	r.edge = nil
	if got := r.state(ids[0]); got != store.Sent && got != store.DeviceDone {
		t.Errorf("the letter on its way is %s, want it sent", got)
	}
	if got := r.state(ids[1]); got != store.Ready {
		t.Errorf("the next letter is %s, want READY", got)
	}
	r.check(r.Recover(t.Context()))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("after asking the printer: %s, want DEVICE_DONE", got)
	}
}
