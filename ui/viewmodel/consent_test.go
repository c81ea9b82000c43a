package viewmodel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/store"
)

// strict is a queue in a room that wants two people for everything, with Anna at
// work, a letter that is held for a finding and one that is ready.
func strict(t *testing.T) (*viewmodel.Queue, *uitest.Station, *uitest.Loop) {
	t.Helper()
	held := job("a", postal.Standard, 1, func(j *station.Job) { j.State, j.Hold = store.Held, station.Preflight })
	s := uitest.NewStation(uitest.People(), []station.Job{held, job("b", postal.Standard, 2), job("c", postal.Registered, 3)})
	s.Staff[1].PIN = station.PINIsUnset
	s.Change(func(c *station.Snapshot) { c.Person, c.Policy = &s.Staff[0], uitest.Strict() })
	q, loop := newQueue(t, s)
	q.Show(s.Snapshot())
	loop.Until(func() bool { return q.Ready })
	return q, s, loop
}

func of(s *uitest.Station, id string) station.Job {
	for _, j := range s.Snapshot().Jobs {
		if j.ID == id {
			return j
		}
	}
	return station.Job{}
}

func TestOverrideByTwo(t *testing.T) {
	q, s, loop := strict(t)
	q.Select("b")
	if q.Override(); q.CanOverride() || q.Errand != nil {
		t.Fatal("a letter that is not held is overridden")
	}
	q.Select("a")
	q.Override()
	if q.Errand == nil || of(s, "a").State != store.Held {
		t.Fatal("nobody is asked")
	}
	loop.Until(func() bool { return !q.Errand.Consent.Loading })
	c := q.Errand.Consent
	var names []string
	for _, p := range c.People {
		names = append(names, p.Pseudonym)
	}
	if diff := cmp.Diff([]string{"p-2", "p-3", "p-4"}, names); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	agree := func(pin string) {
		t.Helper()
		typed := []byte(pin)
		q.Agree(typed)
		loop.Until(func() bool { return !c.Busy })
		if len(typed) > 0 && typed[0] != 0 {
			t.Errorf("the PIN stays in memory: %q", typed)
		}
	}
	agree("2468") // nobody was named
	c.Choose(0)
	if c.Ready() || c.Fault == nil || c.Fault.Code != station.PINUnset {
		t.Errorf("somebody without a PIN can agree: %v", c.Fault)
	}
	agree("2468")
	if len(s.Approved()) != 0 || of(s, "a").State != store.Held {
		t.Fatal("it was let go without a second person")
	}
	if !q.Badge("B24P:p-1") || c.Fault == nil || c.Fault.Code != station.SecondPerson {
		t.Errorf("the badge of who is at work: %v", c.Fault)
	}
	if !q.Badge("B24P:stranger") || !c.Unknown {
		t.Error("a stranger's badge is not told")
	}
	if !q.Badge("B24P:p-4") || c.Person().Pseudonym != "p-4" || c.Unknown || c.Fault != nil {
		t.Fatalf("a badge chose %+v", c.Person())
	}
	agree("1111")
	if q.Errand == nil || c.Fault == nil || c.Fault.Code != station.WrongPIN || c.Tries() != 4 || c.Person().Pseudonym != "p-4" {
		t.Fatalf("a wrong PIN: %v, %d tries", c.Fault, c.Tries())
	}
	agree("2468")
	if q.Errand != nil || of(s, "a").State != store.Ready || s.Snapshot().Person.Pseudonym != "p-1" {
		t.Errorf("after both agreed: %+v, the letter is %s", q.Errand, of(s, "a").State)
	}
	if diff := cmp.Diff([]string{"preflight_override p-4"}, s.Approved()); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
	if q.Badge("B24P:p-4") || q.Badge("7QK2") {
		t.Error("a badge is taken though nobody asks for one")
	}
}

// TestOverrideAlone: where the policy does not want two people nobody is asked.
func TestOverrideAlone(t *testing.T) {
	q, s, loop := strict(t)
	s.Change(func(c *station.Snapshot) { c.Policy = station.Policy{} })
	q.Show(s.Snapshot())
	q.Select("a")
	q.Override()
	q.Override()
	if q.Errand != nil || !q.Acting {
		t.Fatalf("asked for %+v", q.Errand)
	}
	loop.Until(func() bool { return !q.Acting })
	if of(s, "a").State != store.Ready || q.Fault != nil {
		t.Errorf("the letter is %s, %v", of(s, "a").State, q.Fault)
	}
	s.Fail("keep", &station.Fault{Code: station.CodeState})
	q.Select("b")
	q.KeepLonger(true)
	loop.Until(func() bool { return !q.Acting })
	if q.Fault == nil || q.Fault.Code != station.CodeState {
		t.Errorf("fault %v", q.Fault)
	}
}

