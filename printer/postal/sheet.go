package postal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxSheets bounds the sheets of one letter; a letter of 2 kg has fewer.
const MaxSheets = 999

// SheetCode names one sheet of one attempt. The carrier page is sheet 1. Its
// text stands in a DataMatrix on each sheet: "B24:7K3M9QX2B4TZQ:1/3".
type SheetCode struct {
	Attempt AttemptCode
	Sheet   int // from 1
	Sheets  int
}

// ErrSheetCode is wrapped by every refusal of a sheet code.
var ErrSheetCode = errors.New("not a sheet code")

const sheetPrefix = "B24:"

// String is the code's text, as [ParseSheetCode] reads it.
func (c SheetCode) String() string {
	return sheetPrefix + string(c.Attempt) + ":" + strconv.Itoa(c.Sheet) + "/" + strconv.Itoa(c.Sheets)
}

// Validate reports what makes the code unfit for printing.
func (c SheetCode) Validate() error {
	again, err := ParseSheetCode(c.String())
	if err != nil {
		return err
	}
	if again != c {
		return fmt.Errorf("%w: attempt not in its canonical form", ErrSheetCode)
	}
	return nil
}

// ParseSheetCode reads a scanned code. It is strict: what it accepts is exactly
// what [SheetCode.String] writes.
func ParseSheetCode(s string) (SheetCode, error) {
	if len(s) > maxCodeInput {
		return SheetCode{}, fmt.Errorf("%w: %d characters", ErrSheetCode, len(s))
	}
	rest, ok := strings.CutPrefix(s, sheetPrefix)
	attempt, count, colon := strings.Cut(rest, ":")
	sheet, sheets, slash := strings.Cut(count, "/")
	if !ok || !colon || !slash {
		return SheetCode{}, fmt.Errorf("%w: not of the form B24:attempt:sheet/sheets", ErrSheetCode)
	}
	code, err := ParseAttemptCode(attempt)
	if err != nil {
		return SheetCode{}, fmt.Errorf("%w: %w", ErrSheetCode, err)
	}
	n, errN := strconv.Atoi(sheet)
	m, errM := strconv.Atoi(sheets)
	if errN != nil || errM != nil || n < 1 || m < n || m > MaxSheets {
		return SheetCode{}, fmt.Errorf("%w: sheet count", ErrSheetCode)
	}
	c := SheetCode{Attempt: code, Sheet: n, Sheets: m}
	if c.String() != s {
		return SheetCode{}, fmt.Errorf("%w: not in its canonical form", ErrSheetCode)
	}
	return c, nil
}

// Sheets is how many sheets of paper pages take; 0 for no or negative pages.
func Sheets(pages int, duplex bool) int {
	if pages <= 0 {
		return 0
	}
	if duplex {
		return pages/2 + pages%2
	}
	return pages
}
