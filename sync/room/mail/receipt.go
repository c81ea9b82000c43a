package mail

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"espero-soft.com/printroom/assets/fonts"
	"espero-soft.com/printroom/printer/postal"
)

// Receipt is a stamped counter receipt. Without an Angle, Noise and Ink the
// seed chooses those of a careful scan.
type Receipt struct {
	Seed    int64
	Deposit string   // the slip's number
	Numbers []string // the registered numbers
	Office  string
	Angle   float64 // degrees, clockwise
	Noise   float64 // standard deviation in grey levels
	Ink     float64 // 1 is black, 0.2 a tired printer
	PNG     bool    // instead of JPEG
}

// Size of a scan: A4 at 300 dpi.
const (
	scanWidth  = 2480
	scanHeight = 3508
	// MaxReceiptNumbers is what two columns hold.
	MaxReceiptNumbers = 28
)

// Encode gives the scan as a file.
func (d Receipt) Encode() ([]byte, error) {
	img, err := d.Draw()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if d.PNG {
		err = png.Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 88})
	}
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return out.Bytes(), nil
}

// ReceiptImage is a careful scan as a JPEG file.
func ReceiptImage(seed int64, deposit string, numbers []string) ([]byte, error) {
	return Receipt{Seed: seed, Deposit: deposit, Numbers: numbers}.Encode()
}

// Draw gives the scan's pixels.
func (d Receipt) Draw() (*image.Gray, error) {
	if len(d.Numbers) > MaxReceiptNumbers {
		return nil, fmt.Errorf("receipt: %d numbers, more than %d", len(d.Numbers), MaxReceiptNumbers)
	}
	r := source(d.Seed, -1)
	if d.Angle == 0 && d.Noise == 0 && d.Ink == 0 {
		d.Angle, d.Noise, d.Ink = r.Float64()*4-2, 1+2*r.Float64(), 0.8+0.2*r.Float64()
	}
	if d.Ink <= 0 || d.Ink > 1 {
		d.Ink = 1
	}
	if d.Office == "" {
		d.Office = "1040 Etterbeek"
	}
	c, err := newCanvas()
	if err != nil {
		return nil, err
	}
	if err := d.content(c, r); err != nil {
		return nil, err
	}
	return d.scan(c.Gray, r), nil
}

func (d Receipt) content(c *canvas, r *rand.Rand) error {
	c.text(c.bold, 200, 240, "Preuve de dépôt · Afgiftebewijs")
	c.text(c.regular, 200, 320, "Bureau · Kantoor "+d.Office)
	c.text(c.regular, 200, 385, fmt.Sprintf("2026-11-%02d  %02d:%02d   guichet %d", 1+r.IntN(28), 9+r.IntN(8), r.IntN(60), 1+r.IntN(6)))
	c.text(c.regular, 200, 480, d.Deposit)
	if err := c.code(200, 505, 4, 105, d.Deposit); err != nil {
		return err
	}
	c.stamp(1980, 400, d.Office)
	for i, n := range d.Numbers {
		x, y := 200+i%2*1130, 760+i/2*185
		if len(d.Numbers) <= MaxReceiptNumbers/2 {
			x, y = 200, 760+i*185
		}
		text := n
		if number, err := postal.ParseNumber(n); err == nil && number.Kind == postal.National {
			text = string(code128.FNC1) + n
		}
		if err := c.code(x, y, 4, 90, text); err != nil {
			return err
		}
		c.text(c.small, x, y+128, n)
	}
	return nil
}

// scan turns, fades and disturbs the page as a scanner's glass does.
func (d Receipt) scan(page *image.Gray, r *rand.Rand) *image.Gray {
	out := page
	if d.Angle != 0 {
		sin, cos := math.Sincos(d.Angle * math.Pi / 180)
		const cx, cy = scanWidth / 2, scanHeight / 2
		out = image.NewGray(page.Rect)
		draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
		m := f64.Aff3{cos, -sin, cx - cx*cos + cy*sin, sin, cos, cy - cx*sin - cy*cos}
		draw.ApproxBiLinear.Transform(out, m, page, page.Rect, draw.Src, nil)
	}
	var noise [1 << 14]float64
	for i := range noise {
		noise[i] = r.NormFloat64() * d.Noise
	}
	paper := 250.0 - 8*r.Float64()
	for y := range scanHeight {
		row := out.Pix[y*out.Stride:][:scanWidth]
		for x := range row {
			v := paper - (255-float64(row[x]))*d.Ink*paper/255 + noise[r.Uint32()&(1<<14-1)]
			row[x] = byte(max(0, min(255, v)))
		}
	}
	return out
}

// canvas is the page before it lies on the glass.
type canvas struct {
	*image.Gray
	small, regular, bold font.Face
}

func newCanvas() (*canvas, error) {
	c := &canvas{Gray: image.NewGray(image.Rect(0, 0, scanWidth, scanHeight))}
	draw.Draw(c, c.Rect, image.White, image.Point{}, draw.Src)
	for _, f := range []struct {
		face *font.Face
		data []byte
		size float64
	}{{&c.small, fonts.Regular, 8}, {&c.regular, fonts.Regular, 11}, {&c.bold, fonts.SemiBold, 17}} {
		parsed, err := opentype.Parse(f.data)
		if err != nil {
			return nil, fmt.Errorf("receipt: %w", err)
		}
		*f.face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 300})
		if err != nil {
			return nil, fmt.Errorf("receipt: %w", err)
		}
	}
	return c, nil
}

func (c *canvas) text(face font.Face, x, y int, text string) {
	d := font.Drawer{Dst: c, Src: image.Black, Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// code draws Code 128 with modules of so many pixels.
func (c *canvas) code(x, y, module, height int, text string) error {
	code, err := code128.Encode(text)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	c.modules(x, y, module, height, code)
	return nil
}

func (c *canvas) modules(x, y, width, height int, code barcode.Barcode) {
	for i := range code.Bounds().Dx() {
		if color.GrayModel.Convert(code.At(i, 0)).(color.Gray).Y < 128 {
			draw.Draw(c, image.Rect(x+i*width, y, x+(i+1)*width, y+height), image.Black, image.Point{}, draw.Src)
		}
	}
}

// stamp is a round date stamp, greyer than print.
func (c *canvas) stamp(cx, cy int, office string) {
	for y := -190; y <= 190; y++ {
		for x := -190; x <= 190; x++ {
			if d := math.Hypot(float64(x), float64(y)); d > 180 && d < 188 || d > 140 && d < 144 {
				c.SetGray(cx+x, cy+y, color.Gray{Y: 90})
			}
		}
	}
	c.text(c.small, cx-120, cy-10, office)
	c.text(c.small, cx-95, cy+40, "22 XI 2026")
}
