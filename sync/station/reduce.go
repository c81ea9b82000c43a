package station

import (
	"encoding/binary"
	"image"
	"math"

	"espero-soft.com/printroom/printer/render"
)

// Reduction is how many of the printer's dots, each way, make one of the
// preview's: 100 dots an inch from 300.
const Reduction = 3

// Reduce averages squares of dots, as every preview does: it differs from the
// paper by nothing but this.
func Reduce(p render.Page) image.Image {
	bounds := image.Rect(0, 0, p.Width/Reduction, p.Height/Reduction)
	if !p.Colour {
		out := image.NewGray(bounds)
		average(out.Pix, p.Pix, bounds.Dx(), bounds.Dy(), p.Width, 1, 1)
		return out
	}
	out := image.NewRGBA(bounds)
	average(out.Pix, p.Pix, bounds.Dx(), bounds.Dy(), p.Width, 3, 4)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 0xff
	}
	return out
}

// group is how many dots of the preview are looked at together: their source
// is a whole number of 64-bit words, and on most of a letter it is white.
const group = 8

// average fills w×h dots of outStep bytes from rows of stride dots of inStep
// bytes, channel by channel.
func average(out, in []byte, w, h, stride, inStep, outStep int) {
	for y := range h {
		var rows [Reduction][]byte
		for i := range rows {
			rows[i] = in[(y*Reduction+i)*stride*inStep:][:w*Reduction*inStep]
		}
		line := out[y*w*outStep:][:w*outStep]
		for x := 0; x < w; x += group {
			n := min(group, w-x)
			from, to := x*Reduction*inStep, (x+n)*Reduction*inStep
			if n == group && white(rows[0][from:to]) && white(rows[1][from:to]) && white(rows[2][from:to]) {
				fill(line[x*outStep : (x+n)*outStep])
				continue
			}
			for i := x; i < x+n; i++ {
				square(line[i*outStep:], rows, i*Reduction*inStep, inStep)
			}
		}
	}
}

// square averages one dot's channels.
func square(out []byte, rows [Reduction][]byte, at, step int) {
	for c := range step {
		sum := 0
		for _, r := range rows {
			r = r[at+c:][:2*step+1]
			sum += int(r[0]) + int(r[step]) + int(r[2*step])
		}
		out[c] = byte((sum + Reduction*Reduction/2) / (Reduction * Reduction))
	}
}

// white tells whether all bytes are 0xff. Their number is a multiple of eight.
func white(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b) != math.MaxUint64 {
			return false
		}
	}
	return true
}

func fill(b []byte) {
	for i := range b {
		b[i] = 0xff
	}
}
