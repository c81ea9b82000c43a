package ipp

import (
	"context"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/device"
)

// describeAttributes are all that capabilities and tickets need; without the
// media database, which some printers take seconds to send.
var describeAttributes = []string{
	"printer-uuid", "printer-make-and-model", "document-format-supported", "printer-resolution-supported",
	"pwg-raster-document-resolution-supported", "pwg-raster-document-type-supported", "pwg-raster-document-sheet-back",
	"color-supported", "print-color-mode-supported", "sides-supported", "media-supported", "media-ready",
	"media-size-supported", "print-scaling-supported", "copies-supported", "which-jobs-supported",
	"operations-supported", "job-creation-attributes-supported",
}

var statusAttributes = []string{
	"printer-uuid", "printer-up-time", "printer-state", "printer-state-reasons", "printer-is-accepting-jobs",
}

// features is what a description says beyond capabilities: which attributes
// this printer can be asked for.
type features struct {
	device.Capabilities
	resolutions []int // of printer-resolution; a raster says its own
	whichJobs   []string
	copies      bool
	creation    []string // job-creation-attributes-supported
}

// Describe asks what the printer can do. The client remembers it for tickets.
func (c *Client) Describe(ctx context.Context) (device.Capabilities, error) {
	answer, err := c.call(ctx, opGetPrinterAttributes, c.printerTarget(requested(describeAttributes...)), nil, nil)
	if err != nil {
		return device.Capabilities{}, err
	}
	f := readFeatures(answer.Group(TagPrinter))
	c.mu.Lock()
	c.features = f
	c.mu.Unlock()
	return f.Capabilities, nil
}

// known is what Describe found last; it asks when nothing is known yet.
func (c *Client) known(ctx context.Context) (*features, error) {
	c.mu.Lock()
	f := c.features
	c.mu.Unlock()
	if f != nil {
		return f, nil
	}
	if _, err := c.Describe(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.features, nil
}

func readFeatures(g Group) *features {
	f := &features{
		resolutions: squareDPI(g.Values("printer-resolution-supported")),
		whichJobs:   g.texts("which-jobs-supported"),
		copies:      len(g.Values("copies-supported")) > 0,
		creation:    g.texts("job-creation-attributes-supported"),
	}
	f.Capabilities = device.Capabilities{
		UUID:         Shown(g.text("printer-uuid")),
		MakeAndModel: Shown(g.text("printer-make-and-model")),
		Formats:      g.shown("document-format-supported"),
		DPI:          squareDPI(g.Values("pwg-raster-document-resolution-supported")),
		RasterTypes:  g.shown("pwg-raster-document-type-supported"),
		RasterBack:   Shown(g.text("pwg-raster-document-sheet-back")),
		Colour:       g.truth("color-supported"),
		ColourModes:  g.shown("print-color-mode-supported"),
		Sides:        g.shown("sides-supported"),
		Media:        g.shown("media-supported"),
		MediaReady:   g.shown("media-ready"),
		Sizes:        mediaSizes(g.Values("media-size-supported")),
		Scaling:      g.shown("print-scaling-supported"),
		Mandatory:    slices.Contains(f.creation, "job-mandatory-attributes"),
		Validates:    hasOperation(g, opValidateJob),
	}
	if len(f.DPI) == 0 {
		f.DPI = f.resolutions
	}
	return f
}

// squareDPI are the square resolutions, ascending.
func squareDPI(values []Value) []int {
	var dpi []int
	for _, v := range values {
		if r, ok := v.(Resolution); ok {
			if d, ok := r.DPI(); ok {
				dpi = append(dpi, d)
			}
		}
	}
	slices.Sort(dpi)
	return slices.Compact(dpi)
}

// mediaSizes are the fixed sizes of media-size-supported; ranges for custom
// sizes are left out.
func mediaSizes(values []Value) []device.Size {
	var sizes []device.Size
	for _, v := range values {
		c, _ := v.(Collection)
		width, okWidth := numberOf(c.Member("x-dimension"))
		length, okLength := numberOf(c.Member("y-dimension"))
		if okWidth && okLength && width > 0 && length > 0 {
			sizes = append(sizes, device.Size{Width: width, Length: length})
		}
	}
	return sizes
}

func hasOperation(g Group, op int) bool {
	return slices.ContainsFunc(g.Values("operations-supported"), func(v Value) bool {
		n, ok := numberOf(v)
		return ok && n == op
	})
}

// statusOf reads a look at the printer, which answered at the time now.
func statusOf(g Group, now time.Time) (device.Status, error) {
	s := device.Status{
		UUID:      Shown(g.text("printer-uuid")),
		Reasons:   device.Reasons(g.shown("printer-state-reasons")),
		Accepting: g.truth("printer-is-accepting-jobs"),
	}
	state, ok := g.number("printer-state")
	if s.State = device.PrinterState(state); !ok || !s.State.Valid() {
		return s, malformed("printer in state %d", state)
	}
	if up, ok := g.number("printer-up-time"); ok {
		if up < 0 {
			return s, malformed("printer up for %d seconds", up)
		}
		s.Epoch = now.Add(-time.Duration(up) * time.Second)
	}
	return s, nil
}
