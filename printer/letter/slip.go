package letter

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/code128"

	"espero-soft.com/printroom/printer/postal"
)

// SlipData is what stands on a deposit slip: no name and no address.
type SlipData struct {
	Number string    // the slip's, 1 to 20 capitals, digits and dashes
	Date   time.Time // shown as a day, in its own location
	Room   string
	Rows   []SlipRow // in the order of the pile
}

// SlipRow is one piece; Tracking is empty where the letter has no number.
type SlipRow struct {
	Attempt  postal.AttemptCode
	Product  postal.Product
	Tracking postal.TrackingNumber
}

// MaxSlipRows bounds a deposit.
const MaxSlipRows = 5000

// Columns, heights and the module of a slip's linear codes, in millimetres. A
// module is 4 pixels at 300 dpi.
const (
	columnPiece    = margin + 10
	columnProduct  = margin + 46
	columnTracking = margin + 95
	rowPlain       = 6.4
	rowRegistered  = 15.2
	firstTable     = 92.0
	nextTable      = 34.0
	tableEnd       = 276.0
	lineModule     = 25.4 / 75
)

// Slip draws a deposit slip: PDF, A4, as many pages as the rows take. The
// number stands on every page as a DataMatrix, on the first as Code 128 too,
// and so does each tracking number. Counts are those of the rows.
func Slip(d SlipData) ([]byte, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	rows, err := matrix(d.Number)
	if err != nil {
		return nil, err
	}
	s := newSheet(regular, semiBold)
	pages := paginate(d.Rows)
	done := 0
	for i, n := range pages {
		s.AddPage()
		top := nextTable
		if i == 0 {
			if err := s.slipHead(d); err != nil {
				return nil, err
			}
			top = firstTable
		} else {
			s.brand(margin, 20)
			s.font(semiBold, 10)
			s.Text(margin+24, 20, d.Number)
		}
		s.matrixAt(pageWidth-margin-float64(len(rows))*MarkModule, 12, MarkModule, rows)
		if err := s.table(d.Rows[done:done+n], done, top); err != nil {
			return nil, err
		}
		done += n
		s.grey(110)
		s.font(regular, 8)
		s.Text(margin, 286, d.Number)
		s.textRight(pageWidth-margin, 286, fmt.Sprintf("%s %d / %d", wordPage, i+1, len(pages)))
	}
	return s.bytes()
}

func (d SlipData) validate() error {
	if len(d.Number) == 0 || len(d.Number) > 20 || strings.Trim(d.Number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return fmt.Errorf("deposit slip: its number is not 1 to 20 capitals, digits and dashes")
	}
	if len(d.Rows) == 0 || len(d.Rows) > MaxSlipRows {
		return fmt.Errorf("deposit slip: %d rows, not 1 to %d", len(d.Rows), MaxSlipRows)
	}
	for i, r := range d.Rows {
		if _, err := postal.ParseProduct(string(r.Product)); err != nil {
			return fmt.Errorf("deposit slip, row %d: %w", i+1, err)
		}
		if code, err := postal.ParseAttemptCode(string(r.Attempt)); err != nil || code != r.Attempt {
			return fmt.Errorf("deposit slip, row %d: %w", i+1, postal.ErrAttemptCode)
		}
		if r.Tracking != "" {
			if _, err := postal.ParseNumber(string(r.Tracking)); err != nil {
				return fmt.Errorf("deposit slip, row %d: %w", i+1, err)
			}
		}
	}
	return checkText("room", []string{d.Room})
}

// paginate gives the number of rows on each page.
func paginate(rows []SlipRow) []int {
	var pages []int
	y, n := firstTable, 0
	for _, r := range rows {
		if n > 0 && y+r.height() > tableEnd {
			pages = append(pages, n)
			y, n = nextTable, 0
		}
		y += r.height()
		n++
	}
	return append(pages, n)
}

func (r SlipRow) height() float64 {
	if r.Tracking != "" {
		return rowRegistered
	}
	return rowPlain
}

