package verify

import (
	"errors"
	"time"
)

const (
	maxID   = 64
	maxCode = 40
)

// CheckID says whether s may stand where an actor or an object is named. An id
// is opaque: parts of ASCII letters and digits, separated by "-" or "_", 64
// bytes at most, with a digit somewhere unless a part is 16 bytes or longer.
// The first part may be a word of up to 12 letters (a type, as in "job-71");
// every other one has a digit, is hexadecimal, or is 16 bytes or longer. UUIDs,
// ULIDs and numbers pass; names, addresses and titles do not.
func CheckID(s string) error {
	if !isID([]byte(s)) {
		return errors.New("not an opaque id")
	}
	return nil
}

// CheckCode says whether s may stand where an action, an outcome or a reason is
// named: words of a-z and 0-9, each starting with a letter, joined by "_", 40
// bytes at most.
func CheckCode(s string) error {
	if !isCode([]byte(s)) {
		return errors.New("not a code")
	}
	return nil
}

// CheckAttempt says whether s has the form of an attempt's code: 12 Crockford
// base32 symbols and a check character of 0-9 and A-Z, in upper case.
func CheckAttempt(s string) error {
	if !isAttempt([]byte(s)) {
		return errors.New("not an attempt code")
	}
	return nil
}

// CheckPages says whether s may stand where pages are named: "3", or "3-7" with
// the first before the last, each of 1 to 9999.
func CheckPages(s string) error {
	if !isPages([]byte(s)) {
		return errors.New("not pages")
	}
	return nil
}

func isID(b []byte) bool {
	if len(b) == 0 || len(b) > maxID {
		return false
	}
	opaque := false // something in it is beyond a word
	for first, start := true, 0; start <= len(b); first = false {
		p := classify(b[start:])
		if p.size == 0 {
			return false
		}
		strong := p.digits || p.size >= 16
		if !strong && !p.hex && (!first || p.size > 12) {
			return false
		}
		opaque = opaque || strong
		start += p.size + 1
	}
	return opaque
}

// part is what is known of the letters and digits up to a separator. A size of
// zero means an empty part or a byte that belongs to no id.
type part struct {
	size        int
	digits, hex bool
}

func classify(b []byte) part {
	p := part{hex: true}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			p.digits = true
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z':
			p.hex = false
		case c == '-' || c == '_':
			return p
		default:
			return part{}
		}
		p.size++
	}
	return p
}

func isCode(b []byte) bool {
	if len(b) == 0 || len(b) > maxCode {
		return false
	}
	start := true
	for _, c := range b {
		letter := c >= 'a' && c <= 'z'
		if !letter && (start || c != '_' && (c < '0' || c > '9')) {
			return false
		}
		start = c == '_'
	}
	return !start
}

func isAttempt(b []byte) bool {
	if len(b) != 13 {
		return false
	}
	for i, c := range b {
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		if !digit && !letter {
			return false
		}
		if i < 12 && (c == 'I' || c == 'L' || c == 'O' || c == 'U') {
			return false
		}
	}
	return true
}

func isPages(b []byte) bool {
	first, rest, ok := cutPage(b)
	if !ok || len(rest) == 0 {
		return ok
	}
	if rest[0] != '-' {
		return false
	}
	last, rest, ok := cutPage(rest[1:])
	return ok && len(rest) == 0 && first < last
}

// cutPage reads a page's number at the start of b.
func cutPage(b []byte) (n int, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 4 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int(b[i]-'0')
	}
	return n, b[i:], i > 0 && b[0] != '0'
}

// isUUID accepts lower-case UUIDs of any version.
func isUUID(b []byte) bool {
	if len(b) != 36 {
		return false
	}
	for i, c := range b {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// isTime accepts "2006-01-02T15:04:05.000Z" and no other form, from 1970 on (a
// station whose clock lost its battery still writes its log). Values of this
// form sort as the times they name. There are no leap seconds.
func isTime(b []byte) bool {
	const form = "dddd-dd-ddTdd:dd:dd.dddZ"
	if len(b) != len(form) {
		return false
	}
	for i, c := range b {
		if form[i] == 'd' && (c < '0' || c > '9') || form[i] != 'd' && c != form[i] {
			return false
		}
	}
	n := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := n(0)*100+n(2), n(5), n(8)
	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days(year, month) &&
		n(11) < 24 && n(14) < 60 && n(17) < 60
}

// timeOf reads what isTime accepts.
func timeOf(b []byte) time.Time {
	n := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	milliseconds := n(20)*10 + int(b[22]-'0')
	return time.Date(n(0)*100+n(2), time.Month(n(5)), n(8), n(11), n(14), n(17), milliseconds*1e6, time.UTC)
}

func days(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
