package viewmodel_test

import (
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/vault/store"

	"github.com/google/go-cmp/cmp"
)

// tower is a bell with all that it rang.
type tower struct {
	*viewmodel.Bell
	hand
	rang []viewmodel.Ring
}

func newTower() *tower {
	b := &tower{hand: hand{start}}
	b.Bell = viewmodel.NewBell(b.now)
	b.Ring = func(r viewmodel.Ring) { b.rang = append(b.rang, r) }
	return b
}

func (b *tower) check(t *testing.T, want ...viewmodel.Ring) {
	t.Helper()
	if diff := cmp.Diff(want, b.rang); diff != "" {
		t.Errorf("rang (-want +got):\n%s", diff)
	}
	b.rang = nil
}

func TestBellRingsForABatchOnce(t *testing.T) {
	b := newTower()
	s := here()
	s.Batch = &station.Batch{ID: "1", Total: 3, Done: 1}
	b.Show(s)
	s.Batch = &station.Batch{ID: "1", Total: 3, Done: 3}
	b.Show(s)
	b.check(t)
	s.Batch = nil
	b.Show(s)
	b.Show(s)
	done := viewmodel.Ring{Event: viewmodel.BatchDone, Count: 3, Total: 3, Printer: "HP-A"}
	b.check(t, done)
	s.Batch = &station.Batch{ID: "2", Total: 3, Done: 3}
	b.Show(s)
	s.Batch = &station.Batch{ID: "3", Total: 1} // the feed brings the newest only
	b.Show(s)
	b.check(t, done)
}

func TestBellRingsWhenAPrinterStops(t *testing.T) {
	b := newTower()
	s := here()
	s.Printer = station.LampBad
	b.Show(s) // it was so when the program started
	b.check(t)
	s.Printer = station.LampBusy
	s.Batch = &station.Batch{Total: 3}
	b.Show(s)
	s.Batch = &station.Batch{Total: 3, Stopped: station.PrinterStopped}
	b.Show(s)
	s.Printer = station.LampBad
	b.Show(s)
	b.check(t, viewmodel.Ring{Event: viewmodel.PrinterStopped, Printer: "HP-A"})
}

func TestBellRingsForOrdersOnPaper(t *testing.T) {
	b := newTower()
	ordered := func(id string, s store.State) station.Job {
		j := job(id, postal.Standard, 600, in(s))
		j.Order = "cancel"
		return j
	}
	b.Show(here(ordered("a", store.DeviceDone), ordered("b", store.Held)))
	b.check(t, viewmodel.Ring{Event: viewmodel.OrderOnPaper, Count: 1})
	b.Show(here(ordered("a", store.DeviceDone), ordered("c", store.Enveloped), ordered("d", store.Sent)))
	b.check(t, viewmodel.Ring{Event: viewmodel.OrderOnPaper, Count: 2})
	b.Show(here(ordered("a", store.Confirmed)))
	b.check(t)
}

func TestBellRingsBeforeACutOff(t *testing.T) {
	b := newTower()
	s := here(job("a", postal.Standard, 40), job("b", postal.Priority, 47), job("c", postal.Priority, 70),
		job("held", postal.Standard, 20, in(store.Held)), job("gone", postal.Standard, -5))
	b.Show(s)
	b.check(t)
	b.at = start.Add(11 * time.Minute)
	b.Tick()
	b.Tick()
	b.Show(s)
	b.check(t, viewmodel.Ring{Event: viewmodel.CutOffNear, Count: 2, At: start.Add(40 * time.Minute)})
	b.at = start.Add(69 * time.Minute)
	b.Tick()
	b.check(t, viewmodel.Ring{Event: viewmodel.CutOffNear, Count: 1, At: start.Add(70 * time.Minute)})
}

// TestALockedBellTellsNothingElse, and a muted one nothing.
func TestALockedBellTellsNothingElse(t *testing.T) {
	b := newTower()
	s := here(job("a", postal.Standard, 10))
	s.Person = nil
	b.Show(s)
	b.check(t, viewmodel.Ring{Event: viewmodel.CutOffNear, Bare: true})
	b.Muted = true
	s.Printer = station.LampBad
	b.Show(s)
	b.Muted = false
	b.Show(s)
	b.check(t)
}
