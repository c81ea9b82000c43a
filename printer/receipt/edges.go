package receipt

import (
	"cmp"
	"math"
	"slices"
)

// block is the side, in pixels of the reduced image, of the squares over which
// gradients are summed.
const block = 4

// tensor sums gradients: xx, yy and xy are second moments; re and im are the
// fourth harmonic, which points the same way for edges at right angles.
type tensor struct{ xx, yy, xy, re, im float64 }

func (t *tensor) add(o *tensor) {
	t.xx += o.xx
	t.yy += o.yy
	t.xy += o.xy
	t.re += o.re
	t.im += o.im
}

func (t *tensor) energy() float64 { return t.xx + t.yy }

// coherence is 1 where all edges run one way, 0 where they run all ways.
func (t *tensor) coherence() float64 {
	return math.Hypot(t.xx-t.yy, 2*t.xy) / (t.energy() + 1e-9)
}

// across is the direction in which the grey level changes most.
func (t *tensor) across() float64 { return math.Atan2(2*t.xy, t.xx-t.yy) / 2 }

// squareness is 1 where all edges run one way or at right angles to it.
func (t *tensor) squareness() float64 { return math.Hypot(t.re, t.im) / (t.energy() + 1e-9) }

// edgeMap holds the tensors of all blocks of an image.
type edgeMap struct {
	cells []tensor
	w, h  int
	floor float64 // energy above which a cell is more than noise
}

// scharr is the square of what Scharr's kernel multiplies a slope by. A plain
// difference would turn the angle of a matrix code's edges by up to 4 degrees.
const scharr = 16 * 16

func edges(p plane) edgeMap {
	m := edgeMap{w: max(p.w-2, 0) / block, h: max(p.h-2, 0) / block}
	m.cells = make([]tensor, m.w*m.h)
	for y := range m.h * block {
		above := p.pix[y*p.stride:][:p.w]
		row := p.pix[(y+1)*p.stride:][:p.w]
		below := p.pix[(y+2)*p.stride:][:p.w]
		cells := m.cells[y/block*m.w:][:m.w]
		for c := range cells {
			t := &cells[c]
			for x := c*block + 1; x <= c*block+block; x++ {
				falls, rises := int(below[x+1])-int(above[x-1]), int(above[x+1])-int(below[x-1])
				gx := 10*(int(row[x+1])-int(row[x-1])) + 3*(falls+rises)
				gy := 10*(int(below[x])-int(above[x])) + 3*(falls-rises)
				xx, yy, xy := gx*gx, gy*gy, gx*gy
				if xx+yy < 16*scharr {
					continue
				}
				t.xx += float64(xx)
				t.yy += float64(yy)
				t.xy += float64(xy)
				// (gx + i gy)⁴ / |g|²
				d, e := float64(xx-yy), float64(2*xy)
				n := float64(xx + yy)
				t.re += (d*d - e*e) / n
				t.im += 2 * d * e / n
			}
		}
	}
	m.floor = m.threshold()
	return m
}

// threshold tells edges from noise: some times the energy of the quieter cells,
// but never more than a share of the strongest.
func (m edgeMap) threshold() float64 {
	if len(m.cells) == 0 {
		return 0
	}
	sample := make([]float64, 0, 4096)
	for i := 0; i < len(m.cells); i += len(m.cells)/4096 + 1 {
		sample = append(sample, m.cells[i].energy())
	}
	slices.Sort(sample)
	quiet, strong := sample[len(sample)/5], sample[len(sample)*99/100]
	const least = block * block * 80 * scharr
	return max(least, min(4*quiet, strong/5))
}

// region is a part of the page that may be a code. Lengths are in pixels.
type region struct {
	cx, cy        float64
	width, height float64 // along angle and across it
	angle         float64 // radians
	rank          float64
}

func (r *region) scale(f float64) {
	r.cx, r.cy, r.width, r.height = r.cx*f, r.cy*f, r.width*f, r.height*f
}

// Regions looked at in one pass, best first.
const maxRegions = 48

func best(regions []region) []region {
	slices.SortStableFunc(regions, func(a, b region) int { return cmp.Compare(b.rank, a.rank) })
	return regions[:min(len(regions), maxRegions)]
}

