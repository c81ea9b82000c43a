package render

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jung-kurt/gofpdf"
)

// disagreement is the share of pixels of a that no pixel of b explains: those
// whose value is more than slack outside the range of values in the 3 × 3
// pixels of b around the same place. Edges that are smoothed differently
// agree; a missing stroke, field or stamp does not.
func disagreement(a, b Page) float64 {
	const slack = 32
	if a.Width != b.Width || a.Height != b.Height || a.Colour != b.Colour {
		return 1
	}
	n := len(a.Pix) / (a.Width * a.Height)
	bad := 0
	for y := range a.Height {
		for x := range a.Width {
			for c := range n {
				at := (y*a.Width+x)*n + c
				v := int(a.Pix[at])
				if same := int(b.Pix[at]); v >= same-slack && v <= same+slack {
					continue
				}
				lo, hi := 255, 0
				for yy := max(y-1, 0); yy <= min(y+1, a.Height-1); yy++ {
					for xx := max(x-1, 0); xx <= min(x+1, a.Width-1); xx++ {
						w := int(b.Pix[(yy*a.Width+xx)*n+c])
						lo, hi = min(lo, w), max(hi, w)
					}
				}
				if v < lo-slack || v > hi+slack {
					bad++
					break
				}
			}
		}
	}
	return float64(bad) / float64(a.Width*a.Height)
}

// agree is the largest disagreement, either way, of two drawings of one page.
const agree = 2e-5

func distance(a, b Page) float64 { return max(disagreement(a, b), disagreement(b, a)) }

// mutool draws a document with the reference program.
func mutool(t testing.TB, document []byte, dpi int, colour bool, pages string) []Page {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, document, 0o600); err != nil {
		t.Fatal(err)
	}
	space, suffix := "gray", "pgm"
	if colour {
		space, suffix = "rgb", "ppm"
	}
	cmd := exec.Command("mutool", "draw", "-q", "-r", fmt.Sprint(dpi), "-c", space, "-o", filepath.Join(dir, "%d."+suffix), in, pages)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mutool: %v\n%s", err, out)
	}
	var drawn []Page
	for i := 1; ; i++ {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("%d.%s", i, suffix)))
		if os.IsNotExist(err) {
			return drawn
		}
		if err != nil {
			t.Fatal(err)
		}
		drawn = append(drawn, portable(t, f, i-1, colour))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// portable reads a binary PGM or PPM.
func portable(t testing.TB, r io.Reader, index int, colour bool) Page {
	t.Helper()
	br := bufio.NewReader(r)
	head := make([]string, 0, 4)
	for len(head) < 4 {
		line, err := br.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(line, "#") {
			head = append(head, strings.Fields(line)...)
		}
	}
	p := Page{Index: index, Colour: colour}
	if _, err := fmt.Sscan(head[1]+" "+head[2], &p.Width, &p.Height); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.Pix, err = io.ReadAll(br); err != nil {
		t.Fatal(err)
	}
	return p
}

// compared is a document, and what must be reported as drawn on it.
type compared struct {
	name     string
	document []byte
	annots   int
	widgets  int
	reduce   bool // mutool blackens it in grey: take the grey of its colours
}

func comparedDocuments(t testing.TB) []compared {
	return append([]compared{
		{name: "text", document: letter(t, 3)},
		{name: "letter", document: paper(t, "Letter", 1)},
		{name: "A3", document: paper(t, "A3", 1)},
		{name: "images", document: pictures(t)},
		{name: "rotated 90", document: onePage(a4+"/Rotate 90", someText)},
		{name: "rotated 270, cropped", document: onePage(a4+"/Rotate 270/CropBox[50 300 500 800]", someText)},
		{name: "user unit", document: onePage("/MediaBox[0 0 300 400]/UserUnit 1.5", "BT /F1 24 Tf 20 300 Td (Units) Tj ET")},
		{name: "transparency", document: onePage(a4+"/Group<</S/Transparency/CS/DeviceRGB>>",
			someText+"q /Half gs 1 0 0 rg 100 400 200 200 re f 0 0 1 rg 200 300 200 200 re f Q q /Mult gs 0 1 0 rg 150 350 200 80 re f Q")},
		{name: "CMYK", document: onePage(a4, someText+"1 0 0 0 k 100 500 100 100 re f 0 1 0 0 k 150 450 100 100 re f 0 0 0 1 k 300 450 50 50 re f")},
		{name: "spot colour overprinted", document: overprinted(), reduce: true},
	}, interactive()...)
}

