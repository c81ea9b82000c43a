package station

import (
	"context"
	"image"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
)

// reduction is how many of the printer's dots, each way, make one of the
// preview's: 100 dots an inch from 300.
const reduction = 3

// Preview shows pages of a job as they will be printed, each as soon as it is
// there: page 0 is the carrier page, nil means all, and those that the letter
// does not have are left out. It is an access and is journaled as such.
func (s *Station) Preview(ctx context.Context, jobID string, pages []int, emit func(PreviewPage) error) error {
	person, _, err := s.unlocked()
	if err != nil {
		return err
	}
	j, err := s.cfg.Store.Job(ctx, jobID)
	if err != nil {
		return fault(err)
	}
	code := paperCode(j)
	access := journal.Access{Actor: person.Pseudonym, Action: journal.ActionPreview, Object: j.ID, Attempt: string(code)}
	return s.open(ctx, j, access, func(l *keys.Letter) error {
		d := drawing{job: j, code: code, letter: l, dpi: s.dpi(), pages: pages}
		return s.draw(ctx, d, func(p render.Page) error {
			return emit(PreviewPage{Index: p.Index, Pages: 1 + j.Pages, Image: reduce(p, reduction)})
		})
	})
}

// dpi is the resolution of the printer, or what most have until it was asked.
func (s *Station) dpi() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resolution > 0 {
		return s.resolution
	}
	return device.PreferredDPI
}

// reduce averages squares of n by n dots. It is the same for every letter, so
// that a preview differs from the paper by nothing but this.
func reduce(p render.Page, n int) image.Image {
	w, h := p.Width/n, p.Height/n
	if !p.Colour {
		out := image.NewGray(image.Rect(0, 0, w, h))
		average(out.Pix, p.Pix, w, h, p.Width, n, 1, 1)
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 0xff
	}
	average(out.Pix, p.Pix, w, h, p.Width, n, 3, 4)
	return out
}

// average fills w×h pixels of outStep bytes from rows of stride pixels of
// inStep bytes, channel by channel.
func average(out, in []byte, w, h, stride, n, inStep, outStep int) {
	for y := range h {
		for x := range w {
			for c := range inStep {
				sum := 0
				for dy := range n {
					at := ((y*n+dy)*stride+x*n)*inStep + c
					for range n {
						sum += int(in[at])
						at += inStep
					}
				}
				out[(y*w+x)*outStep+c] = byte((sum + n*n/2) / (n * n))
			}
		}
	}
}
