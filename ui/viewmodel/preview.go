package viewmodel

import (
	"context"
	"image"

	"espero-soft.com/printroom/sync/station"
)

// Viewer opens a letter to be looked at. Each call is an access that the
// journal records before the letter is opened.
type Viewer interface {
	// Preview hands over the pages asked for, zero being the carrier page; a
	// page that the letter does not have is left out. The image is the
	// receiver's.
	Preview(ctx context.Context, jobID string, pages []int, emit func(station.PreviewPage) error) error
}

// Block is how many pages one look opens. A longer letter is opened again for
// its next pages, so that no more of it lies in memory than is looked at.
const Block = 20

// The zoom steps, in percent of the pane's width.
const (
	zoomFit  = 100
	zoomStep = 25
	zoomMax  = 400
	zoomMin  = 50
)

// Preview is the chosen letter and, once somebody asked to see it, its pages.
type Preview struct {
	Job     *station.Job // nil when none is chosen
	Open    bool         // somebody asked to see it
	Loading bool
	Pages   int // how many it has, 0 until the first one is here
	Current int
	Images  map[int]image.Image
	Zoom    int // percent of the width of the pane
	Fault   *station.Fault
	Window  bool // the envelope's window is drawn over the carrier page
	// NoDecryption is why no letter can be opened, "" when they can.
	NoDecryption station.FaultCode
	Changed      func()

	asks   *asks
	viewer Viewer
	stop   context.CancelFunc // of the look that runs, never nil
	latest int
}

// NewPreview returns a preview of nothing.
func NewPreview(viewer Viewer, post Poster) *Preview {
	return &Preview{
		asks: newAsks(post), viewer: viewer, stop: func() {},
		Images: make(map[int]image.Image), Zoom: zoomFit, Window: true, Changed: func() {},
	}
}

// Choose takes the chosen letter as it is now. Another letter than before
// closes the pages; none of the new one is opened.
func (p *Preview) Choose(job *station.Job) {
	if job == nil || p.Job == nil || job.ID != p.Job.ID {
		p.Close()
	}
	p.Job = job
	p.Changed()
}

// Show opens the letter and brings its first pages.
func (p *Preview) Show() {
	if p.Job == nil || p.Open && p.Fault == nil || p.NoDecryption != "" {
		return
	}
	p.Open, p.Current, p.Zoom = true, 0, zoomFit
	p.look(0)
}

// look opens the block of pages that page from is in.
func (p *Preview) look(from int) {
	p.stop()
	p.latest++
	n, id := p.latest, p.Job.ID
	first := from / Block * Block
	pages := make([]int, Block)
	for i := range pages {
		pages[i] = first + i
	}
	p.Loading, p.Fault = true, nil
	old := p.drop()
	var ctx context.Context
	ctx, p.stop = context.WithCancel(p.asks.ctx)
	p.asks.run(func(context.Context) func() {
		err := p.viewer.Preview(ctx, id, pages, func(page station.PreviewPage) error {
			p.asks.later(func() { p.arrived(n, page) })
			return ctx.Err()
		})
		return func() {
			if n == p.latest {
				p.Loading = false
				p.Fault = faultOf(err)
				p.Changed()
			}
		}
	})
	p.Changed()
	wipe(old)
}

// arrived takes a page; one of a look that was given up is wiped unseen.
func (p *Preview) arrived(n int, page station.PreviewPage) {
	if n != p.latest || !p.Open {
		wipe(map[int]image.Image{page.Index: page.Image})
		return
	}
	p.Pages = page.Pages
	p.Images[page.Index] = page.Image
	p.Changed()
}

// Close puts the pages away, wipes them and calls off a look that runs; the
// letter stays chosen.
func (p *Preview) Close() {
	p.stop()
	p.latest++
	old := p.drop()
	was := p.Open
	p.Open, p.Loading, p.Fault, p.Pages, p.Current = false, false, nil, 0, 0
	if was {
		p.Changed()
	}
	wipe(old)
}

func (p *Preview) drop() map[int]image.Image {
	old := p.Images
	p.Images = make(map[int]image.Image)
	return old
}

// Turn goes to a page, within those there are.
func (p *Preview) Turn(to int) {
	to = min(max(to, 0), p.Pages-1)
	if !p.Open || to < 0 || to == p.Current {
		return
	}
	from := p.Current / Block
	p.Current = to
	if to/Block != from {
		p.look(to)
		return
	}
	p.Changed()
}

// ToggleWindow shows the envelope's window over the carrier page, or not.
func (p *Preview) ToggleWindow() {
	p.Window = !p.Window
	p.Changed()
}

// Magnify changes the zoom by steps; Fit brings the whole width back.
func (p *Preview) Magnify(steps int) {
	p.Zoom = min(max(p.Zoom+steps*zoomStep, zoomMin), zoomMax)
	p.Changed()
}

// Fit shows the page as wide as the pane.
func (p *Preview) Fit() {
	p.Zoom = zoomFit
	p.Changed()
}

// Shutdown ends the work that runs, waits for it and wipes the pages.
func (p *Preview) Shutdown() {
	p.stop()
	p.asks.close()
	wipe(p.drop())
}

// wipe overwrites the pixels that Go lets us reach.
func wipe(pages map[int]image.Image) {
	for _, page := range pages {
		switch m := page.(type) {
		case *image.Gray:
			clear(m.Pix)
		case *image.RGBA:
			clear(m.Pix)
		case *image.NRGBA:
			clear(m.Pix)
		}
	}
}
