package mail

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/postal"
)

func letters(t testing.TB, seed int64, n int, o Options) []Letter {
	t.Helper()
	got, err := Letters(seed, n, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func tool(t testing.TB, name string, args ...string) (string, error) {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	return out.String() + stderr.String(), err
}

func TestFirstLetters(t *testing.T) {
	got := letters(t, 1, 4, Options{})
	for i, want := range postal.Products() {
		if got[i].Product != want {
			t.Errorf("letter %d is %s, want %s", i+1, got[i].Product, want)
		}
	}
	if got[2].Tracking == "" || got[0].Tracking != "" || got[3].Country == postal.Belgium {
		t.Errorf("tracking %q, %q; country %s", got[2].Tracking, got[0].Tracking, got[3].Country)
	}
}

func TestSameSeedSameMail(t *testing.T) {
	all := letters(t, 7, 8, Options{})
	if d := cmp.Diff(all, letters(t, 7, 8, Options{})); d != "" {
		t.Error("the same seed gives other letters")
	}
	if d := cmp.Diff(all[:3], letters(t, 7, 3, Options{})); d != "" {
		t.Error("the first three depend on how many follow")
	}
	if bytes.Equal(all[0].PDF, letters(t, 8, 1, Options{})[0].PDF) {
		t.Error("another seed gives the same letter")
	}
}

// Every letter is what its fields say: pages, unique text, a valid address and
// number.
func TestLetters(t *testing.T) {
	seen := map[string]bool{}
	countries, most := map[string]int{}, 0
	for i, l := range letters(t, 3, 24, Options{}) {
		if found := postal.CheckAddress(l.Recipient, l.Country); len(found) > 0 {
			t.Errorf("letter %d: %q: %v", i, l.Recipient, found)
		}
		if found := postal.CheckAddress(l.Return, postal.Belgium); len(found) > 0 {
			t.Errorf("letter %d: sender %q: %v", i, l.Return, found)
		}
		if (l.Product == postal.Registered) != (l.Tracking != "") {
			t.Errorf("letter %d: %s with number %q", i, l.Product, l.Tracking)
		}
		if l.Tracking != "" {
			n, err := postal.ParseNumber(string(l.Tracking))
			if err != nil || n.Warning != "" || seen[string(l.Tracking)] || (n.Kind == postal.S10) != (l.Country != postal.Belgium) {
				t.Errorf("letter %d to %s: number %+v, %v", i, l.Country, n, err)
			}
			seen[string(l.Tracking)] = true
		}
		countries[l.Country]++
		most = max(most, l.Pages)
		path := file(t, "letter.pdf", l.PDF)
		info, err := tool(t, "pdfinfo", path)
		if err != nil || !strings.Contains(info, "Pages:") || strings.Contains(info, "Error") {
			t.Fatalf("letter %d: pdfinfo: %v\n%s", i, err, info)
		}
		if pages := strings.Fields(info[strings.Index(info, "Pages:"):])[1]; pages != cmpString(l.Pages) {
			t.Errorf("letter %d: %s pages, want %d", i, pages, l.Pages)
		}
		if strings.Contains(info, "AcroForm") != l.Annotated {
			t.Errorf("letter %d: annotated %v\n%s", i, l.Annotated, info)
		}
		text, err := tool(t, "pdftotext", path, "-")
		if err != nil || seen[text] || len(text) < 200 {
			t.Errorf("letter %d: %d characters of text, %v", i, len(text), err)
		}
		seen[text] = true
	}
	if len(countries) < 3 || most < 8 || most > 12 {
		t.Errorf("countries %v, at most %d pages", countries, most)
	}
}

func cmpString(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return "1" + string(rune('0'+n-10))
}

// The stamp is drawn by its appearance alone: mutool shows it, and it is gone
// when the annotation is.
func TestStampIsOutsideOfContents(t *testing.T) {
	l := letters(t, 5, 2, Options{})[1]
	if !l.Annotated {
		t.Fatal("the second letter has no annotations")
	}
	for _, c := range []struct {
		pdf  []byte
		want bool
	}{{l.PDF, true}, {bytes.Replace(l.PDF, []byte("/Annots ["), []byte("/Nothing["), 1), false}} {
		picture := filepath.Join(t.TempDir(), "page.png")
		if out, err := tool(t, "mutool", "draw", "-q", "-r", "72", "-c", "rgb", "-o", picture, file(t, "letter.pdf", c.pdf), "1"); err != nil {
			t.Fatalf("mutool: %v: %s", err, out)
		}
		data, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		red := 0
		for y := 202; y < 242; y++ {
			for x := 400; x < 540; x++ {
				if p := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA); p.R > 150 && p.G < 90 {
					red++
				}
			}
		}
		if (red > 300) != c.want {
			t.Errorf("%d red pixels, want a stamp: %v", red, c.want)
		}
	}
}

func TestCanary(t *testing.T) {
	const canary = "Zebedeus Kwartelmans 7719"
	for i, l := range letters(t, 2, 3, Options{Canary: canary}) {
		text, err := tool(t, "pdftotext", file(t, "letter.pdf", l.PDF), "-")
		if err != nil || strings.Count(text, canary) < 2 || l.Recipient[0] != canary {
			t.Errorf("letter %d: recipient %q, canary %d times in the text, %v", i, l.Recipient[0], strings.Count(text, canary), err)
		}
	}
	if _, err := Letters(1, 1, Options{Canary: strings.Repeat("x", 51)}); err == nil {
		t.Error("a canary longer than an address line is accepted")
	}
}

func TestDefects(t *testing.T) {
	got := letters(t, 4, 1, Options{Defects: []Defect{Corrupt, Encrypted, PageCount, CheckDigit}})
	if len(got) != 5 || got[0].Defect != "" {
		t.Fatalf("%d letters, the first %q", len(got), got[0].Defect)
	}
	if out, err := tool(t, "pdfinfo", file(t, "corrupt.pdf", got[1].PDF)); err == nil {
		t.Errorf("corrupt: pdfinfo reads it: %s", out)
	}
	if out, err := tool(t, "pdfinfo", file(t, "encrypted.pdf", got[2].PDF)); err == nil || !strings.Contains(out, "password") {
		t.Errorf("encrypted: %v: %s", err, out)
	}
	if out, err := tool(t, "pdfinfo", "-upw", password, file(t, "encrypted.pdf", got[2].PDF)); err != nil {
		t.Errorf("encrypted, with its password: %v: %s", err, out)
	}
	if out, err := tool(t, "pdfinfo", file(t, "pages.pdf", got[3].PDF)); err != nil || !strings.Contains(out, cmpString(got[3].Pages+2)) {
		t.Errorf("page count, paid %d: %v: %s", got[3].Pages, err, out)
	}
	if n, err := postal.ParseNumber(string(got[4].Tracking)); err == nil {
		t.Errorf("check digit: %+v is valid", n)
	}
}
