package pwg

import "fmt"

// transform is how a page's rows are laid out for the printer: the back of a
// sheet may be wanted mirrored, PWG 5102.4 section 4.3.3.
type transform uint8

const (
	mirrorCross transform = 1 << iota // each row from right to left
	mirrorFeed                        // the rows from the bottom up
)

// minusOne is the header's word for a mirrored direction.
const minusOne = 0xffffffff

func (t transform) crossFeed() int {
	if t&mirrorCross != 0 {
		return minusOne
	}
	return 1
}

func (t transform) feed() int {
	if t&mirrorFeed != 0 {
		return minusOne
	}
	return 1
}

// transformOf reads the header's two directions; zero counts as unsaid.
func transformOf(crossFeed, feed uint32) (transform, error) {
	var t transform
	for _, d := range []struct {
		value  uint32
		mirror transform
	}{{crossFeed, mirrorCross}, {feed, mirrorFeed}} {
		switch d.value {
		case 0, 1:
		case minusOne:
			t |= d.mirror
		default:
			return 0, fmt.Errorf("%w: feed direction %d", ErrCorrupt, int32(d.value))
		}
	}
	return t, nil
}

// backTransform is what a long-edge sheet back needs.
func backTransform(sheetBack string) (transform, error) {
	switch sheetBack {
	case "", BackNormal, BackManualTumble:
		return 0, nil
	case BackFlipped:
		return mirrorFeed, nil
	case BackRotated:
		return mirrorCross | mirrorFeed, nil
	}
	return 0, fmt.Errorf("pwg: unknown sheet back %q", sheetBack)
}

// row is the y-th row to send of a page, not yet mirrored across.
func (t transform) row(p Page, y int) []byte {
	if t&mirrorFeed != 0 {
		y = p.Height - 1 - y
	}
	return p.Pix[y*p.stride() : (y+1)*p.stride()]
}

// across is a row as t wants it across; scratch, of the row's length, holds a
// mirrored one.
func (t transform) across(row []byte, depth int, scratch []byte) []byte {
	if t&mirrorCross == 0 {
		return row
	}
	for i, j := 0, len(row)-depth; j >= 0; i, j = i+depth, j-depth {
		for k := range depth {
			scratch[i+k] = row[j+k]
		}
	}
	return scratch
}
