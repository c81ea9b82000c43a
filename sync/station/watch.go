package station

import (
	"context"
	"slices"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/vault/store"
)

// watchEvery is how often an idle printer is asked how it is, and how long it
// may take to answer; waitingEvery how often while a letter waits for its word;
// describeEvery how often it is asked what it can do, which changes with what
// somebody loads.
const (
	watchEvery    = 10 * time.Second
	waitingEvery  = 2 * time.Second
	describeEvery = time.Minute
)

// WatchPrinter keeps every printer's lamp true until ctx ends, and settles what
// a batch left behind once its printer can be asked: no other letter may be
// left to print. A printer at work is left to who works with it.
func (s *Station) WatchPrinter(ctx context.Context) {
	for {
		wait := watchEvery
		if s.look(ctx) {
			wait = waitingEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// look tells whether a letter still waits for the word of an idle printer.
func (s *Station) look(ctx context.Context) (waiting bool) {
	s.mu.Lock()
	all, busy := s.printers, s.busy
	s.mu.Unlock()
	answered := make([]*printer, len(all))
	var looks sync.WaitGroup
	for i, p := range all {
		if p == busy {
			continue
		}
		looks.Go(func() {
			if s.lookAt(ctx, p) {
				answered[i] = p
			}
		})
	}
	looks.Wait()
	if ctx.Err() != nil || !s.printing.TryLock() { // a batch settles its own printer's letters
		return false
	}
	defer s.printing.Unlock()
	_ = s.settle(ctx, answered...) // tried again at the next look
	left, err := s.cfg.Store.JobsIn(ctx, store.Intent, store.Created, store.Sent)
	return err == nil && len(left) > 0
}

// lookAt tells whether the printer answered.
func (s *Station) lookAt(ctx context.Context, p *printer) bool {
	short, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	now, err := p.device.Status(short)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		s.showReasons(p, nil)
		s.reportPrinter(p, err)
		return false
	}
	s.sawState(p, now)
	s.mu.Lock()
	due := p.can == nil || s.cfg.Now().Sub(p.asked) >= describeEvery
	s.mu.Unlock()
	if due {
		_, _ = s.describe(short, p) // the lamp says what came of it
	}
	return true
}

// sawState shows how an idle printer is, unless somebody began to work with it.
func (s *Station) sawState(p *printer, now device.Status) {
	s.mu.Lock()
	busy := s.busy == p
	s.mu.Unlock()
	if busy {
		return
	}
	s.showReasons(p, now.Reasons)
	if now.State == device.PrinterStopped {
		s.reportPrinter(p, stopped(now))
		return
	}
	s.reportPrinter(p, nil)
}

// showReasons keeps what a printer says of its trays and supplies.
func (s *Station) showReasons(p *printer, reasons []string) {
	s.mu.Lock()
	same := slices.Equal(p.reasons, reasons)
	s.mu.Unlock()
	if !same {
		s.change(func() { p.reasons = reasons })
	}
}

// describe asks a printer what it can do, and shows it.
func (s *Station) describe(ctx context.Context, p *printer) (device.Capabilities, error) {
	can, err := p.device.Describe(ctx)
	s.reportPrinter(p, err)
	if err == nil {
		s.change(func() { p.can, p.asked = &can, s.cfg.Now() })
	}
	return can, err
}
