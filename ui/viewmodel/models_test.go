package viewmodel_test

import (
	"image"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"

	"github.com/google/go-cmp/cmp"
)

// hand is a clock that the test turns.
type hand struct{ at time.Time }

func (h *hand) now() time.Time { return h.at }

func TestUnlock(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	loop, clock := uitest.NewLoop(t, 16), &hand{start}
	u := viewmodel.NewUnlock(s, loop.Post, clock.now)
	defer u.Close()
	u.Load()
	loop.Run(1)
	if len(u.People) != 4 || u.Person() != nil || u.Ready() {
		t.Fatalf("after loading: %+v", u)
	}
	u.Choose(1)
	try := func(pin string) []byte {
		typed := []byte(pin)
		u.Submit(typed)
		loop.Until(func() bool { return !u.Busy })
		return typed
	}
	if typed := try("1111"); u.Fault == nil || u.Fault.Code != station.WrongPIN || typed[0] != 0 {
		t.Errorf("fault %v, PIN left %q", u.Fault, typed)
	}
	u.Choose(2)
	if u.Fault != nil {
		t.Error("somebody else's wrong PIN is still shown")
	}
	u.Choose(1)
	if typed := try("2468"); u.Fault != nil || s.Snapshot().Person == nil || typed[3] != 0 {
		t.Errorf("the right PIN: fault %v, PIN left %q", u.Fault, typed)
	}
}

func TestUnlockWaits(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	s.Lockout = true
	loop, clock := uitest.NewLoop(t, 16), &hand{start}
	u := viewmodel.NewUnlock(s, loop.Post, clock.now)
	defer u.Close()
	u.Load()
	loop.Run(1)
	u.Choose(0)
	for range 6 {
		u.Submit([]byte("0000"))
		loop.Run(1)
	}
	if u.Fault == nil || u.Fault.Code != station.TPMLocked || u.Remaining() != 10*time.Minute {
		t.Fatalf("fault %v, %v to wait", u.Fault, u.Remaining())
	}
	refused := []byte("2468")
	u.Submit(refused)
	if u.Busy || refused[0] != 0 {
		t.Error("a PIN was taken, or kept, during the wait")
	}
	u.Choose(1)
	if !u.Ready() || u.Fault != nil {
		t.Error("one person's wrong PINs lock another one")
	}
	u.Choose(0)
	if u.Ready() || u.Fault == nil || u.Fault.Code != station.TPMLocked {
		t.Error("the way to somebody else and back ended the wait")
	}
	clock.at = clock.at.Add(10 * time.Minute)
	u.Tick()
	if !u.Ready() || u.Fault != nil {
		t.Error("the wait is over and no PIN is taken")
	}
}

// TestLockingAgainForgetsWhoWasChosen covers the way back to the tiles.
func TestLockingAgainForgetsWhoWasChosen(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	loop := uitest.NewLoop(t, 16)
	u := viewmodel.NewUnlock(s, loop.Post, time.Now)
	defer u.Close()
	u.Load()
	loop.Run(1)
	u.Choose(2)
	u.Show(station.Snapshot{Person: &uitest.People()[2]})
	u.Show(station.Snapshot{})
	loop.Run(1)
	if u.Person() != nil {
		t.Errorf("%s is still chosen", u.Person().Name)
	}
}

func TestFrameLocksWhenIdle(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	s.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[0] })
	loop, clock := uitest.NewLoop(t, 16), &hand{start}
	f := viewmodel.NewFrame(s, loop.Post, clock.now, 3*time.Minute)
	defer f.Close()
	f.Show(s.Snapshot())
	clock.at = clock.at.Add(2 * time.Minute)
	f.Touch()
	clock.at = clock.at.Add(2 * time.Minute)
	f.Tick()
	if s.Snapshot().Person == nil {
		t.Fatal("it locked although somebody was there")
	}
	clock.at = clock.at.Add(time.Minute)
	f.Tick()
	loop.Run(1)
	if s.Snapshot().Person != nil {
		t.Error("nobody was there and it did not lock")
	}
}

func TestFrameCutOff(t *testing.T) {
	loop := uitest.NewLoop(t, 1)
	f := viewmodel.NewFrame(nil, loop.Post, (&hand{start}).now, 0)
	defer f.Close()
	f.Show(here(job("held", postal.Standard, 1, in(store.Held)), job("done", postal.Standard, 2, in(store.Enveloped)),
		job("late", postal.Standard, 9), job("next", postal.Standard, 7)))
	if want := start.Add(7 * time.Minute); !f.CutOff.Equal(want) {
		t.Errorf("the soonest cut-off is %v, want %v", f.CutOff, want)
	}
}

