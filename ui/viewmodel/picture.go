package viewmodel

import (
	"image"

	"golang.org/x/image/draw"
)

// mostShown is the longest side, in pixels, of a picture that is shown: an A4
// page at 200 dpi, and no more than any graphics card takes.
const mostShown = 2340

// shownPicture reduces a large picture, and wipes it then.
func shownPicture(picture image.Image) image.Image {
	b := picture.Bounds()
	longest := max(b.Dx(), b.Dy())
	if longest <= mostShown {
		return picture
	}
	at := func(side int) int { return max(1, side*mostShown/longest) }
	out := image.NewRGBA(image.Rect(0, 0, at(b.Dx()), at(b.Dy())))
	draw.BiLinear.Scale(out, out.Bounds(), picture, b, draw.Src, nil)
	wipePicture(picture)
	return out
}

// wipePicture overwrites the pixels that Go lets us reach.
func wipePicture(picture image.Image) {
	switch m := picture.(type) {
	case *image.YCbCr:
		clear(m.Y)
		clear(m.Cb)
		clear(m.Cr)
	case *image.Paletted:
		clear(m.Pix)
	case *image.Gray16:
		clear(m.Pix)
	default:
		wipe(map[int]image.Image{0: picture})
	}
}
