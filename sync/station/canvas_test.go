package station

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"espero-soft.com/printroom/printer/render"
)

// TestCanvas: whatever size the pages before had, a page is on its paper dot for
// dot, and the rest is white.
func TestCanvas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c canvas
		const dpi = 5
		width, height := paperDots(210, dpi), paperDots(297, dpi)
		for range rapid.IntRange(1, 4).Draw(t, "pages") {
			p := render.Page{Width: rapid.IntRange(1, width+3).Draw(t, "width"), Height: rapid.IntRange(1, height+3).Draw(t, "height"), Colour: rapid.Bool().Draw(t, "colour")}
			channels := 1
			if p.Colour {
				channels = 3
			}
			p.Pix = rapid.SliceOfN(rapid.Byte(), p.Width*p.Height*channels, p.Width*p.Height*channels).Draw(t, "pixels")
			want := make([]byte, 0, width*height*channels)
			for y := range height {
				for x := range width * channels {
					level := byte(0xff)
					if y < p.Height && x < p.Width*channels {
						level = p.Pix[y*p.Width*channels+x]
					}
					want = append(want, level)
				}
			}
			got := c.put(p, dpi)
			if got.Width != width || got.Height != height || got.Colour != p.Colour || !slices.Equal(got.Pix, want) {
				t.Fatalf("a page of %d×%d is not on the paper as it is", p.Width, p.Height)
			}
		}
	})
}
