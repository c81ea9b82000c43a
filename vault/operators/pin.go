package operators

import (
	"errors"
	"fmt"
)

// ErrPIN is what every unfit PIN is: errors.Is(err, ErrPIN). A *PINError says why.
var ErrPIN = errors.New("unfit PIN")

// Weakness says why a PIN is unfit.
type Weakness string

// The weaknesses.
const (
	TooShort Weakness = "too_short"
	TooLong  Weakness = "too_long"
	Same     Weakness = "same"   // one character, again and again
	InARow   Weakness = "in_row" // as 123456, 987654 or 890123
)

// PINError says why a PIN is unfit. It holds nothing of the PIN but its length.
type PINError struct {
	Why   Weakness
	Least int // bytes that it must have
	Have  int
}

// Error implements error.
func (e *PINError) Error() string {
	return fmt.Sprintf("%v: %s (%d bytes, from %d to %d)", ErrPIN, e.Why, e.Have, e.Least, MaxPIN)
}

// Is makes every PINError an ErrPIN.
func (e *PINError) Is(target error) bool { return target == ErrPIN }

// CheckPIN tells whether somebody may have this as their new PIN: at least that
// many bytes and at most MaxPIN, and not one that is guessed first.
func CheckPIN(pin []byte, least int) error {
	unfit := func(why Weakness) error { return &PINError{Why: why, Least: least, Have: len(pin)} }
	switch {
	case len(pin) < max(least, 1):
		return unfit(TooShort)
	case len(pin) > MaxPIN:
		return unfit(TooLong)
	case steps(pin, 0):
		return unfit(Same)
	case steps(pin, 1), steps(pin, -1):
		return unfit(InARow)
	}
	return nil
}

// steps tells whether each byte differs from the one before by as much. Digits go
// on from 9 to 0.
func steps(pin []byte, by int) bool {
	for i := 1; i < len(pin); i++ {
		a, b := int(pin[i-1]), int(pin[i])
		if digit(pin[i-1]) && digit(pin[i]) {
			if (a+by-b)%10 != 0 {
				return false
			}
			continue
		}
		if a+by != b {
			return false
		}
	}
	return true
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
