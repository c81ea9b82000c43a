// Package pwg writes and reads PWG Raster (PWG 5102.4-2012): the pixels of a
// letter's pages as printers take them, 8-bit sRGB grey or colour, compressed
// line by line without loss.
//
// The writer is made for letters, which are mostly white. The reader is for
// what comes back from a test printer; it bounds everything it believes.
package pwg

import (
	"errors"
	"fmt"
)

// ErrCorrupt says that a stream is not PWG Raster of the kinds read here.
var ErrCorrupt = errors.New("pwg: not a PWG Raster stream of 8-bit grey or RGB")

// Limits on one page, for writing and reading alike. A2 at 1200 dpi fits.
const (
	MaxSide   = 1 << 15 // pixels
	MaxPixels = 1 << 29 // bytes of one page
	MaxDPI    = 4800
)

// Sheet backs, pwg-raster-document-sheet-back of PWG 5102.4 section 7.2: how a
// printer wants the back of a sheet that turns over its long edge.
const (
	BackNormal       = "normal"
	BackFlipped      = "flipped"       // rows from the bottom up
	BackRotated      = "rotated"       // turned by half
	BackManualTumble = "manual-tumble" // as normal, on the long edge
)

// Page is one side of a sheet.
type Page struct {
	Width, Height int // pixels
	DPI           int // both ways
	Colour        bool
	Duplex        bool   // flipped on the long edge
	Pix           []byte // packed rows, 1 byte a pixel of sGray or 3 of sRGB
}

// depth is the bytes of one pixel.
func (p Page) depth() int {
	if p.Colour {
		return 3
	}
	return 1
}

// stride is the bytes of one row.
func (p Page) stride() int { return p.Width * p.depth() }

// check refuses a page that has no such raster.
func (p Page) check() error {
	switch {
	case p.Width <= 0 || p.Width > MaxSide || p.Height <= 0 || p.Height > MaxSide:
		return fmt.Errorf("pwg: page of %d by %d pixels", p.Width, p.Height)
	case p.DPI <= 0 || p.DPI > MaxDPI:
		return fmt.Errorf("pwg: page at %d dpi", p.DPI)
	case p.stride()*p.Height > MaxPixels:
		return fmt.Errorf("pwg: page of %d bytes, limit %d", p.stride()*p.Height, MaxPixels)
	}
	return nil
}
