package theme

import (
	"image/color"
	"strconv"
	"strings"
)

// people are the colours of persons in a picture: hues that stay apart for the
// usual kinds of colour blindness (after Okabe and Ito), a set for each
// brightness. They always stand beside a name.
func people(dark bool) []color.NRGBA {
	if dark {
		return []color.NRGBA{rgb(0x4FA3E0), rgb(0xF0B040), rgb(0x2FC08F), rgb(0xE09AC4), rgb(0xB9A6F2), rgb(0xF08A4B)}
	}
	return []color.NRGBA{rgb(0x0072B2), rgb(0xE08E00), rgb(0x00916A), rgb(0xC2649B), rgb(0x7A5CC4), rgb(0xC75000)}
}

// Person returns the colour of the i-th person of a picture. Whoever comes
// after the last colour, and the station itself as −1, is grey.
func (t *Theme) Person(i int) color.NRGBA {
	all := people(t.IsDark())
	if i < 0 || i >= len(all) {
		return t.Of(Edge)
	}
	return all[i]
}

const personMark = "person:"

// PersonMark names a person's colour where a product's mark stands, as in a
// table.
func PersonMark(i int) string { return personMark + strconv.Itoa(i) }

// person is the colour that PersonMark named, false for any other mark.
func (t *Theme) person(mark string) (color.NRGBA, bool) {
	digits, ok := strings.CutPrefix(mark, personMark)
	i, err := strconv.Atoi(digits)
	return t.Person(i), ok && err == nil
}
