package ipp

import "math"

// Units of a resolution, RFC 8011 section 5.1.16.
const (
	PerInch       = 3
	PerCentimetre = 4
)

// Resolution is cross feed by feed direction.
type Resolution struct {
	X, Y  int32
	Units byte
}

// Tag is TagResolution.
func (Resolution) Tag() Tag { return TagResolution }

func (v Resolution) appendTo(b []byte) []byte {
	return append(appendInt(appendInt(b, v.X), v.Y), v.Units)
}

// DPI is the resolution in dots per inch; false when it is not square, not
// positive, or in unknown units.
func (v Resolution) DPI() (int, bool) {
	if v.X != v.Y || v.X <= 0 {
		return 0, false
	}
	switch v.Units {
	case PerInch:
		return int(v.X), true
	case PerCentimetre:
		return int(math.Round(float64(v.X) * 2.54)), true
	}
	return 0, false
}

func decodeResolution(b []byte) (Value, error) {
	if len(b) != 9 {
		return nil, malformed("resolution of %d bytes", len(b))
	}
	return Resolution{readInt(b), readInt(b[4:]), b[8]}, nil
}
