package postal

import (
	"errors"
	"fmt"
)

// Grams is a weight.
type Grams float64

// Format is a range of sizes with a name. Min and Max are long side, short
// side and thickness.
type Format struct {
	Name      string     `toml:"name"`
	Source    string     `toml:"source"`
	Verified  bool       `toml:"verified"`
	Tolerance float64    `toml:"tolerance"` // on the two sides
	Min       [3]float64 `toml:"min"`
	Max       [3]float64 `toml:"max"`
	MaxWeight Grams      `toml:"max_weight"`
}

// ErrParcel is returned for what is too large or too heavy for a letter.
var ErrParcel = errors.New("too large or too heavy for a letter: a parcel")

// Format finds the first format of the table that holds a piece: its two sides
// in any order, its thickness and weight. A piece that none holds is a parcel.
func (t *Tables) Format(width, height, thickness float64, weight Grams) (Format, error) {
	long, short := max(width, height), min(width, height)
	for _, f := range t.Formats {
		if long >= f.Min[0]-f.Tolerance && long <= f.Max[0]+f.Tolerance &&
			short >= f.Min[1]-f.Tolerance && short <= f.Max[1]+f.Tolerance &&
			thickness >= f.Min[2] && thickness <= f.Max[2] && weight <= f.MaxWeight {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("%w: %.0f x %.0f x %.1f mm, %.0f g", ErrParcel, long, short, thickness, float64(weight))
}

// Step is the price step of a weight: the smallest that holds it. false if none
// does.
func (w WeightSteps) Step(weight Grams) (Grams, bool) {
	for _, s := range w.Steps {
		if weight <= s {
			return s, true
		}
	}
	return 0, false
}
