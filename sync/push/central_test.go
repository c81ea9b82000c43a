package push

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// fakeCentral keeps what it takes, by id, once. fail makes it refuse.
type fakeCentral struct {
	mu      sync.Mutex
	fail    func(operation, id string) error // before anything is done
	lose    func(operation, id string) error // after it is done
	kept    map[string]any                   // what was taken, by operation and id
	asked   []string                         // every request: the operation and its ids
	at      []time.Time                      // when
	entries []string
	former  map[string][]string // entries of other journals, by their origin
	sealed  int64
}

func newCentral() *fakeCentral { return &fakeCentral{kept: map[string]any{}} }

// take does a write as the contract has it: the same again is the same, another
// body under the same id is refused.
func (c *fakeCentral) take(operation string, bodies map[string]any, order ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked, c.at = append(c.asked, fmt.Sprint(operation, order)), append(c.at, time.Now())
	for _, id := range order {
		if err := said(c.fail, operation, id); err != nil {
			return err
		}
	}
	for _, id := range order {
		if old, ok := c.kept[operation+id]; ok && !reflect.DeepEqual(old, bodies[id]) {
			return wire.NewProblem(wire.ProblemIDReused, "")
		}
	}
	for _, id := range order {
		c.kept[operation+id] = bodies[id]
	}
	for _, id := range order {
		if err := said(c.lose, operation, id); err != nil {
			return err
		}
	}
	return nil
}

func said(f func(operation, id string) error, operation, id string) error {
	if f == nil {
		return nil
	}
	return f(operation, id)
}

func (c *fakeCentral) requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func (c *fakeCentral) Report(_ context.Context, b wire.EventBatch) (v wire.Verdicts, err error) {
	if n := len(b.Events); n == 0 || n > wire.MaxEvents {
		return v, fmt.Errorf("%d events in a batch", n)
	}
	bodies, order := map[string]any{}, []string{}
	for _, e := range b.Events {
		bodies[e.ID], order = e, append(order, e.ID)
	}
	for _, id := range order {
		v.Verdicts = append(v.Verdicts, wire.Verdict{ID: id, Verdict: c.verdict(id)})
	}
	return v, c.take("events", bodies, order...)
}

func (c *fakeCentral) verdict(id string) wire.VerdictKind {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.kept["events"+id]; known {
		return wire.VerdictDuplicate
	}
	return wire.VerdictAccepted
}

func (c *fakeCentral) Deposit(_ context.Context, id string, r wire.DepositRequest) (wire.Deposit, error) {
	return wire.Deposit{ID: id}, c.take("deposit", map[string]any{id: r}, id)
}

func (c *fakeCentral) Receipt(_ context.Context, id string, r wire.ReceiptRequest) (wire.Receipt, error) {
	return wire.Receipt{ID: id}, c.take("receipt", map[string]any{id: r}, id)
}

func (c *fakeCentral) ReceiptImage(_ context.Context, id string, m wire.MediaType, picture []byte) (wire.Receipt, error) {
	return wire.Receipt{ID: id}, c.take("image", map[string]any{id: string(m) + string(picture)}, id)
}

func (c *fakeCentral) JournalEntries(_ context.Context, r wire.JournalEntries) (wire.JournalSize, error) {
	if r.Log != origin {
		return c.formerEntries(r)
	}
	if err := c.take("entries", map[string]any{}); err != nil {
		return wire.JournalSize{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	held := int64(len(c.entries))
	if err := said(c.fail, "entries", fmt.Sprint(r.First)); err != nil {
		return wire.JournalSize{}, err
	}
	if r.First > held+1 {
		return wire.JournalSize{}, &wire.Problem{Type: wire.ProblemJournalGap, Status: 409, Size: held}
	}
	for i, e := range r.Entries {
		if at := r.First - 1 + int64(i); at >= int64(len(c.entries)) {
			c.entries = append(c.entries, e)
		} else if c.entries[at] != e {
			return wire.JournalSize{}, wire.NewProblem(wire.ProblemJournalFork, "at entry %d", at+1)
		}
	}
	return wire.JournalSize{Log: r.Log, Size: int64(len(c.entries))}, nil
}

// formerEntries takes what goes on where a former journal ends.
func (c *fakeCentral) formerEntries(r wire.JournalEntries) (wire.JournalSize, error) {
	if err := c.take("entries", map[string]any{}, r.Log); err != nil {
		return wire.JournalSize{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	held := int64(len(c.former[r.Log]))
	if r.First != held+1 {
		return wire.JournalSize{}, &wire.Problem{Type: wire.ProblemJournalGap, Status: 409, Size: held}
	}
	c.former[r.Log] = append(c.former[r.Log], r.Entries...)
	return wire.JournalSize{Log: r.Log, Size: held + int64(len(r.Entries))}, nil
}

func (c *fakeCentral) JournalCheckpoint(_ context.Context, n wire.SignedNote) (wire.SignedNote, error) {
	if err := c.take("checkpoint", map[string]any{}); err != nil {
		return wire.SignedNote{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var size int64
	if _, err := fmt.Sscanf(n.Note, "head %d", &size); err != nil {
		return wire.SignedNote{}, err
	}
	if held := int64(len(c.entries)); size > held {
		return wire.SignedNote{}, &wire.Problem{Type: wire.ProblemJournalGap, Status: 409, Size: held}
	}
	c.sealed = size
	return n, nil
}
