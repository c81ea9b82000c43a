package receipt

import (
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix/decoder"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// readSquare decodes a matrix code from a region.
func readSquare(p plane, r region) (quadCode, bool) {
	v := newView(p, r)
	if v == nil {
		return quadCode{}, false
	}
	if c, ok := v.readDataMatrix(); ok {
		return c, true
	}
	return v.readQR()
}

// view is a region turned upright, as contrast: 1 is black, -1 white.
type view struct {
	contrast []float32
	levels   []byte
	side     int
	frame    quad // the view's corners on the page
	bounds   [4]float64
}

const (
	viewMargin  = 1.3 // of the region's longer side
	longestView = 420 // pixels
)

func newView(p plane, r region) *view {
	size := max(r.width, r.height) * viewMargin
	v := &view{side: min(int(size), longestView), frame: upright(r.cx, r.cy, size, size, r.angle)}
	if v.side < 16 {
		return nil
	}
	n := float64(v.side)
	taps := max(1, int(size/n)) // taken together where the view is smaller than the page
	v.levels = make([]byte, v.side*v.side)
	histogram := [256]int{}
	for i := range v.levels {
		sum := 0.0
		for k := range taps * taps {
			fx, fy := (float64(k%taps)+0.5)/float64(taps), (float64(k/taps)+0.5)/float64(taps)
			sum += p.at(v.frame.point((float64(i%v.side)+fx)/n, (float64(i/v.side)+fy)/n))
		}
		v.levels[i] = byte(sum / float64(taps*taps))
		histogram[v.levels[i]]++
	}
	low, cut, high := split(histogram[:])
	if high-low < 12 {
		return nil
	}
	v.contrast = make([]float32, len(v.levels))
	for i, level := range v.levels {
		c := (cut - float64(level)) / (high - low) * 2
		v.contrast[i] = float32(max(-1, min(1, c)))
	}
	v.bounds = v.measure(r.width/size, r.height/size)
	return v
}

// split is Otsu's threshold and the means on both sides of it.
func split(histogram []int) (low, cut, high float64) {
	var total, sum float64
	for i, n := range histogram {
		total += float64(n)
		sum += float64(n * i)
	}
	var below, belowSum, most float64
	for i, n := range histogram {
		below += float64(n)
		belowSum += float64(n * i)
		above := total - below
		if below == 0 || above == 0 {
			continue
		}
		d := belowSum/below - (sum-belowSum)/above
		if between := below * above * d * d; between > most {
			most = between
			low, high = belowSum/below, (sum-belowSum)/above
		}
	}
	return low, (low + high) / 2, high
}

// measure finds the code's edges in the view, as shares of its side: from the
// region's own edges (with w and h shares of the side) outwards by a little and
// then inwards to the first line with ink.
func (v *view) measure(w, h float64) [4]float64 {
	n := float64(v.side)
	bounds := [4]float64{(0.5 - w/2) * n, (0.5 - h/2) * n, (0.5 + w/2) * n, (0.5 + h/2) * n}
	low := func(c float64) int { return max(int(c), 0) }
	high := func(c float64) int { return min(int(math.Ceil(c)), v.side-1) }
	x0, y0, x1, y1 := low(bounds[0]), low(bounds[1]), high(bounds[2]), high(bounds[3])
	ink := func(line func(k int) int, from, to int) bool {
		n := 0
		for k := from; k <= to; k++ {
			if v.contrast[line(k)] > 0 {
				n++
			}
		}
		return n*5 > to-from
	}
	column := func(x int) func(int) int { return func(y int) int { return y*v.side + x } }
	row := func(y int) func(int) int { return func(x int) int { return y*v.side + x } }
	for x0 < x1 && !ink(column(x0), y0, y1) {
		x0++
	}
	for x1 > x0 && !ink(column(x1), y0, y1) {
		x1--
	}
	for y0 < y1 && !ink(row(y0), x0, x1) {
		y0++
	}
	for y1 > y0 && !ink(row(y1), x0, x1) {
		y1--
	}
	return [4]float64{float64(x0), float64(y0), float64(x1 + 1), float64(y1 + 1)}
}

func (v *view) at(x, y float64) float64 {
	ix, iy := int(x), int(y)
	if x < 0 || y < 0 || ix >= v.side || iy >= v.side {
		return -1
	}
	return float64(v.contrast[iy*v.side+ix])
}

// module averages the middle of module c, r of an n × n grid.
func (v *view) module(q *quad, n, c, r int) float64 {
	const spread = 0.2
	sum, size := 0.0, float64(n)
	for _, d := range [5][2]float64{{0, 0}, {-spread, -spread}, {spread, -spread}, {spread, spread}, {-spread, spread}} {
		sum += v.at(q.point((float64(c)+0.5+d[0])/size, (float64(r)+0.5+d[1])/size))
	}
	return sum / 5
}

// readDataMatrix fits the frame that every DataMatrix has: solid at the left
// and the foot, dashed at the head and the right (ISO/IEC 16022, 5.1).
func (v *view) readDataMatrix() (quadCode, bool) {
	b := v.bounds
	start := quad{{b[0], b[1]}, {b[2], b[1]}, {b[2], b[3]}, {b[0], b[3]}}
	type fit struct {
		q     quad
		n     int
		score float64
	}
	var fits []fit
	for turn := range 4 {
		q := quad{start[turn], start[(turn+1)%4], start[(turn+2)%4], start[(turn+3)%4]}
		for _, n := range [...]int{10, 12, 14, 16, 18, 20, 22, 24, 26, 32, 36, 40, 44, 48, 52} {
			if (b[2]-b[0])/float64(n) < 1.4 {
				break
			}
			if s := v.frameScore(&q, n); s > 0.3 {
				fits = append(fits, fit{q, n, s})
			}
		}
	}
	for try := 0; try < 3 && len(fits) > 0; try++ {
		top := 0
		for i := range fits {
			if fits[i].score > fits[top].score {
				top = i
			}
		}
		f := fits[top]
		fits = append(fits[:top], fits[top+1:]...)
		v.adjust(&f.q, f.n, f.score)
		if text, ok := v.decodeGrid(&f.q, f.n); ok {
			return quadCode{DataMatrix, text, v.onPage(f.q)}, true
		}
	}
	return quadCode{}, false
}

// frameScore is how well the outermost modules are those of a DataMatrix, -1
// to 1.
func (v *view) frameScore(q *quad, n int) float64 {
	sum := 0.0
	for i := range n {
		dash := float64(1 - i%2*2)
		sum += v.module(q, n, 0, i)          // left, solid
		sum += v.module(q, n, i, n-1)        // foot, solid
		sum += dash * v.module(q, n, i, 0)   // head, black first
		sum -= dash * v.module(q, n, n-1, i) // right, black last
	}
	return sum / float64(4*n)
}

// adjust moves the corners one by one while the frame fits better.
func (v *view) adjust(q *quad, n int, score float64) {
	module := math.Hypot(q[1][0]-q[0][0], q[1][1]-q[0][1]) / float64(n)
	for _, step := range [...]float64{0.5, 0.25, 0.12} {
		for range 3 {
			moved := false
			for i := range 8 {
				for _, d := range [2]float64{step * module, -step * module} {
					old := q[i/2][i%2]
					q[i/2][i%2] += d
					if s := v.frameScore(q, n); s > score {
						score, moved = s, true
						break
					}
					q[i/2][i%2] = old
				}
			}
			if !moved {
				break
			}
		}
	}
}

func (v *view) decodeGrid(q *quad, n int) (string, bool) {
	bits, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return "", false
	}
	for i := range n * n {
		if v.module(q, n, i%n, i/n) > 0 {
			bits.Set(i%n, i/n)
		}
	}
	text, err := contained(func() (string, error) {
		got, err := decoder.NewDecoder().Decode(bits)
		if err != nil {
			return "", err
		}
		return got.GetText(), nil
	})
	return text, err == nil && text != ""
}

// readQR leaves finding the corners to gozxing.
func (v *view) readQR() (quadCode, bool) {
	bits, err := gozxing.NewSquareBitMatrix(v.side)
	if err != nil {
		return quadCode{}, false
	}
	for i, c := range v.contrast {
		if c > 0 {
			bits.Set(i%v.side, i/v.side)
		}
	}
	got, err := contained(func() (*gozxing.Result, error) {
		image, err := gozxing.NewBinaryBitmap(bitmap{bits})
		if err != nil {
			return nil, err
		}
		return qrcode.NewQRCodeReader().Decode(image, nil)
	})
	if err != nil || got.GetText() == "" {
		return quadCode{}, false
	}
	b := v.bounds
	return quadCode{QR, got.GetText(), v.onPage(quad{{b[0], b[1]}, {b[2], b[1]}, {b[2], b[3]}, {b[0], b[3]}})}, true
}

// onPage takes a quad from the view to the page.
func (v *view) onPage(q quad) quad {
	var out quad
	for i, c := range q {
		out[i][0], out[i][1] = v.frame.point(c[0]/float64(v.side), c[1]/float64(v.side))
	}
	return out
}
