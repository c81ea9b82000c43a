// Package report writes a selection of the access journal for people outside
// the station: CSV for a spreadsheet, JSON for a program, PDF for a file. It
// holds pseudonyms and codes, as the journal does; who a pseudonym is stays at
// central. docs/journal.md, "Reports", is the format.
package report

import (
	"fmt"
	"io"
	"iter"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// Format is a kind of report, a code and a file's ending.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	JSON Format = "json"
	PDF  Format = "pdf"
)

// Formats lists the formats in the order in which they are offered.
func Formats() []Format { return []Format{PDF, CSV, JSON} }

// Content is what a report tells. Every field but Words is for all formats.
type Content struct {
	Log    string // the log's origin
	Made   time.Time
	By     string // who asked for it, a pseudonym
	Filter journal.Filter
	Status journal.Status
	Start  journal.Start  // where the log begins
	Hours  []journal.Hour // what Journal.Hours gives for the filter
	Zone   *time.Location // that times on paper are in; nil is UTC
	// Rows are the accesses, oldest first.
	Rows iter.Seq2[journal.Row, error]
	// Words gives the words of the PDF by key; see Keys.
	Words func(key string) string
}

// Write writes the report and tells how many accesses are in it. The same
// content gives the same bytes.
func Write(w io.Writer, f Format, c Content) (accesses int64, err error) {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	switch f {
	case CSV:
		accesses, err = writeCSV(w, c)
	case JSON:
		accesses, err = writeJSON(w, c)
	case PDF:
		accesses, err = writePDF(w, c)
	default:
		err = fmt.Errorf("no format called %q", f)
	}
	if err != nil {
		return 0, fmt.Errorf("journal report: %w", err)
	}
	return accesses, nil
}

// stamp is a time as CSV and JSON have it; "" for none.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
