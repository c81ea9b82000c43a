// Package mail makes the demo room's mail on the spot: letters that nobody
// wrote and receipts that no counter stamped. It is never in the product.
package mail

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	"espero-soft.com/printroom/printer/postal"
)

// Letter is one paid letter. Pages is what was paid for; the PDF has as many,
// unless Defect says otherwise.
type Letter struct {
	PDF       []byte
	Recipient []string
	Country   string // ISO 3166-1 alpha-2
	Return    []string
	Product   postal.Product
	Duplex    bool
	Colour    bool
	Envelope  string // a profile's name
	Pages     int
	Tracking  postal.TrackingNumber // of registered letters
	Annotated bool                  // has a filled form field and a stamp, which lie outside the page's contents
	Defect    Defect                // "" for a good letter
}

// Defect is what is wrong with a letter, on purpose.
type Defect string

// The defects that can be asked for.
const (
	Corrupt    Defect = "corrupt"     // the PDF is noise behind a header
	Encrypted  Defect = "encrypted"   // the PDF asks for a password
	PageCount  Defect = "page_count"  // the PDF has two pages more than were paid for
	CheckDigit Defect = "check_digit" // registered, under an S10 number with a wrong check digit
)

// Options say what else the mail holds.
type Options struct {
	Canary  string   // stands in every letter's text and as every recipient's first line; at most 50 characters
	Defects []Defect // a letter each, after the good ones
}

// MaxLetters bounds one call; each letter takes about 30 kB and 15 ms.
const MaxLetters = 100_000

// Letters makes n good letters and then the defective ones. The same seed gives
// the same bytes, and the first letters are the same whatever n is: a standard,
// a priority, a registered and an international one, then a mix of them.
func Letters(seed int64, n int, o Options) ([]Letter, error) {
	if n < 0 || n > MaxLetters || len([]rune(o.Canary)) > 50 {
		return nil, fmt.Errorf("mail: %d letters, canary of %d characters", n, len([]rune(o.Canary)))
	}
	letters := make([]Letter, 0, n+len(o.Defects))
	for i := range n + len(o.Defects) {
		defect := Defect("")
		if i >= n {
			defect = o.Defects[i-n]
		}
		l, err := New(seed, i, o.Canary, defect)
		if err != nil {
			return nil, fmt.Errorf("mail: letter %d: %w", i+1, err)
		}
		letters = append(letters, l)
	}
	return letters, nil
}

// New makes one letter of a seed's row, for rooms that make their mail one by
// one.
func New(seed int64, index int, canary string, defect Defect) (Letter, error) {
	r := source(seed, index)
	l := Letter{Product: product(r, index), Colour: index%4 == 1, Duplex: index%3 == 2, Defect: defect}
	if defect == CheckDigit {
		l.Product = postal.Registered
	}
	abroad := l.Product == postal.International || l.Product == postal.Registered && index%8 == 6
	v := pickVoice(r)
	l.Return = v.address(r, v.company(r))
	l.Recipient, l.Country = v.address(r, v.person(r)), postal.Belgium
	if abroad {
		l.Recipient, l.Country = foreign(r, v.person(r))
	}
	if canary != "" {
		l.Recipient[0] = canary
	}
	l.Pages = pages(r, index)
	l.Annotated = index%3 == 1
	l.Envelope = envelopeFor(l.Pages, l.Duplex)
	if l.Product == postal.Registered {
		l.Tracking = tracking(seed, index, abroad)
	}
	err := l.draw(r, v, canary)
	return l, err
}

// source is unlike that of any neighbouring seed or index.
func source(seed int64, index int) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%d/%d", seed, index))))
}

func product(r *rand.Rand, index int) postal.Product {
	if all := postal.Products(); index < len(all) {
		return all[index]
	}
	switch k := r.IntN(10); {
	case k < 4:
		return postal.Standard
	case k < 6:
		return postal.Priority
	case k < 8:
		return postal.Registered
	default:
		return postal.International
	}
}

// pages gives mostly short letters, 12 pages at most.
func pages(r *rand.Rand, index int) int {
	if index < 3 {
		return index + 1
	}
	if r.IntN(4) == 0 {
		return 4 + r.IntN(9)
	}
	return 1 + r.IntN(3)
}

// envelopeFor takes the smallest profile; the carrier is one sheet more.
func envelopeFor(pages int, duplex bool) string {
	switch sheets := postal.Sheets(pages, duplex) + 1; {
	case sheets <= 5:
		return "c56"
	case sheets <= 15:
		return "c5"
	default:
		return "c4"
	}
}

// tracking makes a valid number that no other letter of this seed has.
func tracking(seed int64, index int, abroad bool) postal.TrackingNumber {
	if !abroad {
		return postal.TrackingNumber(fmt.Sprintf("01054128850045262122%04d%06d", uint64(seed)%10000, index%1_000_000))
	}
	serial := fmt.Sprintf("%02d%06d", uint64(seed)%100, index%1_000_000)
	for c := range 10 {
		if n, err := postal.ParseNumber(fmt.Sprintf("RR%s%dBE", serial, c)); err == nil {
			return n.Text
		}
	}
	return "" // unreachable: one of ten digits is right
}

// wrongDigit is the number with another last digit before the country.
func wrongDigit(index int) postal.TrackingNumber {
	n := []byte(tracking(0, index, true))
	n[10] = '0' + (n[10]-'0'+1)%10
	return postal.TrackingNumber(n)
}
