//go:build window

package room

import (
	"fmt"
	"image"
	"strconv"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Eyes look at one window of a display: what is in its pixels, covered or not
// by anything of its own.
type eyes struct {
	x      *xgb.Conn
	window xproto.Drawable
}

func openEyes(window string) (*eyes, error) {
	id, err := strconv.ParseUint(window, 10, 32)
	if err != nil {
		return nil, err
	}
	x, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	return &eyes{x: x, window: xproto.Drawable(id)}, nil
}

func (e *eyes) close() { e.x.Close() }

// look gives the dots of a part of the window, of all of it when the part is
// empty: four bytes each, blue, green, red and nothing.
func (e *eyes) look(part image.Rectangle) ([]byte, image.Point, error) {
	size, err := xproto.GetGeometry(e.x, e.window).Reply()
	if err != nil {
		return nil, image.Point{}, fmt.Errorf("the window is gone: %w", err)
	}
	all := image.Rect(0, 0, int(size.Width), int(size.Height))
	if part = part.Intersect(all); part.Empty() {
		part = all
	}
	got, err := xproto.GetImage(e.x, xproto.ImageFormatZPixmap, e.window,
		int16(part.Min.X), int16(part.Min.Y), uint16(part.Dx()), uint16(part.Dy()), 0xffffffff).Reply()
	if err != nil {
		return nil, image.Point{}, fmt.Errorf("look at the window: %w", err)
	}
	if want := 4 * part.Dx() * part.Dy(); len(got.Data) < want {
		return nil, image.Point{}, fmt.Errorf("a picture of %v has %d bytes: the display must have 24 bits a dot", part, len(got.Data))
	}
	return got.Data, part.Size(), nil
}

// see takes a picture of the window.
func (e *eyes) see() (*image.RGBA, error) {
	dots, size, err := e.look(image.Rectangle{})
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rectangle{Max: size})
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = dots[i+2], dots[i+1], dots[i], 0xff
	}
	return img, nil
}
