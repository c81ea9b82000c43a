package receipt

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/code128"
	"golang.org/x/image/draw"

	"espero-soft.com/printroom/printer/postal"
)

func asExit(err error, to **exec.ExitError) bool { return errors.As(err, to) }

const sheetText = "B24:7K3M9QX2B4TZ" // and its check character

func testSheet(t testing.TB, sheet int) postal.SheetCode {
	t.Helper()
	for _, c := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		code, err := postal.ParseAttemptCode(strings.TrimPrefix(sheetText, "B24:") + string(c))
		if err == nil {
			return postal.SheetCode{Attempt: code, Sheet: sheet, Sheets: 12}
		}
	}
	t.Fatal("no check character fits")
	return postal.SheetCode{}
}

// mixed is a page with one code of each kind and its neighbours.
func mixed(t testing.TB, dpi int) *page {
	p := newPage(t, dpi)
	p.put(t, Code128, string(code128.FNC1)+"010541288500452621221234567890", 25, 40, 0.339)
	p.put(t, Code128, "RB123456785GB", 25, 60, 0.339)
	p.put(t, Code128, "B24-20261122-0007", 110, 60, 0.339)
	p.put(t, DataMatrix, testSheet(t, 3).String(), 25, 85, 0.508)
	p.put(t, DataMatrix, "B24-20261122-0007", 150, 20, 0.508)
	p.put(t, QR, "https://bjet24.example/d/7K3M9QX2B4TZ", 110, 85, 0.6)
	return p
}

// Turned, noisy and faint pages: at least 99 of 100 codes are read, no fewer
// than zbarimg and dmtxread read together, and none is invented.
func TestReadRates(t *testing.T) {
	var scans []scan
	for i, angle := range []float64{0, 3, 10, 270} {
		scans = append(scans, scan{300 - i%2*50, angle, float64(i%4) * 6, 1 - 0.2*float64(i%4)})
	}
	scans = append(scans, scan{200, 2, 4, 0.9})
	const compared = 2 // the peers take seconds a scan
	truth, ours, both, peers := 0, 0, 0, 0
	for i, s := range scans {
		p := mixed(t, s.dpi)
		img := p.scanned(s, uint64(i))
		start := time.Now()
		codes, err := Read(context.Background(), img)
		if err != nil {
			t.Fatal(err)
		}
		spent := time.Since(start)
		missing := slices.Clone(p.want)
		for _, c := range codes {
			at := slices.IndexFunc(missing, func(w Code) bool { return w.Text == c.Text && w.Symbology == c.Symbology })
			if at < 0 {
				t.Errorf("%v: invented or repeated %s %q", s, c.Symbology, c.Text)
				continue
			}
			missing = slices.Delete(missing, at, at+1)
			for _, corner := range c.Corners {
				if !corner.In(img.Rect.Inset(-40)) {
					t.Errorf("%v: a corner of %q lies at %v", s, c.Text, corner)
				}
			}
		}
		truth, ours = truth+len(p.want), ours+len(p.want)-len(missing)
		t.Logf("%v: ours %d of %d in %v; missing %v", s, len(p.want)-len(missing), len(p.want), spent, missing)
		if i >= compared {
			continue
		}
		path := saved(t, img)
		start = time.Now()
		lines := strings.Fields(peer(t, "zbarimg", "-q", path))
		matrices := strings.Fields(peer(t, "dmtxread", "-n", "-m", "700", path))
		theirs := 0
		for _, w := range p.want {
			if w.Symbology == DataMatrix && slices.Contains(matrices, w.Text) || slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, ":"+w.Text) }) {
				theirs++
			}
		}
		both, peers = both+len(p.want)-len(missing), peers+theirs
		t.Logf("%v: peers %d in %v", s, theirs, time.Since(start))
	}
	if ours*100 < truth*99 || both < peers || peers == 0 {
		t.Errorf("read %d of %d codes; where compared %d, the peers %d", ours, truth, both, peers)
	}
}

// Any angle at all, as on a photograph.
func TestReadTurned(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 16 {
		p := &page{Gray: image.NewGray(image.Rect(0, 0, 900, 900)), dpi: 300}
		draw.Draw(p, p.Rect, image.White, image.Point{}, draw.Src)
		p.put(t, DataMatrix, testSheet(t, 3).String(), 20, 20, 0.508)
		p.put(t, QR, "https://bjet24.example/d/7K3M9QX2B4TZ", 45, 20, 0.6)
		p.put(t, Code128, "RB123456785GB", 15, 55, 0.339)
		s := scan{300, r.Float64() * 360, float64(i%4) * 6, 1 - 0.2*float64(i%4)}
		codes, err := Read(context.Background(), p.scanned(s, uint64(i)))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range p.want {
			if !slices.ContainsFunc(codes, func(c Code) bool { return c.Symbology == w.Symbology && c.Text == w.Text }) {
				t.Errorf("%v: %s is missing", s, w.Symbology)
			}
		}
	}
}

