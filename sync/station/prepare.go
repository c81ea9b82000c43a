package station

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/memory"
)

const paper = "iso_a4_210x297mm" // PWG 5101.1; the only paper sold

func newAttemptCode() (postal.AttemptCode, error) { return postal.NewAttemptCode(rand.Reader) }

func (r *run) rasterise(ctx context.Context, d drawing, t device.Ticket, to *spool) ([]preflight.Code, error) {
	w := pwg.NewWriter(to)
	w.Media, w.Pages, w.SheetBack = t.Media, t.Impressions, r.can.RasterBack
	page := func(p render.Page) pwg.Page {
		return pwg.Page{Width: p.Width, Height: p.Height, DPI: t.DPI, Colour: p.Colour, Duplex: t.Duplex, Pix: p.Pix}
	}
	var c canvas
	defer c.wipe()
	return r.station.draw(ctx, d, func(p render.Page) error {
		sheet := c.put(p, t.DPI)
		if err := w.WritePage(page(sheet)); err != nil {
			return fmt.Errorf("write page %d: %w", p.Index, err)
		}
		if p.Index == 0 && t.Duplex {
			return w.WritePage(page(blank(sheet)))
		}
		return nil
	})
}

// blank is the back of the carrier page.
func blank(like render.Page) render.Page {
	like.Pix = bytes.Repeat([]byte{0xff}, len(like.Pix))
	return like
}

// canvas is the sheet that pages are put on, one after the other.
type canvas struct{ pix []byte }

// put puts a page on the paper that will be printed, dot for dot from the top
// left, and never scales it: what is smaller gets a margin, what sticks out is
// white space or the renderer's refusal. What it returns holds until the next.
func (c *canvas) put(p render.Page, dpi int) render.Page {
	width, height := paperDots(210, dpi), paperDots(297, dpi)
	if p.Width == width && p.Height == height {
		return p
	}
	channels := 1
	if p.Colour {
		channels = 3
	}
	if len(c.pix) != width*height*channels {
		c.wipe()
		c.pix = make([]byte, width*height*channels)
	}
	stride, end := width*channels, min(height, p.Height)*width*channels
	for y := range min(height, p.Height) {
		row := c.pix[y*stride:][:stride]
		n := copy(row, p.Pix[y*p.Width*channels:][:min(width, p.Width)*channels])
		fill(row[n:])
	}
	fill(c.pix[end:])
	return render.Page{Index: p.Index, Width: width, Height: height, Colour: p.Colour, Pix: c.pix}
}

// wipe forgets the page that was put last.
func (c *canvas) wipe() { memory.Wipe(c.pix) }

// onPaper is one page on a canvas of its own, and what forgets it.
func onPaper(p render.Page, dpi int) (render.Page, func()) {
	c := new(canvas)
	return c.put(p, dpi), c.wipe
}

// paperDots is a length in millimetres as dots, to the nearest.
func paperDots(millimetres, dpi int) int { return (millimetres*dpi*10 + 127) / 254 }