// cluster is a set of neighbouring cells.
type cluster struct {
	cells []int
	sum   tensor
}

// clusters groups cells that are on and at most reach apart and which join
// allows to be together.
func clusters(w, h int, cells []tensor, on []bool, reach int, join func(a, b *tensor) bool) []cluster {
	var out []cluster
	seen := make([]bool, len(on))
	for start := range on {
		if !on[start] || seen[start] {
			continue
		}
		seen[start] = true
		c := cluster{cells: []int{start}}
		for i := 0; i < len(c.cells); i++ {
			at := c.cells[i]
			c.sum.add(&cells[at])
			x, y := at%w, at/w
			for ny := max(y-reach, 0); ny <= min(y+reach, h-1); ny++ {
				for nx := max(x-reach, 0); nx <= min(x+reach, w-1); nx++ {
					if n := ny*w + nx; on[n] && !seen[n] && join(&cells[at], &cells[n]) {
						seen[n] = true
						c.cells = append(c.cells, n)
					}
				}
			}
		}
		out = append(out, c)
	}
	return out
}

// extent measures a cluster along and across an angle; side is a cell's, in
// pixels.
func (c *cluster) extent(w int, side, angle float64) region {
	sin, cos := math.Sincos(angle)
	lowU, lowV := math.Inf(1), math.Inf(1)
	highU, highV := math.Inf(-1), math.Inf(-1)
	for _, at := range c.cells {
		x, y := (float64(at%w)+0.5)*side+1, (float64(at/w)+0.5)*side+1
		u, v := x*cos+y*sin, y*cos-x*sin
		lowU, highU = min(lowU, u), max(highU, u)
		lowV, highV = min(lowV, v), max(highV, v)
	}
	u, v := (lowU+highU)/2, (lowV+highV)/2
	return region{cx: u*cos - v*sin, cy: u*sin + v*cos, width: highU - lowU + side, height: highV - lowV + side, angle: angle}
}

// squares finds what may be a matrix code: a compact cluster whose edges run
// two ways at right angles.
func (m edgeMap) squares() []region {
	on := make([]bool, len(m.cells))
	for i := range m.cells {
		on[i] = m.cells[i].energy() > m.floor
	}
	var out []region
	for _, c := range clusters(m.w, m.h, m.cells, on, 1, func(_, _ *tensor) bool { return true }) {
		if len(c.cells) < 9 || c.sum.coherence() > 0.6 || c.sum.squareness() < 0.2 {
			continue
		}
		r := c.extent(m.w, block, math.Atan2(c.sum.im, c.sum.re)/4)
		fill := float64(len(c.cells)) * block * block / (r.width * r.height)
		if ratio := r.width / r.height; ratio < 0.6 || ratio > 1.7 || fill < 0.4 {
			continue
		}
		r.rank = c.sum.squareness() * fill * math.Sqrt(float64(len(c.cells)))
		out = append(out, r)
	}
	return best(out)
}

// strips finds what may be a linear code: a cluster of cells whose edges all
// run one way.
func (m edgeMap) strips() []region {
	w, h := m.w/2, m.h/2
	cells := make([]tensor, w*h)
	on := make([]bool, w*h)
	for i := range cells {
		x, y := i%w*2, i/w*2
		for _, at := range [4]int{y*m.w + x, y*m.w + x + 1, (y+1)*m.w + x, (y+1)*m.w + x + 1} {
			cells[i].add(&m.cells[at])
		}
		on[i] = cells[i].energy() > 4*m.floor && cells[i].coherence() > 0.55
	}
	alike := func(a, b *tensor) bool {
		turn := math.Abs(math.Remainder(a.across()-b.across(), math.Pi))
		return turn < 0.35
	}
	var out []region
	for _, c := range clusters(w, h, cells, on, 2, alike) {
		if len(c.cells) < 6 || c.sum.coherence() < 0.6 {
			continue
		}
		r := c.extent(w, 2*block, c.sum.across())
		if r.width < 40 || r.height < 6 {
			continue
		}
		r.rank = c.sum.coherence() * float64(len(c.cells))
		out = append(out, r)
	}
	return best(out)
}
