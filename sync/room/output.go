package room

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"

	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/receipt"
)

// Piece is one letter that came out of the printer, known by what stands on
// its paper alone.
type Piece struct {
	Attempt postal.AttemptCode // read off the carrier page; "" when not even that came out
	Sides   int
	Whole   bool // as many sides as its carrier page calls for, blank backs included
}

// errNoLetter is for paper of another kind: a deposit slip, a test sheet.
var errNoLetter = errors.New("the paper is no letter")

// Pieces looks at everything that came out of the printer and is of a letter.
// With a folder, each side becomes a picture in it: <attempt code>-<side>.png.
func (r *Room) Pieces(ctx context.Context, pictures string) ([]Piece, error) {
	var pieces []Piece
	for _, print := range r.Printer.Printed() {
		p, known := r.looked[print.Path]
		if !known || pictures != "" {
			var err error
			if p, err = look(ctx, print.Path, pictures); errors.Is(err, errNoLetter) {
				continue
			} else if err != nil {
				return nil, fmt.Errorf("look at what job %d put out: %w", print.Job, err)
			}
			p.Whole = p.Whole && print.Ended && print.Sides == p.Sides
		}
		if print.Ended { // its paper changes no more
			r.looked[print.Path] = p
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

func look(ctx context.Context, path, pictures string) (Piece, error) {
	f, err := os.Open(path)
	if err != nil {
		return Piece{}, err
	}
	defer func() { _ = f.Close() }()
	var p Piece
	var code postal.SheetCode
	duplex := false
	raster := pwg.NewReader(bufio.NewReaderSize(f, 1<<20))
	for {
		page, err := raster.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return p, nil // the document was cut in the middle of a side: a piece, but no whole one
		}
		if err != nil {
			return p, err
		}
		img := picture(page)
		if p.Sides == 0 {
			if code, err = carrierCode(ctx, img, page.DPI); err != nil {
				return p, fmt.Errorf("read the carrier page: %w", err)
			}
			p.Attempt, duplex = code.Attempt, page.Duplex
		}
		p.Sides++
		if pictures != "" {
			if err := save(filepath.Join(pictures, fmt.Sprintf("%s-%d.png", p.Attempt, p.Sides)), img); err != nil {
				return p, err
			}
		}
	}
	sheets := p.Sides
	if duplex {
		sheets = (p.Sides + 1) / 2
	}
	p.Whole = sheets == code.Sheets
	return p, nil
}

// carrierCode reads a carrier page's code. Paper with another DataMatrix is of
// another kind.
func carrierCode(ctx context.Context, img image.Image, dpi int) (postal.SheetCode, error) {
	code, err := receipt.Sheet(ctx, img, markZone(dpi))
	if !errors.Is(err, receipt.ErrNoCode) {
		return code, err
	}
	others, rerr := receipt.Read(ctx, img)
	if slices.ContainsFunc(others, func(c receipt.Code) bool { return c.Symbology == receipt.DataMatrix }) {
		err = errNoLetter
	}
	return code, errors.Join(err, rerr)
}

// markZone is where the carrier page bears its code, in dots.
func markZone(dpi int) image.Rectangle {
	z := letter.MarkZone()
	dots := func(mm float64) int { return int(mm * float64(dpi) / 25.4) }
	return image.Rect(dots(z.X), dots(z.Y), dots(z.Right())+1, dots(z.Bottom())+1)
}

func picture(p pwg.Page) image.Image {
	bounds := image.Rect(0, 0, p.Width, p.Height)
	if !p.Colour {
		return &image.Gray{Pix: append([]byte(nil), p.Pix...), Stride: p.Width, Rect: bounds}
	}
	img := image.NewRGBA(bounds)
	for i := 0; i < len(p.Pix)/3; i++ {
		copy(img.Pix[4*i:], p.Pix[3*i:3*i+3])
		img.Pix[4*i+3] = 0xff
	}
	return img
}

func save(path string, img image.Image) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	return errors.Join(e.Encode(f, img), f.Close())
}