func (s sheet) slipHead(d SlipData) error {
	s.brand(margin, 20)
	s.font(semiBold, 17)
	s.Text(margin, 32, wordSlip)
	s.grey(95)
	s.font(regular, 10)
	s.Text(margin, 38, wordSlipToo)

	s.label(margin, 48, wordNumber)
	s.font(semiBold, 14)
	s.Text(margin, 54.5, d.Number)
	if err := s.lineCode(margin, 57.5, 9, d.Number); err != nil {
		return err
	}
	s.label(margin, 74, wordDate)
	s.font(regular, 10)
	s.Text(margin, 79, d.Date.Format("2006-01-02"))
	s.label(margin+30, 74, wordRoom)
	s.font(regular, 10)
	if s.GetStringWidth(d.Room) > 56 {
		return &LineError{Block: "room", Line: 0, Reason: TooWide}
	}
	s.Text(margin+30, 79, d.Room)
	s.counts(d.Rows, 98, 48)
	s.grey(200)
	s.SetLineWidth(0.25)
	s.Rect(pageWidth-margin-32, 46, 32, 33, "D")
	s.font(regular, 5)
	s.grey(130)
	s.Text(pageWidth-margin-30.8, 49, wordStamp)
	return nil
}

// counts lists the pieces of each product that is there, and all together.
func (s sheet) counts(rows []SlipRow, x, y float64) {
	count := map[postal.Product]int{}
	for _, r := range rows {
		count[r.Product]++
	}
	s.label(x, y, wordPieces)
	y += 6.5
	line := func(style, name string, n int) {
		s.font(style, 9)
		s.Text(x+11, y, name)
		s.textRight(x+8.5, y, strconv.Itoa(n))
		y += 4.8
	}
	line(semiBold, "", len(rows))
	for _, p := range postal.Products() {
		if count[p] > 0 {
			line(regular, shortWords(p), count[p])
		}
	}
}

func (s sheet) table(rows []SlipRow, first int, y float64) error {
	s.label(columnPiece, y-2, wordCode)
	s.label(columnTracking, y-2, wordTracking)
	s.SetLineWidth(0.15)
	for i, r := range rows {
		s.grey(215)
		s.Line(margin, y, pageWidth-margin, y)
		s.grey(110)
		s.font(regular, 8.5)
		s.textRight(margin+7, y+4.4, strconv.Itoa(first+i+1))
		s.grey(0)
		s.font(semiBold, 9)
		s.Text(columnPiece, y+4.4, r.Attempt.Grouped())
		s.font(regular, 8.5)
		s.Text(columnProduct, y+4.4, shortWords(r.Product))
		if r.Tracking != "" {
			n, err := postal.ParseNumber(string(r.Tracking))
			if err != nil {
				return err
			}
			if err := s.lineCode(columnTracking, y+1.6, 8, codeText(n)); err != nil {
				return err
			}
			s.font(regular, 8.5)
			s.Text(columnTracking, y+13.2, n.Grouped())
		}
		y += r.height()
	}
	s.grey(215)
	s.Line(margin, y, pageWidth-margin, y)
	return nil
}

// codeText is a number as its code holds it: a national one is GS1-128, which
// starts with FNC1.
func codeText(n postal.Number) string {
	if n.Kind == postal.National {
		return string(code128.FNC1) + string(n.Text)
	}
	return string(n.Text)
}

// lineCode draws Code 128 with its first bar at x.
func (s sheet) lineCode(x, y, height float64, text string) error {
	code, err := code128.Encode(text)
	if err != nil {
		return fmt.Errorf("a Code 128 of %d characters: %w", len(text), err)
	}
	row := make([]bool, code.Bounds().Dx())
	for i := range row {
		row[i] = color.GrayModel.Convert(code.At(i, 0)).(color.Gray).Y < 128
	}
	s.grey(0)
	for i := 0; i < len(row); i++ {
		run := i
		for run < len(row) && row[run] {
			run++
		}
		if run > i {
			s.Rect(x+float64(i)*lineModule, y, float64(run-i)*lineModule, height, "F")
			i = run
		}
	}
	return nil
}
