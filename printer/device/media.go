package device

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a medium's size in hundredths of a millimetre, as IPP counts.
type Size struct{ Width, Length int }

// Equal reports whether two sizes are of one medium: those in inches are
// rounded by everybody in his own way.
func (s Size) Equal(o Size) bool {
	const slack = 50 // half a millimetre
	return abs(s.Width-o.Width) <= slack && abs(s.Length-o.Length) <= slack
}

func abs(n int) int { return max(n, -n) }

// maxSide is far above any sheet, in hundredths of a millimetre.
const maxSide = 1_000_000

// ParseMedia reads the size a PWG 5101.1 self-describing name ends in, as
// "iso_a4_210x297mm" or "na_letter_8.5x11in".
func ParseMedia(name string) (Size, error) {
	dimensions := name[strings.LastIndexByte(name, '_')+1:]
	unit := 100.0
	number, metric := strings.CutSuffix(dimensions, "mm")
	if !metric {
		var inches bool
		if number, inches = strings.CutSuffix(dimensions, "in"); !inches {
			return Size{}, fmt.Errorf("media name %q: no size in mm or in", name)
		}
		unit = 2540
	}
	w, l, ok := strings.Cut(number, "x")
	width, errWidth := side(w, unit)
	length, errLength := side(l, unit)
	if !ok || errWidth != nil || errLength != nil {
		return Size{}, fmt.Errorf("media name %q: no size", name)
	}
	return Size{width, length}, nil
}

func side(s string, unit float64) (int, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, err
	}
	if n := math.Round(f * unit); n >= 1 && n <= maxSide {
		return int(n), nil
	}
	return 0, fmt.Errorf("side %q out of range", s)
}
