package mail

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/assets/fonts"
)

const family = "plex"

// password opens the encrypted letter; nobody in the room knows it.
const password = "not in this room"

// draw makes the letter's PDF, defects included.
func (l *Letter) draw(r *rand.Rand, v voice, canary string) error {
	if l.Defect == Corrupt {
		noise := make([]byte, 4096)
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		l.PDF = append([]byte("%PDF-1.7\n"), noise...)
		return nil
	}
	pages := l.Pages
	if l.Defect == PageCount {
		pages += 2
	}
	p := paper{newPDF(), r, v, l.accent()}
	if l.Defect == Encrypted {
		p.SetProtection(gofpdf.CnProtectPrint, password, password)
	}
	for i := range pages {
		p.AddPage()
		y := 30.0
		if i == 0 {
			y = p.head(l, canary)
		}
		end := 262.0
		if i == pages-1 {
			end = 150 + 60*r.Float64()
		}
		p.body(y, end, i == pages-1)
		p.foot(i+1, pages)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return fmt.Errorf("drawing: %w", err)
	}
	l.PDF = out.Bytes()
	if l.Defect == CheckDigit {
		l.Tracking = wrongDigit(r.IntN(1_000_000))
	}
	if !l.Annotated || l.Defect == Encrypted {
		l.Annotated = false
		return nil
	}
	annotated, err := annotate(l.PDF, reference(r), v.received)
	if err != nil {
		return err
	}
	l.PDF = annotated
	return nil
}

func newPDF() *gofpdf.Fpdf {
	pdf := gofpdf.New("P", "mm", "A4", "")
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day)
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(25, 20, 25)
	pdf.SetCellMargin(0)
	pdf.AddUTF8FontFromBytes(family, "", slices.Clone(fonts.Regular))
	pdf.AddUTF8FontFromBytes(family, "B", slices.Clone(fonts.SemiBold))
	return pdf
}

// accent is the letterhead's colour, grey on letters paid for in grey.
func (l *Letter) accent() [3]int {
	if l.Colour {
		return [3]int{20, 92, 128}
	}
	return [3]int{70, 70, 70}
}

// paper is a letter being drawn.
type paper struct {
	*gofpdf.Fpdf
	r      *rand.Rand
	v      voice
	accent [3]int
}

// head draws the first page down to the greeting and returns where to go on.
func (p paper) head(l *Letter, canary string) float64 {
	p.SetFillColor(p.accent[0], p.accent[1], p.accent[2])
	p.Rect(25, 18, 160, 1.2, "F")
	p.SetFont(family, "B", 13)
	p.SetTextColor(p.accent[0], p.accent[1], p.accent[2])
	p.Text(25, 27, l.Return[0])
	p.SetFont(family, "", 8.5)
	p.Text(25, 32, strings.Join(l.Return[1:], " · "))
	p.SetTextColor(0, 0, 0)
	p.SetFont(family, "", 10.5)
	for i, line := range l.Recipient {
		p.Text(115, 52+5*float64(i), line)
	}
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, p.r.IntN(300))
	p.Text(25, 84, day.Format("2006-01-02"))
	p.SetFont(family, "B", 11.5)
	p.Text(25, 95, fmt.Sprintf(pick(p.r, p.v.subject), reference(p.r)))
	p.SetFont(family, "", 10.5)
	p.Text(25, 105, p.v.greeting)
	y := 110.0
	if canary != "" {
		p.Text(25, y+3, canary)
		y += 8
	}
	return y
}

// body fills the page from y to end.
func (p paper) body(y, end float64, last bool) {
	p.SetFont(family, "", 10.5)
	p.SetXY(25, y)
	for p.GetY() < end-25 {
		if p.r.IntN(6) == 0 {
			p.table()
		}
		p.MultiCell(160, 5.2, p.v.paragraph(p.r), "", "L", false)
		p.SetY(p.GetY() + 3.2)
	}
	if last {
		p.SetY(p.GetY() + 4)
		p.MultiCell(160, 5.2, p.v.closing, "", "L", false)
		p.SetFont(family, "B", 10.5)
		p.Text(25, p.GetY()+18, p.v.person(p.r))
	}
}

// table is a few rows of amounts.
func (p paper) table() {
	p.SetDrawColor(190, 190, 190)
	for range 2 + p.r.IntN(4) {
		p.CellFormat(120, 6, reference(p.r), "B", 0, "L", false, 0, "")
		p.CellFormat(40, 6, fmt.Sprintf("%d,%02d €", p.r.IntN(5000), p.r.IntN(100)), "B", 1, "R", false, 0, "")
	}
	p.SetY(p.GetY() + 4)
}

func (p paper) foot(page, pages int) {
	p.SetFont(family, "", 8)
	p.SetTextColor(110, 110, 110)
	p.Text(25, 285, fmt.Sprintf(p.v.page, page, pages))
	p.SetTextColor(0, 0, 0)
}