func TestKeepLonger(t *testing.T) {
	q, s, loop := strict(t)
	q.Select("c")
	if q.KeepLonger(true); q.CanKeep() || q.Errand != nil {
		t.Fatal("a registered letter is kept as proof anyway")
	}
	q.Select("b")
	if q.KeepLonger(false); q.Errand != nil {
		t.Fatal("nothing changes and somebody is asked")
	}
	q.KeepLonger(true)
	loop.Until(func() bool { return !q.Errand.Consent.Loading })
	q.Errand.Consent.Choose(2)
	q.Agree([]byte("2468"))
	loop.Until(func() bool { return q.Errand == nil })
	if !of(s, "b").Longer {
		t.Error("it is not kept longer")
	}
}

// TestAnErrandEndsWithWhatItWasAbout: another letter, another person, a lock, or
// the letter has moved on.
func TestAnErrandEndsWithWhatItWasAbout(t *testing.T) {
	q, s, loop := strict(t)
	begin := func() {
		t.Helper()
		q.Select("a")
		if q.Override(); q.Errand == nil {
			t.Fatal("nobody is asked")
		}
	}
	begin()
	if q.Select("b"); q.Errand != nil {
		t.Error("another letter was chosen")
	}
	begin()
	if !q.Leave() || q.Leave() || q.Errand != nil {
		t.Error("it can't be left, or twice")
	}
	begin()
	s.Change(func(c *station.Snapshot) { c.Jobs[0].Order = "cancel"; c.Jobs[0].Hold = station.OrderCancelled })
	if q.Show(s.Snapshot()); q.Errand != nil {
		t.Error("the letter was taken back")
	}
	s.Change(func(c *station.Snapshot) { c.Jobs[0].Order = ""; c.Jobs[0].Hold = station.Preflight })
	q.Show(s.Snapshot())
	loop.Until(func() bool { return q.CanOverride() || loop.Waiting() == 0 })
	begin()
	s.Change(func(c *station.Snapshot) { c.Person = &s.Staff[3] })
	if q.Show(s.Snapshot()); q.Errand != nil {
		t.Error("another person is at work")
	}
	begin()
	arrived, release := s.Hold("override")
	loop.Until(func() bool { return !q.Errand.Consent.Loading })
	q.Errand.Consent.Choose(0)
	q.Agree([]byte("2468"))
	<-arrived
	q.Show(station.Snapshot{})
	release()
	if q.Errand != nil || q.Acting {
		t.Error("a lock leaves the question")
	}
}

func TestExportByTwo(t *testing.T) {
	o := newOffice(t, 2, 2)
	o.at.Change(func(c *station.Snapshot) { c.Policy = uitest.Strict() })
	o.Show(o.at.Snapshot())
	o.Enter()
	o.settle()
	o.Export(report.PDF, "/somewhere/journal.pdf", nil)
	if o.Consent == nil || o.Exporting || o.Exported != nil {
		t.Fatal("nobody is asked")
	}
	c := o.Consent
	o.loop.Until(func() bool { return !c.Loading })
	if !o.Scan("B24P:p-4") || c.Person() == nil {
		t.Fatal("a badge chooses nobody")
	}
	agree := func(pin string) {
		typed := []byte(pin)
		o.Agree(typed)
		o.loop.Until(func() bool { return !c.Busy })
		if typed[0] != 0 {
			t.Errorf("the PIN stays in memory: %q", typed)
		}
	}
	agree("1111")
	if o.Consent == nil || c.Fault == nil || c.Fault.Code != station.WrongPIN || o.Exported != nil || o.Exporting {
		t.Fatalf("a wrong PIN: %v, exported %+v", c.Fault, o.Exported)
	}
	o.at.Fail("export", &station.Fault{Code: station.DiskFull})
	agree("2468")
	if o.Consent != nil || o.Fault == nil || o.Fault.Code != station.DiskFull {
		t.Fatalf("on a full disk: %v, still asked %v", o.Fault, o.Consent != nil)
	}
	o.at.Fail("export", nil)
	o.Export(report.PDF, "/somewhere/journal.pdf", nil)
	if !o.LeaveExport() || o.LeaveExport() {
		t.Error("it can't be given up, or twice")
	}
	o.Export(report.PDF, "/somewhere/journal.pdf", nil)
	c = o.Consent
	o.loop.Until(func() bool { return !c.Loading })
	c.Choose(2)
	agree("2468")
	if o.Exported == nil || o.Fault != nil || o.Consent != nil {
		t.Errorf("exported %+v, %v", o.Exported, o.Fault)
	}
	if diff := cmp.Diff([]string{"journal_export p-4", "journal_export p-4"}, o.at.Approved()); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
}

