package station

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"espero-soft.com/printroom/printer/receipt"
)

// Capture is the picture of a receipt as a person wants it kept.
type Capture struct {
	File  []byte          // PNG, JPEG or TIFF, as it came
	Turns int             // quarter turns clockwise
	Crop  image.Rectangle // of the turned picture; empty keeps all of it
}

// digest names the file that the picture was made from.
func (c Capture) digest() string {
	sum := sha256.Sum256(c.File)
	return hex.EncodeToString(sum[:])
}

// jpegQuality keeps the bars of a code sharp.
const jpegQuality = 92

// errCrop is returned for a part that is not on the picture.
var errCrop = errors.New("nothing of the picture is left")

// develop gives the picture and the file to keep: the one that came, where
// nothing was turned or cut off.
func (c Capture) develop() (image.Image, []byte, error) {
	picture, err := receipt.Decode(c.File)
	if err != nil {
		return nil, nil, err
	}
	turns := (c.Turns%4 + 4) % 4
	if turns == 0 && c.Crop.Empty() {
		return picture, c.File, nil
	}
	picture = turned(picture, turns)
	if !c.Crop.Empty() {
		part := c.Crop.Intersect(picture.Bounds())
		if part.Empty() {
			return nil, nil, errCrop
		}
		picture = cut(picture, part)
	}
	file, err := encode(picture)
	return picture, file, err
}

// encode writes greys losslessly, as scanners do, and colours as JPEG; greys that
// would be too large for central too.
func encode(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	if _, grey := picture.(*image.Gray); grey {
		if err := png.Encode(&out, picture); err != nil {
			return nil, fmt.Errorf("write the receipt's picture: %w", err)
		}
		if out.Len() <= receipt.MaxBytes {
			return out.Bytes(), nil
		}
		out.Reset()
	}
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, fmt.Errorf("write the receipt's picture: %w", err)
	}
	return out.Bytes(), nil
}

// canvasOf is an empty picture, grey where the given one is.
func canvasOf(like image.Image, width, height int) draw.Image {
	if _, grey := like.(*image.Gray); grey {
		return image.NewGray(image.Rect(0, 0, width, height))
	}
	return image.NewRGBA(image.Rect(0, 0, width, height))
}

// cut copies a part, so that nothing else is kept by it.
func cut(picture image.Image, part image.Rectangle) image.Image {
	out := canvasOf(picture, part.Dx(), part.Dy())
	draw.Draw(out, out.Bounds(), picture, part.Min, draw.Src)
	return out
}

// turned turns a picture clockwise by quarters. What comes out begins at 0, 0.
func turned(picture image.Image, quarters int) image.Image {
	b := picture.Bounds()
	flat := cut(picture, b)
	w, h := b.Dx(), b.Dy()
	if quarters == 0 {
		return flat
	}
	outW, outH := w, h
	if quarters%2 == 1 {
		outW, outH = h, w
	}
	out := canvasOf(picture, outW, outH)
	to := func(x, y int) (int, int) {
		switch quarters {
		case 1:
			return h - 1 - y, x
		case 2:
			return w - 1 - x, h - 1 - y
		default:
			return y, w - 1 - x
		}
	}
	size, from, into := 4, []byte(nil), []byte(nil)
	if grey, ok := flat.(*image.Gray); ok {
		size, from, into = 1, grey.Pix, out.(*image.Gray).Pix
	} else {
		from, into = flat.(*image.RGBA).Pix, out.(*image.RGBA).Pix
	}
	for y := range h {
		for x := range w {
			tx, ty := to(x, y)
			copy(into[(ty*outW+tx)*size:][:size], from[(y*w+x)*size:][:size])
		}
	}
	return out
}
