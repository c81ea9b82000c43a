package postal

import (
	"errors"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		in     string
		text   TrackingNumber
		kind   NumberKind
		reason NumberReason // a warning where text is set
	}{
		{in: "010541288500452621221234567890", text: "010541288500452621221234567890", kind: National},
		{in: "]C1010541288500452621221234567890", text: "010541288500452621221234567890", kind: National},
		{in: "(01) 05412885004526 (21) 221234567890", text: "010541288500452621221234567890", kind: National},
		{in: "010541288500452721221234567890", text: "010541288500452721221234567890", kind: National, reason: GTINCheckDigit},
		{in: "RB123456785GB", text: "RB123456785GB", kind: S10},
		{in: " rb 123 456 785 gb", text: "RB123456785GB", kind: S10},
		{in: "RR473124829BE", text: "RR473124829BE", kind: S10}, // UPU S10's example: 47312482, 9
		{in: "RB123456784GB", reason: WrongCheckDigit},
		{in: "RR473124820BE", reason: WrongCheckDigit},
		{in: "EE473124829BE", reason: NotRegistered},
		{in: "CP473124829BE", reason: ParcelCode},
		{in: "323212345678901234567890", reason: ParcelCode},
		{in: "329912345678901234567890", reason: ParcelCode},
		{in: "323212345678901234", reason: ParcelCode},
		{in: "JJBEA1234567890123456789012", reason: ParcelCode},
		{in: "", reason: NotANumber},
		{in: "020541288500452621221234567890", reason: NotANumber},
		{in: "01054128850045262122123456789", reason: NotANumber},
		{in: "0105412885004526212212345678901", reason: NotANumber},
		{in: "01054128850045262122123456789O", reason: NotANumber},
		{in: "RB12345678GB", reason: NotANumber},
		{in: "R1123456785GB", reason: NotANumber},
		{in: "B24:7K3M9QX2B4TZ8:1/3", reason: NotANumber},
		{in: strings.Repeat("0", 1<<20), reason: NotANumber},
		{in: "٠١٠541288500452621221234567890", reason: NotANumber},
	} {
		got, err := ParseNumber(c.in)
		if c.text != "" {
			if want := (Number{Text: c.text, Kind: c.kind, Warning: c.reason}); err != nil || got != want {
				t.Errorf("ParseNumber(%.40q) = %+v, %v; want %+v", c.in, got, err, want)
			}
			continue
		}
		var refused *NumberError
		if !errors.As(err, &refused) || refused.Reason != c.reason {
			t.Errorf("ParseNumber(%.40q) = %+v, %v; want %s", c.in, got, err, c.reason)
		}
	}
}

// The remainders that S10 treats apart: 10 becomes 0, 11 becomes 5.
func TestS10CheckEdges(t *testing.T) {
	seen := map[byte]bool{}
	for i := range 1000 {
		serial := []byte("00000000")
		for j, n := 7, i; n > 0; j, n = j-1, n/10 {
			serial[j] = byte('0' + n%10)
		}
		sum := 0
		for k, w := range []int{8, 6, 4, 2, 3, 5, 9, 7} {
			sum += int(serial[k]-'0') * w
		}
		c := s10Check(string(serial))
		if rest := sum % 11; rest == 0 && c != '5' || rest == 1 && c != '0' || rest > 1 && c != byte('0'+11-rest) {
			t.Fatalf("%s: sum %d gives %c", serial, sum, c)
		}
		seen[c] = true
	}
	if len(seen) != 10 {
		t.Fatalf("only %d different digits", len(seen))
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"010541288500452621221234567890", "RB123456785GB", "323212345678901234", "JJBEA1234567890123456789012", "]C1(01)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err != nil {
			var refused *NumberError
			if !errors.As(err, &refused) || len(refused.Text) > 4*maxNumberInput {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		for _, again := range []string{string(n.Text), n.Grouped()} {
			if m, err := ParseNumber(again); err != nil || m != n {
				t.Fatalf("%q reads as %+v, then %q as %+v, %v", s, n, again, m, err)
			}
		}
	})
}
