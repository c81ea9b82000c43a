package station

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/verify"
	"espero-soft.com/printroom/vault/store"
)

// printed brings one letter to DEVICE_DONE.
func (r *room) printed() string {
	r.t.Helper()
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(r.t.Context(), ids))
	return ids[0]
}

// told are the events in the outbox, in order.
func (r *room) told() (events []wire.Event) {
	r.t.Helper()
	messages, err := r.Outbox(r.t.Context(), 1000)
	r.check(err)
	for _, m := range messages {
		var e wire.Event
		r.check(json.Unmarshal(m.Body, &e))
		events = append(events, e)
	}
	return events
}

// entries are the journal's entries about an object, or all.
func (r *room) entries(object string) (found []verify.Entry) {
	r.t.Helper()
	all, err := r.journal.Entries(r.t.Context(), 0, 1000)
	r.check(err)
	for _, b := range all {
		e, err := verify.ParseEntry(b)
		r.check(err)
		if object == "" || e.Object == object {
			found = append(found, e)
		}
	}
	return found
}

// did lists who did what to an object, and why, without the reading of letters.
func (r *room) did(object string) (did []string) {
	r.t.Helper()
	for _, e := range r.entries(object) {
		if e.Action != "print" && e.Action != "fetch" {
			did = append(did, e.Actor+" "+e.Action+" "+e.Reason+" "+e.Outcome)
		}
	}
	return did
}

func (r *room) wantDid(object string, want ...string) {
	r.t.Helper()
	if got := r.did(object); !slices.Equal(got, want) {
		r.t.Errorf("the journal says %q, want %q", got, want)
	}
}

func TestGoodLetterIsConfirmed(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}))
	if j := r.job(id); j.State != store.Confirmed || j.Scanned {
		t.Errorf("%s, scanned %v; want CONFIRMED", j.State, j.Scanned)
	}
	r.wantDid(id, "p1 confirm  done")
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}), CodeState)
	// Its piece is scanned later.
	if _, err := r.Scan(t.Context(), string(r.job(id).Attempt)); err != nil || !r.job(id).Scanned {
		t.Errorf("scanned at enveloping: %v", err)
	}
	var kinds []wire.EventKind
	for _, e := range r.told() {
		kinds = append(kinds, e.Kind)
	}
	if want := []wire.EventKind{wire.EventAttempt, wire.EventSent, wire.EventDeviceDone, wire.EventConfirmed, wire.EventEnveloped}; !slices.Equal(kinds, want) {
		t.Errorf("central is told %v, want %v", kinds, want)
	}
}

func TestUncertainLetterIsSettledByAPerson(t *testing.T) {
	for _, scan := range []bool{false, true} {
		r := newRoom(t)
		ids := r.pay("PAGES 2")
		r.printer.sendErr = errors.New("connection reset")
		wantFault(t, r.PrintBatch(t.Context(), ids), MaybeOnPaper)
		if scan {
			_, err := r.Scan(t.Context(), string(r.job(ids[0]).Attempt))
			r.check(err)
		} else {
			r.check(r.Decide(t.Context(), Decision{Job: ids[0], Verdict: VerdictOK}))
			r.wantDid(ids[0], "p1 decide  done")
		}
		if j := r.job(ids[0]); j.State != store.Confirmed || j.Scanned != scan || j.Hold != "" {
			t.Errorf("%s for %q, scanned %v; want CONFIRMED", j.State, j.Hold, j.Scanned)
		}
	}
}

func TestReprint(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	first := r.job(id).Attempt
	jam := Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}
	for change, want := range map[*Decision]FaultCode{
		{Verdict: VerdictReprint, Reason: ReasonJam}:                      NotDestroyed,
		{Verdict: VerdictReprint, Destroyed: true}:                        ReasonMissing,
		{Verdict: VerdictReprint, Reason: ReasonContent, Destroyed: true}: ReasonMissing,
		{Verdict: "burn", Reason: ReasonJam, Destroyed: true}:             CodeState,
	} {
		change.Job = id
		wantFault(t, r.Decide(t.Context(), *change), want)
	}
	r.wantDid(id)
	r.check(r.Decide(t.Context(), jam))
	if j := r.job(id); j.State != store.Ready || j.Hold != "jam" || j.Reprint != ReasonJam || j.Paper || j.Code == first {
		t.Errorf("%+v, want READY for jam under a new code", j)
	}
	r.wantDid(id, "p1 reprint jam done", "p1 destroy jam done")
	wantFault(t, r.Decide(t.Context(), jam), CodeState)
	// The reason outlives a printing that came to nothing.
	r.printer.offAt = "Send"
	wantFault(t, r.PrintBatch(t.Context(), []string{id}), PrinterOff)
	r.printer.off, r.printer.offAt = false, ""
	r.check(r.Recover(t.Context()))
	r.check(r.PrintBatch(t.Context(), []string{id}))
	events := r.told()
	last := slices.IndexFunc(events, func(e wire.Event) bool { return e.Kind == wire.EventAttempt && e.Number == 3 })
	if last < 0 || events[last].Reason != "jam" {
		t.Errorf("central is told %+v", events)
	}
	_, err := r.Scan(t.Context(), string(first))
	wantFault(t, err, CodeState) // sheets that were to be destroyed
	if j, ok := r.Find(postal.SheetCode{Attempt: first, Sheet: 2, Sheets: 3}.String()); !ok || j.ID != id {
		t.Errorf("the code of a former printing finds %+v", j)
	}
}

