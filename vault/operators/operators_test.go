package operators

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const known = "8632aa42cadf70cdea0f06bbf7126e7865fbd6658f7ce9925d550afaa3a1dab8"

func auth(t testing.TB, salt []byte, pseudonym, pin string) []byte {
	t.Helper()
	b, err := Auth(salt, pseudonym, []byte(pin))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Destroy()
	return bytes.Clone(b.Bytes())
}

// TestAuthStays: what was computed once opens a slot for years. The value is
// openssl's, of printf 'printroom pin v1\n\0\0\0\002p1483920' under 32 bytes of 7.
func TestAuthStays(t *testing.T) {
	got := auth(t, bytes.Repeat([]byte{7}, SaltSize), "p1", "483920")
	if hex.EncodeToString(got) != known {
		t.Errorf("%x", got)
	}
}

func TestAuthTellsApart(t *testing.T) {
	one, err := NewSalt()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSalt()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for name, a := range map[string][]byte{
		"one": auth(t, one, "p1", "483920"), "another person": auth(t, one, "p2", "483920"), "another station": auth(t, other, "p1", "483920"),
		"another PIN": auth(t, one, "p1", "483921"), "moved": auth(t, one, "p14", "83920"),
	} {
		if before, twice := seen[string(a)]; twice {
			t.Errorf("%s and %s are the same", name, before)
		}
		seen[string(a)] = name
	}
}

func TestAuthRefuses(t *testing.T) {
	salt := make([]byte, SaltSize)
	for name, c := range map[string]struct {
		salt []byte
		pin  string
		want error
	}{
		"no salt": {nil, "483920", ErrSalt}, "no PIN": {salt, "", ErrPIN}, "endless": {salt, strings.Repeat("7", MaxPIN+1), ErrPIN},
	} {
		if b, err := Auth(c.salt, "p1", []byte(c.pin)); !errors.Is(err, c.want) || b != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckPIN(t *testing.T) {
	for pin, want := range map[string]Weakness{
		"483920": "", "pass phrase": "", "112233": "", "135790": "", "000001": "",
		"": TooShort, "48392": TooShort, strings.Repeat("48", 33): TooLong,
		"111111": Same, "aaaaaaaa": Same, "123456": InARow, "654321": InARow, "890123": InARow, "210987": InARow, "abcdef": InARow,
	} {
		err := CheckPIN([]byte(pin), 6)
		var unfit *PINError
		if want == "" && err != nil || want != "" && (!errors.As(err, &unfit) || unfit.Why != want || !errors.Is(err, ErrPIN)) {
			t.Errorf("%q: %v, want %q", pin, err, want)
		}
		if pin != "" && err != nil && strings.Contains(err.Error(), pin) {
			t.Errorf("the error quotes the PIN: %v", err)
		}
	}
}

// TestFitPINsAreTaken: whoever passes the check gets a value, the same each time.
func TestFitPINsAreTaken(t *testing.T) {
	salt := make([]byte, SaltSize)
	rapid.Check(t, func(t *rapid.T) {
		pin := rapid.SliceOfN(rapid.Byte(), 0, MaxPIN+8).Draw(t, "pin")
		least := rapid.IntRange(0, 12).Draw(t, "least")
		if CheckPIN(pin, least) != nil {
			return
		}
		if len(pin) < least || len(pin) > MaxPIN {
			t.Fatalf("%d bytes were taken for at least %d", len(pin), least)
		}
		a, err := Auth(salt, "p1", pin)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Destroy()
		b, err := Auth(salt, "p1", pin)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Destroy()
		if !bytes.Equal(a.Bytes(), b.Bytes()) || len(a.Bytes()) != AuthSize {
			t.Fatalf("%x and %x", a.Bytes(), b.Bytes())
		}
	})
}
