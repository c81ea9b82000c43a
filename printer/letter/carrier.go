package letter

import (
	"fmt"
	"math"
	"strconv"

	"espero-soft.com/printroom/printer/postal"
)

// CarrierData is what stands on a carrier page. Country is the recipient's ISO
// 3166-1 alpha-2 code. Sheets counts all sheets of the envelope, the carrier
// among them; the carrier is sheet 1.
type CarrierData struct {
	Attempt   postal.AttemptCode
	Product   postal.Product
	Recipient []string
	Country   string
	Return    []string
	Sheets    int
	Envelope  postal.Envelope
}

// Address type is set between these sizes in points; bpost's readers want print
// that is neither smaller nor larger.
const (
	largestType  = 11.0
	smallestType = 8.0
	leading      = 1.22 // of the size
	maxReturn    = 7
)

// Carrier draws the page that carries the address: PDF, A4, one page. Inside
// what the envelope's window can ever show stands the address and nothing else.
// Text that does not fit is a *[LineError], never cut.
func Carrier(d CarrierData) ([]byte, error) {
	code := postal.SheetCode{Attempt: d.Attempt, Sheet: 1, Sheets: d.Sheets}
	if err := d.validate(code); err != nil {
		return nil, err
	}
	rows, err := matrix(code.String())
	if err != nil {
		return nil, err
	}
	s := newSheet(regular, semiBold)
	s.AddPage()
	if err := s.address(d); err != nil {
		return nil, err
	}
	s.brand(margin, 16)
	if err := s.contents(d); err != nil {
		return nil, err
	}
	s.foldMarks(d.Envelope.Folds)
	s.matrixAt(MarkX, MarkY, MarkModule, rows)
	s.grey(70)
	s.font(regular, 7.5)
	side := MarkX + float64(len(rows)+quiet)*MarkModule + 1.5
	s.Text(side, MarkY+float64(len(rows))*MarkModule-3.3, d.Attempt.Grouped())
	s.Text(side, MarkY+float64(len(rows))*MarkModule, "1 / "+strconv.Itoa(d.Sheets))
	return s.bytes()
}

func (d CarrierData) validate(code postal.SheetCode) error {
	if err := code.Validate(); err != nil {
		return err
	}
	if _, err := postal.ParseProduct(string(d.Product)); err != nil {
		return err
	}
	if err := d.Envelope.Validate(); err != nil {
		return err
	}
	zone := d.Envelope.EverSeen()
	if body := bodyTop(d.Envelope); zone.Overlaps(MarkZone()) || zone.Y < 20 || body > 180 {
		return fmt.Errorf("%w %.40q: its window leaves no room for the rest of the page", postal.ErrEnvelope, d.Envelope.Name)
	}
	if n := len(d.Recipient); n == 0 || n > 7 || d.Country == postal.Belgium && n > 6 {
		return &LineError{Block: "recipient", Line: -1, Reason: TooMany}
	}
	if len(d.Return) > maxReturn {
		return &LineError{Block: "return", Line: -1, Reason: TooMany}
	}
	if err := checkText("recipient", d.Recipient); err != nil {
		return err
	}
	return checkText("return", d.Return)
}

// address sets the recipient in the largest type that fits into what the window
// always shows, at its left, in the middle of its height.
func (s sheet) address(d CarrierData) error {
	const padding = 1.5
	zone := d.Envelope.AlwaysSeen()
	room := zone.Width - 2*padding
	size := largestType
	for ; size >= smallestType; size -= 0.25 {
		if float64(len(d.Recipient))*size*leading*point <= zone.Height-padding && s.widest(d.Recipient, size) <= room {
			break
		}
	}
	if size < smallestType {
		s.font(regular, smallestType)
		for i, line := range d.Recipient {
			if s.GetStringWidth(line) > room {
				return &LineError{Block: "recipient", Line: i, Reason: TooWide}
			}
		}
		return &LineError{Block: "recipient", Line: -1, Reason: TooMany}
	}
	s.grey(0)
	s.font(regular, size)
	step := size * leading * point
	y := zone.Y + (zone.Height-float64(len(d.Recipient))*step)/2 + size*point*0.9
	for i, line := range d.Recipient {
		s.Text(zone.X+padding, y+float64(i)*step, line)
	}
	return nil
}

func (s sheet) widest(lines []string, size float64) float64 {
	s.font(regular, size)
	width := 0.0
	for _, line := range lines {
		width = math.Max(width, s.GetStringWidth(line))
	}
	return width
}

// brand writes the service's name.
func (s sheet) brand(x, y float64) {
	s.grey(0)
	s.font(semiBold, 13)
	s.Text(x, y, "Bjet")
	w := s.GetStringWidth("Bjet")
	s.grey(110)
	s.Text(x+w, y, "24")
	s.grey(0)
}

// bodyTop is where the page may be written on again below the window: under
// what it can show, and under the fold that follows.
func bodyTop(e postal.Envelope) float64 {
	top := e.EverSeen().Bottom()
	for _, fold := range e.Folds {
		if fold >= top {
			top = fold
			break
		}
	}
	return top + 14
}

// contents is the part below the window: the product, the sender, what is in
// the envelope.
func (s sheet) contents(d CarrierData) error {
	top := bodyTop(d.Envelope)
	w := productWords(d.Product)
	s.grey(0)
	s.font(semiBold, 21)
	s.Text(margin, top+5, w.title)
	s.grey(95)
	s.font(regular, 11)
	s.Text(margin, top+11.5, w.below)
	s.grey(200)
	s.SetLineWidth(0.25)
	s.Line(margin, top+17, pageWidth-margin, top+17)

	const right = 122.0
	y := top + 24
	if err := s.sender(d.Return, y, right-margin-6); err != nil {
		return err
	}
	s.label(right, y, wordContents)
	s.font(semiBold, 11)
	number := strconv.Itoa(d.Sheets)
	s.Text(right, y+5.6, number)
	s.font(regular, 9.5)
	s.Text(right+8, y+5.6, wordSheets(d.Sheets))
	s.label(right, y+14, wordCode)
	s.font(semiBold, 11)
	s.Text(right, y+19.6, d.Attempt.Grouped())

	s.grey(200)
	s.Line(margin, y+40, pageWidth-margin, y+40)
	for i, line := range wordFollows() {
		s.grey(60)
		s.font(regular, 9.5)
		s.Text(margin+float64(i%2)*(right-margin), y+47+float64(i/2)*5.2, line)
	}
	return nil
}

func (s sheet) sender(lines []string, y, room float64) error {
	if len(lines) == 0 {
		return nil
	}
	s.label(margin, y, wordSender)
	size := 9.5
	for size > 6.5 && s.widest(lines, size) > room {
		size -= 0.25
	}
	s.font(regular, size)
	for i, line := range lines {
		if s.GetStringWidth(line) > room {
			return &LineError{Block: "return", Line: i, Reason: TooWide}
		}
		s.Text(margin, y+5.6+float64(i)*4.3, line)
	}
	return nil
}

func (s sheet) label(x, y float64, text string) {
	s.grey(110)
	s.font(regular, 7)
	s.Text(x, y, text)
	s.grey(0)
}

// foldMarks are short hairlines at both edges, outside of any address.
func (s sheet) foldMarks(folds []float64) {
	s.grey(150)
	s.SetLineWidth(0.15)
	for _, y := range folds {
		s.Line(4.5, y, 8.5, y)
		s.Line(pageWidth-8.5, y, pageWidth-4.5, y)
	}
}