// TestLikeMutool compares every kind of page with the reference program, in
// grey and in colour.
func TestLikeMutool(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	for _, c := range comparedDocuments(t) {
		t.Run(c.name, func(t *testing.T) {
			for _, colour := range []bool{false, true} {
				want := mutool(t, c.document, 150, colour || c.reduce, "1-N")
				if c.reduce && !colour {
					for i := range want {
						want[i] = grey(want[i])
					}
				}
				got, report := renderAll(t, pool, Request{Document: c.document, DPI: 150, Colour: colour})
				if len(got) != len(want) || report.Pages != len(want) {
					t.Fatalf("%d pages, mutool has %d", len(got), len(want))
				}
				for i := range got {
					if d := distance(got[i], want[i]); d > agree {
						t.Errorf("page %d, colour %v: %d×%d pixels, mutool %d×%d: disagreement %.2g",
							i, colour, got[i].Width, got[i].Height, want[i].Width, want[i].Height, d)
						keep(t, got[i], want[i])
					}
				}
				if report.Annotations != c.annots || report.Widgets != c.widgets || report.Faults != 0 || report.Repaired {
					t.Errorf("report %+v, want %d annotations and %d widgets", report, c.annots, c.widgets)
				}
			}
		})
	}
}

// TestMetric makes sure that the comparison sees what it is for: a page without
// its annotations or fields is another page.
func TestMetric(t *testing.T) {
	pool := newPool(t, Config{})
	bare, _ := renderAll(t, pool, Request{Document: onePage(a4, someText), DPI: 150})
	for _, c := range interactive() {
		got, _ := renderAll(t, pool, Request{Document: c.document, DPI: 150})
		if d := distance(got[0], bare[0]); d <= agree {
			t.Errorf("%s: nothing was drawn, disagreement %.2g", c.name, d)
		}
	}
}

// grey reduces a page to grey by the usual weights of red, green and blue.
func grey(p Page) Page {
	g := Page{Index: p.Index, Width: p.Width, Height: p.Height}
	for i := 0; i < len(p.Pix); i += 3 {
		y := 0.3*float64(p.Pix[i]) + 0.59*float64(p.Pix[i+1]) + 0.11*float64(p.Pix[i+2])
		g.Pix = append(g.Pix, byte(y))
	}
	return g
}

// keep leaves two pictures for a person to look at, when asked for.
func keep(t *testing.T, got, want Page) {
	t.Helper()
	dir := os.Getenv("KEEP_PICTURES")
	if dir == "" {
		return
	}
	for name, p := range map[string]Page{"got": got, "want": want} {
		kind := "P5"
		if p.Colour {
			kind = "P6"
		}
		data := append(fmt.Appendf(nil, "%s %d %d 255\n", kind, p.Width, p.Height), p.Pix...)
		file := fmt.Sprintf("%s-%s-%v.pnm", strings.ReplaceAll(filepath.Base(t.Name()), " ", "_"), name, p.Colour)
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// pictures is a page with a smooth photograph and a hard one-bit-like pattern.
func pictures(t testing.TB) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(x * 255 / 320), uint8(y), uint8(128 + rng.IntN(16)), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.RegisterImageOptionsReader("photo", gofpdf.ImageOptions{ImageType: "JPG"}, &b)
	doc.ImageOptions("photo", 20, 30, 120, 0, false, gofpdf.ImageOptions{}, 0, "")
	return output(t, doc)
}

// overprinted is a page whose spot colour is blended with what lies below.
func overprinted() []byte {
	return objects("",
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R"+a4+"/Resources<</ExtGState<</Over<</OP true/op true/OPM 1>>>>/ColorSpace<</Spot[/Separation/Warm/DeviceCMYK 5 0 R]>>>>>>",
		stream("", "/Over gs 1 0 0 0 k 100 400 200 200 re f /Spot cs 1 scn 200 300 200 200 re f 0 0 0 0 k 120 420 40 40 re f"),
		"<</FunctionType 2/Domain[0 1]/N 1/C0[0 0 0 0]/C1[0 .6 .9 0]>>",
	)
}
