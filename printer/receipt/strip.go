package receipt

import (
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

// rowDecoder is the part of gozxing's Code 128 reader that decodes one row.
type rowDecoder interface {
	DecodeRow(number int, row *gozxing.BitArray, hints map[gozxing.DecodeHintType]any) (*gozxing.Result, error)
}

// shortestText is the least a linear code must hold: shorter ones turn up in
// printed words by chance.
const shortestText = 4

// bands of a strip that are averaged across its bars, as middle and height,
// both shares of the strip's height. Averaging takes noise away; narrow bands
// and single rows bear a wrong angle or a torn label.
var bands = [...][2]float64{{0.5, 0.6}, {0.5, 0.2}, {0.25, 0.2}, {0.75, 0.2}, {0.5, 0}, {0.35, 0}, {0.65, 0}, {0.15, 0}, {0.85, 0}}

// turns are the corrections of a strip's angle that are tried, in radians.
var turns = [...]float64{0, 0.01, -0.01, 0.025, -0.025, 0.045, -0.045}

// readStrip decodes a linear code from profiles along the strip.
func readStrip(p plane, r region) (quadCode, bool) {
	decoder, ok := oned.NewCode128Reader().(rowDecoder)
	if !ok {
		return quadCode{}, false
	}
	length := r.width*1.16 + 24 // with its quiet zones
	samples := min(int(length*2)+1, 12000)
	levels := make([]float64, samples)
	for _, turn := range turns {
		for _, b := range bands {
			profile(p, r, r.angle+turn, length, b, levels)
			bits := bars(levels, float64(samples)/14)
			text, from, to, ok := decodeRow(decoder, bits)
			if !ok {
				continue
			}
			at := func(i float64) float64 { return (i/float64(samples) - 0.5) * length }
			sin, cos := math.Sincos(r.angle + turn)
			mid := (at(from) + at(to)) / 2
			q := upright(r.cx+mid*cos, r.cy+mid*sin, at(to)-at(from), r.height, r.angle+turn)
			return quadCode{Code128, text, q}, true
		}
	}
	return quadCode{}, false
}

// profile samples grey levels along the strip, averaged over a band.
func profile(p plane, r region, angle, length float64, band [2]float64, levels []float64) {
	sin, cos := math.Sincos(angle)
	rows := min(max(int(band[1]*r.height), 1), 16)
	step := length / float64(len(levels))
	for i := range levels {
		levels[i] = 0
	}
	for k := range rows {
		v := (band[0] - 0.5) * r.height
		if rows > 1 {
			v += (float64(k)/float64(rows-1) - 0.5) * band[1] * r.height
		}
		x, y := r.cx-v*sin-length/2*cos, r.cy+v*cos-length/2*sin
		for i := range levels {
			levels[i] += p.at(x, y)
			x += step * cos
			y += step * sin
		}
	}
	for i := range levels {
		levels[i] /= float64(rows)
	}
}

// bars cuts a profile at the middle between its darkest and lightest level
// nearby; window is in samples.
func bars(levels []float64, window float64) *gozxing.BitArray {
	low, high := limits(levels)
	bits := gozxing.NewBitArray(len(levels))
	half := max(int(window/2), 4)
	const pieces = 4 // the window moves by a quarter of itself
	step := max(half/pieces, 1)
	for from := 0; from < len(levels); from += step {
		to := min(from+step, len(levels))
		nearLow, nearHigh := limits(levels[max(from-half, 0):min(to+half, len(levels))])
		cut := (nearLow + nearHigh) / 2
		if nearHigh-nearLow < 0.3*(high-low) {
			cut = (low + high) / 2
		}
		for i := from; i < to; i++ {
			if levels[i] < cut {
				bits.Set(i)
			}
		}
	}
	return bits
}

func limits(levels []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range levels {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// decodeRow tries a row both ways. from and to are the middles of the first and
// the last character, in the row's direction.
func decodeRow(d rowDecoder, row *gozxing.BitArray) (text string, from, to float64, ok bool) {
	for turned := range 2 {
		if turned == 1 {
			row.Reverse()
		}
		got, err := contained(func() (*gozxing.Result, error) { return d.DecodeRow(0, row, nil) })
		if err != nil || len(got.GetText()) < shortestText {
			continue
		}
		ends := got.GetResultPoints()
		if len(ends) < 2 {
			continue
		}
		from, to = ends[0].GetX(), ends[1].GetX()
		if turned == 1 {
			from, to = float64(row.GetSize())-to, float64(row.GetSize())-from
		}
		return got.GetText(), from, to, true
	}
	return "", 0, 0, false
}
