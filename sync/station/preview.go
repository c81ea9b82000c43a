package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
)

// Preview shows pages of a job as they will be printed, each as soon as it is
// there: page 0 is the carrier page, nil means all, and those that the letter
// does not have are left out. It is an access and is journaled as such. It
// ends when the station is locked.
func (s *Station) Preview(ctx context.Context, jobID string, pages []int, emit func(PreviewPage) error) error {
	ctx, person, end, err := s.whileUnlocked(ctx)
	if err != nil {
		return err
	}
	defer end()
	j, err := s.cfg.Store.Job(ctx, jobID)
	if err != nil {
		return fault(err)
	}
	code := paperCode(j)
	access := journal.Access{Actor: person.Pseudonym, Action: journal.ActionPreview, Object: j.ID, Attempt: string(code)}
	err = s.open(ctx, j, access, func(l *keys.Letter) error {
		d := drawing{job: j, code: code, letter: l, dpi: s.dpi(), pages: pages}
		if _, err := s.draw(ctx, d, func(p render.Page) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return emit(PreviewPage{Index: p.Index, Pages: 1 + j.Pages, Image: Reduce(p)})
		}); err != nil {
			return err
		}
		_, _ = s.lookForColour(ctx, d) // the pages were shown
		return nil
	})
	if locked := new(Fault); err != nil && errors.As(context.Cause(ctx), &locked) {
		return locked
	}
	return err
}

// dpi is the resolution of the next batch's printer, or what most have until it
// was asked.
func (s *Station) dpi() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if dpi := s.nextPrinter().dpi; dpi > 0 {
		return dpi
	}
	return device.PreferredDPI
}
