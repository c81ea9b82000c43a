package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/assets/fonts"
	"espero-soft.com/printroom/vault/journal"
)

// MaxPDFRows bounds the table of a PDF: who needs more takes CSV or JSON.
const MaxPDFRows = 5000

// The page, ISO 216 A4, in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 16.0
	inner      = pageWidth - 2*margin
	rowHeight  = 5.4
	tableEnd   = pageHeight - 20
)

// Keys lists the words that a PDF needs, besides "action.", "outcome.",
// "rule." and "conclusion." with each code of the journal's.
func Keys() []string {
	return []string{"report.title", "report.log", "report.made", "report.by", "report.period", "report.person",
		"report.letter", "report.action", "report.all", "report.unusual", "report.only", "report.station",
		"report.chain", "report.chain.whole", "report.chain.tail", "report.chain.broken", "report.seal",
		"report.countersigned", "report.never", "report.entries", "report.later", "report.hour", "report.day",
		"report.month", "report.accesses", "report.findings", "report.time", "report.pages", "report.object", "report.outcome",
		"report.open", "report.damaged", "report.concluded", "report.none", "report.more", "report.note"}
}

type sheet struct {
	*gofpdf.Fpdf
	c    Content
	page int
	of   int
}

// writePDF draws the report: what it is of, the journal's state, the picture,
// the table.
func writePDF(w io.Writer, c Content) (int64, error) {
	rows, more, err := gather(c)
	if err != nil {
		return 0, err
	}
	if c.Words == nil {
		c.Words = func(key string) string { return key }
	}
	s := newSheet(c)
	first := s.open(len(rows))
	s.footer()
	y := s.table(rows, first)
	if len(rows) == 0 {
		s.say("", 9, 110, margin, first+6, c.Words("report.none"))
	}
	if more {
		s.say("", 9, 110, margin, y+6, c.Words("report.more"))
	}
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return 0, err
	}
	_, err = w.Write(out.Bytes())
	return int64(len(rows)), err
}

// gather takes the rows that the table has room for.
func gather(c Content) (rows []journal.Row, more bool, err error) {
	for row, err := range c.Rows {
		if err != nil {
			return nil, false, err
		}
		if len(rows) == MaxPDFRows {
			return rows, true, nil
		}
		rows = append(rows, row)
	}
	return rows, false, nil
}

