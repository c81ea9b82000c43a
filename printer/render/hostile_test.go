package render

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// verdict sorts an outcome: "ok", or which of the documented errors it is.
func verdict(err error) string {
	var limit *LimitError
	var crash *CrashError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrCorrupt):
		return "corrupt"
	case errors.Is(err, ErrEncrypted):
		return "encrypted"
	case errors.As(err, &limit):
		return "limit " + string(limit.What)
	case errors.As(err, &crash):
		return "crash"
	}
	return "undocumented: " + err.Error()
}

// TestHostileDocuments: each bad document gets the error it deserves, and the
// good one after it is rendered.
func TestHostileDocuments(t *testing.T) {
	pool := newPool(t, Config{Spares: 1, Limits: Limits{Time: time.Minute, CPU: time.Minute}}) // what is slow here is the machine
	good := letter(t, 1)
	for _, c := range []struct {
		name, want string
		document   []byte
	}{
		{"nothing", "corrupt", nil},
		{"one byte", "corrupt", []byte("%")},
		{"header only", "corrupt", []byte("%PDF-1.7\n")},
		{"PNG", "corrupt", pngFile(t)},
		{"HTML", "corrupt", []byte("<!doctype html><title>x</title><p>not a letter")},
		{"EPUB", "corrupt", epub(t)},
		{"SVG", "corrupt", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>`)},
		{"SVG that says PDF", "corrupt", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><!-- %PDF-1.7 --><rect width="9" height="9"/></svg>`)},
		{"header far in", "corrupt", append(bytes.Repeat([]byte{' '}, 2000), good...)},
		{"negative count", "corrupt", counted("-1")},
		{"zero count", "corrupt", counted("0")},
		{"count of two thousand million", "limit pages", counted("2000000000")},
		{"count over the limit", "limit pages", counted("251")},
		{"count of three for one", "corrupt", counted("3")},
		{"page tree in a circle", "corrupt", objects("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>")},
		{"huge page", "limit side", onePage("/MediaBox[0 0 1000000000 1000000000]", someText)},
		{"large page", "limit pixels", onePage("/MediaBox[0 0 14000 14000]", someText)},
		{"huge unit", "limit side", onePage(a4+"/UserUnit 1000000", someText)},
		{"no area", "ok", onePage("/MediaBox[0 0 0 0]", someText)}, // MuPDF takes Letter then
		{"password", "encrypted", encrypted(t, good, "rc4-128")},
		{"password, AES", "encrypted", encrypted(t, good, "aes-256")},
		{"deep array", "ok", onePage(a4+"/Annots"+strings.Repeat("[", 200000)+strings.Repeat("]", 200000), someText)},
		{"form that draws itself", "ok", drawing(recursive())},
		{"groups without end", "limit memory", groups(40)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := pool.Render(t.Context(), Request{Document: c.document, DPI: 150}, func(Page) error { return nil })
			if got := verdict(err); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if pages, _ := renderAll(t, pool, Request{Document: good, DPI: 36}); len(pages) != 1 {
				t.Error("the good document after it was not rendered")
			}
		})
	}
}

// TestDamaged cuts and flips a letter everywhere; whatever happens is one of
// the documented outcomes.
func TestDamaged(t *testing.T) {
	pool := newPool(t, Config{Spares: 2})
	good := paper(t, "A4", 2)
	rng := rand.New(rand.NewPCG(7, 24))
	for i := range 60 {
		bad := append([]byte(nil), good...)
		if i%2 == 0 {
			bad = bad[:rng.IntN(len(bad))]
		} else {
			for range 1 + rng.IntN(40) {
				bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
			}
		}
		_, err := pool.Render(t.Context(), Request{Document: bad, DPI: 50}, func(Page) error { return nil })
		if got := verdict(err); strings.HasPrefix(got, "undocumented") {
			t.Errorf("damage %d: %s", i, got)
		}
	}
	renderAll(t, pool, Request{Document: good, DPI: 36})
}

func counted(count string) []byte {
	return objects("",
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count "+count+">>",
		"<</Type/Page/Parent 2 0 R"+a4+">>")
}

// drawing is a page that draws its object 6, X.
func drawing(more ...string) []byte {
	return objects("", append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 3900 3900]/Resources<</XObject<</X 6 0 R>>/ExtGState<</Half 5 0 R>>>>>>",
		stream("", "/Half gs /X Do"),
		"<</ca .5>>",
	}, more...)...)
}

func recursive() string {
	return stream("/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<</XObject<</X 6 0 R>>>>", "/X Do")
}

// groups is a page of A3 with n transparency groups within each other, each of
// which takes the page's pixels again.
func groups(n int) []byte {
	var bodies []string
	for i := range n {
		bodies = append(bodies, stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 10000 10000]/Group<</S/Transparency/I true/CS/DeviceRGB>>/Resources<</ExtGState<</Half<</ca .5>>>>/XObject<</X %d 0 R>>>>", 6+i+1),
			"/Half gs 1 0 0 rg 0 0 9000 9000 re f /X Do"))
	}
	bodies = append(bodies, stream("/Type/XObject/Subtype/Form/BBox[0 0 10000 10000]", "0 0 100 100 re f"))
	return drawing(bodies...)
}

// TestBomb: an image that unpacks to 1.6 GB is stopped by the clock or by the
// CPU limit, whichever is lower.
func TestBomb(t *testing.T) {
	document := bomb(t)
	for want, limits := range map[string]Limits{
		"limit time": {Time: 500 * time.Millisecond, TimeFor: 500 * time.Millisecond},
		"limit cpu":  {Time: time.Minute, CPU: 500 * time.Millisecond, TimeFor: 500 * time.Millisecond},
	} {
		pool := newPool(t, Config{Limits: limits})
		_, err := pool.Render(t.Context(), Request{Document: document, DPI: 150}, func(Page) error { return nil })
		if got := verdict(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		renderAll(t, pool, Request{Document: letter(t, 1), DPI: 36})
	}
}

// bomb is a page whose image unpacks to 1.6 GB.
func bomb(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	// Two bytes for 128, packed again.
	if _, err := z.Write(bytes.Repeat([]byte{129, 0}, 40000*40960/128)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	image := stream("/Type/XObject/Subtype/Image/Width 40000/Height 40960/BitsPerComponent 8/ColorSpace/DeviceGray/Filter[/FlateDecode/RunLengthDecode]", packed.String())
	return objects("",
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R"+a4+"/Resources<</XObject<</I 5 0 R>>>>>>",
		stream("", "500 0 0 700 20 20 cm /I Do"), image)
}

func pngFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func epub(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "mimetype"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(w, "application/epub+zip"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encrypted protects a document with a user password.
func encrypted(t *testing.T, document []byte, method string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, document, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.Command("mutool", "clean", "-E", method, "-U", "secret", "-O", "owner", in, out).CombinedOutput(); err != nil {
		t.Fatalf("mutool clean: %v\n%s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
