package station

import (
	"context"
	"os"
	"slices"
	"testing"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

var marc = Second{Pseudonym: boris, PIN: []byte(pin)}

// TestActsForTwo: each act needs another person where the policy says so, and
// nobody where it does not; the entries name both.
func TestActsForTwo(t *testing.T) {
	r := newRoom(t)
	r.rule(func(p *wire.Policy) { p.SecondPerson = nil })
	for _, act := range []wire.SecondPersonAct{wire.ActJournalExport, wire.ActPreflightOverride, wire.ActReprintRegistered, wire.ActRetentionChange} {
		r.check(r.Approve(t.Context(), act, "object-1", nil))
		r.wantDid("object-1")
		r.rule(func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{act} })
		wantFault(t, r.Approve(t.Context(), act, "object-2", nil), SecondPerson)
		wantFault(t, r.Approve(t.Context(), act, "object-2", &Second{Pseudonym: anna, PIN: []byte(pin)}), SecondPerson)
		wantFault(t, r.Approve(t.Context(), act, "", &Second{Pseudonym: boris, PIN: []byte(wrong)}), WrongPIN)
		r.wantEnd("p2 approve  wrong_pin failed")
		r.check(r.Approve(t.Context(), act, "", &marc))
		r.wantEnd("p2 approve  " + string(act) + " done")
		if p := r.Snapshot().Person; p == nil || p.Pseudonym != anna {
			t.Fatalf("at work is %+v", p)
		}
		r.rule(func(p *wire.Policy) { p.SecondPerson = nil })
	}
	r.check(r.Lock(t.Context()))
	wantFault(t, r.Approve(t.Context(), wire.ActJournalExport, "", &marc), Locked)
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	r.rule(func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{wire.ActJournalExport} })
	r.check(r.journal.Close())
	wantFault(t, r.Approve(t.Context(), wire.ActJournalExport, "", &marc), JournalBroken)
}

func TestRegisteredReprintOfARoomThatTrusts(t *testing.T) {
	r := newRoom(t)
	r.rule(func(p *wire.Policy) { p.SecondPerson = nil })
	r.product = wire.ProductRegistered
	id := r.printed()
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}))
	r.wantDid(id, "p1 reprint jam done", "p1 destroy jam done")
}

// blank is what the fake renderer's pages are found to be, among other things.
func (r *room) found(id string) []preflight.Code { return r.job(id).Findings }

// TestHeldForAFinding: a letter with a finding that the policy names is not
// printed before a person lets it; one that was let pass is, and another finding
// holds it again.
func TestHeldForAFinding(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.check(r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }))
	found := r.found(ids[0])
	if len(found) < 2 {
		t.Fatalf("the test needs two findings, and there are %v", found)
	}
	r.rule(func(p *wire.Policy) {
		p.HoldFindings = []wire.ReasonCode{wire.ReasonCode(found[0])}
		p.SecondPerson = []wire.SecondPersonAct{wire.ActPreflightOverride}
	})
	r.check(r.PrintBatch(t.Context(), ids)) // one that was looked at, and one that was not
	for _, id := range ids {
		j := r.job(id)
		if j.State != store.Held || j.Hold != Preflight || !CanOverride(j) || CanRetry(j) || j.Paper {
			t.Errorf("%+v, want HELD for preflight", j)
		}
	}
	if n, told := r.printer.printed(), kinds(t, r); n != 0 || told[wire.EventHeld] != 0 {
		t.Errorf("%d letters came out, central is told %v", n, told)
	}
	wantFault(t, r.Retry(t.Context(), ids[0]), CodeState)
	wantFault(t, r.Override(t.Context(), ids[0], nil), SecondPerson)
	r.check(r.Override(t.Context(), ids[0], &marc))
	wantFault(t, r.Override(t.Context(), ids[0], &marc), CodeState)
	r.wantEnd("p2 approve "+ids[0]+" preflight_override done", "p1 override "+ids[0]+" preflight done")

	r.printer.off = true // what was let pass is, however often it is tried
	wantFault(t, r.PrintBatch(t.Context(), ids[:1]), PrinterOff)
	r.printer.off = false
	r.rule(func(p *wire.Policy) { p.HoldFindings = append(p.HoldFindings, wire.ReasonCode(found[1])) })
	r.check(r.PrintBatch(t.Context(), ids[:1]))
	if j := r.job(ids[0]); j.Hold != Preflight {
		t.Errorf("%+v, want it held for the other finding", j)
	}
	r.check(r.Override(t.Context(), ids[0], &marc))
	r.check(r.PrintBatch(t.Context(), ids[:1]))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("%s, want DEVICE_DONE", got)
	}
}