// TestReprintAlone: where the policy does not want two people for registered mail
// nobody is asked.
func TestReprintAlone(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone, registered))
	s.Change(func(c *station.Snapshot) { c.Policy = station.Policy{} })
	show(p, s, loop)
	p.Reprint()
	p.Because("damaged")
	p.SetDestroyed(true)
	p.Answer()
	loop.Until(func() bool { return !p.Deciding })
	if p.Ask != nil || len(s.Decided()) != 1 {
		t.Errorf("decided %v, asked %+v", s.Decided(), p.Ask)
	}
}

// TestIdle: the room's policy says when the window locks, the settings may only
// shorten it, and the last seconds are counted down.
func TestIdle(t *testing.T) {
	const min = time.Minute
	for _, c := range []struct{ settings, policy, want time.Duration }{
		{0, 0, 0}, {3 * min, 0, 3 * min}, {0, 3 * min, 3 * min}, {2 * min, 3 * min, 2 * min}, {5 * min, 3 * min, 3 * min},
	} {
		s := uitest.NewStation(uitest.People(), nil)
		loop, clock := uitest.NewLoop(t, 16), &hand{start}
		f := viewmodel.NewFrame(s, loop.Post, clock.now, c.settings)
		changed := 0
		f.Changed = func() { changed++ }
		s.Change(func(n *station.Snapshot) { n.Person, n.Policy.Idle = &s.Staff[0], c.policy })
		f.Show(s.Snapshot())
		if got := f.Idle(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
		clock.at = clock.at.Add(c.want - 21*time.Second)
		if f.Tick(); f.Left() != 0 {
			t.Errorf("%+v: it counts down 21 s before", c)
		}
		clock.at = clock.at.Add(9 * time.Second)
		if f.Tick(); c.want > 0 && f.Left() != 12*time.Second || c.want == 0 && f.Left() != 0 {
			t.Errorf("%+v: %v left of 12 s", c, f.Left())
		}
		before := changed
		if f.Touch(); f.Left() != 0 || c.want > 0 && changed == before {
			t.Errorf("%+v: a touch is not seen at once", c)
		}
		clock.at = clock.at.Add(c.want)
		f.Tick()
		if c.want > 0 {
			loop.Until(func() bool { return s.Snapshot().Person == nil })
		} else if s.Snapshot().Person == nil {
			t.Errorf("%+v: it locked", c)
		}
		f.Close()
	}
}

// TestAScannedPINIsNone: where a PIN is asked for even a short code is held back,
// and a badge is known by its mark however short it is.
func TestAScannedPINIsNone(t *testing.T) {
	f := newField(t)
	f.types("246810", 5*time.Millisecond)
	if f.Key("Return") && len(f.codes) > 0 {
		t.Fatal("a short code was taken where no PIN is asked for")
	}
	f = newField(t)
	f.Secret = func() bool { return true }
	f.types("246810", 5*time.Millisecond)
	if !f.Key("Return") || len(f.codes) != 1 || f.text != "" {
		t.Errorf("a scanned PIN: codes %v, typed %q", f.codes, f.text)
	}
	f = newField(t)
	f.types("B24P:p1", 5*time.Millisecond)
	if !f.Key("Return") || len(f.codes) != 1 || f.codes[0] != "B24P:p1" {
		t.Errorf("a short badge: %v", f.codes)
	}
	f = newField(t)
	f.Secret = func() bool { return true }
	f.types("246810", 100*time.Millisecond)
	if f.Key("Return"); len(f.codes) != 0 {
		t.Errorf("a person's PIN is taken for a scan: %v", f.codes)
	}
}
