// Package render turns a PDF into pixels without trusting it. Each document is
// rendered by a process of its own (package worker): the same program, run
// again with one argument, confined by Landlock, seccomp and resource limits
// before it reads a byte, ended with the document. The parent believes none of
// its numbers: each count, size and index is checked before memory is made for
// it, and no text comes back at all.
package render

import (
	"context"
	"fmt"
	"math"

	"espero-soft.com/printroom/printer/render/frame"
)

// The resolutions that Render accepts, in dots per inch.
const (
	minDPI = 18
	maxDPI = 1200
)

// Request asks for pages of one document.
type Request struct {
	// Document is a PDF. It stays the caller's: Render makes no copy in this
	// process and has no use of it after it returns.
	Document []byte
	DPI      int
	Colour   bool
	Pages    []int // zero-based, in the order they shall come; nil is all
}

// Page is a page's pixels, rows from the top, packed: one byte a pixel (0 is
// black), or three (red, green, blue) when Colour is set.
type Page struct {
	Index, Width, Height int
	Colour               bool
	Pix                  []byte
}

// Size is a page's width and height in points of 1/72 inch, rotation applied.
type Size struct{ Width, Height float64 }

// Report is what was seen of the document. Annotations, Widgets and Faults
// count the rendered pages only.
type Report struct {
	Pages       int    // in the document
	Sizes       []Size // of each of them
	Annotations int    // drawn, without form fields
	Widgets     int    // form fields drawn
	Faults      int    // errors in page contents that were passed over: something may be missing
	JavaScript  bool   // never run
	Attachments bool   // embedded files, never opened
	XFA         bool   // an XFA form: what a viewer shows may differ
	Repaired    bool   // the file's structure was broken and was guessed
}

// Render draws pages of a document at req.DPI and calls emit for each, in
// order, on the calling goroutine. Page.Pix is emit's during the call only: the
// memory is used for a later page, and wiped at the end. An error of emit ends
// the rendering and is returned as it is.
//
// Errors: ErrCorrupt, ErrEncrypted, *LimitError, *CrashError, ErrSandbox, the
// context's cause, ErrClosed. Each leaves the pool ready for the next document.
func (p *Pool) Render(ctx context.Context, req Request, emit func(Page) error) (Report, error) {
	if err := p.check(req); err != nil {
		return Report{}, err
	}
	ctx, done, err := p.enter(ctx)
	if err != nil {
		return Report{}, err
	}
	defer done()
	j := &job{pool: p, req: req, limits: p.limits}
	defer j.close()
	report, err := j.run(ctx, emit)
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

func (p *Pool) check(req Request) error {
	if n := int64(len(req.Document)); n > p.limits.Bytes {
		return &LimitError{What: LimitBytes, Have: n, Max: p.limits.Bytes}
	}
	if len(req.Document) == 0 {
		return fmt.Errorf("%w: empty", ErrCorrupt)
	}
	if req.DPI < minDPI || req.DPI > maxDPI {
		return fmt.Errorf("render: %d dots per inch, want %d to %d", req.DPI, minDPI, maxDPI)
	}
	if len(req.Pages) > p.limits.Pages {
		return &LimitError{What: LimitPages, Have: int64(len(req.Pages)), Max: int64(p.limits.Pages)}
	}
	if req.Pages != nil && len(req.Pages) == 0 {
		return fmt.Errorf("render: %w: none asked for", ErrPage)
	}
	return nil
}

// channels is the number of bytes a pixel.
func (r Request) channels() uint32 {
	if r.Colour {
		return 3
	}
	return 1
}

// choose checks the asked pages against what the document has, and their sizes
// against the limits, before any is drawn.
func (r Request) choose(sizes []frame.Size, l Limits) ([]uint32, error) {
	for _, s := range sizes {
		if side := float64(max(s.Width, s.Height)); side > l.Side {
			return nil, &LimitError{What: LimitSide, Have: whole(side), Max: whole(l.Side)}
		}
	}
	pages := make([]uint32, 0, max(len(r.Pages), len(sizes)))
	if r.Pages == nil {
		for i := range sizes {
			pages = append(pages, uint32(i))
		}
	}
	for _, i := range r.Pages {
		if i < 0 || i >= len(sizes) {
			return nil, fmt.Errorf("render: %w: %d of %d", ErrPage, i, len(sizes))
		}
		pages = append(pages, uint32(i))
	}
	for _, i := range pages {
		w, h := frame.Pixels(sizes[i], uint32(r.DPI))
		if n := w * h; n > float64(l.Pixels) {
			return nil, &LimitError{What: LimitPixels, Have: whole(n), Max: l.Pixels}
		}
	}
	return pages, nil
}

// whole is f rounded up, capped to what an int64 holds.
func whole(f float64) int64 {
	return int64(math.Ceil(min(f, math.MaxInt64/2)))
}
