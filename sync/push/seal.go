package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// Journal is what is pushed of the journal: entries as they stand, and the
// checkpoints that seal them.
type Journal interface {
	Size() int64
	Status() journal.Status
	Entries(ctx context.Context, after int64, limit int) ([][]byte, error)
	Checkpoint(ctx context.Context) ([]byte, error)
	Countersigned(ctx context.Context, note []byte) error
}

// sealEvery spares the TPM, whose signature takes a quarter of a second: new
// entries go up at once, their seal at most this often. Push itself never
// waits.
const sealEvery = 5 * time.Second

// chronicle sends the journal and has it sealed, when it is time. A journal that
// central refuses, such as a fork, is not sent again and again.
func (p *Pusher) chronicle(ctx context.Context, t *turn) error {
	if p.aside(t, p.log) {
		return nil
	}
	err := p.entries(ctx)
	if err == nil && (t.forced || time.Since(p.lastSeal) >= sealEvery) {
		err = p.seal(ctx)
	}
	if refused(err) && ctx.Err() == nil {
		p.setAside(t, p.log, err)
		return nil
	}
	if err == nil {
		delete(p.refusals, p.log)
	}
	return err
}

// entries sends the journal's entries that central does not have.
func (p *Pusher) entries(ctx context.Context) error {
	if p.pushed < 0 {
		p.pushed = p.journal.Status().Sealed
	}
	for setBack := false; p.pushed < p.journal.Size(); {
		batch, err := p.journal.Entries(ctx, p.pushed, wire.MaxJournalEntries)
		if err != nil {
			return fmt.Errorf("read the journal: %w", err)
		}
		if len(batch) == 0 {
			return fmt.Errorf("read the journal: entry %d is missing", p.pushed+1)
		}
		request := wire.JournalEntries{Log: p.log, First: p.pushed + 1}
		for _, e := range batch {
			request.Entries = append(request.Entries, string(e))
		}
		answer, err := p.central.JournalEntries(ctx, request)
		if !setBack && p.rewind(err) {
			setBack = true // once: who loses what it took again and again is not to be fed
			continue
		}
		if err != nil {
			return err
		}
		if answer.Size < p.pushed+int64(len(batch)) {
			return fmt.Errorf("central holds %d journal entries after it took %d", answer.Size, p.pushed+int64(len(batch)))
		}
		p.pushed += int64(len(batch))
	}
	return nil
}

// rewind goes back to what central holds when it says that entries are missing:
// it was set back, and gets what it lost.
func (p *Pusher) rewind(err error) bool {
	var problem *wire.Problem
	if !errors.As(err, &problem) || problem.Type != wire.ProblemJournalGap || problem.Size >= p.pushed {
		return false
	}
	p.pushed = problem.Size
	return true
}

// seal has the journal's head signed and countersigned, when it moved.
func (p *Pusher) seal(ctx context.Context) error {
	if p.journal.Status().Sealed == p.journal.Size() {
		return nil
	}
	note, err := p.journal.Checkpoint(ctx)
	if err != nil {
		return fmt.Errorf("sign the journal: %w", err)
	}
	// The checkpoint covers what was appended while it was being signed.
	if err := p.entries(ctx); err != nil {
		return err
	}
	answer, err := p.central.JournalCheckpoint(ctx, wire.SignedNote{Note: string(note)})
	if p.rewind(err) {
		if err := p.entries(ctx); err != nil {
			return err
		}
		answer, err = p.central.JournalCheckpoint(ctx, wire.SignedNote{Note: string(note)})
	}
	if err != nil {
		return err
	}
	if err := p.journal.Countersigned(ctx, []byte(answer.Note)); err != nil {
		return fmt.Errorf("keep the countersignature: %w", err)
	}
	p.lastSeal = time.Now()
	p.station.JournalSealed(p.journal.Status().SealedAt)
	return nil
}