// A page from a printer: the code stands where the hint says, also upside down,
// and is found without the hint too.
func TestSheet(t *testing.T) {
	want := testSheet(t, 2)
	p := newPage(t, 300)
	p.put(t, DataMatrix, want.String(), 7.112, 274.32, 0.508)
	p.put(t, DataMatrix, "something else", 100, 20, 0.508)
	hint := image.Rect(p.px(3), p.px(270), p.px(24), p.px(291))
	for _, s := range []scan{{300, 0, 0, 1}, {300, 180, 5, 0.8}, {300, 1, 15, 0.6}} {
		img := p.scanned(s, 1)
		for _, h := range []image.Rectangle{hint, image.Rect(-500, -500, 10, 10)} {
			start := time.Now()
			got, err := Sheet(context.Background(), img, h)
			if err != nil || got != want {
				t.Errorf("%v, hint %v: %v, %v", s, h, got, err)
			}
			t.Logf("%v, hint %v: %v", s, h, time.Since(start))
		}
	}
	// A page of an image whose corner is not the origin.
	img := p.scanned(scan{300, 0, 0, 1}, 1)
	img.Rect = img.Rect.Add(image.Pt(70, -30))
	if got, err := Sheet(context.Background(), img, hint.Add(image.Pt(70, -30))); err != nil || got != want {
		t.Errorf("moved image: %v, %v", got, err)
	}
	if got, err := Sheet(context.Background(), newPage(t, 300), hint); !errors.Is(err, ErrNoCode) {
		t.Errorf("page without a code: %v, %v", got, err)
	}
}

func TestReadHonoursContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, mixed(t, 200)); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %v", err)
	}
	if _, err := Sheet(ctx, mixed(t, 200), image.Rectangle{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Sheet: %v", err)
	}
}

// Work is bounded on images made of nothing but edges.
func TestReadIsBounded(t *testing.T) {
	for name, pattern := range map[string]func(x, y int) byte{
		"stripes": func(x, _ int) byte { return byte(x / 3 % 2 * 255) },
		"checks":  func(x, y int) byte { return byte((x/5 + y/5) % 2 * 255) },
		"islands": func(x, y int) byte {
			if x%40 < 8 || y%40 < 8 {
				return 255
			}
			return byte(((x*2654435761 ^ y*40503) >> 7 & 1) * 255)
		},
		"combs": func(x, y int) byte {
			if x%300 < 40 || y%60 < 20 {
				return 255
			}
			return byte((x * 2654435761 >> 9 & 1) * 255)
		},
	} {
		img := image.NewGray(image.Rect(0, 0, 1500, 2000))
		for i := range img.Pix {
			img.Pix[i] = pattern(i%1500, i/1500)
		}
		start := time.Now()
		codes, err := Read(context.Background(), img)
		if err != nil || len(codes) > 0 {
			t.Errorf("%s: %v, %v", name, codes, err)
		}
		t.Logf("%s: %v", name, time.Since(start))
	}
}

func TestReadOddImages(t *testing.T) {
	for _, img := range []image.Image{
		image.NewGray(image.Rectangle{}), image.NewGray(image.Rect(0, 0, 1, 1)), image.NewRGBA(image.Rect(0, 0, 5000, 1)),
		image.NewNRGBA64(image.Rect(-3, -3, 30, 30)), image.NewYCbCr(image.Rect(1, 1, 40, 33), image.YCbCrSubsampleRatio420),
		image.NewCMYK(image.Rect(0, 0, 50, 50)), image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.Black}),
	} {
		if codes, err := Read(context.Background(), img); err != nil || len(codes) > 0 {
			t.Errorf("%T %v: %v, %v", img, img.Bounds(), codes, err)
		}
	}
}

func BenchmarkSheetHint(b *testing.B) {
	p := newPage(b, 300)
	p.put(b, DataMatrix, testSheet(b, 1).String(), 7.112, 274.32, 0.508)
	for b.Loop() {
		if _, err := Sheet(context.Background(), p.Gray, image.Rect(p.px(3), p.px(270), p.px(24), p.px(291))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	img := mixed(b, 300).scanned(scan{300, 3, 6, 0.8}, 1)
	for b.Loop() {
		if _, err := Read(context.Background(), img); err != nil {
			b.Fatal(err)
		}
	}
}
