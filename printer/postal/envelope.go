package postal

import (
	"errors"
	"fmt"
	"math"
)

// Rect is a rectangle in millimetres; x and y are its left and top.
type Rect struct {
	X      float64 `toml:"x"`
	Y      float64 `toml:"y"`
	Width  float64 `toml:"width"`
	Height float64 `toml:"height"`
}

// Right and Bottom are the far edges.
func (r Rect) Right() float64 { return r.X + r.Width }

// Bottom is the lower edge.
func (r Rect) Bottom() float64 { return r.Y + r.Height }

// Overlaps reports whether the two share any area.
func (r Rect) Overlaps(o Rect) bool {
	return r.X < o.Right() && o.X < r.Right() && r.Y < o.Bottom() && o.Y < r.Bottom()
}

// Contains reports whether o lies wholly inside r.
func (r Rect) Contains(o Rect) bool {
	return o.X >= r.X && o.Y >= r.Y && o.Right() <= r.Right() && o.Bottom() <= r.Bottom()
}

// Envelope is a measured profile. Window counts from the left and the top of
// the front; Panel is width and height of the folded A4 page inside.
type Envelope struct {
	Name      string     `toml:"name"`
	Title     string     `toml:"title"`
	Source    string     `toml:"source"`
	Verified  bool       `toml:"verified"` // false: defaults that nobody measured
	Width     float64    `toml:"width"`
	Height    float64    `toml:"height"`
	Weight    Grams      `toml:"weight"`
	MaxSheets int        `toml:"max_sheets"`
	Folds     []float64  `toml:"folds"` // from the page's top, in millimetres
	Panel     [2]float64 `toml:"panel"`
	Window    Rect       `toml:"window"`
}

// ErrEnvelope is wrapped by refusals of a profile, and by [Tables.Envelope] for
// a name it does not know.
var ErrEnvelope = errors.New("envelope profile")

// Envelope finds a profile by name.
func (t *Tables) Envelope(name string) (Envelope, error) {
	for _, e := range t.Envelopes {
		if e.Name == name {
			return e, nil
		}
	}
	return Envelope{}, fmt.Errorf("%w: no %.40q", ErrEnvelope, name)
}

// AlwaysSeen is the part of the page that shows in the window wherever the page
// slips to inside the envelope: the address has to lie here.
func (e Envelope) AlwaysSeen() Rect {
	dx, dy := e.slack()
	return Rect{X: e.Window.X, Y: e.Window.Y, Width: e.Window.Width - dx, Height: e.Window.Height - dy}
}

// EverSeen is the part of the page that can show in the window: nothing but the
// address may lie here.
func (e Envelope) EverSeen() Rect {
	dx, dy := e.slack()
	return Rect{X: e.Window.X - dx, Y: e.Window.Y - dy, Width: e.Window.Width + dx, Height: e.Window.Height + dy}
}

func (e Envelope) slack() (dx, dy float64) { return e.Width - e.Panel[0], e.Height - e.Panel[1] }

// Validate refuses profiles that cannot be: a page that does not go in, a
// window outside the envelope, a window that does not always show 60 × 20 mm.
func (e Envelope) Validate() error {
	for _, v := range []float64{e.Width, e.Height, float64(e.Weight), e.Panel[0], e.Panel[1],
		e.Window.X, e.Window.Y, e.Window.Width, e.Window.Height} {
		if math.IsNaN(v) || v < 0 || v > 1000 {
			return fmt.Errorf("%w %.40q: a length or weight is not between 0 and 1000", ErrEnvelope, e.Name)
		}
	}
	dx, dy := e.slack()
	front := Rect{Width: e.Width, Height: e.Height}
	switch {
	case e.Name == "" || e.MaxSheets < 1:
		return fmt.Errorf("%w %.40q: no name, or holds no sheet", ErrEnvelope, e.Name)
	case dx < 0 || dy < 0 || e.Panel[0] > 210 || e.Panel[1] > 297:
		return fmt.Errorf("%w %.40q: the folded page does not go in", ErrEnvelope, e.Name)
	case !front.Contains(e.Window):
		return fmt.Errorf("%w %.40q: the window lies outside", ErrEnvelope, e.Name)
	}
	page := Rect{Width: e.Panel[0], Height: e.Panel[1]}
	if seen := e.AlwaysSeen(); seen.Width < 60 || seen.Height < 20 || !page.Contains(seen) {
		return fmt.Errorf("%w %.40q: the window does not always show 60 x 20 mm of the page", ErrEnvelope, e.Name)
	}
	last := 0.0
	for _, f := range e.Folds {
		if !(f > last && f < 297) {
			return fmt.Errorf("%w %.40q: fold lines", ErrEnvelope, e.Name)
		}
		last = f
	}
	return nil
}
