package virtual

import (
	"fmt"
	"strings"

	"espero-soft.com/printroom/printer/device"
)

// attributes is ippeveprinter's description of the printer (its option -a);
// what it does not say ippeveprinter adds by itself.
func (o Options) attributes() (string, error) {
	var b strings.Builder
	attr := func(syntax, name string, values ...string) {
		fmt.Fprintf(&b, "ATTR %s %s %s\n", syntax, name, strings.Join(values, ","))
	}
	sides, modes, types := []string{device.OneSided}, []string{"monochrome"}, []string{device.Gray8}
	if o.Duplex {
		sides = append(sides, device.TwoSidedLongEdge, device.TwoSidedShortEdge)
	}
	if o.Colour {
		modes, types = append(modes, "color", "auto"), append(types, device.RGB8)
	}
	attr("text", "printer-make-and-model", `"Bjet24 Virtual Printer"`)
	attr("boolean", "color-supported", fmt.Sprint(o.Colour))
	attr("keyword", "sides-default", device.OneSided)
	attr("keyword", "sides-supported", sides...)
	attr("keyword", "print-color-mode-default", modes[0])
	attr("keyword", "print-color-mode-supported", modes...)
	attr("keyword", "print-scaling-default", "auto")
	attr("keyword", "print-scaling-supported", "auto", "fit", "none")
	attr("integer", "copies-default", "1")
	attr("rangeOfInteger", "copies-supported", "1-99")
	attr("resolution", "printer-resolution-default", o.resolutions()[0])
	attr("resolution", "printer-resolution-supported", o.resolutions()...)
	attr("resolution", "pwg-raster-document-resolution-supported", o.resolutions()...)
	attr("keyword", "pwg-raster-document-type-supported", types...)
	attr("keyword", "pwg-raster-document-sheet-back", o.SheetBack)
	attr("keyword", "media-default", o.Media[0])
	attr("keyword", "media-ready", o.Media[0])
	attr("keyword", "media-supported", o.Media...)
	if o.Mandatory {
		attr("keyword", "job-mandatory-attributes-supported", "media", "sides", "print-color-mode", "print-scaling", "copies", "printer-resolution")
	}
	sizes := make([]string, len(o.Media))
	for i, name := range o.Media {
		size, err := device.ParseMedia(name)
		if err != nil {
			return "", err
		}
		sizes[i] = fmt.Sprintf("{ MEMBER integer x-dimension %d MEMBER integer y-dimension %d }", size.Width, size.Length)
	}
	attr("collection", "media-size-supported", sizes...)
	loaded := fmt.Sprintf("{ MEMBER collection media-size %s MEMBER keyword media-size-name %s MEMBER keyword media-source main MEMBER keyword media-type stationery }", sizes[0], o.Media[0])
	attr("collection", "media-col-default", loaded)
	attr("collection", "media-col-ready", loaded)
	return b.String(), nil
}

func (o Options) resolutions() []string {
	names := make([]string, len(o.DPI))
	for i, dpi := range o.DPI {
		names[i] = fmt.Sprintf("%ddpi", dpi)
	}
	return names
}
