package postal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddressLimits are bpost's limits of an address block.
type AddressLimits struct {
	Source         string  `toml:"source"`
	LineCharacters int     `toml:"line_characters"`
	LinesDomestic  int     `toml:"lines_domestic"`
	LinesForeign   int     `toml:"lines_foreign"`
	BlockWidth     float64 `toml:"block_width"`
	BlockHeight    float64 `toml:"block_height"`
	ClearRight     float64 `toml:"clear_right"`
	ClearBelow     float64 `toml:"clear_below"`
}

// AddressCode says what is wrong with an address.
type AddressCode string

// What can be wrong with an address.
const (
	AddressTooShort    AddressCode = "too_few_lines" // name, street, place at least
	AddressTooLong     AddressCode = "too_many_lines"
	LineTooLong        AddressCode = "line_too_long"
	LineEmpty          AddressCode = "line_empty"
	LineUnprintable    AddressCode = "line_unprintable" // control characters, broken UTF-8
	CountryUnknown     AddressCode = "country_code"     // not two capitals
	CountryLineExtra   AddressCode = "country_line"     // a domestic address names Belgium
	PostcodeMissing    AddressCode = "postcode"         // no "1000 Bruxelles" at the end
	CountryLineMissing AddressCode = "country_missing"
	CountryNotInFull   AddressCode = "country_not_in_full"
	NotCapitals        AddressCode = "not_capitals"
)

// AddressError is one finding. Line counts from 0; -1 is the whole address.
// Have and Max are set where a limit was passed.
type AddressError struct {
	Code      AddressCode
	Line      int
	Have, Max int
}

func (e AddressError) Error() string {
	return fmt.Sprintf("address line %d: %s", e.Line+1, e.Code)
}

// Belgium is the home country's ISO 3166-1 code.
const Belgium = "BE"

// CheckAddress applies bpost's rules with the default limits: see
// [AddressLimits.Check].
func CheckAddress(lines []string, country string) []AddressError {
	t, err := Default()
	if err != nil { // the embedded table is tested; without it nothing is fit
		return []AddressError{{Code: AddressTooLong, Line: -1}}
	}
	return t.Address.Check(lines, country)
}

// Check finds what bpost would refuse: country is an ISO 3166-1 alpha-2 code.
// Domestic: the last line is a 4-digit postcode and a municipality, and no line
// names Belgium. Foreign: the last line is the country in full, and it and the
// line before it (the city) are in capitals. A character is one rune.
func (l AddressLimits) Check(lines []string, country string) []AddressError {
	var found []AddressError
	limit := l.LinesForeign
	if country == Belgium {
		limit = l.LinesDomestic
	}
	if len(country) != 2 || !letters(country) {
		found = append(found, AddressError{Code: CountryUnknown, Line: -1})
	}
	if len(lines) > limit {
		found = append(found, AddressError{Code: AddressTooLong, Line: -1, Have: len(lines), Max: limit})
	}
	if len(lines) < 3 {
		return append(found, AddressError{Code: AddressTooShort, Line: -1, Have: len(lines), Max: 3})
	}
	for i, line := range lines {
		found = append(found, l.checkLine(i, line)...)
	}
	if country == Belgium {
		return append(found, checkDomestic(lines)...)
	}
	return append(found, checkForeign(lines)...)
}

func (l AddressLimits) checkLine(i int, line string) []AddressError {
	var found []AddressError
	if n := utf8.RuneCountInString(line); n > l.LineCharacters {
		found = append(found, AddressError{Code: LineTooLong, Line: i, Have: n, Max: l.LineCharacters})
	}
	if strings.TrimSpace(line) == "" {
		found = append(found, AddressError{Code: LineEmpty, Line: i})
	}
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) && r != '\u00a0' }) {
		found = append(found, AddressError{Code: LineUnprintable, Line: i})
	}
	return found
}

func checkDomestic(lines []string) []AddressError {
	last := len(lines) - 1
	switch strings.ToUpper(strings.TrimSpace(lines[last])) {
	case "BELGIQUE", "BELGIË", "BELGIE", "BELGIEN", "BELGIUM":
		return []AddressError{{Code: CountryLineExtra, Line: last}}
	}
	postcode, place, ok := strings.Cut(strings.TrimSpace(lines[last]), " ")
	if !ok || len(postcode) != 4 || !digits(postcode) || postcode[0] == '0' || !hasLetter(place) {
		return []AddressError{{Code: PostcodeMissing, Line: last}}
	}
	return nil
}

func checkForeign(lines []string) []AddressError {
	last := len(lines) - 1
	name := strings.TrimSpace(lines[last])
	if !hasLetter(name) || strings.ContainsFunc(name, unicode.IsDigit) {
		return []AddressError{{Code: CountryLineMissing, Line: last}}
	}
	var found []AddressError
	if utf8.RuneCountInString(name) < 4 { // FR, NL, USA, UK
		found = append(found, AddressError{Code: CountryNotInFull, Line: last})
	}
	for _, i := range []int{last - 1, last} {
		if lines[i] != strings.ToUpper(lines[i]) {
			found = append(found, AddressError{Code: NotCapitals, Line: i})
		}
	}
	return found
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
