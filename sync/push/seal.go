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
	Entries
	Checkpoint(ctx context.Context) ([]byte, error)
	Countersigned(ctx context.Context, note []byte) error
}

// Entries are a journal's, as they stand.
type Entries interface {
	Size() int64
	Status() journal.Status
	Start() journal.Start
	Entries(ctx context.Context, after int64, limit int) ([][]byte, error)
}

// sealEvery spares the TPM, whose signature takes a quarter of a second: new
// entries go up at once, their seal at most this often. Push itself never
// waits.
const sealEvery = 5 * time.Second

// chronicle sends the journal and has it sealed, when it is time. A journal that
// central refuses, such as a fork, is not sent again and again.
func (p *Pusher) chronicle(ctx context.Context, t *turn) error {
	return p.unlessRefused(ctx, t, p.log, func() error {
		err := p.entries(ctx, p.own)
		if err == nil && (t.forced || time.Since(p.lastSeal) >= sealEvery) {
			err = p.seal(ctx)
		}
		if errors.Is(err, wire.ProblemJournalFork) {
			p.station.JournalForked(ctx)
		}
		return err
	})
}

// unlessRefused sends something of a journal, and sets the journal aside when
// central refuses it.
func (p *Pusher) unlessRefused(ctx context.Context, t *turn, log string, send func() error) error {
	if p.aside(t, log, nil) {
		return nil
	}
	err := send()
	if refused(err) && ctx.Err() == nil {
		p.setAside(t, log, nil, err)
		return nil
	}
	if err == nil {
		delete(p.refusals, log)
	}
	return err
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
	if err := p.entries(ctx, p.own); err != nil {
		return err
	}
	answer, err := p.central.JournalCheckpoint(ctx, wire.SignedNote{Note: string(note)})
	if p.own.rewind(err) {
		if err := p.entries(ctx, p.own); err != nil {
			return err
		}
		answer, err = p.central.JournalCheckpoint(ctx, wire.SignedNote{Note: string(note)})
	}
	if err != nil {
		return p.own.lost(err)
	}
	if err := p.journal.Countersigned(ctx, []byte(answer.Note)); err != nil {
		return fmt.Errorf("keep the countersignature: %w", err)
	}
	p.lastSeal = time.Now()
	p.station.JournalSealed(p.journal.Status().SealedAt)
	return nil
}
