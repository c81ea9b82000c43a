package verify

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func TestTimeOfReadsWhatIsTimeAccepts(t *testing.T) {
	for _, text := range []string{
		"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2026-11-22T17:30:01.234Z", "9999-12-31T09:08:07.006Z",
	} {
		want, err := time.Parse(timeLayout, text)
		if err != nil || !isTime([]byte(text)) {
			t.Fatalf("%s: %v", text, err)
		}
		if got := timeOf([]byte(text)); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestDecodeHashTakesOneForm(t *testing.T) {
	want := tlog.Hash{0: 0xfb, 31: 0xff}
	text := want.String()
	if got, err := decodeHash([]byte(text)); err != nil || got != want {
		t.Fatalf("%s: got %v, %v", text, got, err)
	}
	for name, bad := range map[string]string{
		"nothing": "", "unused bits": text[:42] + "9=", "no padding": text[:43], "33 bytes": base64.StdEncoding.EncodeToString(make([]byte, 33)),
		"31 bytes": base64.StdEncoding.EncodeToString(make([]byte, 31)), "a newline": text[:20] + "\n" + text[20:],
		"newlines in place of symbols": text[:4] + "\n\n\n\n" + text[8:], "URL's alphabet": strings.ReplaceAll(text, "+", "-"),
		"too long": text + "AAAA",
	} {
		if bad == text {
			t.Fatalf("%s is no other form", name)
		}
		if got, err := decodeHash([]byte(bad)); err == nil || got != (tlog.Hash{}) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
