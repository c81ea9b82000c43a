package postal

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// AttemptCode names one physical printing of a job: 12 random Crockford base32
// symbols and an ISO/IEC 7064 MOD 37,36 check character, 13 capitals and digits
// in all, safe in file names and printer job names. 60 random bits.
type AttemptCode string

const (
	crockford     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	alphanumeric  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" // of MOD 37,36
	attemptRandom = 12
	attemptLength = attemptRandom + 1
	// maxCodeInput bounds what a scanner or a keyboard may hand to a parser.
	maxCodeInput = 64
)

// ErrAttemptCode is wrapped by every refusal of an attempt code.
var ErrAttemptCode = errors.New("not an attempt code")

// NewAttemptCode reads 60 random bits a try from random (crypto/rand.Reader in
// the product). Codes whose check character would be I, L, O or U are drawn
// again, so that a code is read the same whichever way these were typed.
func NewAttemptCode(random io.Reader) (AttemptCode, error) {
	var raw [attemptRandom]byte
	for {
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return "", fmt.Errorf("attempt code: %w", err)
		}
		symbols := make([]byte, attemptRandom, attemptLength)
		for i, b := range raw {
			symbols[i] = crockford[b&31]
		}
		check := checkCharacter(string(symbols))
		if strings.IndexByte(crockford, check) >= 0 {
			return AttemptCode(append(symbols, check)), nil
		}
	}
}

// ParseAttemptCode accepts a code as people type it: any case, O for 0, I or L
// for 1, spaces and dashes between symbols.
func ParseAttemptCode(s string) (AttemptCode, error) {
	if len(s) > maxCodeInput {
		return "", fmt.Errorf("%w: %d characters", ErrAttemptCode, len(s))
	}
	symbols := make([]byte, 0, attemptLength)
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' || c == '-':
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		switch c {
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if strings.IndexByte(crockford, c) < 0 {
			return "", fmt.Errorf("%w: symbol %q", ErrAttemptCode, c)
		}
		symbols = append(symbols, c)
	}
	if len(symbols) != attemptLength {
		return "", fmt.Errorf("%w: %d symbols, not %d", ErrAttemptCode, len(symbols), attemptLength)
	}
	if checkCharacter(string(symbols[:attemptRandom])) != symbols[attemptRandom] {
		return "", fmt.Errorf("%w: wrong check character", ErrAttemptCode)
	}
	return AttemptCode(symbols), nil
}

// Grouped is the code as people read it: "7K3M-9QX2-B4TZ-Q".
func (a AttemptCode) Grouped() string {
	if len(a) != attemptLength {
		return string(a)
	}
	return string(a[:4] + "-" + a[4:8] + "-" + a[8:12] + "-" + a[12:])
}

// checkCharacter computes ISO/IEC 7064 MOD 37,36 over capitals and digits.
func checkCharacter(s string) byte {
	p := 36
	for i := range len(s) {
		p += strings.IndexByte(alphanumeric, s[i])
		if p %= 36; p == 0 {
			p = 36
		}
		p = p * 2 % 37
	}
	return alphanumeric[(37-p)%36]
}