func TestFeedBringsTheNewest(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	loop := uitest.NewLoop(t, 16)
	f := viewmodel.NewFeed(s, loop.Post, time.Millisecond)
	var got []string
	f.Listen(func(c station.Snapshot) { got = append(got, c.PrinterName) })
	f.Start()
	for range 100 {
		s.Change(func(c *station.Snapshot) { c.PrinterName = "some" })
	}
	s.Change(func(c *station.Snapshot) { c.PrinterName = "last" })
	loop.Until(func() bool { return len(got) > 0 && got[len(got)-1] == "last" })
	f.Close()
	s.Change(func(c *station.Snapshot) { c.PrinterName = "after" })
	if len(got) > 50 {
		t.Errorf("%d snapshots for changes that came together", len(got))
	}
}

func open(t *testing.T, pages int) (*viewmodel.Preview, *uitest.Station, *uitest.Loop, *station.Job) {
	j := job("a", postal.Standard, 5)
	j.Pages = pages
	s := uitest.NewStation(uitest.People(), []station.Job{j})
	s.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[0] })
	loop := uitest.NewLoop(t, 256)
	p := viewmodel.NewPreview(s, loop.Post)
	t.Cleanup(p.Shutdown)
	return p, s, loop, &j
}

// TestChoosingOpensNothing is the promise of the pane: only Show is an access.
func TestChoosingOpensNothing(t *testing.T) {
	p, s, loop, j := open(t, 3)
	p.Choose(j)
	if len(s.Viewed()) != 0 {
		t.Fatal("choosing opened the letter")
	}
	p.Show()
	p.Show() // Enter held down
	loop.Until(func() bool { return !p.Loading })
	if diff := cmp.Diff([]string{"a"}, s.Viewed()); diff != "" {
		t.Errorf("viewings (-want +got):\n%s", diff)
	}
	if p.Pages != 4 || len(p.Images) != 4 {
		t.Errorf("%d pages, %d pictures", p.Pages, len(p.Images))
	}
	p.Turn(99)
	if p.Current != 3 {
		t.Errorf("turned to page %d", p.Current)
	}
}

func TestClosingWipesThePages(t *testing.T) {
	p, _, loop, j := open(t, 2)
	p.Choose(j)
	p.Show()
	loop.Until(func() bool { return !p.Loading })
	page := p.Images[1].(*image.Gray)
	p.Choose(nil)
	if p.Open || len(p.Images) != 0 {
		t.Error("the pages are still there")
	}
	for _, v := range page.Pix {
		if v != 0 {
			t.Fatal("the pixels were not wiped")
		}
	}
}

// TestLatePagesAreDropped closes the letter while its pages are on their way.
func TestLatePagesAreDropped(t *testing.T) {
	p, _, loop, j := open(t, 8)
	p.Choose(j)
	p.Show()
	loop.Run(2)
	p.Close()
	for loop.Waiting() > 0 {
		loop.Run(1)
	}
	if len(p.Images) != 0 || p.Open {
		t.Errorf("%d pages came after closing", len(p.Images))
	}
}

func TestLongLettersComeInBlocks(t *testing.T) {
	p, s, loop, j := open(t, 70)
	p.Choose(j)
	p.Show()
	loop.Until(func() bool { return !p.Loading })
	p.Turn(viewmodel.Block)
	loop.Until(func() bool { return !p.Loading })
	if len(s.Viewed()) != 2 || len(p.Images) != viewmodel.Block || p.Images[viewmodel.Block] == nil {
		t.Errorf("%d viewings, %d pages in memory", len(s.Viewed()), len(p.Images))
	}
}

func TestPreviewFault(t *testing.T) {
	p, s, loop, j := open(t, 2)
	s.Fail("preview", &station.Fault{Code: station.DocumentCorrupt})
	p.Choose(j)
	p.Show()
	loop.Until(func() bool { return !p.Loading })
	if p.Fault == nil || p.Fault.Code != station.DocumentCorrupt {
		t.Fatalf("the fault is %v", p.Fault)
	}
	s.Fail("preview", nil)
	p.Show()
	loop.Until(func() bool { return !p.Loading })
	if p.Fault != nil || p.Pages != 3 {
		t.Errorf("the second look: %v, %d pages", p.Fault, p.Pages)
	}
}
