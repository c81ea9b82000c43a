package viewmodel_test

import (
	"testing"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/vault/journal"

	"github.com/google/go-cmp/cmp"
)

// TestJournalReadsWhatIsInSight: the place that somebody leaps to is read, what
// lies between is not, and looking is one reading.
func TestJournalReadsWhatIsInSight(t *testing.T) {
	o := newOffice(t, 2, 90)
	o.SetPeriod(viewmodel.PeriodAll)
	o.Enter()
	o.settle()
	all := o.selected(func(journal.Row) bool { return true })
	if o.Count() != len(all) {
		t.Fatalf("%d accesses of %d", o.Count(), len(all))
	}
	far := len(all) * 3 / 4
	for _, i := range []int{len(all) / 2, 40, len(all) / 3, far} { // a bar that is dragged
		o.Row(i)
	}
	o.loop.Until(func() bool { return o.Peek(far) != nil })
	if got := o.Peek(far).Sequence; got != all[far] {
		t.Errorf("at %d stands %d, want %d", far, got, all[far])
	}
	if o.Peek(len(all)/3) != nil {
		t.Error("what was passed by is read too")
	}
	o.Select(len(all) - 1) // the End key, before it is read
	o.Row(len(all) - 1)
	o.loop.Until(func() bool { return o.At() == len(all)-1 && o.Selected == all[len(all)-1] })
	if read := o.at.Read(); len(read) != 1 || read[0] != "p-3 opened " {
		t.Errorf("written down: %v", read)
	}
}

// TestJournalScrollsThroughAll: every access is there once, in its order, though
// those seen long ago are put away again.
func TestJournalScrollsThroughAll(t *testing.T) {
	o := newOffice(t, 2, 150)
	o.SetPeriod(viewmodel.PeriodAll)
	o.Enter()
	o.shows("everything", func(journal.Row) bool { return true })
	if o.Count() < 10_500 || o.Peek(0) != nil || o.Peek(o.Count()-1) == nil {
		t.Errorf("of %d accesses the first ones are kept, or the last ones are not", o.Count())
	}
}

// TestJournalOneBusyHour: an hour of more accesses than a page is read page by
// page.
func TestJournalOneBusyHour(t *testing.T) {
	o := newOffice(t, 2, 1)
	at := thursday.Truncate(time.Hour)
	o.book.Rows = nil
	for i := range 2500 {
		o.book.Rows = append(o.book.Rows, journal.Row{Sequence: int64(i + 1), Result: int64(i + 1), Time: at.Add(time.Duration(i) * time.Second / 2), Action: journal.ActionFetch})
	}
	o.book.Status.Entries = 2500
	o.Enter()
	o.settle()
	o.Row(2499)
	o.loop.Until(func() bool { return o.Peek(2499) != nil })
	o.shows("the hour", func(journal.Row) bool { return true })
}

// TestJournalCountsAnew: what came or went since it was counted is put right
// when it is read.
func TestJournalCountsAnew(t *testing.T) {
	o := newOffice(t, 2, 60)
	o.SetPeriod(viewmodel.PeriodAll)
	o.Enter()
	o.settle()
	all := func(journal.Row) bool { return true }
	counted := o.Count()
	var rest []journal.Row
	for i, r := range o.book.Rows {
		if i%7 > 0 || i > len(o.book.Rows)/2 {
			rest = append(rest, r)
		}
	}
	o.book.Rows = rest
	if diff := cmp.Diff(o.selected(all), o.seen()); diff != "" || o.Count() != len(rest) || counted == len(rest) {
		t.Errorf("%d counted, %d shown of %d: %s", counted, o.Count(), len(rest), diff)
	}
}

// TestJournalStopsAfterAFailure: what can't be read is not asked for with each
// picture, and F5 asks again.
func TestJournalStopsAfterAFailure(t *testing.T) {
	o := newOffice(t, 2, 60)
	o.SetPeriod(viewmodel.PeriodAll)
	o.Enter()
	o.settle()
	last := o.Count() - 1
	o.at.Fail("accesses", &station.Fault{Code: station.DiskFull})
	o.Row(last)
	o.loop.Until(func() bool { return o.Fault != nil && o.Dated }) // the months come by themselves
	asked := 0
	o.Changed = func() { asked++ }
	for range 5 {
		o.Row(last)
	}
	if asked != 0 || o.loop.Waiting() != 0 {
		t.Errorf("asked %d times more", asked)
	}
	o.at.Fail("accesses", nil)
	o.Reload()
	o.settle()
	o.Row(last)
	o.loop.Until(func() bool { return o.Peek(last) != nil })
}

// TestJournalPreparationStops: it can be left, keeps what it did, and goes on
// when somebody asks.
func TestJournalPreparationStops(t *testing.T) {
	o := newOffice(t, 2, 3)
	o.at.Delay = 10 * time.Millisecond
	if o.StopPreparing() {
		t.Error("there is nothing to stop")
	}
	o.Enter()
	o.loop.Until(func() bool { return o.Preparing.Done > 3 })
	if !o.StopPreparing() || o.Loading || !o.Paused {
		t.Fatal("it does not stop")
	}
	done := o.Preparing.Done
	time.Sleep(50 * time.Millisecond)
	for o.loop.Waiting() > 0 {
		o.loop.Run(1)
	}
	if o.Preparing.Done != done || o.Fault != nil || o.Ready {
		t.Errorf("after the stop: %d of %d, %v", o.Preparing.Done, done, o.Fault)
	}
	o.at.Delay = 0
	o.Reload()
	o.shows("today", today)
	if o.Paused || o.Preparing.Active() {
		t.Error("it is still stopped")
	}
}
