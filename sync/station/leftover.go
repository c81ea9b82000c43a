package station

import (
	"context"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/vault/store"
)

// clear cancels what a printer has left of letters that it is not to print any
// more: the job of an attempt that was given up or destroyed, and that of an
// UNCERTAIN letter of which it has begun nothing, such as one that waits for data
// that never come. Either keeps many a printer from taking the next letter, and
// could be printed by somebody's press of a button. What can't be cleared is left
// to the printer, which says so by refusing the next letter. Callers hold
// printing.
func (s *Station) clear(ctx context.Context, p *printer) {
	known, err := p.device.Jobs(ctx)
	if err != nil {
		return
	}
	for _, d := range known {
		if d.State.Ended() || !s.abandoned(ctx, d) {
			continue
		}
		err := p.device.Cancel(ctx, d.ID)
		s.cfg.Log.Info("leftover", "attempt", d.Name, "ok", err == nil, "error", err)
	}
}

// abandoned tells whether a printer's unfinished job is an attempt of ours that
// nobody waits for.
func (s *Station) abandoned(ctx context.Context, d device.JobStatus) bool {
	a, err := s.cfg.Store.Attempt(ctx, d.Name)
	if err != nil {
		return false // not ours
	}
	j, err := s.cfg.Store.Job(ctx, a.Job)
	if err != nil {
		return false
	}
	switch {
	case j.Attempt != a.Code, j.State == store.Ready, j.State == store.Held:
		return true
	case j.State == store.Uncertain:
		return (d.State == device.Pending || d.State == device.Held) && d.Impressions <= 0
	}
	return false
}
