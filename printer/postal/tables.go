package postal

import (
	"fmt"
	"sync"
	"time"

	"github.com/BurntSushi/toml"

	data "espero-soft.com/printroom/assets/postal"
)

// Tables are the dated facts. Lengths are in millimetres.
type Tables struct {
	AsOf      time.Time         `toml:"as_of"`
	Sources   map[string]string `toml:"sources"`
	Address   AddressLimits     `toml:"address"`
	Formats   []Format          `toml:"format"` // the first that fits is the one that counts
	Weight    WeightSteps       `toml:"weight"`
	Envelopes []Envelope        `toml:"envelope"`
	Tariffs   []Tariff          `toml:"tariff"`
}

// Tariff is a price that is shown, never charged.
type Tariff struct {
	Product Product `toml:"product"`
	Zone    string  `toml:"zone"` // belgium, europe, world
	Cents   int     `toml:"cents"`
	Source  string  `toml:"source"`
}

// WeightSteps are the upper bounds in grams of the price steps.
type WeightSteps struct {
	Source   string  `toml:"source"`
	Verified bool    `toml:"verified"`
	Steps    []Grams `toml:"steps"`
}

// Default is the table that came with the program. The pointer is shared:
// callers read it.
var Default = sync.OnceValues(func() (*Tables, error) { return Parse(data.Belgium) })

// Parse reads a table and refuses unknown keys, unknown sources and shapes that
// cannot be: an envelope whose window lies outside it or never shows an address.
func Parse(text []byte) (*Tables, error) {
	var t Tables
	meta, err := toml.Decode(string(text), &t)
	if err != nil {
		return nil, fmt.Errorf("postal table: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("postal table: unknown key %s", unknown[0])
	}
	if t.AsOf.IsZero() || len(t.Envelopes) == 0 || len(t.Formats) == 0 {
		return nil, fmt.Errorf("postal table: as_of, envelopes or formats missing")
	}
	if err := t.checkSources(); err != nil {
		return nil, err
	}
	if a := t.Address; a.LineCharacters <= 0 || a.LinesDomestic <= 0 || a.LinesForeign < a.LinesDomestic {
		return nil, fmt.Errorf("postal table: address limits")
	}
	seen := map[string]bool{}
	for _, e := range t.Envelopes {
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("postal table: %w", err)
		}
		if seen[e.Name] {
			return nil, fmt.Errorf("postal table: envelope %q twice", e.Name)
		}
		seen[e.Name] = true
	}
	for _, f := range t.Tariffs {
		if _, err := ParseProduct(string(f.Product)); err != nil || f.Cents <= 0 {
			return nil, fmt.Errorf("postal table: tariff of %.20q", f.Product)
		}
	}
	return &t, nil
}

func (t *Tables) checkSources() error {
	named := []string{t.Address.Source, t.Weight.Source}
	for _, f := range t.Formats {
		named = append(named, f.Source)
	}
	for _, e := range t.Envelopes {
		named = append(named, e.Source)
	}
	for _, f := range t.Tariffs {
		named = append(named, f.Source)
	}
	for _, s := range named {
		if t.Sources[s] == "" {
			return fmt.Errorf("postal table: source %.40q is not listed", s)
		}
	}
	return nil
}
