package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// Former is a journal of an earlier enrolment of this station, which is read and
// never written. Its key is gone, so that nobody can seal what central had not
// countersigned; but central can hold it, as the entries that come before the
// first of the journal that goes on.
type Former interface {
	Entries
	Log() string // its origin
}

// chronicle is a journal on its way to central.
type chronicle struct {
	log     string
	journal Entries
	pushed  int64 // entries central is known to have; -1 unknown
}

func newChronicle(log string, j Entries) *chronicle {
	return &chronicle{log: log, journal: j, pushed: -1}
}

// unsent are the entries of former journals that central does not have. Nothing of
// them is ever deleted or changed here: where central holds other ones, it keeps
// both as evidence, and so does the station. What is wrong with one of them holds
// up neither the others nor the journal of now.
func (p *Pusher) unsent(ctx context.Context, t *turn) error {
	for _, c := range p.former {
		if c.pushed >= c.journal.Size() {
			continue
		}
		err := p.unlessRefused(ctx, t, c.log, func() error { return p.entries(ctx, c) })
		if err == nil {
			continue
		}
		err = fmt.Errorf("send the journal %s: %w", c.log, err)
		if errors.Is(err, wire.ProblemJournalFork) { // which says nothing of the journal of now
			err = &station.Fault{Code: station.CentralRefused, Err: err}
		}
		if ctx.Err() != nil || client.Retryable(err) {
			return err
		}
		p.setAside(t, c.log, nil, err)
	}
	return nil
}

// Drop leaves a former journal out from now on: it is being forgotten, and what
// central does not have of it nobody could ever seal. It waits for the present
// turn.
func (p *Pusher) Drop(log string) {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.former = slices.DeleteFunc(p.former, func(c *chronicle) bool { return c.log == log })
	delete(p.refusals, log)
}

// entries sends a journal's entries that central does not have.
func (p *Pusher) entries(ctx context.Context, c *chronicle) error {
	if c.pushed < 0 {
		c.pushed = c.journal.Status().Sealed
	}
	for setBack := false; c.pushed < c.journal.Size(); {
		if err := c.forgotten(c.pushed, nil); err != nil {
			c.pushed = -1
			return err
		}
		batch, err := c.journal.Entries(ctx, c.pushed, wire.MaxJournalEntries)
		if err != nil {
			return fmt.Errorf("read the journal: %w", err)
		}
		if len(batch) == 0 {
			return fmt.Errorf("read the journal: entry %d is missing", c.pushed+1)
		}
		request := wire.JournalEntries{Log: c.log, First: c.pushed + 1}
		for _, e := range batch {
			request.Entries = append(request.Entries, string(e))
		}
		answer, err := p.central.JournalEntries(ctx, request)
		if !setBack && c.rewind(err) {
			setBack = true // once: who loses what it took again and again is not to be fed
			continue
		}
		if err != nil {
			return c.lost(err)
		}
		if answer.Size < c.pushed+int64(len(batch)) {
			return fmt.Errorf("central holds %d journal entries after it took %d", answer.Size, c.pushed+int64(len(batch)))
		}
		c.pushed += int64(len(batch))
	}
	return nil
}

// rewind goes back to what central holds when it says that entries are missing:
// it was set back, and gets what it lost, if the station has that still.
func (c *chronicle) rewind(err error) bool {
	holds, gap := heldAfter(err)
	if !gap || holds >= c.pushed || holds < c.journal.Start().Size {
		return false
	}
	c.pushed = holds
	return true
}

// heldAfter is how many entries central says that it holds, of a gap.
func heldAfter(err error) (size int64, gap bool) {
	var problem *wire.Problem
	if !errors.As(err, &problem) || problem.Type != wire.ProblemJournalGap {
		return 0, false
	}
	return problem.Size, true
}

// lost says what a gap means that nobody here can fill.
func (c *chronicle) lost(err error) error {
	if holds, gap := heldAfter(err); gap {
		return c.forgotten(holds, err)
	}
	return err
}

// forgotten is an error when entries after a size are not here any more: central
// had countersigned them before they were forgotten.
func (c *chronicle) forgotten(size int64, why error) error {
	start := c.journal.Start()
	if size >= start.Size {
		return why
	}
	if why == nil {
		why = journal.ErrRange
	}
	return unfit{fmt.Errorf("central holds %d journal entries, and those up to %d were forgotten here, after it had countersigned them at %s: %w",
		size, start.Size, start.SealedAt.UTC().Format(time.RFC3339), why)}
}