func TestRegisteredReprintNeedsASecondPerson(t *testing.T) {
	r := newRoom(t)
	r.product = wire.ProductRegistered
	id := r.printed()
	d := Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}
	for _, c := range []struct {
		second *Second
		want   FaultCode
	}{
		{nil, SecondPerson},
		{&Second{Pseudonym: anna, PIN: []byte(pin)}, SecondPerson},
		{&Second{Pseudonym: "p9", PIN: []byte(pin)}, WrongPIN},
		{&Second{Pseudonym: boris, PIN: []byte("111111")}, WrongPIN},
		{&Second{Pseudonym: boris}, WrongPIN},
	} {
		d.Second = c.second
		wantFault(t, r.Decide(t.Context(), d), c.want)
	}
	if got := r.state(id); got != store.DeviceDone {
		t.Fatalf("%s without a second person", got)
	}
	refused := []string{
		"p1 approve second_person refused", "p1 approve second_person refused", "p1 approve wrong_pin refused",
		"p2 approve wrong_pin failed", "p2 approve wrong_pin failed",
	}
	r.wantDid(id, refused...)
	d.Second = &Second{Pseudonym: boris, PIN: []byte(pin)}
	r.check(r.Decide(t.Context(), d))
	if p := r.Snapshot().Person; p == nil || p.Pseudonym != anna {
		t.Errorf("at work is %v, want Anna still", p)
	}
	r.wantDid(id, append(refused, "p2 approve reprint_registered done", "p1 reprint jam done", "p1 destroy jam done")...)
	r.check(r.PrintBatch(t.Context(), []string{id}))
	events := r.told()
	if e := events[len(events)-3]; e.Kind != wire.EventAttempt || e.ApprovedBy != boris || e.Reason != "jam" || e.Number != 2 {
		t.Errorf("central is told %+v", e)
	}
}

func TestPull(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonOrder, Destroyed: true}), ReasonMissing)
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonContent, Destroyed: true}))
	if j := r.job(id); j.State != store.Held || j.Hold != Pulled || j.Paper || len(Verdicts(j)) != 0 || CanRetry(j) {
		t.Errorf("%+v, want HELD as pulled, for good", j)
	}
	r.wantDid(id, "p1 destroy content done")
	events := r.told()
	if e := events[len(events)-1]; e.Kind != wire.EventHeld || e.Reason != string(Pulled) {
		t.Errorf("central is told %+v", e)
	}
	_, err := r.Scan(t.Context(), string(r.job(id).Attempt))
	wantFault(t, err, Pulled)
}

// A letter that central no longer wants, and that is on paper, is pulled.
func TestRefusedPieceIsPulled(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	_, err := r.Scan(t.Context(), string(r.job(id).Attempt))
	r.check(err)
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictRefused, Problem: &wire.Problem{Type: wire.ProblemJobCancelled}})
	if j := r.job(id); j.Hold != OrderCancelled || !slices.Equal(Verdicts(j), []Verdict{VerdictPull}) || CanRetry(j) {
		t.Errorf("%+v, want it to be pulled", j)
	}
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonOrder, Destroyed: true}))
}

func TestDecisionsNeedAPerson(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	r.check(r.Lock(t.Context()))
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}), Locked)
	wantFault(t, r.Retry(t.Context(), id), Locked)
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	r.check(r.journal.Close())
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}), JournalBroken)
	if got := r.state(id); got != store.DeviceDone {
		t.Errorf("%s although nothing could be journaled", got)
	}
}

func TestVerdictsByState(t *testing.T) {
	all, again, pull := []Verdict{VerdictOK, VerdictReprint, VerdictPull}, []Verdict{VerdictReprint, VerdictPull}, []Verdict{VerdictPull}
	for _, c := range []struct {
		job  Job
		want []Verdict
	}{
		{Job{State: store.Ready}, nil}, {Job{State: store.Intent}, nil}, {Job{State: store.Sent, Paper: true}, nil},
		{Job{State: store.DeviceDone, Paper: true}, all}, {Job{State: store.Uncertain, Paper: true}, all},
		{Job{State: store.DeviceDone, Paper: true, Order: wire.OrderCancel}, pull},
		{Job{State: store.Confirmed, Paper: true}, again}, {Job{State: store.Confirmed, Paper: true, Scanned: true}, pull},
		{Job{State: store.Enveloped, Paper: true}, pull}, {Job{State: store.Dropped, Paper: true}, nil},
		{Job{State: store.Held, Paper: true}, pull}, {Job{State: store.Held}, nil},
	} {
		if got := Verdicts(c.job); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.job, got, c.want)
		}
	}
}

// TestScanWhileItIsDecided: while a second person agrees to print a letter again,
// somebody scans its piece. One of the two words counts.
func TestScanWhileItIsDecided(t *testing.T) {
	r := newRoom(t)
	r.product = wire.ProductRegistered
	id := r.printed()
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}))
	code := string(r.job(id).Attempt)
	scanned := make(chan error, 1)
	r.tpm.before = func(string) {
		r.tpm.before = nil
		go func() {
			_, err := r.Scan(t.Context(), code)
			scanned <- err
		}()
		time.Sleep(100 * time.Millisecond) // a scan that does not wait is done by then
	}
	r.check(r.Decide(t.Context(), Decision{
		Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true, Second: &Second{Pseudonym: boris, PIN: []byte(pin)},
	}))
	wantFault(t, <-scanned, CodeState)
	if j := r.job(id); j.State != store.Ready || j.Scanned {
		t.Errorf("the letter is %s, scanned %t", j.State, j.Scanned)
	}
}
