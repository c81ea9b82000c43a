package mail

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// voice is a language with what its people write and where they live.
type voice struct {
	first, last, streets, places, companies []string
	number                                  string // street, number, box
	subject                                 []string
	greeting, closing                       string
	sentences                               []string // %s is a reference, a day or an amount: any works
	received, page                          string
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func pickVoice(r *rand.Rand) voice {
	all := voices()
	return all[r.IntN(len(all))]
}

func (v voice) person(r *rand.Rand) string  { return pick(r, v.first) + " " + pick(r, v.last) }
func (v voice) company(r *rand.Rand) string { return pick(r, v.companies) }

func (v voice) address(r *rand.Rand, name string) []string {
	line := pick(r, v.streets) + " " + fmt.Sprint(1+r.IntN(240))
	if r.IntN(3) == 0 {
		line += " " + v.number + " " + fmt.Sprint(1+r.IntN(40))
	}
	return []string{name, line, pick(r, v.places)}
}

// foreign is an address abroad: place and country in capitals, in full.
func foreign(r *rand.Rand, name string) ([]string, string) {
	all := [][4]string{
		{"12 rue des Petits-Champs", "75002 PARIS", "FRANCE", "FR"},
		{"Prinsengracht 263", "1016 GV AMSTERDAM", "NEDERLAND", "NL"},
		{"Schönhauser Allee 45", "10435 BERLIN", "DEUTSCHLAND", "DE"},
		{"8 boulevard Royal", "2449 LUXEMBOURG", "LUXEMBOURG", "LU"},
		{"Calle de Alcalá 101", "28009 MADRID", "ESPAÑA", "ES"},
		{"24 Marchmont Road", "EDINBURGH EH9 1HZ", "UNITED KINGDOM", "GB"},
		{"Łódzka 7 m. 12", "00-545 WARSZAWA", "POLSKA", "PL"},
		{"350 Atlantic Avenue", "BROOKLYN NY 11217", "UNITED STATES OF AMERICA", "US"},
	}
	a := all[r.IntN(len(all))]
	return []string{name, a[0], a[1], a[2]}, a[3]
}

// paragraph is three to six sentences.
func (v voice) paragraph(r *rand.Rand) string {
	var b strings.Builder
	for range 3 + r.IntN(4) {
		s := pick(r, v.sentences)
		if strings.Contains(s, "%s") {
			s = fmt.Sprintf(s, reference(r))
		}
		b.WriteString(s + " ")
	}
	return strings.TrimSpace(b.String())
}

func reference(r *rand.Rand) string {
	return fmt.Sprintf("%c%c-%04d/%03d", 'A'+r.IntN(26), 'A'+r.IntN(26), r.IntN(10000), r.IntN(1000))
}
