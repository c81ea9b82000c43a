package letter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/postal"
)

// TestSheetData is what a test sheet says of the printer that it comes out of.
type TestSheetData struct {
	Name      string // the printer's
	Model     string
	DPI       int
	Colour    bool // colour patches too
	Duplex    bool // a back side too
	Media     string
	Date      time.Time // shown in its own location
	Code      string    // of the DataMatrix, 1 to 24 characters of ASCII
	Envelopes []postal.Envelope
}

// Where the parts of a test sheet lie, in millimetres.
const (
	testBarY     = 134.0 // the measuring bar, 100 mm long
	testGreyY    = 146.0
	testColourY  = 166.0
	testTypeY    = 192.0
	testLinesY   = 230.0
	testPatch    = 15.0 // width of a patch
	testPatchTop = 12.0 // its height
	testBar      = 100.0
)

// TestSheet draws the sheet that shows how a printer prints letters: rulers
// from the paper's edges, so that a shift or a shrunk page can be read off it,
// a bar to measure, the window of each envelope, greys, colours, small type, and
// a sheet's mark to scan. PDF, A4; with Duplex a second page whose crosses lie
// on those of the first. What the type family can't draw shows as "?".
func TestSheet(d TestSheetData) ([]byte, error) {
	if len(d.Code) == 0 || len(d.Code) > 24 || strings.ContainsFunc(d.Code, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errors.New("test sheet: its code is not 1 to 24 characters of ASCII")
	}
	s := newSheet(regular, semiBold)
	if err := s.testFront(d); err != nil {
		return nil, err
	}
	if d.Duplex {
		if err := s.testBack(d); err != nil {
			return nil, err
		}
	}
	return s.bytes()
}

func (s sheet) testFront(d TestSheetData) error {
	s.AddPage()
	s.rulers()
	s.crosses()
	s.brand(margin, 18)
	s.font(semiBold, 15)
	s.Text(margin, 29, wordTest)
	s.grey(95)
	s.font(regular, 9)
	s.Text(margin, 34, wordTestToo)
	s.testFacts(d)
	s.windows(d.Envelopes)
	s.measure()
	s.patches(d.Colour)
	s.samples()
	return s.testMark(d.Code, "1")
}

func (s sheet) testBack(d TestSheetData) error {
	s.AddPage()
	s.rulers()
	s.crosses()
	s.grey(0)
	s.font(semiBold, 15)
	s.Text(margin, 29, wordBack)
	s.grey(95)
	s.font(regular, 9)
	s.Text(margin, 34, wordBackToo)
	s.grey(0)
	s.SetLineWidth(0.6)
	s.Line(105, 60, 105, 110)
	s.Line(105, 60, 99, 70)
	s.Line(105, 60, 111, 70)
	return s.testMark(d.Code, "2")
}

// testFacts is what the printer was asked to do.
func (s sheet) testFacts(d TestSheetData) {
	sides, ink := wordOneSided, wordBlack
	if d.Duplex {
		sides = wordTwoSided
	}
	if d.Colour {
		ink = wordColour
	}
	y := 44.0
	for _, f := range [][2]string{
		{wordPrinter, d.Name}, {wordModel, d.Model}, {wordResolution, strconv.Itoa(d.DPI) + " dpi"},
		{wordPaper, d.Media}, {wordSides, sides}, {wordInk, ink}, {wordDate, d.Date.Format("2006-01-02 15:04 MST")},
	} {
		s.label(margin, y, f[0])
		s.font(semiBold, 10)
		s.Text(margin, y+4.6, s.fitted(f[1], 66))
		y += 11.5
	}
}

// fitted is a text with "?" for what can't be drawn, cut to a width in the
// current type.
func (s sheet) fitted(text string, room float64) string {
	out := []rune(text)
	for i, r := range out {
		if checkText("", []string{string(r)}) != nil {
			out[i] = '?'
		}
	}
	for len(out) > 0 && s.GetStringWidth(string(out)) > room {
		out = append(out[:len(out)-2], '…')
	}
	return string(out)
}

