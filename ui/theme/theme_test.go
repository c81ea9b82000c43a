package theme

import (
	"image/color"
	"math"
	"testing"
)

// pairs are the colours that are read on one another.
func pairs() [][2]Colour {
	return [][2]Colour{
		{Text, Ground}, {Text, Surface}, {Text, Raised}, {Text, Hover}, {Text, AccentSoft},
		{Text, WarnSoft}, {Text, DangerSoft}, {Text, GoodSoft},
		{Muted, Ground}, {Muted, Surface}, {Muted, Raised}, {Muted, Hover}, {Muted, AccentSoft},
		{Faint, Surface}, {Faint, Raised},
		{Accent, Ground}, {Accent, Surface}, {Accent, Raised}, {Accent, AccentSoft}, {OnAccent, Accent},
		{Good, Surface}, {Good, GoodSoft}, {Warn, Surface}, {Warn, WarnSoft}, {Warn, Ground},
		{Danger, Surface}, {Danger, Ground}, {Danger, DangerSoft}, {OnDanger, Danger},
		{Warn, AccentSoft}, {Danger, AccentSoft}, {Warn, Hover}, {Danger, Hover}, {Ink, Paper},
	}
}

// TestContrast holds every text to the 4.5:1 of WCAG 2.1, success criterion
// 1.4.3, in both palettes.
func TestContrast(t *testing.T) {
	for name, p := range map[string]palette{"light": lightPalette(), "dark": darkPalette()} {
		for _, pair := range pairs() {
			if got := contrast(p[pair[0]], p[pair[1]]); got < 4.5 {
				t.Errorf("%s: colour %d on %d has a contrast of %.2f", name, pair[0], pair[1], got)
			}
		}
		if got := contrast(p[Edge], p[Surface]); got < 2.9 {
			t.Errorf("%s: an edge has a contrast of %.2f", name, got)
		}
	}
}

func TestEveryColourIsSet(t *testing.T) {
	for name, p := range map[string]palette{"light": lightPalette(), "dark": darkPalette()} {
		for c := range p {
			if p[c].A != 0xff {
				t.Errorf("%s: colour %d is not set", name, c)
			}
		}
	}
}

func TestTextSizeStaysInRange(t *testing.T) {
	for asked, want := range map[int]float32{0: 14, 100: 14, 150: 21, 200: 28, 900: 28} {
		if got := New(Look{TextSize: asked}, nil).Grow(Body); got != want {
			t.Errorf("text at %d %% is %v pixels, want %v", asked, got, want)
		}
	}
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}
