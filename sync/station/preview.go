package station

import (
	"context"
	"errors"
	"slices"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// Preview shows pages of a job as they will be printed, each as soon as it is
// there: page 0 is the carrier page, nil means all, and those that the letter
// does not have are left out. Each range of pages is an access of its own and is
// journaled as such before the letter is opened for it. It ends when the station
// is locked.
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
	for _, r := range ranges(pages, 1+j.Pages) {
		if err := s.show(ctx, person, j, r, emit); err != nil {
			if locked := new(Fault); errors.As(context.Cause(ctx), &locked) {
				return locked
			}
			return err
		}
	}
	return nil
}

// show shows one range of pages, which is one access.
func (s *Station) show(ctx context.Context, person Person, j store.Job, shown pageRange, emit func(PreviewPage) error) error {
	code := paperCode(j)
	access := journal.Access{
		Actor: person.Pseudonym, Action: journal.ActionPreview, Object: j.ID, Attempt: string(code),
		Pages: journal.Pages(1+shown.first, 1+shown.last),
	}
	return s.open(ctx, j, access, func(l *keys.Letter) error {
		d := drawing{job: j, code: code, letter: l, dpi: s.dpi(), pages: shown.pages()}
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
}

// pageRange is pages of a letter that follow each other; 0 is the carrier page.
type pageRange struct{ first, last int }

func (r pageRange) pages() []int {
	pages := make([]int, 0, r.last-r.first+1)
	for p := r.first; p <= r.last; p++ {
		pages = append(pages, p)
	}
	return pages
}

// ranges are the asked pages of a letter that has so many, nil for all of them,
// in order and each once.
func ranges(asked []int, has int) []pageRange {
	if asked == nil {
		return []pageRange{{0, has - 1}}
	}
	asked = slices.Clone(asked)
	slices.Sort(asked)
	var all []pageRange
	for _, p := range asked {
		switch n := len(all); {
		case p < 0 || p >= has:
		case n > 0 && p <= all[n-1].last+1:
			all[n-1].last = p
		default:
			all = append(all, pageRange{p, p})
		}
	}
	return all
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
