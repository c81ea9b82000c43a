package viewmodel

import (
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Event is what somebody must hear of who does not look at the window.
type Event string

// The events.
const (
	BatchDone      Event = "batch"   // a batch has ended
	PrinterStopped Event = "printer" // a printer needs somebody
	OrderOnPaper   Event = "order"   // central wants a letter back that is on paper
	CutOffNear     Event = "cutoff"  // letters are not ready and their cut-off is near
)

// Events lists every event, for whoever must have a text for each.
func Events() []Event { return []Event{BatchDone, PrinterStopped, OrderOnPaper, CutOffNear} }

// Ring is an event with what may be said of it. Nothing of it is personal.
type Ring struct {
	Event   Event
	Bare    bool // nobody is logged in: only the event itself may be told
	Count   int  // letters
	Total   int  // letters of the batch
	Printer string
	At      time.Time // the cut-off
}

// cutOffNotice is how long before a cut-off the bell rings.
const cutOffNotice = 30 * time.Minute

// cutOffGroup is how far apart cut-offs are that it rings for together.
const cutOffGroup = 10 * time.Minute

// Bell rings once for each event.
type Bell struct {
	Ring  func(Ring)
	Muted bool // it notices and does not ring

	now      Clock
	started  bool
	batch    *station.Batch
	troubled bool               // a printer needs somebody
	ordered  map[string]bool    // letters on paper with an order, by id
	cutOffs  map[time.Time]bool // that it rang for
	soon     map[time.Time]int  // letters still to be made ready, by cut-off
	bare     bool
	printer  string
}

// NewBell returns a bell that has heard nothing.
func NewBell(now Clock) *Bell {
	return &Bell{now: now, Ring: func(Ring) {}, ordered: make(map[string]bool), cutOffs: make(map[time.Time]bool)}
}

// Show takes a newer snapshot. What was the matter already when the program
// started is in the window; only an order on paper rings even then.
func (b *Bell) Show(s station.Snapshot) {
	b.bare, b.printer = s.Person == nil, s.PrinterName
	b.hearBatch(s.Batch)
	troubled := s.Printer == station.LampBad || s.Batch != nil && s.Batch.Stopped != ""
	if troubled && !b.troubled && b.started {
		b.ring(Ring{Event: PrinterStopped, Printer: s.PrinterName})
	}
	b.troubled, b.started = troubled, true
	b.hearOrders(s.Jobs)
	b.soon = make(map[time.Time]int)
	for i := range s.Jobs {
		if j := &s.Jobs[i]; unready(j.State) && !j.CutOff.IsZero() {
			b.soon[j.CutOff.Truncate(time.Minute)]++
		}
	}
	b.Tick()
}

// hearBatch rings when a batch has gone, with what was done of it.
func (b *Bell) hearBatch(now *station.Batch) {
	was := b.batch
	if b.batch = now; was == nil || now != nil && now.ID == was.ID {
		return
	}
	b.ring(Ring{Event: BatchDone, Count: was.Done, Total: was.Total, Printer: b.printer})
}

func (b *Bell) hearOrders(jobs []station.Job) {
	ordered, fresh := make(map[string]bool), 0
	for i := range jobs {
		j := &jobs[i]
		if j.Order == "" || !j.State.OnPaper() || j.State == store.Dropped {
			continue
		}
		ordered[j.ID] = true
		if !b.ordered[j.ID] {
			fresh++
		}
	}
	b.ordered = ordered
	if fresh > 0 {
		b.ring(Ring{Event: OrderOnPaper, Count: fresh})
	}
}

// Tick rings for a cut-off that has come near, and with it for those that
// follow within minutes. Call it every few seconds.
func (b *Bell) Tick() {
	now, near := b.now(), Ring{Event: CutOffNear}
	for at := range b.soon {
		if left := at.Sub(now); left > 0 && left <= cutOffNotice && !b.cutOffs[at] {
			if near.At.IsZero() || at.Before(near.At) {
				near.At = at
			}
		}
	}
	if near.At.IsZero() {
		return
	}
	for at, letters := range b.soon {
		if at.After(now) && at.Sub(near.At) <= cutOffGroup && !b.cutOffs[at] {
			b.cutOffs[at] = true
			near.Count += letters
		}
	}
	b.ring(near)
}

func (b *Bell) ring(r Ring) {
	if b.Muted {
		return
	}
	if b.bare {
		r = Ring{Event: r.Event, Bare: true}
	}
	b.Ring(r)
}

// unready tells whether a letter of that state still has to be made ready for
// the post, and can be.
func unready(s store.State) bool {
	switch s {
	case store.Held, store.Enveloped, store.Dropped:
		return false
	}
	return true
}
