package station

import (
	"context"
	"errors"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

const (
	// forkedSetting holds a value while central's last word was that this station's
	// journal has two histories, so that a start without central does not forget it.
	forkedSetting = "journal_fork"
	// forkSettles is how long a notice that was on its way can say otherwise.
	forkSettles = 5 * time.Second
)

func errForked() *Fault {
	return &Fault{Code: JournalFork, Err: errors.New("central holds another history of this station's journal")}
}

// JournalForked is how push tells that central holds another history of the
// journal: another copy of this station exists, or this one was set back. No letter
// is opened until central's notices say that somebody has decided; nothing is
// deleted, and everything else goes on.
func (s *Station) JournalForked(ctx context.Context) {
	now := s.cfg.Now()
	first := false
	s.change(func() {
		first = !s.forked
		s.forked, s.forkedAt = true, now
	})
	if !first {
		return
	}
	s.report(partJournal, errForked())
	s.keepForked(ctx, []byte{1})
}

// unforked takes note that central gives this station letters.
func (s *Station) unforked(ctx context.Context) {
	now := s.cfg.Now()
	ended, shown := false, false
	s.change(func() {
		if ended = s.forked && elapsed(s.forkedAt, now) >= forkSettles; ended {
			s.forked = false
			shown = code(s.asError(partJournal)) == JournalFork
		}
	})
	if !ended {
		return
	}
	if shown {
		s.report(partJournal, nil)
	}
	s.keepForked(ctx, []byte{})
}

func (s *Station) keepForked(ctx context.Context, value []byte) {
	if err := s.cfg.Store.SetSetting(ctx, forkedSetting, value); err != nil {
		s.cfg.Log.Error("journal_fork", "error", err)
	}
}

// loadForked brings back what central said last.
func (s *Station) loadForked(ctx context.Context) error {
	v, err := s.cfg.Store.Setting(ctx, forkedSetting)
	s.forked, s.forkedAt = len(v) > 0, s.cfg.Now()
	return fault(err)
}

// whole refuses to open anything while the journal has two histories.
func (s *Station) whole() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forked {
		return errForked()
	}
	return nil
}

// takeFork takes what a notice says of the journal. Without central's word, when
// the stream has ended, what it said last holds.
func (s *Station) takeFork(ctx context.Context, n wire.Notice) {
	switch {
	case n.JournalFork:
		s.JournalForked(ctx)
	case n.Waiting >= 0:
		s.unforked(ctx)
	}
}
