package theme

import "testing"

// TestPeopleStandOut holds the colours of people to the 3:1 of WCAG 2.1,
// success criterion 1.4.11, on a panel, as far as they are not yellow on white.
func TestPeopleStandOut(t *testing.T) {
	for _, b := range []Brightness{Light, Dark} {
		look := New(Look{Brightness: b}, nil)
		for i := -1; i < 7; i++ {
			if got := contrast(look.Person(i), look.Of(Surface)); got < 2.4 {
				t.Errorf("%s: person %d has a contrast of %.2f", b, i, got)
			}
			for k := i + 1; k < 6; k++ {
				if look.Person(i) == look.Person(k) {
					t.Errorf("%s: persons %d and %d look alike", b, i, k)
				}
			}
		}
	}
}
