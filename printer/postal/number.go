package postal

import (
	"fmt"
	"strings"
)

// TrackingNumber is a registered number in its canonical form: 30 digits, or
// 13 capitals and digits.
type TrackingNumber string

// NumberKind tells the two numbers of registered letters apart.
type NumberKind string

// The kinds of registered numbers.
const (
	National NumberKind = "national" // bpost, 30 digits from 010, GS1-128
	S10      NumberKind = "s10"      // UPU S10, 13 characters, RA to RZ
)

// NumberReason says why a number was refused, or what is odd about it.
type NumberReason string

// Reasons of [NumberError] and of [Number]'s warning.
const (
	NotANumber      NumberReason = "not_a_number"
	WrongCheckDigit NumberReason = "wrong_check_digit"
	ParcelCode      NumberReason = "parcel_code"
	NotRegistered   NumberReason = "not_registered" // an S10 item of another service
	// GTINCheckDigit is a warning only: that digits 3 to 16 of a national
	// number are a GTIN-14 is our reading of bpost's example, not bpost's word.
	GTINCheckDigit NumberReason = "gtin_check_digit"
)

// Number is a registered number that was accepted.
type Number struct {
	Text    TrackingNumber
	Kind    NumberKind
	Warning NumberReason // "" if nothing is odd
}

// NumberError is a refusal. Text is what was read, bounded.
type NumberError struct {
	Reason NumberReason
	Text   string
}

func (e *NumberError) Error() string {
	return fmt.Sprintf("registered number %q: %s", e.Text, e.Reason)
}

// maxNumberInput leaves room for spaces and brackets around 30 digits.
const maxNumberInput = 80

// ParseNumber reads a registered number as scanned or typed. Spaces, dashes,
// any case, the brackets around GS1 identifiers, a leading symbology identifier
// ("]C1") and FNC1 (GS, 0x1D) are taken away first. Every error is a
// *[NumberError].
func ParseNumber(s string) (Number, error) {
	if len(s) > maxNumberInput {
		return Number{}, &NumberError{Reason: NotANumber, Text: s[:maxNumberInput]}
	}
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -()\u00a0\x1d", r) {
			return -1
		}
		return r
	}, strings.TrimPrefix(strings.TrimSpace(s), "]C1"))
	text = strings.ToUpper(text)
	refuse := func(r NumberReason) (Number, error) {
		return Number{}, &NumberError{Reason: r, Text: text}
	}
	switch {
	case isParcel(text):
		return refuse(ParcelCode)
	case len(text) == 30 && digits(text) && strings.HasPrefix(text, "010"):
		n := Number{Text: TrackingNumber(text), Kind: National}
		if !validGTIN(text[2:16]) {
			n.Warning = GTINCheckDigit
		}
		return n, nil
	case !s10Form(text):
		return refuse(NotANumber)
	case s10Check(text[2:10]) != text[10]:
		return refuse(WrongCheckDigit)
	case text[0] == 'C': // CA to CZ: parcel post
		return refuse(ParcelCode)
	case text[0] != 'R':
		return refuse(NotRegistered)
	}
	return Number{Text: TrackingNumber(text), Kind: S10}, nil
}

// Grouped is the number as it stands on paper, in groups.
func (n Number) Grouped() string {
	t := string(n.Text)
	if n.Kind == S10 && len(t) == 13 {
		return t[:2] + " " + t[2:5] + " " + t[5:8] + " " + t[8:11] + " " + t[11:]
	}
	if n.Kind == National && len(t) == 30 {
		return "(" + t[:2] + ") " + t[2:16] + " (" + t[16:18] + ") " + t[18:]
	}
	return t
}

// isParcel knows bpost's parcel codes, which people scan by mistake.
func isParcel(s string) bool {
	switch len(s) {
	case 18:
		return digits(s) && strings.HasPrefix(s, "3232")
	case 24:
		return digits(s) && (strings.HasPrefix(s, "3232") || strings.HasPrefix(s, "3299"))
	case 27:
		return strings.HasPrefix(s, "JJBEA")
	}
	return false
}

// s10Form checks the shape of UPU S10: two letters, nine digits, two letters.
func s10Form(s string) bool {
	return len(s) == 13 && letters(s[:2]) && digits(s[2:11]) && letters(s[11:])
}

// s10Check is UPU S10's check digit of an eight-digit serial number.
func s10Check(serial string) byte {
	sum := 0
	for i, weight := range [...]int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += weight * int(serial[i]-'0')
	}
	switch c := 11 - sum%11; c {
	case 10:
		return '0'
	case 11:
		return '5'
	default:
		return byte('0' + c)
	}
}

// validGTIN checks a GTIN-14 (GS1 General Specifications, 7.9.1).
func validGTIN(s string) bool {
	sum := 0
	for i := range len(s) {
		weight := 3
		if i%2 == 1 {
			weight = 1
		}
		sum += weight * int(s[i]-'0')
	}
	return sum%10 == 0
}

func digits(s string) bool  { return within(s, '0', '9') }
func letters(s string) bool { return within(s, 'A', 'Z') }

func within(s string, low, high byte) bool {
	for i := range len(s) {
		if s[i] < low || s[i] > high {
			return false
		}
	}
	return true
}
