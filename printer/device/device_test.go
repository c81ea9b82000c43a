package device

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func office() Capabilities {
	return Capabilities{
		Formats:     []string{FormatPWGRaster},
		DPI:         []int{300, 600},
		RasterTypes: []string{Gray8, RGB8},
		Colour:      true,
		Sides:       []string{OneSided, TwoSidedLongEdge},
		Media:       []string{"iso_a4_210x297mm"},
	}
}

func TestPlanChoosesResolution(t *testing.T) {
	for _, c := range []struct {
		have []int
		want int
	}{
		{[]int{600, 300}, 300},
		{[]int{1200, 600}, 600},
		{[]int{200, 360, 720}, 360},
		{[]int{100, 200}, 200},
	} {
		printer := office()
		printer.DPI = c.have
		got, err := printer.Plan(Ticket{Media: "iso_a4_210x297mm"})
		if err != nil || got.DPI != c.want {
			t.Errorf("of %v: %d, %v; want %d", c.have, got.DPI, err, c.want)
		}
	}
}

func TestPlanRefusesRatherThanSubstitutes(t *testing.T) {
	a4 := Ticket{Media: "iso_a4_210x297mm", Duplex: true, Colour: true}
	for attribute, change := range map[string]func(*Capabilities){
		"document-format":          func(c *Capabilities) { c.Formats = []string{FormatPDF} },
		"pwg-raster-document-type": func(c *Capabilities) { c.RasterTypes = []string{Gray8} },
		"print-color-mode":         func(c *Capabilities) { c.Colour = false },
		"sides":                    func(c *Capabilities) { c.Sides = []string{OneSided, TwoSidedShortEdge} },
		"media":                    func(c *Capabilities) { c.Media = []string{"na_letter_8.5x11in"} },
		"print-scaling":            func(c *Capabilities) { c.Scaling = []string{"fit", "fill"} },
		"printer-resolution":       func(c *Capabilities) { c.DPI = nil },
	} {
		printer := office()
		change(&printer)
		_, err := printer.Plan(a4)
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Attribute != attribute {
			t.Errorf("%s: %v", attribute, err)
		}
	}
	if got, err := office().Plan(a4); err != nil || got.DPI != 300 {
		t.Errorf("a capable printer: %+v, %v", got, err)
	}
}

func TestReasons(t *testing.T) {
	got := Reasons([]string{"none", "toner-low-warning", "cover-open-error", "media-empty-report",
		"media-jam", "door-open", "x-vendor-thing", "media-empty-warning"})
	want := []string{MediaJam, MediaEmpty, DoorOpen, TonerLow, OtherReason}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if NeedsPerson(TonerLow) || !NeedsPerson(MediaJam) {
		t.Error("a jam needs a person, low toner does not yet")
	}
}

func TestSameEpoch(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for shift, want := range map[time.Duration]bool{0: true, 2 * time.Second: true, -2 * time.Second: true, 3 * time.Second: false} {
		if got := SameEpoch(start, start.Add(shift)); got != want {
			t.Errorf("shift %v: %v", shift, got)
		}
	}
	if SameEpoch(time.Time{}, time.Time{}) {
		t.Error("a printer that does not say when it started is never the same")
	}
}

func TestParseMedia(t *testing.T) {
	for name, want := range map[string]Size{
		"iso_a4_210x297mm":         {21000, 29700},
		"na_letter_8.5x11in":       {21590, 27940},
		"na_number-10_4.125x9.5in": {10478, 24130},
	} {
		if got, err := ParseMedia(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "a4", "iso_a4_210mm", "x_-1x5mm", "x_0x0mm", "x_1e99x1mm", "x_NaNxNaNmm", "iso_a4_210x297"} {
		if got, err := ParseMedia(name); err == nil {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestPlanTakesMediaBySize(t *testing.T) {
	printer := office()
	printer.Media, printer.Sizes = nil, []Size{{21000, 29700}}
	if _, err := printer.Plan(Ticket{Media: "iso_a4_210x297mm"}); err != nil {
		t.Error(err)
	}
}
