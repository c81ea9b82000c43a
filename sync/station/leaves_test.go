package station

import (
	"context"
	"testing"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// A person whom central no longer lists is not at work any more, and one whose
// role has changed has the new one at once. The batch ends all the same.
func TestListWithoutThePersonAtWork(t *testing.T) {
	r := newRoom(t)
	one := wire.Person{Pseudonym: anna, Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}
	other := wire.Person{Pseudonym: boris, Name: "Boris", Role: wire.RoleOperator, Language: "fr", Slot: 1}
	r.list(one, other)
	_, err := r.FindPrinters(t.Context())
	r.check(err)
	one.Role = wire.RoleOperator
	r.list(one, other)
	_, err = r.FindPrinters(t.Context())
	wantFault(t, err, NotPermitted)

	ids := r.pay("PAGES 2", "PAGES 2")
	r.edge = func(id string, s store.State) {
		if id == ids[0] && s == store.Sent {
			r.list(other)
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if p := r.Snapshot().Person; p != nil {
		t.Errorf("%s is still at work", p.Pseudonym)
	}
	if got := r.state(ids[1]); got != store.DeviceDone {
		t.Errorf("the batch's last letter is %s", got)
	}
	wantFault(t, r.PrintBatch(t.Context(), ids), Locked)
	all := r.entries("")
	if e := all[len(all)-1]; e.Action == string(journal.ActionLock) && e.Actor != anna {
		t.Errorf("the journal says that %s was locked out", e.Actor)
	}
}

// A lock stands in the journal under the name of who was at work, and wipes the
// PIN.
func TestLockIsJournaledAndWipes(t *testing.T) {
	r := newRoom(t)
	held := r.Station.pin
	r.check(r.Lock(t.Context()))
	all := r.entries("")
	if e := all[len(all)-1]; e.Action != string(journal.ActionLock) || e.Actor != anna {
		t.Errorf("the journal ends with %s by %s", e.Action, e.Actor)
	}
	if held.Auth.Len() != 0 {
		t.Error("the PIN is still there")
	}
	r.check(r.Lock(t.Context()))
	if again := r.entries(""); len(again) != len(all) {
		t.Error("nobody was there, and the journal has another lock")
	}
}

// Who looks at a letter sees nothing more of it once the station is locked.
func TestLockEndsAPreview(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	pages := 0
	err := r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error {
		pages++
		return r.Lock(context.Background())
	})
	wantFault(t, err, Locked)
	if pages != 1 {
		t.Errorf("%d pages were shown, %d of them after the lock", pages, pages-1)
	}
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	r.check(r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }))
}

// slowJournal does something before it takes a cancellation.
type slowJournal struct {
	Journal
	before func()
}

func (j slowJournal) Record(ctx context.Context, a journal.Access, o journal.Outcome) error {
	if a.Action == journal.ActionCancel {
		j.before()
	}
	return j.Journal.Record(ctx, a, o)
}

// A letter is called off. It comes out before the journal has that; the next one
// is not meant, and is not begun.
func TestCancelComesTooLate(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	p := r.slow()
	second, asked := make(chan struct{}), make(chan struct{})
	once := false
	p.asked = func(id int) {
		if id == 2 && !once {
			once = true
			close(second)
			<-asked
		}
	}
	reached := make(chan struct{})
	r.cfg.Journal = slowJournal{Journal: r.journal, before: func() { close(reached); <-second }}
	called := make(chan error, 1)
	r.edge = func(id string, s store.State) {
		if id == ids[0] && s == store.Sent {
			go func() {
				called <- r.CancelLetter(context.Background())
				close(asked)
			}()
			<-reached
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	r.check(<-called)
	if p.jobs[2].State != device.Completed || r.state(ids[1]) != store.DeviceDone {
		t.Errorf("the other letter is %s, its job %s", r.state(ids[1]), p.jobs[2].State)
	}
}

// TestRevokedWhileSending: the letter that is on its way to the printer comes out
// whole, the last of its batch too, and no other is begun.
func TestRevokedWhileSending(t *testing.T) {
	for _, letters := range []int{1, 2} {
		r := newRoom(t)
		ids := r.pay([]string{"PAGES 2", "PAGES 2"}[:letters]...)
		r.edge = func(_ string, to store.State) {
			if to == store.Sending {
				r.CentralReport(wire.NewProblem(wire.ProblemStationRevoked, ""))
			}
		}
		_ = r.PrintBatch(t.Context(), ids) // why it ended is not what this is about
		if got, n := r.state(ids[0]), r.printer.printed(); got != store.DeviceDone || n != 1 {
			t.Errorf("%d letters: the first is %s, %d came out", letters, got, n)
		}
	}
}

// forgetful is a journal that takes no entry of one kind.
type forgetful struct {
	Journal
	no journal.Action
}

func (f *forgetful) Record(ctx context.Context, a journal.Access, o journal.Outcome) error {
	if a.Action == f.no {
		return journal.ErrFull
	}
	return f.Journal.Record(ctx, a, o)
}

// TestPINSetBeforeTheListWasKept: a list that could not be kept is worked with all
// the same, and when it is kept the PIN that somebody set meanwhile, in the place
// of who left, stays.
func TestPINSetBeforeTheListWasKept(t *testing.T) {
	r := newRoom(t)
	f := &forgetful{Journal: r.cfg.Journal, no: journal.ActionPersonRemoved}
	r.cfg.Journal = f
	r.people = []wire.Person{
		{Pseudonym: anna, Name: "Anna", Role: wire.RoleOperator, Language: "nl"},
		{Pseudonym: "p9", Name: "Nine", Role: wire.RoleOperator, Language: "fr", Slot: 1},
	}
	wantFault(t, r.TakeStaff(t.Context(), r.next()), DiskFull)
	r.tpm.codes["p9"] = "code"
	r.check(r.SetPIN(t.Context(), "p9", "code", []byte("592047")))
	f.no = ""
	r.list(r.people...)
	r.check(r.Unlock(t.Context(), "p9", []byte("592047")))
}
