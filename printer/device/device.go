// Package device holds what the printing protocols share: what a printer can
// do, what it is asked to do, and the states it reports. It does no I/O and
// knows no protocol; the words are those of RFC 8011 and PWG 5100.x.
package device

import "time"

// Document formats the print room sends.
const (
	FormatPWGRaster = "image/pwg-raster"
	FormatPDF       = "application/pdf"
)

// Sides keywords, RFC 8011 section 5.2.8.
const (
	OneSided          = "one-sided"
	TwoSidedLongEdge  = "two-sided-long-edge"
	TwoSidedShortEdge = "two-sided-short-edge"
)

// PWG Raster types, PWG 5102.4 section 4.2.
const (
	Gray8 = "sgray_8"
	RGB8  = "srgb_8"
)

// Capabilities is what a printer says of itself. Lists keep the printer's
// order but for DPI, which ascends; strings are safe to show.
type Capabilities struct {
	UUID         string   // "urn:uuid:…", empty when the printer has none
	MakeAndModel string   // for people
	Formats      []string // MIME media types
	DPI          []int    // square resolutions, dots per inch
	RasterTypes  []string // PWG Raster types; empty when it takes no PWG Raster
	RasterBack   string   // pwg-raster-document-sheet-back; empty when unsaid
	Colour       bool
	ColourModes  []string // print-color-mode keywords
	Sides        []string // sides keywords
	Media        []string // PWG 5101.1 names
	MediaReady   []string // names loaded now, may be empty
	Sizes        []Size   // sizes it takes, also where it has no name for them
	Scaling      []string // print-scaling keywords; empty when it never scales or does not say
	Mandatory    bool     // takes job-mandatory-attributes (PWG 5100.7)
	Validates    bool     // has Validate-Job
}

// Ticket is what one job asks for. One copy, never scaled.
type Ticket struct {
	Name        string // the attempt code; nothing else of a letter reaches a printer's job list
	Media       string // PWG 5101.1, as "iso_a4_210x297mm"
	Duplex      bool   // flipped on the long edge
	Colour      bool
	DPI         int
	Impressions int // sides to be marked; 0 when not known
}

// SidesKeyword is the sides value the ticket asks for.
func (t Ticket) SidesKeyword() string {
	if t.Duplex {
		return TwoSidedLongEdge
	}
	return OneSided
}

// ColourKeyword is the print-color-mode value the ticket asks for.
func (t Ticket) ColourKeyword() string {
	if t.Colour {
		return "color"
	}
	return "monochrome"
}

// JobStatus is one job as the printer sees it.
type JobStatus struct {
	ID          int
	Name        string
	State       JobState
	Reasons     []string // job-state-reasons keywords without "none", safe to show
	Impressions int      // completed; -1 when the printer does not say
}

// Status is one look at the printer.
type Status struct {
	UUID string
	// Epoch is when the printer started, by our clock: now less its up-time.
	// It moves by up to two seconds between looks; more is a restart, after
	// which job numbers mean other jobs. Zero when the printer does not say.
	Epoch     time.Time
	State     PrinterState
	Reasons   []string // codes of this package, worst first
	Accepting bool     // takes new jobs
}

// SameEpoch reports whether two looks fell into one uptime of the printer.
// A look without an up-time is in no epoch.
func SameEpoch(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return false
	}
	return a.Sub(b).Abs() <= epochSlack
}

// epochSlack covers an up-time in whole seconds and the way of the answer.
const epochSlack = 2 * time.Second