// windows outlines what each envelope's window always shows of the page.
func (s sheet) windows(envelopes []postal.Envelope) {
	for i, e := range envelopes {
		r := e.AlwaysSeen()
		level := 60 + 60*(i%3)
		s.grey(level)
		s.SetLineWidth(0.3)
		s.SetDashPattern([][]float64{{}, {3, 1}, {0.8, 0.8}}[i%3], 0)
		s.Rect(r.X, r.Y, r.Width, r.Height, "D")
		s.SetDashPattern([]float64{}, 0)
		s.grey(40)
		s.font(semiBold, 9)
		s.Text(r.X+2+float64(i%3)*32, r.Y+4.5, s.fitted(e.Title, 30))
	}
}

// measure is a bar of exactly 100 mm and one upright.
func (s sheet) measure() {
	s.grey(0)
	s.SetLineWidth(0.2)
	s.Line(margin, testBarY, margin+testBar, testBarY)
	for _, x := range []float64{margin, margin + testBar} {
		s.Line(x, testBarY-2.5, x, testBarY+2.5)
	}
	s.font(regular, 8)
	s.Text(margin+3, testBarY-1.4, wordMeasure)
	const x = pageWidth - margin
	s.Line(x, testBarY, x, testBarY+testBar)
	for _, y := range []float64{testBarY, testBarY + testBar} {
		s.Line(x-2.5, y, x+2.5, y)
	}
}

// patches are eleven greys and, on a printer of colours, the inks and what two
// of them make.
func (s sheet) patches(colour bool) {
	for i := range 11 {
		x := margin + float64(i)*testPatch*0.94
		level := 255 - i*255/10
		s.SetFillColor(level, level, level)
		s.SetDrawColor(150, 150, 150)
		s.SetLineWidth(0.1)
		s.Rect(x, testGreyY, testPatch*0.94, testPatchTop, "FD")
		s.grey(110)
		s.font(regular, 7)
		s.Text(x, testGreyY+testPatchTop+3.2, strconv.Itoa(i*10)+" %")
	}
	if !colour {
		return
	}
	for i, ink := range []struct {
		name    string
		r, g, b int
	}{
		{"C", 0, 174, 239}, {"M", 236, 0, 140}, {"Y", 255, 242, 0}, {"R", 237, 28, 36}, {"G", 0, 166, 81},
		{"B", 46, 49, 146}, {"C 50", 109, 207, 246}, {"M 50", 244, 154, 193}, {"Y 50", 255, 247, 153},
	} {
		x := margin + float64(i)*testPatch*0.94
		s.SetFillColor(ink.r, ink.g, ink.b)
		s.Rect(x, testColourY, testPatch*0.94, testPatchTop, "F")
		s.grey(110)
		s.font(regular, 7)
		s.Text(x, testColourY+testPatchTop+3.2, ink.name)
	}
}

// samples are the type sizes of addresses and the thinnest lines.
func (s sheet) samples() {
	y := testTypeY
	for _, size := range []float64{6, 7, 8, 9, 10, 11} {
		s.grey(110)
		s.font(regular, 6)
		s.Text(margin, y, fmt.Sprintf("%g pt", size))
		s.grey(0)
		s.font(regular, size)
		s.Text(margin+12, y, "Rue de l’Église 12 bte 4 · 1000 Bruxelles · ÄÖÜß éèçñ · 0123456789 B8 O0 Il1")
		y += 5.4
	}
	for i, width := range []float64{0.05, 0.1, 0.2, 0.3, 0.5} {
		s.grey(0)
		s.SetLineWidth(width)
		x := margin + float64(i)*32
		s.Line(x, testLinesY, x+22, testLinesY)
		s.grey(110)
		s.font(regular, 7)
		s.Text(x, testLinesY+4.4, fmt.Sprintf("%g mm", width))
	}
}

// testMark puts the code where every sheet of a letter has its own.
func (s sheet) testMark(code, side string) error {
	rows, err := matrix(code + ":" + side)
	if err != nil {
		return err
	}
	s.matrixAt(MarkX, MarkY, MarkModule, rows)
	s.grey(70)
	s.font(regular, 7.5)
	x := MarkX + float64(len(rows)+quiet)*MarkModule + 1.5
	s.Text(x, MarkY+float64(len(rows))*MarkModule-3.3, wordScan)
	s.Text(x, MarkY+float64(len(rows))*MarkModule, code+":"+side)
	return nil
}
