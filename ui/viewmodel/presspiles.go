package viewmodel

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// PileKind is why letters lie together on the press screen.
type PileKind string

// The kinds of pile, in the order in which they are listed.
const (
	PileUncertain PileKind = "uncertain" // may be on paper: look for them
	PileOrders    PileKind = "orders"    // taken back while on paper: take them out
	PileBatch     PileKind = "batch"     // printed together and not all decided
	PileHeld      PileKind = "held"      // can't be printed as they are
)

// PileKey names a pile; Batch is empty but for a batch's.
type PileKey struct {
	Kind  PileKind
	Batch string
}

// Pile is letters that lie together. A letter of a batch that is uncertain or
// taken back is in two.
type Pile struct {
	PileKey
	Product postal.Product // of a batch
	Begun   time.Time      // of a batch: when it was first printed, zero when not known
	Rows    []station.Job
	Open    int      // letters that wait for something
	Ready   []string // a batch's letters that are not printed yet, in their order
	Running bool     // the batch is printing
}

// piles sorts the letters that concern the press.
func piles(jobs []station.Job, running string) []Pile {
	uncertain := Pile{PileKey: PileKey{Kind: PileUncertain}}
	orders := Pile{PileKey: PileKey{Kind: PileOrders}}
	held := Pile{PileKey: PileKey{Kind: PileHeld}}
	for _, j := range jobs {
		switch {
		case TakenBack(j):
			orders.Rows = append(orders.Rows, j)
		case j.State == store.Uncertain:
			uncertain.Rows = append(uncertain.Rows, j)
		case j.State == store.Held && !settled(j):
			held.Rows = append(held.Rows, j)
		}
	}
	var out []Pile
	for _, p := range []Pile{uncertain, orders} {
		if p.Open = len(p.Rows); p.Open > 0 {
			out = append(out, p)
		}
	}
	for _, b := range station.OpenBatches(jobs) {
		p := Pile{PileKey: PileKey{PileBatch, b.ID}, Product: b.Product, Begun: begunAt(b.ID), Rows: b.Jobs, Open: b.Open, Running: b.ID == running}
		for _, j := range b.Jobs {
			if j.State == store.Ready {
				p.Ready = append(p.Ready, j.ID)
			}
		}
		out = append(out, p)
	}
	if held.Open = len(held.Rows); held.Open > 0 {
		out = append(out, held)
	}
	return out
}

// begunAt reads the time off a batch's id, a UUID of version 7 (RFC 9562,
// section 5.7); zero for another.
func begunAt(batch string) time.Time {
	id, err := uuid.Parse(batch)
	if err != nil || id.Version() != 7 {
		return time.Time{}
	}
	return time.Unix(id.Time().UnixTime())
}

// TakenBack tells whether sheets of a letter that must not be mailed are to be
// destroyed: an order concerns it, or it is another station's by now.
func TakenBack(j station.Job) bool {
	if j.State != store.Held {
		return j.Order != "" && (inPrint(j.State) || slices.Contains(station.Verdicts(j), station.VerdictPull))
	}
	switch j.Hold {
	case station.OrderCancelled, station.LeaseLost, station.ScanRefused:
		return j.Paper
	}
	return j.Order != "" && j.Paper
}

// settled tells whether nobody has to do anything about a held letter: it was
// pulled, or taken back before it was on paper.
func settled(j station.Job) bool {
	return !j.Paper && (j.Hold == station.Pulled || j.Hold == station.OrderCancelled)
}

// inPrint tells whether the printer is, or may be, at a letter.
func inPrint(s store.State) bool {
	switch s {
	case store.Intent, store.Created, store.Sending, store.Sent:
		return true
	}
	return false
}

// Waits tells whether a letter waits for a person's verdict.
func Waits(j station.Job) bool {
	if len(station.Verdicts(j)) == 0 {
		return false
	}
	return TakenBack(j) || j.State == store.DeviceDone || j.State == store.Uncertain || j.State == store.Held
}

// sheetsOf names what a decision is about: one attempt of a letter, with or
// without an order on it.
func sheetsOf(j station.Job) string { return j.ID + " " + string(j.Attempt) + " " + string(j.Order) }

// following returns the next row after one that waits for a verdict, going
// round, "" when no other does. What was decided since the snapshot of the rows
// is left out.
func following(rows []station.Job, after string, decided map[string]bool) string {
	at := slices.IndexFunc(rows, func(j station.Job) bool { return j.ID == after })
	for i := range rows {
		j := rows[(at+1+i)%len(rows)]
		if j.ID != after && Waits(j) && !decided[sheetsOf(j)] {
			return j.ID
		}
	}
	return ""
}
