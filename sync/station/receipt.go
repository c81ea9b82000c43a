package station

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/wire"
)

// Finding says what a code on a receipt is.
type Finding string

// The findings on a code.
const (
	FindingMatched Finding = "matched"     // a registered number of this deposit
	FindingSlip    Finding = "slip"        // this deposit's own number
	FindingForeign Finding = "not_ours"    // a valid number of no letter in this deposit
	FindingCheck   Finding = "check_digit" // a number with a wrong check digit
	FindingParcel  Finding = "parcel"      // a parcel's code
	FindingOther   Finding = "other"       // not a postal number
)

// Findings lists every finding.
func Findings() []Finding {
	return []Finding{FindingMatched, FindingSlip, FindingForeign, FindingCheck, FindingParcel, FindingOther}
}

// ReceiptCode is one code found on a receipt.
type ReceiptCode struct {
	receipt.Code
	Finding Finding
	Attempt postal.AttemptCode // of the matched letter
}

// Receipt is what was read off a receipt and kept.
type Receipt struct {
	ID      string
	Codes   []ReceiptCode
	Missing []postal.AttemptCode // registered letters whose number is not on it
}

func match(slip string, expected map[postal.TrackingNumber]postal.AttemptCode, codes []receipt.Code) Receipt {
	var r Receipt
	seen := map[postal.AttemptCode]bool{}
	for _, c := range codes {
		found := ReceiptCode{Code: c}
		found.Finding, found.Attempt = judgeCode(slip, expected, c.Text)
		seen[found.Attempt] = true
		r.Codes = append(r.Codes, found)
	}
	for _, attempt := range expected {
		if !seen[attempt] {
			r.Missing = append(r.Missing, attempt)
		}
	}
	slices.Sort(r.Missing)
	return r
}

func judgeCode(slip string, expected map[postal.TrackingNumber]postal.AttemptCode, text string) (Finding, postal.AttemptCode) {
	if text == slip {
		return FindingSlip, ""
	}
	n, err := postal.ParseNumber(text)
	var bad *postal.NumberError
	if errors.As(err, &bad) {
		switch bad.Reason {
		case postal.WrongCheckDigit:
			return FindingCheck, ""
		case postal.ParcelCode:
			return FindingParcel, ""
		}
		return FindingOther, ""
	}
	if attempt, ok := expected[n.Text]; ok {
		return FindingMatched, attempt
	}
	return FindingForeign, ""
}

// verdict refuses a receipt that proves nothing about its deposit.
func (r Receipt) verdict() error {
	wrong := false
	for _, c := range r.Codes {
		switch c.Finding {
		case FindingMatched, FindingSlip:
			return nil
		case FindingCheck:
			wrong = true
		}
	}
	if wrong {
		return &Fault{Code: ReceiptNumber, Err: errors.New("the only numbers on the receipt have wrong check digits")}
	}
	return &Fault{Code: ReceiptOther, Err: fmt.Errorf("none of the %d codes on the receipt belongs to this deposit", len(r.Codes))}
}

// numbers are the matched ones in the one form that central takes, whatever
// spaces stood between, each letter's once.
func (r Receipt) numbers() []wire.RegisteredNumber {
	numbers := []wire.RegisteredNumber{}
	for _, c := range r.Codes {
		if c.Finding != FindingMatched {
			continue
		}
		n, err := postal.ParseNumber(c.Text)
		if err != nil { // it did parse when it was matched
			continue
		}
		one := wire.RegisteredNumber{Attempt: string(c.Attempt), Number: string(n.Text)}
		if !slices.Contains(numbers, one) {
			numbers = append(numbers, one)
		}
	}
	return numbers
}

// mediaType names the format of a picture that was decoded.
func mediaType(file []byte) wire.MediaType {
	if sniffed := wire.MediaType(http.DetectContentType(file)); sniffed.Valid() {
		return sniffed
	}
	return wire.MediaTIFF // the one format of receipt.Decode that net/http does not know
}