// TestHeldForColour: the pages for the printer do not show what a letter in black
// and white loses; where the policy has it held for that, it is looked for.
func TestHeldForColour(t *testing.T) {
	r := newRoom(t)
	r.cfg.Renderer = &paperless{inked: []int{0, 1}, coloured: true}
	ids := r.pay("PAGES 2", "PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids[:1]))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Fatalf("a policy that holds nothing: %s", got)
	}
	r.rule(func(p *wire.Policy) { p.HoldFindings = []wire.ReasonCode{wire.ReasonCode(preflight.GreyLost)} })
	r.check(r.PrintBatch(t.Context(), ids[1:]))
	if j := r.job(ids[1]); j.State != store.Held || j.Hold != Preflight || !CanOverride(j) {
		t.Errorf("%+v, want HELD for preflight", j)
	}
	r.check(r.Override(t.Context(), ids[1], &marc))
	r.check(r.PrintBatch(t.Context(), ids[1:]))
	if got := r.state(ids[1]); got != store.DeviceDone {
		t.Errorf("let pass: %s", got)
	}
}

// TestHeldForWhatWasSeen: another look at the letter, which ends meanwhile, does
// not take away what the print has seen.
func TestHeldForWhatWasSeen(t *testing.T) {
	r := newRoom(t)
	r.rule(func(p *wire.Policy) { p.HoldFindings = []wire.ReasonCode{wire.ReasonCode(preflight.Blank)} })
	ids := r.pay("PAGES 2")
	r.cfg.Renderer = &paperless{}
	defer r.Subscribe(func() {
		for _, j := range r.Snapshot().Jobs {
			if len(j.Findings) > 0 {
				r.check(r.kept.SetFindings(context.Background(), j.ID, []string{})) // as the other look found
			}
		}
	})()
	r.check(r.PrintBatch(t.Context(), ids))
	if j := r.job(ids[0]); j.State != store.Held || j.Hold != Preflight {
		t.Errorf("%+v, want HELD for preflight", j)
	}
}

// TestHeldForAFindingWithoutALease: another station may print it.
func TestHeldForAFindingWithoutALease(t *testing.T) {
	r := newRoom(t)
	r.rule(func(p *wire.Policy) { p.HoldFindings = []wire.ReasonCode{wire.ReasonCode(preflight.Margin)} })
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	if !CanOverride(r.job(ids[0])) {
		t.Fatalf("%+v", r.job(ids[0]))
	}
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	r.check(r.Kept(t.Context(), j.Claim, nil))
	if j := r.job(ids[0]); j.Hold != LeaseLost || CanOverride(j) {
		t.Errorf("%+v, want it held for lease_lost", j)
	}
}

func TestKeepLonger(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	r.rule(func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{wire.ActRetentionChange} })
	wantFault(t, r.KeepLonger(t.Context(), id, true, nil), SecondPerson)
	r.check(r.KeepLonger(t.Context(), id, true, &marc))
	r.check(r.KeepLonger(t.Context(), id, true, nil)) // it is
	if !r.job(id).Longer {
		t.Error("it is not shown")
	}
	r.wantDid(id, "p1 approve second_person refused", "p2 approve retention_change done", "p1 keep longer done")
	r.check(r.KeepLonger(t.Context(), id, false, &marc))
	if r.job(id).Longer {
		t.Error("it is still shown")
	}
	r.wantEnd("p2 approve "+id+" retention_change done", "p1 keep "+id+" usual done")
	r.order(order(wire.OrderErase, id))
	wantFault(t, r.KeepLonger(t.Context(), id, true, &marc), CodeState)
}

