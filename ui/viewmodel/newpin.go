package viewmodel

import (
	"crypto/subtle"
	"errors"
	"strings"
	"unicode"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/operators"
)

// Slip is what is wrong with what a person typed, before anybody is asked.
type Slip string

// What may be wrong.
const (
	SlipCode    Slip = "code" // there is no code from central
	SlipOld     Slip = "old"  // the PIN of now is missing
	SlipShort   Slip = Slip(operators.TooShort)
	SlipLong    Slip = Slip(operators.TooLong)
	SlipAlike   Slip = Slip(operators.Same)
	SlipRun     Slip = Slip(operators.InARow)
	SlipUnequal Slip = "unequal" // the two are not the same
	SlipKept    Slip = "kept"    // the new one is the old one
)

// Slips lists them, for whoever must have a text for each.
func Slips() []Slip {
	return []Slip{SlipCode, SlipOld, SlipShort, SlipLong, SlipAlike, SlipRun, SlipUnequal, SlipKept}
}

// NewPIN is the setting of a PIN with a code that central gave the person: their
// first one here, one for a forgotten one, one after too many wrong ones.
type NewPIN struct {
	Person    station.Person
	Forgotten bool // the person says so; else the PIN is unset or blocked
	Least     int  // characters
	Busy      bool
	Slip      Slip           // of the last attempt
	Fault     *station.Fault // of the last attempt
}

// Blocked tells whether too many wrong PINs are why.
func (n *NewPIN) Blocked() bool { return n.Person.PIN == station.PINIsBlocked }

// leastPIN is a new PIN's length where the room's policy says nothing.
const leastPIN = 6

// LeastPIN is how many characters a new PIN must have.
func LeastPIN(p station.Policy) int {
	if p.MinPIN > 0 {
		return p.MinPIN
	}
	return leastPIN
}

// CodeOf is a code from central as central made it, whatever somebody typed
// between its characters.
func CodeOf(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-–—_.", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
}

// codeGroup is how many characters of a code stand together, as central writes it.
const codeGroup = 5

// GroupCode writes a code as it is read out: in groups.
func GroupCode(typed string) string {
	var groups []string
	code := []rune(CodeOf(typed))
	for ; len(code) > codeGroup; code = code[codeGroup:] {
		groups = append(groups, string(code[:codeGroup]))
	}
	return strings.Join(append(groups, string(code)), "-")
}

// slipOf is what is wrong with a new PIN that was typed twice, "" for nothing.
func slipOf(first, second []byte, least int) Slip {
	var weak *operators.PINError
	if errors.As(operators.CheckPIN(first, least), &weak) {
		return Slip(weak.Why)
	}
	if subtle.ConstantTimeCompare(first, second) == 0 {
		return SlipUnequal
	}
	return ""
}
