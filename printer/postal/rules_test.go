package postal

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	data "espero-soft.com/printroom/assets/postal"
)

func tables(t testing.TB) *Tables {
	t.Helper()
	got, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCheckAddress(t *testing.T) {
	const street = "Rue de la Loi 16 bte 3"
	long := strings.Repeat("é", 51)
	for _, c := range []struct {
		name    string
		lines   []string
		country string
		want    []AddressError
	}{
		{"domestic", []string{"Anne Dubois", street, "1000 Bruxelles"}, "BE", nil},
		{"fifty accents", []string{strings.Repeat("é", 50), street, "1000 Bruxelles"}, "BE", nil},
		{"long line", []string{long, street, "1000 Bruxelles"}, "BE", []AddressError{{LineTooLong, 0, 51, 50}}},
		{"country line", []string{"Anne Dubois", street, "1000 Bruxelles", "België"}, "BE", []AddressError{{Code: CountryLineExtra, Line: 3}}},
		{"no postcode", []string{"Anne Dubois", street, "Bruxelles"}, "BE", []AddressError{{Code: PostcodeMissing, Line: 2}}},
		{"postcode 0", []string{"Anne Dubois", street, "0100 Bruxelles"}, "BE", []AddressError{{Code: PostcodeMissing, Line: 2}}},
		{"no place", []string{"Anne Dubois", street, "1000 "}, "BE", []AddressError{{Code: PostcodeMissing, Line: 2}}},
		{"two lines", []string{"Anne", "1000 Bruxelles"}, "BE", []AddressError{{AddressTooShort, -1, 2, 3}}},
		{"seven lines", []string{"a", "b", "c", "d", "e", "f", "1000 Bruxelles"}, "BE", []AddressError{{AddressTooLong, -1, 7, 6}}},
		{"empty line", []string{"Anne", " ", "1000 Bruxelles"}, "BE", []AddressError{{Code: LineEmpty, Line: 1}}},
		{"control", []string{"Anne\x07", street, "1000 Bruxelles"}, "BE", []AddressError{{Code: LineUnprintable, Line: 0}}},
		{"foreign", []string{"Anne Dubois", "12 rue X", "75001 PARIS", "FRANCE"}, "FR", nil},
		{"foreign, 7 lines", []string{"a", "b", "c", "d", "e", "75001 PARIS", "FRANCE"}, "FR", nil},
		{"small letters", []string{"Anne Dubois", "12 rue X", "75001 Paris", "FRANCE"}, "FR", []AddressError{{Code: NotCapitals, Line: 2}}},
		{"code for country", []string{"Anne Dubois", "12 rue X", "75001 PARIS", "FR"}, "FR", []AddressError{{Code: CountryNotInFull, Line: 3}}},
		{"no country", []string{"Anne Dubois", "12 rue X", "75001 PARIS"}, "FR", []AddressError{{Code: CountryLineMissing, Line: 2}}},
		{"bad code", []string{"Anne Dubois", "12 rue X", "75001 PARIS", "FRANCE"}, "fr", []AddressError{{Code: CountryUnknown, Line: -1}}},
	} {
		if d := cmp.Diff(c.want, CheckAddress(c.lines, c.country)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestWeight(t *testing.T) {
	for w, want := range map[Grams]Grams{0: 100, 100: 100, 100.1: 350, 2000: 2000} {
		if got, ok := tables(t).Weight.Step(w); !ok || got != want {
			t.Errorf("step of %v g is %v, %v; want %v", w, got, ok, want)
		}
	}
	if _, ok := tables(t).Weight.Step(2001); ok {
		t.Error("2001 g has a step")
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		w, h, thick float64
		weight      Grams
		want        string
	}{
		{229, 114, 1, 20, "normalised"},
		{114, 229, 1, 20, "normalised"},
		{237, 127, 1, 20, "normalised"},
		{237.1, 127, 1, 20, "letter"},
		{162, 229, 1, 20, "letter"}, // C5 is not normalised
		{229, 114, 1, 51, "letter"},
		{229, 114, 6, 20, "letter"},
		{350, 230, 30, 2000, "letter"},
		{351, 230, 30, 2000, ""},
		{229, 324, 31, 100, ""},
		{229, 324, 3, 2001, ""},
	} {
		got, err := tables(t).Format(c.w, c.h, c.thick, c.weight)
		if got.Name != c.want || (c.want == "") != errors.Is(err, ErrParcel) {
			t.Errorf("Format(%v) = %q, %v", c, got.Name, err)
		}
	}
}

// The default profiles keep bpost's clear zones and hold a full address.
func TestDefaultEnvelopes(t *testing.T) {
	limits := tables(t).Address
	for _, name := range []string{"c56", "c5", "c4"} {
		e, err := tables(t).Envelope(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Verified {
			t.Errorf("%s: nobody verified this profile", name)
		}
		if e.Width-e.Window.Right() < limits.ClearRight || e.Height-e.Window.Bottom() < limits.ClearBelow {
			t.Errorf("%s: window %v is too near the edge", name, e.Window)
		}
		if e.Window.Width > limits.BlockWidth || e.Window.Height > limits.BlockHeight {
			t.Errorf("%s: window is larger than an address block", name)
		}
		if franking := (Rect{X: e.Width - 74, Width: 74, Height: 40}); franking.Overlaps(e.Window) {
			t.Errorf("%s: the window lies in the franking zone", name)
		}
		if !e.EverSeen().Contains(e.AlwaysSeen()) {
			t.Errorf("%s: always seen %v is not within ever seen %v", name, e.AlwaysSeen(), e.EverSeen())
		}
	}
	if _, err := tables(t).Envelope("c7"); !errors.Is(err, ErrEnvelope) {
		t.Errorf("unknown envelope: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range [][2]string{
		{"as_of = 2026-11-22", ""},
		{"line_characters = 50", "line_characters = 0"},
		{"line_characters = 50", "line_chars = 50"},
		{`source = "bipt"`, `source = "hearsay"`},
		{`name = "c5"`, `name = "c56"`},
		{"x = 94.0, y = 40.0", "x = 150.0, y = 40.0"},
		{"x = 94.0, y = 40.0", "x = nan, y = 40.0"},
		{"panel = [210.0, 99.0]", "panel = [210.0, 150.0]"},
		{"folds = [99.0, 198.0]", "folds = [198.0, 99.0]"},
		{"cents = 163", "cents = -1"},
		{`product = "priority"`, `product = "express"`},
	} {
		text := string(data.Belgium)
		broken := strings.Replace(text, c[0], c[1], 1)
		if broken == text {
			t.Fatalf("%q is not in the table", c[0])
		}
		if _, err := Parse([]byte(broken)); err == nil {
			t.Errorf("the table with %q is accepted", c[1])
		}
	}
}

func TestProducts(t *testing.T) {
	for _, p := range Products() {
		if got, err := ParseProduct(string(p)); err != nil || got != p {
			t.Errorf("ParseProduct(%q) = %q, %v", p, got, err)
		}
	}
	if _, err := ParseProduct("Registered"); !errors.Is(err, ErrProduct) {
		t.Errorf("capitals: %v", err)
	}
	if !Registered.NeedsNumber() || International.NeedsNumber() {
		t.Error("only registered letters need a number")
	}
}

func FuzzCheckAddress(f *testing.F) {
	f.Add("Anne\nRue 1\n1000 Bruxelles", "BE")
	f.Add("Anne\nRue 1\nPARIS\nFRANCE", "FR")
	f.Fuzz(func(t *testing.T, text, country string) {
		lines := strings.Split(text, "\n")
		for _, e := range CheckAddress(lines, country) {
			if e.Code == "" || e.Line < -1 || e.Line >= len(lines) {
				t.Fatalf("finding %+v", e)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(data.Belgium)
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := Parse(text); err == nil && len(got.Envelopes) == 0 {
			t.Fatal("a table without envelopes")
		}
	})
}