func newSheet(c Content) *sheet {
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(c.Made)
	pdf.SetModificationDate(c.Made)
	pdf.SetCatalogSort(true)
	pdf.SetProducer("Bjet24 Print Room", false)
	pdf.SetTitle(c.Words("report.title"), true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	// gofpdf writes to the bytes it is given.
	pdf.AddUTF8FontFromBytes("plex", "", slices.Clone(fonts.Regular))
	pdf.AddUTF8FontFromBytes("plex", "B", slices.Clone(fonts.SemiBold))
	return &sheet{Fpdf: pdf, c: c}
}

// say writes a line in a style, size in points and grey level at a baseline.
func (s *sheet) say(style string, size float64, grey int, x, y float64, text string) {
	s.SetFont("plex", style, size)
	s.SetTextColor(grey, grey, grey)
	s.Text(x, y, printable(text))
}

func (s *sheet) sayRight(style string, size float64, grey int, x, y float64, text string) {
	s.SetFont("plex", style, size)
	s.say(style, size, grey, x-s.GetStringWidth(printable(text)), y, text)
}

// fit cuts a text to a width, in the font that is set.
func (s *sheet) fit(text string, width float64) string {
	text = printable(text)
	if s.GetStringWidth(text) <= width {
		return text
	}
	r := []rune(text)
	for len(r) > 0 && s.GetStringWidth(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// printable replaces what gofpdf can't draw.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff || unicode.IsControl(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, text)
}

// open draws the first page down to its table and tells where that begins.
func (s *sheet) open(rows int) float64 {
	c := s.c
	s.AddPage()
	s.page = 1
	s.say("B", 9, 110, margin, 17, "Bjet24 Print Room")
	s.say("B", 20, 0, margin, 27, c.Words("report.title"))
	y := s.facts(36)
	y = s.states(y + 3)
	y = s.picture(y + 9)
	s.of = pages(rows, y+10)
	return y + 10
}

// facts say what the report is of, in two columns.
func (s *sheet) facts(y float64) float64 {
	c, f := s.c, s.c.Filter
	all := c.Words("report.all")
	period := s.moment(f.From, "…") + " – " + s.moment(f.To, "…")
	if f.From.IsZero() && f.To.IsZero() {
		period = all
	}
	action := all
	if f.Action != "" {
		action = c.Words("action." + string(f.Action))
	}
	unusual := all
	if f.Unusual {
		unusual = c.Words("report.only")
	}
	lines := [][2]string{
		{"report.log", c.Log}, {"report.period", period},
		{"report.made", s.moment(c.Made, "")}, {"report.person", s.person(f.Actor, all)},
		{"report.by", s.person(c.By, c.Words("report.station"))}, {"report.letter", or(f.Object, all)},
		{"report.unusual", unusual}, {"report.action", action},
	}
	for i, line := range lines {
		x, top := margin+float64(i%2)*inner/2, y+float64(i/2)*5.6
		s.say("", 8.5, 110, x, top, c.Words(line[0]))
		s.SetFont("plex", "B", 8.5)
		s.say("B", 8.5, 0, x+26, top, s.fit(line[1], inner/2-28))
	}
	return y + float64((len(lines)+1)/2)*5.6
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// person names a filter's or an entry's actor.
func (s *sheet) person(actor, nobody string) string {
	if actor == journal.TheStation {
		return s.c.Words("report.station")
	}
	return or(actor, nobody)
}

// moment is a time on paper: day and time in the report's zone.
func (s *sheet) moment(at time.Time, none string) string {
	if at.IsZero() {
		return none
	}
	return at.In(s.c.Zone).Format("2006-01-02 15:04:05")
}

// states tell of the chain, the station's signature and central's.
func (s *sheet) states(y float64) float64 {
	c, st := s.c, s.c.Status
	entries := func(n int64) string { return strconv.FormatInt(n, 10) + " " + c.Words("report.entries") }
	chain, good, when := c.Words("report.chain.whole"), true, s.moment(st.VerifiedAt, "")
	switch {
	case st.Broken != nil:
		chain, good, when = c.Words("report.chain.broken"), false, st.Broken.Error()
	case st.VerifiedAt.IsZero():
		chain = c.Words("report.chain.tail")
	default:
		chain += ", " + entries(st.Verified)
	}
	later := ""
	if n := st.Entries - st.Sealed; n > 0 {
		later = " (" + strconv.FormatInt(n, 10) + " " + c.Words("report.later") + ")"
	}
	boxes := []struct {
		name, what, when string
		good             bool
	}{
		{"report.chain", chain, when, good},
		{"report.seal", s.upTo(entries, st.Signed, st.SignedAt), s.moment(st.SignedAt, ""), !st.SignedAt.IsZero()},
		{"report.countersigned", s.upTo(entries, st.Sealed, st.SealedAt) + later, s.moment(st.SealedAt, ""), !st.SealedAt.IsZero()},
	}
	width := (inner - 8) / 3
	for i, b := range boxes {
		x := margin + float64(i)*(width+4)
		s.SetFillColor(27, 104, 58)
		if !b.good {
			s.SetFillColor(179, 32, 27)
		}
		s.Rect(x, y, 1.1, 15, "F")
		s.say("", 8, 110, x+4, y+3.6, c.Words(b.name))
		s.SetFont("plex", "B", 8.5)
		s.say("B", 8.5, 0, x+4, y+8.6, s.fit(b.what, width-5))
		s.SetFont("plex", "", 8)
		s.say("", 8, 60, x+4, y+13.4, s.fit(b.when, width-5))
	}
	return y + 15
}

func (s *sheet) upTo(entries func(int64) string, n int64, at time.Time) string {
	if at.IsZero() {
		return s.c.Words("report.never")
	}
	return entries(n)
}

// footer stands on every page.
func (s *sheet) footer() {
	s.SetDrawColor(215, 215, 215)
	s.SetLineWidth(0.15)
	s.Line(margin, pageHeight-14, pageWidth-margin, pageHeight-14)
	s.say("", 7.5, 110, margin, pageHeight-9.6, s.c.Words("report.note"))
	s.sayRight("", 7.5, 110, pageWidth-margin, pageHeight-9.6, fmt.Sprintf("%d / %d", s.page, s.of))
}
