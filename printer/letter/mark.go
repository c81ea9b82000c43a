package letter

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/boombuler/barcode/datamatrix"

	"espero-soft.com/printroom/printer/postal"
)

// The mark of a sheet: a DataMatrix whose modules are 1/50 inch, 6 pixels at
// 300 dpi, with its top left module at a fixed place near the foot of the left
// margin. Lengths in millimetres.
const (
	MarkModule = 25.4 / 50
	MarkX      = 14 * MarkModule
	MarkY      = 540 * MarkModule
	quiet      = 2 // modules kept white around it; ISO/IEC 16022 asks for 1
)

// MarkZone is where a reader looks first: the mark, its quiet zone and 3 mm of
// slip on each side.
func MarkZone() postal.Rect {
	const slip = 3
	edge := slip + quiet*MarkModule
	return postal.Rect{X: MarkX - edge, Y: MarkY - edge, Width: 26*MarkModule + 2*edge, Height: 26*MarkModule + 2*edge}
}

// matrix is a code's modules, row by row, true being black.
func matrix(text string) ([][]bool, error) {
	code, err := datamatrix.Encode(text)
	if err != nil {
		return nil, fmt.Errorf("DataMatrix of %d characters: %w", len(text), err)
	}
	size := code.Bounds()
	rows := make([][]bool, size.Dy())
	for y := range rows {
		rows[y] = make([]bool, size.Dx())
		for x := range rows[y] {
			rows[y][x] = color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128
		}
	}
	return rows, nil
}

// Mark draws a sheet's mark with its quiet zone for a page raster of dpi pixels
// an inch; at is where its top left pixel goes on an A4 page. dpi is 150 to
// 2400; modules are a whole number of pixels.
func Mark(code postal.SheetCode, dpi int) (mark *image.Gray, at image.Point, err error) {
	if dpi < 150 || dpi > 2400 {
		return nil, image.Point{}, fmt.Errorf("mark at %d dpi: not 150 to 2400", dpi)
	}
	if err := code.Validate(); err != nil {
		return nil, image.Point{}, err
	}
	rows, err := matrix(code.String())
	if err != nil {
		return nil, image.Point{}, err
	}
	module := int(math.Round(float64(dpi) / 50))
	side := (len(rows) + 2*quiet) * module
	mark = image.NewGray(image.Rect(0, 0, side, side))
	for i := range mark.Pix {
		x, y := i%side/module-quiet, i/side/module-quiet
		mark.Pix[i] = 255
		if y >= 0 && y < len(rows) && x >= 0 && x < len(rows[y]) && rows[y][x] {
			mark.Pix[i] = 0
		}
	}
	pixel := func(mm float64) int { return int(math.Round(mm / 25.4 * float64(dpi))) }
	return mark, image.Pt(pixel(MarkX)-quiet*module, pixel(MarkY)-quiet*module), nil
}

// matrixAt draws modules as black runs, so that no hairline shows between them.
func (s sheet) matrixAt(x, y, module float64, rows [][]bool) {
	s.grey(0)
	for r, row := range rows {
		for c := 0; c < len(row); c++ {
			run := c
			for run < len(row) && row[run] {
				run++
			}
			if run > c {
				s.Rect(x+float64(c)*module, y+float64(r)*module, float64(run-c)*module, module, "F")
				c = run
			}
		}
	}
}
