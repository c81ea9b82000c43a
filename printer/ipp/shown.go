package ipp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shown makes a printer's words safe to show and to log: bytes that are not
// UTF-8, control characters and invisible ones (which include the marks that
// turn text around) are escaped, and what is too long is cut.
func Shown(s string) string {
	var b strings.Builder
	count := 0
	for len(s) > 0 {
		if count++; count > maxShown {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(escapeByte(s[0]))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			for i := range size {
				b.WriteString(escapeByte(s[i]))
			}
		}
		s = s[size:]
	}
	return b.String()
}

func escapeByte(c byte) string {
	const hex = "0123456789abcdef"
	return `\x` + string([]byte{hex[c>>4], hex[c&15]})
}
