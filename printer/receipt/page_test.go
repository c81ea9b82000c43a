package receipt

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/boombuler/barcode/qr"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"espero-soft.com/printroom/assets/fonts"
)

// scan says how a page was put on the glass.
type scan struct {
	dpi   int
	angle float64 // degrees
	noise float64 // standard deviation in grey levels
	ink   float64 // 1 is black
}

func (s scan) String() string {
	return fmt.Sprintf("%d dpi, %.1f degrees, noise %.0f, ink %.2f", s.dpi, s.angle, s.noise, s.ink)
}

// page draws words and codes of all three kinds; modules are sized in
// millimetres as on real paper.
type page struct {
	*image.Gray
	dpi  int
	want []Code
}

func newPage(t testing.TB, dpi int) *page {
	t.Helper()
	p := &page{Gray: image.NewGray(image.Rect(0, 0, 210*dpi*10/254, 297*dpi*10/254)), dpi: dpi}
	draw.Draw(p, p.Rect, image.White, image.Point{}, draw.Src)
	f, err := opentype.Parse(fonts.Regular)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 10, DPI: float64(dpi)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 14 {
		d := font.Drawer{Dst: p, Src: image.Black, Face: face, Dot: fixed.P(p.px(20), p.px(130+float64(i)*5))}
		d.DrawString("Wij hebben uw aanvraag goed ontvangen; le solde sera versé sur le compte 0123456789.")
	}
	return p
}

func (p *page) px(mm float64) int { return int(mm / 25.4 * float64(p.dpi)) }

func (p *page) put(t testing.TB, s Symbology, text string, x, y, module float64) {
	t.Helper()
	var code barcode.Barcode
	var err error
	height := 1.0
	switch s {
	case Code128:
		code, err = code128.Encode(text)
		height = 9
	case DataMatrix:
		code, err = datamatrix.Encode(text)
	case QR:
		code, err = qr.Encode(text, qr.M, qr.Auto)
	}
	if err != nil {
		t.Fatal(err)
	}
	size := module / 25.4 * float64(p.dpi)
	for r := range code.Bounds().Dy() {
		for c := range code.Bounds().Dx() {
			if color.GrayModel.Convert(code.At(c, r)).(color.Gray).Y < 128 {
				at := image.Rect(p.px(x)+int(float64(c)*size), p.px(y)+int(float64(r)*size), p.px(x)+int(float64(c+1)*size), p.px(y)+int(float64(r+1)*size))
				if s == Code128 {
					at.Max.Y = p.px(y + height)
				}
				draw.Draw(p, at, image.Black, image.Point{}, draw.Src)
			}
		}
	}
	p.want = append(p.want, Code{Symbology: s, Text: strings.TrimPrefix(text, string(code128.FNC1))})
}

// scanned turns and spoils the page.
func (p *page) scanned(s scan, seed uint64) *image.Gray {
	out := image.NewGray(p.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	if turn := math.Abs(math.Remainder(s.angle, 180)); turn > 45 {
		out = image.NewGray(image.Rect(0, 0, p.Rect.Dy(), p.Rect.Dx()))
		draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	}
	sin, cos := math.Sincos(s.angle * math.Pi / 180)
	cx, cy := float64(p.Rect.Dx())/2, float64(p.Rect.Dy())/2
	ox, oy := float64(out.Rect.Dx())/2, float64(out.Rect.Dy())/2
	m := f64.Aff3{cos, -sin, ox - cx*cos + cy*sin, sin, cos, oy - cx*sin - cy*cos}
	draw.ApproxBiLinear.Transform(out, m, p, p.Rect, draw.Src, nil)
	r := rand.New(rand.NewPCG(seed, 1))
	var noise [1 << 14]float64
	for i := range noise {
		noise[i] = r.NormFloat64() * s.noise
	}
	for i, v := range out.Pix {
		out.Pix[i] = byte(max(0, min(255, 248-(255-float64(v))*s.ink*248/255+noise[r.Uint32()&(1<<14-1)])))
	}
	return out
}

func saved(t testing.TB, img image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scan.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// peer runs a reader that is not ours; finding nothing is not a failure.
func peer(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if exit := (*exec.ExitError)(nil); err != nil && (!asExit(err, &exit) || exit.ExitCode() > 4) {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
