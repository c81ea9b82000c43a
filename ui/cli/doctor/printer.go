package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
)

const a4 = "iso_a4_210x297mm" // PWG 5101.1

// printer asks the settings' own printer what it is and what it can do. A
// letter in colour is no must: a printer without colour prints the others.
func (e *exam) printer(ctx context.Context) {
	set := e.settings.Printer
	p, err := ipp.Dial(ipp.Config{URI: set.URI, Pin: set.Pin, Timeout: e.Patience})
	if err != nil {
		e.bad(Printer, err)
		return
	}
	can, err := p.Describe(ctx)
	if err != nil {
		e.bad(Printer, err)
		return
	}
	if strings.HasPrefix(set.URI, "ipps:") {
		e.say(Printer, OK, can.MakeAndModel+", its certificate is the pinned one")
	} else {
		e.say(Printer, Warn, can.MakeAndModel+", not encrypted: "+set.URI)
	}
	e.abilities(can)
	status, err := p.Status(ctx)
	switch {
	case err != nil:
		e.fail(Uptime, Warn, err)
	case status.Epoch.IsZero():
		e.say(Uptime, Warn, "the printer does not say since when it is up")
	default:
		e.say(Uptime, OK, "up since "+status.Epoch.UTC().Format(time.RFC3339))
	}
}

// abilities are judged as they are before a letter is printed.
func (e *exam) abilities(can device.Capabilities) {
	_, err := can.Plan(device.Ticket{Media: a4})
	about := &device.UnsupportedError{}
	switch {
	case errors.As(err, &about) && (about.Attribute == "media" || about.Attribute == "print-scaling"):
		e.say(Formats, OK, resolutions(can))
		e.bad(Sheet, err)
		return
	case err != nil:
		e.bad(Formats, err)
		return
	}
	e.say(Formats, OK, resolutions(can))
	if _, err := can.Plan(device.Ticket{Media: a4, Duplex: true}); err != nil {
		e.fail(Sheet, Warn, fmt.Errorf("letters paid in duplex can't be printed: %w", err))
		return
	}
	sheet := "A4, both sides"
	if _, err := can.Plan(device.Ticket{Media: a4, Duplex: true, Colour: true}); err == nil {
		sheet += ", colour"
	}
	e.say(Sheet, OK, sheet)
}

func resolutions(can device.Capabilities) string {
	return fmt.Sprintf("%s at %v dpi", device.FormatPWGRaster, can.DPI)
}
