// Package letter draws what the room itself puts on paper: the carrier page
// with the address, the mark of each sheet, and the deposit slip. The same
// input gives the same bytes, so that what was previewed is what is printed.
package letter

import (
	"bytes"
	"fmt"
	"slices"
	"time"
	"unicode"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font/sfnt"

	"espero-soft.com/printroom/assets/fonts"
)

// Sizes of the page in millimetres (ISO 216 A4) and of a point.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 20.0
	point      = 25.4 / 72
)

// Styles of the type family as gofpdf names them; its bold slot holds the
// semi-bold face.
const (
	regular  = ""
	semiBold = "B"
	family   = "plex"
)

// Reason says why text cannot be put on paper as it is.
type Reason string

// Reasons of [LineError].
const (
	TooMany     Reason = "too_many_lines" // or too few: none
	TooWide     Reason = "too_wide"
	Unencodable Reason = "unencodable" // a character the type family cannot draw
)

// LineError refuses text instead of cutting it. It holds no word of the text,
// so it may be logged.
type LineError struct {
	Block  string // "recipient", "return", "room"
	Line   int    // from 0; -1 is the whole block
	Reason Reason
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s, line %d: %s", e.Block, e.Line+1, e.Reason)
}

// sheet is a document being drawn, in millimetres from the top left.
type sheet struct {
	*gofpdf.Fpdf
}

// newSheet starts a document whose bytes depend on what is drawn alone.
func newSheet(styles ...string) sheet {
	pdf := gofpdf.New("P", "mm", "A4", "")
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(epoch)
	pdf.SetModificationDate(epoch)
	pdf.SetCatalogSort(true)
	pdf.SetProducer("Bjet24 Print Room", false)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	for _, style := range styles {
		// gofpdf writes to the bytes it is given.
		pdf.AddUTF8FontFromBytes(family, style, slices.Clone(face(style)))
	}
	return sheet{pdf}
}

func face(style string) []byte {
	if style == semiBold {
		return fonts.SemiBold
	}
	return fonts.Regular
}

// font selects a style and a size in points.
func (s sheet) font(style string, size float64) { s.SetFont(family, style, size) }

// grey sets text, fill and line colour to one level, 0 being black.
func (s sheet) grey(level int) {
	s.SetTextColor(level, level, level)
	s.SetFillColor(level, level, level)
	s.SetDrawColor(level, level, level)
}

// textRight writes text that ends at x.
func (s sheet) textRight(x, y float64, text string) { s.Text(x-s.GetStringWidth(text), y, text) }

// bytes ends the document.
func (s sheet) bytes() ([]byte, error) {
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return nil, fmt.Errorf("drawing a page: %w", err)
	}
	return out.Bytes(), nil
}

// checkText finds the first line with a character that the regular face lacks.
// Combining marks are refused too: without shaping they would land beside
// their letter.
func checkText(block string, lines []string) error {
	f, err := sfnt.Parse(fonts.Regular)
	if err != nil {
		return fmt.Errorf("type family: %w", err)
	}
	var buf sfnt.Buffer
	for i, line := range lines {
		for _, r := range line {
			glyph, err := f.GlyphIndex(&buf, r)
			if err != nil || glyph == 0 || r == unicode.ReplacementChar || r > 0xffff || unicode.IsMark(r) || unicode.IsControl(r) {
				return &LineError{Block: block, Line: i, Reason: Unencodable}
			}
		}
	}
	return nil
}