// TestNothingToRetry: a letter that was forgotten can't be tried again, nor let
// pass.
func TestNothingToRetry(t *testing.T) {
	r := newRoom(t)
	id := r.pay("CORRUPT")[0]
	r.check(r.PrintBatch(t.Context(), []string{id}))
	if !CanRetry(r.job(id)) {
		t.Fatalf("%+v", r.job(id))
	}
	j, err := r.kept.Job(t.Context(), id)
	r.check(err)
	r.check(r.kept.Forget(t.Context(), store.Kept{Job: id, State: j.State, Hold: j.Hold}))
	r.check(r.refreshJob(t.Context(), id))
	if j := r.job(id); CanRetry(j) || CanOverride(j) || !j.Purged {
		t.Errorf("%+v can be tried again", j)
	}
	wantFault(t, r.Retry(t.Context(), id), CodeState)
	if _, err := os.Stat(r.kept.DocumentPath(id)); !os.IsNotExist(err) {
		t.Errorf("its document: %v", err)
	}
}

// Every action that the station writes is one that the journal knows.
func TestActionsOfPeopleAreKnown(t *testing.T) {
	for _, a := range []journal.Action{
		journal.ActionPINSet, journal.ActionPINChange, journal.ActionPersonAdded, journal.ActionPersonRemoved,
		journal.ActionRevoke, journal.ActionOverride, journal.ActionKeep,
	} {
		if !slices.Contains(journal.Actions(), a) {
			t.Errorf("%s", a)
		}
	}
}

// TestWordIsGoodForOnce: what another person agreed to is done once, and by the
// person who was at work.
func TestWordIsGoodForOnce(t *testing.T) {
	r := newRoom(t)
	if err := r.Agreed(wire.ActJournalExport); err != nil {
		t.Errorf("a policy that asks for nobody: %v", err)
	}
	r.rule(func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{wire.ActJournalExport} })
	wantFault(t, r.Agreed(wire.ActJournalExport), SecondPerson)
	agree := func() {
		t.Helper()
		r.check(r.Approve(t.Context(), wire.ActJournalExport, "", &Second{Pseudonym: boris, PIN: []byte(pin)}))
	}
	agree()
	r.check(r.Agreed(wire.ActJournalExport))
	wantFault(t, r.Agreed(wire.ActJournalExport), SecondPerson)
	agree()
	r.check(r.Lock(t.Context()))
	wantFault(t, r.Agreed(wire.ActJournalExport), SecondPerson)
}

// TestWordForWhoAsked: what another person agrees to while the first leaves is
// agreed to for nobody, whoever is at work by then.
func TestWordForWhoAsked(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	r.rule(func(p *wire.Policy) {
		p.SecondPerson = []wire.SecondPersonAct{wire.ActJournalExport, wire.ActRetentionChange}
	})
	for what, next := range map[string]string{"the second": boris, "a third": eva, "the same again": anna} {
		leave := func(command string) {
			if command != "check" {
				return
			}
			r.tpm.before = nil
			r.check(r.Lock(t.Context()))
			r.check(r.Unlock(t.Context(), next, []byte(pin)))
		}
		second := marc
		if next == anna {
			second.Pseudonym = eva
		}
		ask := func(act func() error) {
			t.Helper()
			r.check(r.Unlock(t.Context(), anna, []byte(pin)))
			r.tpm.before = leave
			if err := act(); code(err) != Locked {
				t.Errorf("%s: %v", what, err)
			}
		}
		ask(func() error { return r.Approve(t.Context(), wire.ActJournalExport, "", &second) })
		if err := r.Agreed(wire.ActJournalExport); code(err) != SecondPerson {
			t.Errorf("%s: %v", what, err)
		}
		ask(func() error { return r.KeepLonger(t.Context(), id, true, &second) })
		if r.job(id).Longer {
			t.Errorf("%s: it is kept longer", what)
		}
	}
}
