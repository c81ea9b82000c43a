package station

import (
	"image/color"
	"testing"

	"pgregory.net/rapid"

	"espero-soft.com/printroom/printer/render"
)

// TestReduceIsTheAverage compares with the definition, dot by dot: mostly white
// pages as letters are, widths that are no multiple of anything.
func TestReduceIsTheAverage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := render.Page{
			Width: rapid.IntRange(3, 90).Draw(t, "width"), Height: rapid.IntRange(3, 12).Draw(t, "height"),
			Colour: rapid.Bool().Draw(t, "colour"),
		}
		channels := 1
		if p.Colour {
			channels = 3
		}
		p.Pix = make([]byte, p.Width*p.Height*channels)
		for i := range p.Pix {
			p.Pix[i] = 0xff
		}
		for range rapid.IntRange(0, 40).Draw(t, "marks") {
			p.Pix[rapid.IntRange(0, len(p.Pix)-1).Draw(t, "place")] = rapid.Byte().Draw(t, "level")
		}
		got := Reduce(p)
		b := got.Bounds()
		if b.Dx() != p.Width/3 || b.Dy() != p.Height/3 {
			t.Fatalf("%v from %d×%d", b, p.Width, p.Height)
		}
		for y := range b.Dy() {
			for x := range b.Dx() {
				want := [3]int{}
				for i := range 9 {
					for c := range channels {
						want[c] += int(p.Pix[((3*y+i/3)*p.Width+3*x+i%3)*channels+c])
					}
				}
				have := color.RGBAModel.Convert(got.At(x, y)).(color.RGBA)
				for c, v := range [3]uint8{have.R, have.G, have.B} {
					if exact := (want[min(c, channels-1)] + 4) / 9; int(v) != exact {
						t.Fatalf("dot %d,%d channel %d is %d, want %d", x, y, c, v, exact)
					}
				}
				if have.A != 0xff {
					t.Fatalf("dot %d,%d is transparent", x, y)
				}
			}
		}
	})
}

func BenchmarkReduce(b *testing.B) {
	p := render.Page{Width: 2480, Height: 3508, Pix: make([]byte, 2480*3508)}
	for i := range p.Pix {
		p.Pix[i] = 0xff
		if i/2480%50 < 20 && i%2480 > 300 && i%7 < 3 && i%2480 < 2100 {
			p.Pix[i] = 0
		}
	}
	for b.Loop() {
		Reduce(p)
	}
}
