package receipt

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// plane is an image of grey levels, 0 being black.
type plane struct {
	pix    []byte
	w, h   int
	stride int
	origin image.Point // where the plane's 0, 0 lies in the image it came from
}

// toPlane takes the luminance of an image, without a copy where it is there as
// bytes already.
func toPlane(img image.Image) plane {
	b := img.Bounds()
	p := plane{w: b.Dx(), h: b.Dy(), origin: b.Min}
	if b.Empty() {
		return plane{}
	}
	switch src := img.(type) {
	case *image.Gray:
		p.pix, p.stride = src.Pix[src.PixOffset(b.Min.X, b.Min.Y):], src.Stride
	case *image.YCbCr:
		p.pix, p.stride = src.Y[src.YOffset(b.Min.X, b.Min.Y):], src.YStride
	case *image.RGBA:
		p.fill(src.Pix[src.PixOffset(b.Min.X, b.Min.Y):], src.Stride)
	default:
		flat := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
		draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(flat, flat.Rect, img, b.Min, draw.Over)
		p.fill(flat.Pix, flat.Stride)
	}
	return p
}

func (p *plane) fill(rgba []byte, stride int) {
	p.pix, p.stride = make([]byte, p.w*p.h), p.w
	for y := range p.h {
		row := rgba[y*stride:]
		for x := range p.w {
			p.pix[y*p.w+x] = byte((int(row[4*x])*19595 + int(row[4*x+1])*38470 + int(row[4*x+2])*7471 + 1<<15) >> 16)
		}
	}
}

// crop is a part of the plane that shares its pixels.
func (p plane) crop(r image.Rectangle) plane {
	r = r.Sub(p.origin).Intersect(image.Rect(0, 0, p.w, p.h))
	if r.Empty() {
		return plane{}
	}
	return plane{pix: p.pix[r.Min.Y*p.stride+r.Min.X:], w: r.Dx(), h: r.Dy(), stride: p.stride, origin: r.Min.Add(p.origin)}
}

// reduced averages squares of n × n pixels.
func (p plane) reduced(n int) plane {
	if n <= 1 {
		return p
	}
	out := plane{w: p.w / n, h: p.h / n, stride: p.w / n}
	out.pix = make([]byte, out.w*out.h)
	sums := make([]uint32, out.w)
	area := uint32(n * n)
	for y := range out.h {
		clear(sums)
		for dy := range n {
			row := p.pix[(y*n+dy)*p.stride:]
			row = row[:out.w*n]
			if n == 2 {
				for x := range sums {
					sums[x] += uint32(row[2*x]) + uint32(row[2*x+1])
				}
				continue
			}
			for x := range sums {
				for _, v := range row[x*n : x*n+n] {
					sums[x] += uint32(v)
				}
			}
		}
		for x, v := range sums {
			out.pix[y*out.w+x] = byte(v / area)
		}
	}
	return out
}

// at interpolates between pixels; outside it is white.
func (p plane) at(x, y float64) float64 {
	x -= 0.5
	y -= 0.5
	if !(x >= 0 && y >= 0 && x < float64(p.w-1) && y < float64(p.h-1)) {
		return 255
	}
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	i := iy*p.stride + ix
	top := float64(p.pix[i])*(1-fx) + float64(p.pix[i+1])*fx
	i += p.stride
	low := float64(p.pix[i])*(1-fx) + float64(p.pix[i+1])*fx
	return top*(1-fy) + low*fy
}

// quad is four corners in order around a shape.
type quad [4][2]float64

// upright is the rectangle around a middle, turned by angle (radians).
func upright(cx, cy, w, h, angle float64) quad {
	sin, cos := math.Sincos(angle)
	var q quad
	for i, c := range [4][2]float64{{-w / 2, -h / 2}, {w / 2, -h / 2}, {w / 2, h / 2}, {-w / 2, h / 2}} {
		q[i] = [2]float64{cx + c[0]*cos - c[1]*sin, cy + c[0]*sin + c[1]*cos}
	}
	return q
}

// point maps the unit square onto the quad.
func (q *quad) point(u, v float64) (x, y float64) {
	a, b, c, d := (1-u)*(1-v), u*(1-v), u*v, (1-u)*v
	return a*q[0][0] + b*q[1][0] + c*q[2][0] + d*q[3][0], a*q[0][1] + b*q[1][1] + c*q[2][1] + d*q[3][1]
}

func (q quad) middle() (x, y float64) { return q.point(0.5, 0.5) }

func (q quad) contains(x, y float64) bool {
	side := 0
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		if (b[0]-a[0])*(y-a[1])-(b[1]-a[1])*(x-a[0]) > 0 {
			side++
		}
	}
	return side == 0 || side == 4
}

func (q quad) points(origin image.Point) [4]image.Point {
	var out [4]image.Point
	for i, c := range q {
		out[i] = image.Pt(int(math.Round(c[0])), int(math.Round(c[1]))).Add(origin)
	}
	return out
}
