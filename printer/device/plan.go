package device

import (
	"fmt"
	"slices"
)

// PreferredDPI is enough for a letter's text and codes, and keeps its raster small.
const PreferredDPI = 300

// UnsupportedError tells what a printer cannot do of what a letter needs. A
// letter is never printed otherwise than paid for, so nothing is substituted.
type UnsupportedError struct {
	Attribute string   // IPP attribute name, as "sides"
	Wanted    string   // the value the letter needs
	Have      []string // what the printer offers
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("printer has no %s %s (it offers %q)", e.Attribute, e.Wanted, e.Have)
}

// Plan completes a ticket for this printer: its resolution becomes the best
// one of the printer for a letter (a resolution already set is only checked).
// Anything else the printer cannot do is an *UnsupportedError.
func (c Capabilities) Plan(t Ticket) (Ticket, error) {
	if !slices.Contains(c.Formats, FormatPWGRaster) {
		return t, &UnsupportedError{"document-format", FormatPWGRaster, c.Formats}
	}
	if _, err := c.RasterType(t.Colour); err != nil {
		return t, err
	}
	if t.Colour && !c.Colour {
		return t, &UnsupportedError{"print-color-mode", t.ColourKeyword(), c.ColourModes}
	}
	if t.Duplex && !slices.Contains(c.Sides, t.SidesKeyword()) {
		return t, &UnsupportedError{"sides", t.SidesKeyword(), c.Sides}
	}
	if !c.hasMedia(t.Media) {
		return t, &UnsupportedError{"media", t.Media, c.Media}
	}
	if len(c.Scaling) > 0 && !slices.Contains(c.Scaling, "none") {
		return t, &UnsupportedError{"print-scaling", "none", c.Scaling}
	}
	return c.planDPI(t)
}

func (c Capabilities) planDPI(t Ticket) (Ticket, error) {
	if t.DPI == 0 {
		t.DPI = chooseDPI(c.DPI)
	}
	if t.DPI == 0 || !slices.Contains(c.DPI, t.DPI) {
		return t, &UnsupportedError{"printer-resolution", fmt.Sprintf("%ddpi", max(t.DPI, PreferredDPI)), dpiNames(c.DPI)}
	}
	return t, nil
}

// hasMedia reports whether the printer takes a medium, by name or by size.
func (c Capabilities) hasMedia(name string) bool {
	if slices.Contains(c.Media, name) {
		return true
	}
	size, err := ParseMedia(name)
	return err == nil && slices.ContainsFunc(c.Sizes, size.Equal)
}

// RasterType is the PWG Raster type to send for a page.
func (c Capabilities) RasterType(colour bool) (string, error) {
	want := Gray8
	if colour {
		want = RGB8
	}
	if !slices.Contains(c.RasterTypes, want) {
		return "", &UnsupportedError{"pwg-raster-document-type", want, c.RasterTypes}
	}
	return want, nil
}

// chooseDPI takes the preferred resolution, else the nearest above it, else
// the best there is; 0 when there is none.
func chooseDPI(have []int) int {
	sorted := slices.Sorted(slices.Values(have))
	for _, dpi := range sorted {
		if dpi >= PreferredDPI {
			return dpi
		}
	}
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)-1]
}

func dpiNames(dpi []int) []string {
	names := make([]string, len(dpi))
	for i, d := range dpi {
		names[i] = fmt.Sprintf("%ddpi", d)
	}
	return names
}
