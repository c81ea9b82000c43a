package preflight

import (
	"encoding/binary"
	"math"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
)

// ColourDPI is enough to see whether a page has colour: a line of a third of a
// point still leaves a tint.
const ColourDPI = 36

const (
	lightest = 0xf0 // a channel from here on is white to an eye
	chroma   = 0x28 // between the channels of a dot that is not grey; a JPEG's greys stray by less
	dots     = 4    // of colour that are no accident of an edge
)

// raster is a page as far as it lies on the paper: from the top left, never
// scaled. Lengths are in dots.
type raster struct {
	pix           []byte
	stride        int // bytes of a row
	step          int // bytes of a dot
	width, height int // on the paper
	dpi           int
}

// newRaster believes neither the page's sizes nor the resolution further than
// the pixels go.
func newRaster(p render.Page, dpi int) raster {
	r := raster{pix: p.Pix, step: 1, dpi: max(dpi, 1)}
	if p.Colour {
		r.step = 3
	}
	r.stride = max(p.Width, 0) * r.step
	r.width = min(max(p.Width, 0), r.dots(paperWidth))
	r.height = min(max(p.Height, 0), r.dots(paperHeight))
	if r.stride > 0 {
		r.height = min(r.height, len(p.Pix)/r.stride)
	}
	return r
}

// dots is a length in millimetres, to the nearest.
func (r raster) dots(mm float64) int { return int(math.Round(mm / 25.4 * float64(r.dpi))) }

// seen tells whether so many dots of ink are more than a speck.
func (r raster) seen(ink int) bool {
	perMM := float64(r.dpi) / 25.4
	return float64(ink) > speck*perMM*perMM
}

func (r raster) row(y int) []byte { return r.pix[y*r.stride:][:r.width*r.step] }

// ink counts the dots with ink on the page and in its border, in one pass.
// Counting ends early where the answer is clear: all is at least what it needs
// to be seen, border is exact.
func (r raster) ink() (all, border int) {
	m := r.dots(edge)
	left := min(m, r.width) * r.step
	right := min(max(r.dots(paperWidth)-m, 0), r.width) * r.step
	right = max(right, left)
	bottom := r.dots(paperHeight) - m
	for y := range r.height {
		row := r.row(y)
		if white(row) {
			continue
		}
		if y < m || y >= bottom {
			n := r.count(row)
			all, border = all+n, border+n
			continue
		}
		n := r.count(row[:left]) + r.count(row[right:])
		all, border = all+n, border+n
		if !r.seen(all) {
			all += r.count(row[left:right])
		}
	}
	return all, border
}

// within counts the dots with ink in a rectangle in millimetres.
func (r raster) within(z postal.Rect) int {
	n := 0
	from, to := min(max(r.dots(z.X), 0), r.width), min(max(r.dots(z.Right()), 0), r.width)
	for y := max(r.dots(z.Y), 0); y < min(r.dots(z.Bottom()), r.height) && from < to; y++ {
		n += r.count(r.row(y)[from*r.step : to*r.step])
	}
	return n
}

// count counts the dots with ink in a part of a row.
func (r raster) count(part []byte) int {
	n := 0
	for len(part) >= r.step {
		if len(part) >= group && white(part[:group]) {
			part = part[group:]
			continue
		}
		end := min(group, len(part))
		for i := 0; i+r.step <= end; i += r.step {
			if dark(part[i : i+r.step]) {
				n++
			}
		}
		part = part[end:]
	}
	return n
}

// group is what is looked at together: a whole number of dots and of 64-bit
// words, whatever a dot has.
const group = 48

func dark(dot []byte) bool {
	for _, v := range dot {
		if v < lightest {
			return true
		}
	}
	return false
}

// coloured tells whether a page drawn in colour has dots that are no grey.
func (r raster) coloured() bool {
	if r.step != 3 {
		return false
	}
	n := 0
	for y := range r.height {
		row := r.row(y)
		if white(row) {
			continue
		}
		for i := 0; i+3 <= len(row); i += 3 {
			a, b, c := row[i], row[i+1], row[i+2]
			if max(a, b, c)-min(a, b, c) > chroma {
				if n++; n >= dots {
					return true
				}
			}
		}
	}
	return false
}

// white tells whether all bytes are 0xff, which most of a letter is.
func white(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b) != math.MaxUint64 {
			return false
		}
	}
	for _, v := range b {
		if v != 0xff {
			return false
		}
	}
	return true
}
