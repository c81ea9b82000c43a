package push

import (
	"context"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
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

// entries sends a journal's entries that central does not have.
func (p *Pusher) entries(ctx context.Context, c *chronicle) error {
	if c.pushed < 0 {
		c.pushed = c.journal.Status().Sealed
	}
	for setBack := false; c.pushed < c.journal.Size(); {
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
			return err
		}
		if answer.Size < c.pushed+int64(len(batch)) {
			return fmt.Errorf("central holds %d journal entries after it took %d", answer.Size, c.pushed+int64(len(batch)))
		}
		c.pushed += int64(len(batch))
	}
	return nil
}

// rewind goes back to what central holds when it says that entries are missing:
// it was set back, and gets what it lost.
func (c *chronicle) rewind(err error) bool {
	var problem *wire.Problem
	if !errors.As(err, &problem) || problem.Type != wire.ProblemJournalGap || problem.Size >= c.pushed {
		return false
	}
	c.pushed = problem.Size
	return true
}
