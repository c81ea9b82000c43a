package pwg

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// syncWord begins a stream, PWG 5102.4 section 4.1.
const syncWord = "RaS2"

// headerSize is the page header's size, PWG 5102.4 section 4.3.
const headerSize = 1796

// Offsets of the page header's fields, PWG 5102.4 table 2. Numbers are 4 bytes
// in network order, strings are 64 bytes ended by a zero.
const (
	atPwgRaster     = 0
	atDuplex        = 272
	atHWResolution  = 276
	atNumCopies     = 340
	atPageSize      = 352
	atTumble        = 368
	atWidth         = 372
	atHeight        = 376
	atBitsPerColor  = 384
	atBitsPerPixel  = 388
	atBytesPerLine  = 392
	atColorOrder    = 396
	atColorSpace    = 400
	atNumColors     = 420
	atTotalPages    = 452
	atCrossFeed     = 456
	atFeed          = 460
	atImageBoxRight = 472
	atImageBoxEnd   = 476
	atAlternate     = 480
	atPrintQuality  = 484
	atPageSizeName  = 1732
)

// Colour spaces, PWG 5102.4 table 5.
const (
	spaceSGray = 18
	spaceSRGB  = 19
)

const (
	stringSize    = 64
	raster        = "PwgRaster"
	alternateNone = 0xffffff // AlternatePrimary: white
	qualityNormal = 4        // print-quality enum
)

type header [headerSize]byte

func (h *header) set(at int, v int)        { binary.BigEndian.PutUint32(h[at:], uint32(v)) }
func (h *header) get(at int) uint32        { return binary.BigEndian.Uint32(h[at:]) }
func (h *header) setText(at int, s string) { copy(h[at:at+stringSize-1], s) }

// text is the string at an offset, up to its zero.
func (h *header) text(at int) string {
	field := h[at : at+stringSize]
	if end := bytes.IndexByte(field, 0); end >= 0 {
		field = field[:end]
	}
	return string(field)
}

// newHeader describes a page. What stays zero is what PWG 5102.4 defines as
// the default or the printer's choice: MediaPosition (the tray follows from
// the media), Tumble (never the short edge), CutMedia, Orientation (portrait).
func newHeader(p Page, t transform, pages int, media string) *header {
	h := new(header)
	h.setText(atPwgRaster, raster)
	h.setText(atPageSizeName, media)
	if p.Duplex {
		h.set(atDuplex, 1)
	}
	h.set(atHWResolution, p.DPI)
	h.set(atHWResolution+4, p.DPI)
	h.set(atNumCopies, 1)
	h.set(atPageSize, points(p.Width, p.DPI))
	h.set(atPageSize+4, points(p.Height, p.DPI))
	h.set(atWidth, p.Width)
	h.set(atHeight, p.Height)
	h.set(atBitsPerColor, 8)
	h.set(atBitsPerPixel, 8*p.depth())
	h.set(atBytesPerLine, p.stride())
	h.set(atColorSpace, spaceSGray)
	if p.Colour {
		h.set(atColorSpace, spaceSRGB)
	}
	h.set(atNumColors, p.depth())
	h.set(atTotalPages, pages)
	h.set(atCrossFeed, t.crossFeed())
	h.set(atFeed, t.feed())
	h.set(atImageBoxRight, p.Width)
	h.set(atImageBoxEnd, p.Height)
	h.set(atAlternate, alternateNone)
	h.set(atPrintQuality, qualityNormal)
	return h
}

// points is a length in 1/72 inch, rounded.
func points(pixels, dpi int) int { return (pixels*72 + dpi/2) / dpi }

// page reads the header back. It holds the page to the package's limits; the
// pixels are still to come.
func (h *header) page() (Page, transform, error) {
	p := Page{Width: int(h.get(atWidth)), Height: int(h.get(atHeight)), DPI: int(h.get(atHWResolution))}
	p.Duplex = h.get(atDuplex) == 1
	p.Colour = h.get(atColorSpace) == spaceSRGB
	if err := p.check(); err != nil {
		return p, 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	t, err := transformOf(h.get(atCrossFeed), h.get(atFeed))
	if err != nil {
		return p, 0, err
	}
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"PwgRaster", h.text(atPwgRaster) == raster || h.text(atPwgRaster) == ""}, // MuPDF leaves it empty
		{"Duplex", h.get(atDuplex) <= 1},
		{"HWResolution", h.get(atHWResolution+4) == h.get(atHWResolution)},
		{"ColorSpace", p.Colour || h.get(atColorSpace) == spaceSGray},
		{"ColorOrder", h.get(atColorOrder) == 0},
		{"BitsPerColor", h.get(atBitsPerColor) == 8},
		{"BitsPerPixel", int(h.get(atBitsPerPixel)) == 8*p.depth()},
		{"BytesPerLine", int(h.get(atBytesPerLine)) == p.stride()},
	} {
		if !f.ok {
			return p, 0, fmt.Errorf("%w: field %s", ErrCorrupt, f.name)
		}
	}
	return p, t, nil
}
