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
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

func asked(operation string, ids ...string) string { return fmt.Sprint(operation, ids) }

func wantRequests(t *testing.T, c *fakeCentral, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, c.requests()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

func wantLeft(t *testing.T, s *fakeStation, want ...string) {
	t.Helper()
	if d := cmp.Diff(append([]string{}, want...), s.left()); d != "" {
		t.Errorf("left in the outbox (-want +got):\n%s", d)
	}
}

func wantFault(t *testing.T, err error, want station.FaultCode) {
	t.Helper()
	var f *station.Fault
	if !errors.As(err, &f) || f.Code != want {
		t.Errorf("got %v, want the fault %s", err, want)
	}
}

// refuse makes central say no to what one id names.
func refuse(id string, problem wire.ProblemType) func(operation, about string) error {
	return func(_, about string) error {
		if about == id {
			return wire.NewProblem(problem, "")
		}
		return nil
	}
}

func TestOrder(t *testing.T) {
	r := newRoom()
	a, b := r.station.event("1"), r.station.event("2")
	d := r.station.deposit()
	c := r.station.event("3")
	p := r.station.receipt()
	r.mustPush(t)
	wantRequests(t, r.central, asked("events", a, b), asked("deposit", d), asked("events", c), asked("receipt", p), asked("image", p))
	wantLeft(t, r.station)
	if reports := r.station.said(); len(reports) != 1 || reports[0] != nil {
		t.Errorf("central is well, the station heard %v", reports)
	}
	r.mustPush(t)
	if n := len(r.central.requests()); n != 5 {
		t.Errorf("%d requests after another turn, want the 5 of before", n)
	}
}

func TestEventsGoInBatches(t *testing.T) {
	r := newRoom()
	var ids []string
	for i := range 2*wire.MaxEvents + 1 {
		ids = append(ids, r.station.event(fmt.Sprint(i)))
	}
	r.mustPush(t)
	wantRequests(t, r.central, asked("events", ids[:100]...), asked("events", ids[100:200]...), asked("events", ids[200]))
	for i, v := range r.station.judged {
		if v.ID != ids[i] || v.Verdict != wire.VerdictAccepted {
			t.Fatalf("verdict %d is %+v, want %s accepted", i, v, ids[i])
		}
	}
	if len(r.station.judged) != len(ids) {
		t.Errorf("the station got %d verdicts on %d events", len(r.station.judged), len(ids))
	}
}

func TestRefusedDepositBlocksNothing(t *testing.T) {
	for _, problem := range []wire.ProblemType{wire.ProblemAttemptNotAccepted, wire.ProblemIDReused, wire.ProblemNumberRefused, wire.ProblemBadRequest} {
		r := newRoom()
		before, bad := r.station.event("1"), r.station.deposit()
		after, next := r.station.event("2"), r.station.deposit()
		r.central.fail = refuse(bad, problem)
		wantFault(t, r.Push(t.Context()), station.CentralRefused)
		wantRequests(t, r.central, asked("events", before), asked("deposit", bad), asked("events", after), asked("deposit", next))
		wantLeft(t, r.station, bad)
		reports := r.station.said()
		if last := reports[len(reports)-1]; !errors.Is(last, problem) || !strings.Contains(last.Error(), bad) {
			t.Errorf("the station heard %v, want %s about deposit %s", last, problem, bad)
		}
		r.central.fail = nil // an admin mended it
		r.mustPush(t)
		wantLeft(t, r.station)
	}
}

func TestRefusedReceiptBlocksNothing(t *testing.T) {
	for _, operation := range []string{"receipt", "image"} {
		r := newRoom()
		bad, after := r.station.receipt(), r.station.event("1")
		r.central.fail = func(o, id string) error {
			if o == operation && id == bad {
				return wire.NewProblem(wire.ProblemDigestMismatch, "")
			}
			return nil
		}
		wantFault(t, r.Push(t.Context()), station.CentralRefused)
		wantLeft(t, r.station, bad)
		if _, ok := r.central.kept["events"+after]; !ok {
			t.Errorf("%s refused: the event behind it did not go up", operation)
		}
	}
}

func TestSealedReceiptWaits(t *testing.T) {
	r := newRoom()
	r.station.locked = true
	r.journal.add("one")
	a, p, b := r.station.event("1"), r.station.receipt(), r.station.event("2")
	d, c := r.station.deposit(), r.station.event("3")
	r.mustPush(t)
	wantRequests(t, r.central, asked("events", a), asked("events", b), asked("deposit", d), asked("events", c), "entries[]", "checkpoint[]")
	wantLeft(t, r.station, p)
	if last := r.station.said()[0]; last != nil {
		t.Errorf("a receipt that waits for somebody is no fault, the station heard %v", last)
	}
	r.station.locked = false
	r.mustPush(t)
	wantLeft(t, r.station)
}

// TestShutReceiptWaits: while nothing may be opened, receipts stay and all else
// goes, the journal too.
func TestShutReceiptWaits(t *testing.T) {
	for _, code := range []station.FaultCode{station.JournalBroken, station.JournalOld, station.DiskFull, station.OfflineBudget, station.TPMMissing} {
		r := newRoom()
		r.station.shut = &station.Fault{Code: code}
		r.journal.add("one")
		p, b := r.station.receipt(), r.station.event("2")
		r.mustPush(t)
		wantRequests(t, r.central, asked("receipt", p), asked("events", b), "entries[]", "checkpoint[]")
		wantLeft(t, r.station, p)
		r.station.shut = nil
		r.mustPush(t)
		wantLeft(t, r.station)
	}
}

// TestPictureStaysShutForNobody: while central is away no receipt's picture is
// opened, so that the journal does not fill with entries about it.
func TestPictureStaysShutForNobody(t *testing.T) {
	r := newRoom()
	r.station.receipt()
	r.central.fail = func(o, _ string) error {
		if o == "receipt" {
			return fmt.Errorf("%w: away", client.ErrUnreachable)
		}
		return nil
	}
	for range 3 {
		wantFault(t, r.Push(t.Context()), station.CentralDown)
	}
	if r.station.opened != 0 {
		t.Errorf("opened %d times", r.station.opened)
	}
	r.central.fail = nil
	r.mustPush(t)
	if r.station.opened != 1 {
		t.Errorf("opened %d times, want once", r.station.opened)
	}
}

// TestManyReceiptsWait holds more back than is read at once.
func TestManyReceiptsWait(t *testing.T) {
	r := newRoom()
	r.station.locked = true
	for range most + 20 {
		r.station.receipt()
	}
	var behind []string
	for i := range wire.MaxEvents + 20 {
		behind = append(behind, r.station.event(fmt.Sprint(i)))
	}
	r.mustPush(t)
	wantRequests(t, r.central, asked("events", behind[:wire.MaxEvents]...), asked("events", behind[wire.MaxEvents:]...))
	if n := len(r.station.left()); n != most+20 {
		t.Errorf("%d messages are left, want the receipts", n)
	}
}

// TestBadEvent has central refuse a batch as a whole because of one event of it.
func TestBadEvent(t *testing.T) {
	r := newRoom()
	var ids []string
	for i := range 20 {
		ids = append(ids, r.station.event(fmt.Sprint(i)))
	}
	later := r.station.event("13") // of the same letter: it must not overtake
	r.central.fail = refuse(ids[13], wire.ProblemBadRequest)
	wantFault(t, r.Push(t.Context()), station.CentralRefused)
	wantLeft(t, r.station, ids[13], later)
	if n := len(r.central.requests()); n > 15 {
		t.Errorf("%d requests to find one of 20 events", n)
	}
	r.central.fail = nil
	r.mustPush(t)
	wantLeft(t, r.station)
}

func TestUnreadableMessagesBlockNothing(t *testing.T) {
	r := newRoom()
	first := r.station.event("1")
	bad := []string{
		r.station.put(store.EventMessage, "no object"), r.station.put(store.DepositMessage, 7),
		r.station.put("telegram", 7), r.station.put(store.ReceiptMessage, "whose picture is gone"),
	}
	last := r.station.event("2")
	wantFault(t, r.Push(t.Context()), station.Unexpected)
	wantRequests(t, r.central, asked("events", first), asked("events", last))
	wantLeft(t, r.station, bad...)
	report := r.station.said()[0].Error()
	for _, id := range bad {
		if !strings.Contains(report, id) {
			t.Errorf("the report %q does not name %s", report, id)
		}
	}
}

// TestNotAboutTheMessage: central that does not know the station, is busy, or is
// not central at all is asked once a turn, not once a message.
func TestNotAboutTheMessage(t *testing.T) {
	for _, problem := range []*wire.Problem{
		wire.NewProblem(wire.ProblemForbidden, ""), wire.NewProblem(wire.ProblemCertificateRequired, ""),
		wire.NewProblem(wire.ProblemBusy, ""), wire.NewProblem(wire.ProblemInternal, ""), {Type: wire.ProblemBlank, Status: 404},
	} {
		for _, first := range []bool{true, false} {
			r := newRoom()
			if first {
				r.station.deposit()
			}
			for i := range 8 {
				r.station.event(fmt.Sprint(i))
			}
			r.station.deposit()
			before := len(r.station.left())
			r.central.fail = func(string, string) error { return problem }
			wantFault(t, r.Push(t.Context()), station.CentralRefused)
			if n := len(r.central.requests()); n != 1 {
				t.Errorf("%v: %d requests, want 1", problem, n)
			}
			if n := len(r.station.left()); n != before {
				t.Errorf("%v: %d messages are left, want all %d", problem, n, before)
			}
		}
	}
}

// TestLostAnswers has central do what it was asked and its answer get lost.
func TestLostAnswers(t *testing.T) {
	for _, operation := range []string{"events", "deposit", "receipt", "image"} {
		r := newRoom()
		e := r.station.event("1")
		r.station.deposit()
		r.station.receipt()
		lost := 0
		r.central.lose = func(o, _ string) error {
			if o == operation && lost == 0 {
				lost++
				return fmt.Errorf("%w: cut", client.ErrUnreachable)
			}
			return nil
		}
		wantFault(t, r.Push(t.Context()), station.CentralDown)
		if first := r.station.said()[0]; !errors.Is(first, client.ErrUnreachable) {
			t.Errorf("the station heard %v", first)
		}
		r.mustPush(t)
		wantLeft(t, r.station)
		if lost != 1 || len(r.central.kept) != 4 {
			t.Errorf("%s lost %d times: central holds %d things, want 4", operation, lost, len(r.central.kept))
		}
		want := wire.VerdictAccepted
		if operation == "events" {
			want = wire.VerdictDuplicate
		}
		if d := cmp.Diff([]wire.Verdict{{ID: e, Verdict: want}}, r.station.judged); d != "" {
			t.Error(d)
		}
	}
}

// TestRefusedRests lets time pass: what was refused is sent again seldom, and a
// change goes up at once all the same.
func TestRefusedRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom()
		bad := r.station.deposit()
		r.central.fail = refuse(bad, wire.ProblemAttemptUnknown)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { r.Run(ctx); close(ended) }()
		for range 59 {
			time.Sleep(time.Second)
			e := r.station.event(uuid.NewString())
			time.Sleep(2 * settle)
			if r.central.verdict(e) != wire.VerdictDuplicate {
				t.Fatal("an event waits because of the refused deposit")
			}
		}
		for _, err := range r.station.said() {
			if !errors.Is(err, wire.ProblemAttemptUnknown) {
				t.Fatalf("the station heard %v while the deposit is refused", err)
			}
		}
		time.Sleep(time.Hour - 65*time.Second)
		if n := strings.Count(fmt.Sprint(r.central.requests()), "deposit"); n < 10 || n > 12 {
			t.Errorf("the refused deposit was sent %d times in an hour, want about 12", n)
		}
		wantLeft(t, r.station, bad)
		stop()
		<-ended
	})
}
