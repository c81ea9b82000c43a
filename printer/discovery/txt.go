package discovery

import (
	"regexp"
	"strings"

	"espero-soft.com/printroom/printer/ipp"
)

const (
	maxPairs = 64  // keys of one TXT record; printers have up to 30
	maxPath  = 127 // bytes of a printer's path
)

// parseTXT reads the strings of a TXT record as keys and values (RFC 6763
// section 6): keys without their case, the first of each counts, what has no key
// or no value is left out. The strings are as the DNS library shows them.
func parseTXT(texts []string) map[string]string {
	pairs := map[string]string{}
	for _, t := range texts {
		key, value, ok := strings.Cut(unescape(t), "=")
		key = strings.ToLower(key)
		if !ok || key == "" || strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
			continue
		}
		if _, twice := pairs[key]; !twice && len(pairs) < maxPairs {
			pairs[key] = value
		}
	}
	return pairs
}

// unescape turns the form that DNS names and texts are shown in (RFC 1035
// section 5.1: \DDD is a byte, \X the character X) back into their bytes.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if n, ok := byteOf(s[i+1:]); ok {
			b.WriteByte(n)
			i += 3
			continue
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// byteOf reads three decimal digits.
func byteOf(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return byte(n), n < 256
}

// model is what a printer says it is: ty, else product without its brackets.
func model(txt map[string]string) string {
	if ty := ipp.Shown(strings.TrimSpace(txt["ty"])); ty != "" {
		return ty
	}
	return ipp.Shown(strings.TrimSuffix(strings.TrimPrefix(txt["product"], "("), ")"))
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// uuid is a printer's own, "" when it has none that is one.
func uuid(txt map[string]string) string {
	id := strings.TrimPrefix(strings.ToLower(txt["uuid"]), "urn:uuid:")
	if !uuidForm.MatchString(id) {
		return ""
	}
	return "urn:uuid:" + id
}

// path is where a printer is on its host; ok is false for one that is no path.
func path(txt map[string]string) (p string, ok bool) {
	p, said := txt["rp"]
	if !said {
		p = "ipp/print"
	}
	p = strings.TrimPrefix(p, "/")
	if len(p) > maxPath || strings.Contains(p, "..") || strings.ContainsFunc(p, func(r rune) bool {
		return r <= 0x20 || r > 0x7e || strings.ContainsRune(`?#\%"<>`, r)
	}) {
		return "", false
	}
	return "/" + p, true
}
