package station

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/render"
)

// paperless is a renderer of whole A4 pages: white ones, with a black block in the
// middle where ink is asked for.
type paperless struct {
	inked    []int // pages with the block
	coloured bool  // it is blue when drawn in colour
	asked    []render.Request
}

func (s *paperless) Render(_ context.Context, r render.Request, emit func(render.Page) error) (render.Report, error) {
	s.asked = append(s.asked, render.Request{DPI: r.DPI, Colour: r.Colour, Pages: slices.Clone(r.Pages)})
	pages := 1 // the carrier page
	if bytes.HasPrefix(r.Document, []byte("PAGES ")) {
		pages = 2
	}
	report := render.Report{Pages: pages}
	for i := range pages {
		report.Sizes = append(report.Sizes, render.Size{Width: 595, Height: 842})
		if r.Pages != nil && !slices.Contains(r.Pages, i) {
			continue
		}
		if err := emit(s.page(r, i)); err != nil {
			return report, err
		}
	}
	return report, nil
}

func (s *paperless) page(r render.Request, i int) render.Page {
	p := render.Page{Index: i, Width: paperDots(210, r.DPI), Height: paperDots(297, r.DPI), Colour: r.Colour}
	step := 1
	if r.Colour {
		step = 3
	}
	p.Pix = make([]byte, p.Width*p.Height*step)
	middle := (p.Height/2*p.Width + p.Width/2) * step
	for at := range p.Pix {
		p.Pix[at] = 0xff
		if in := at >= middle && at < middle+p.Width/4*step; in && slices.Contains(s.inked, i) && (!s.coloured || at%step != 2) {
			p.Pix[at] = 0
		}
	}
	return p
}

// drawn looks at pages of a letter of two with a renderer, as draw does, and
// returns what is kept.
func (r *room) drawn(s *paperless, job string, pages []int) []preflight.Code {
	r.t.Helper()
	r.cfg.Renderer = s
	r.check(r.Preview(context.Background(), job, pages, func(PreviewPage) error { return nil }))
	return r.job(job).Findings
}

// TestFindingsGather: each look adds what it saw, a print as a preview.
func TestFindingsGather(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	if got := r.job(ids[0]).Findings; got != nil {
		t.Fatalf("before any look: %v", got)
	}
	look := &paperless{inked: []int{0}}
	if d := cmp.Diff([]preflight.Code{}, r.drawn(look, ids[0], []int{1})); d != "" {
		t.Errorf("the first page: %s", d)
	}
	if d := cmp.Diff([]preflight.Code{preflight.Blank}, r.drawn(look, ids[0], []int{2})); d != "" {
		t.Errorf("the second: %s", d)
	}
	// A page that is looked at again, and only in grey and small colour.
	look = &paperless{inked: []int{0, 1}, coloured: true}
	if d := cmp.Diff([]preflight.Code{preflight.Blank, preflight.GreyLost}, r.drawn(look, ids[0], []int{2})); d != "" {
		t.Errorf("in colour: %s", d)
	}
	if n := len(look.asked); n != 2 || look.asked[1].DPI != preflight.ColourDPI || !look.asked[1].Colour || !slices.Equal(look.asked[1].Pages, []int{1}) {
		t.Errorf("asked for %+v", look.asked)
	}
	// What is known is not looked for again.
	look = &paperless{coloured: true}
	r.drawn(look, ids[0], []int{1})
	if n := len(look.asked); n != 1 {
		t.Errorf("asked for %+v", look.asked)
	}
}

// TestFindingsOfAPrint: warnings hold no letter, errors do, as ever.
func TestFindingsOfAPrint(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.cfg.Renderer = &paperless{}
	r.check(r.PrintBatch(context.Background(), ids[:1]))
	// The address page is white too, so the address does not show.
	if d := cmp.Diff([]preflight.Code{preflight.Blank, preflight.Window}, r.job(ids[0]).Findings); d != "" {
		t.Error(d)
	}
	if j := r.job(ids[0]); j.Hold != "" {
		t.Errorf("it is %s: %s", j.State, j.Hold)
	}
	r.cfg.Renderer = fakeRenderer{}
	three := r.pay("PAGES 3")
	if err := r.PrintBatch(context.Background(), three); err != nil {
		t.Fatal(err)
	}
	if j := r.job(three[0]); !slices.Contains(j.Findings, preflight.PageCount) || j.Hold != PageCount {
		t.Errorf("%s, %s: %v", j.State, j.Hold, j.Findings)
	}
}
