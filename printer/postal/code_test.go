package postal

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// GRid and ISAN publish codes that end in a MOD 37,36 character.
func TestCheckCharacterVectors(t *testing.T) {
	for text, want := range map[string]byte{
		"A12425GABC1234002": 'M', // GRid standard
		"006A15FA002BC95F":  'W', // ISAN users' manual
		"B159D8FA01240000":  'K',
		"00000000D07A0090":  'Q',
	} {
		if got := checkCharacter(text); got != want {
			t.Errorf("check character of %s is %c, want %c", text, got, want)
		}
	}
}

func TestAttemptCodeTolerance(t *testing.T) {
	code, err := NewAttemptCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	typed := strings.NewReplacer("0", "o", "1", "l").Replace(strings.ToLower(code.Grouped()))
	for _, s := range []string{string(code), typed, " " + code.Grouped() + " ", strings.ReplaceAll(typed, "l", "I")} {
		if got, err := ParseAttemptCode(s); err != nil || got != code {
			t.Errorf("ParseAttemptCode(%q) = %q, %v; want %q", s, got, err, code)
		}
	}
}

func TestNewAttemptCodeRefusesShortRandom(t *testing.T) {
	if _, err := NewAttemptCode(bytes.NewReader(make([]byte, 5))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("error %v, want an unexpected EOF", err)
	}
}

// Any one wrong symbol and any swap of neighbours is noticed.
func TestAttemptCodeNoticesSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		code, err := NewAttemptCode(mathrand.NewChaCha8([32]byte(binary.BigEndian.AppendUint64(make([]byte, 24), seed))))
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(code)-1).Draw(t, "place")
		c := crockford[rapid.IntRange(0, 31).Draw(t, "symbol")]
		if c != code[i] {
			if got, err := ParseAttemptCode(string(code[:i]) + string(c) + string(code[i+1:])); err == nil {
				t.Fatalf("%s with a wrong symbol read as %s", code, got)
			}
		}
		if i > 0 && code[i] != code[i-1] {
			b := []byte(code)
			b[i], b[i-1] = b[i-1], b[i]
			if got, err := ParseAttemptCode(string(b)); err == nil {
				t.Fatalf("%s with a swap read as %s", code, got)
			}
		}
	})
}

func TestSheetCode(t *testing.T) {
	code, err := NewAttemptCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := SheetCode{Attempt: code, Sheet: 2, Sheets: 12}
	if got, err := ParseSheetCode(c.String()); err != nil || got != c {
		t.Fatalf("ParseSheetCode(%q) = %v, %v", c, got, err)
	}
	for _, s := range []string{"", "B24:", "B24:" + string(code), "B24:" + string(code) + ":0/1", "B24:" + string(code) + ":2/1",
		"B24:" + string(code) + ":1/1000", "B24:" + string(code) + ":01/1", "B24:" + string(code) + ":+1/1",
		"b24:" + string(code) + ":1/1", "B24:" + code.Grouped() + ":1/1", c.String() + " ", "B25:" + string(code) + ":1/1"} {
		if got, err := ParseSheetCode(s); !errors.Is(err, ErrSheetCode) {
			t.Errorf("ParseSheetCode(%q) = %v, %v; want a refusal", s, got, err)
		}
	}
	if err := (SheetCode{Attempt: code, Sheet: 3, Sheets: 2}).Validate(); err == nil {
		t.Error("sheet 3 of 2 is valid")
	}
}

func TestSheets(t *testing.T) {
	for _, c := range []struct {
		pages  int
		duplex bool
		want   int
	}{{0, false, 0}, {-1, true, 0}, {1, false, 1}, {1, true, 1}, {2, true, 1}, {3, true, 2}, {12, true, 6}, {12, false, 12}, {13, true, 7}} {
		if got := Sheets(c.pages, c.duplex); got != c.want {
			t.Errorf("Sheets(%d, %v) = %d, want %d", c.pages, c.duplex, got, c.want)
		}
	}
}

func FuzzParseAttemptCode(f *testing.F) {
	f.Add("7K3M-9QX2-B4TZ-8")
	f.Add("ooooiiiillll0")
	f.Add("A12425GABC1234002M")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseAttemptCode(s)
		if err != nil {
			if !errors.Is(err, ErrAttemptCode) || code != "" {
				t.Fatalf("%q: %q, %v", s, code, err)
			}
			return
		}
		if again, err := ParseAttemptCode(code.Grouped()); err != nil || again != code || len(code) != 13 {
			t.Fatalf("%q read as %q, then as %q, %v", s, code, again, err)
		}
	})
}

func FuzzParseSheetCode(f *testing.F) {
	f.Add("B24:7K3M9QX2B4TZ8:1/3")
	f.Add("B24:0000000000001:999/999")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseSheetCode(s)
		if err == nil && (c.String() != s || c.Validate() != nil) {
			t.Fatalf("%q reads as %v", s, c)
		}
	})
}
