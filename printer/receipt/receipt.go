// Package receipt reads codes off scanned or photographed paper: the registered
// numbers and the slip's number on a counter receipt, and the sheet codes of
// pages that came out of a printer. Regions that look like codes are found by
// their edges first; gozxing decodes what was sampled from them.
package receipt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/tiff"
)

// Limits of an image that is accepted.
const (
	MaxBytes  = 32 << 20
	MaxPixels = 40_000_000
	MaxScans  = 64 // of a JPEG file; encoders make up to a dozen
)

// Refusals of [Decode], and [ErrNoCode] of [Sheet].
var (
	ErrNotImage  = errors.New("not a PNG, JPEG or TIFF image")
	ErrTruncated = errors.New("image ends too early")
	ErrCorrupt   = errors.New("image is damaged")
	ErrNoCode    = errors.New("no code found")
)

// TooLargeError says which limit an image passed.
type TooLargeError struct {
	What      string // "bytes", "pixels", "scans"
	Have, Max int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("image has %d %s, more than %d", e.Have, e.What, e.Max)
}

// Symbology is a kind of code.
type Symbology string

// The kinds that are read.
const (
	Code128    Symbology = "code128" // GS1-128 too; its FNC1 is left out of the text
	DataMatrix Symbology = "datamatrix"
	QR         Symbology = "qr"
)

// Code is one code on an image. Corners are in the image's own pixels, in order
// around the code.
type Code struct {
	Symbology Symbology
	Text      string
	Corners   [4]image.Point
}

// Decode reads a PNG, JPEG or TIFF image (of a TIFF file the first page). Size
// is checked from the header, before memory is taken.
func Decode(data []byte) (image.Image, error) {
	if len(data) > MaxBytes {
		return nil, &TooLargeError{What: "bytes", Have: len(data), Max: MaxBytes}
	}
	config, decode := format(data)
	if config == nil {
		return nil, ErrNotImage
	}
	head, err := contained(func() (image.Config, error) { return config(bytes.NewReader(data)) })
	if err != nil {
		return nil, damage(data, err)
	}
	if head.Width <= 0 || head.Height <= 0 {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrCorrupt, head.Width, head.Height)
	}
	if head.Width > MaxPixels/head.Height {
		return nil, &TooLargeError{What: "pixels", Have: min(head.Width, 1<<31-1) * min(head.Height, 1<<31-1), Max: MaxPixels}
	}
	if n := scans(data); n > MaxScans {
		return nil, &TooLargeError{What: "scans", Have: n, Max: MaxScans}
	}
	img, err := contained(func() (image.Image, error) { return decode(bytes.NewReader(data)) })
	if err != nil {
		return nil, damage(data, err)
	}
	if got := img.Bounds().Size(); got != image.Pt(head.Width, head.Height) {
		return nil, fmt.Errorf("%w: size is not the header's", ErrCorrupt)
	}
	return img, nil
}

// format tells formats apart by their first bytes.
func format(data []byte) (func(io.Reader) (image.Config, error), func(io.Reader) (image.Image, error)) {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return png.DecodeConfig, png.Decode
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return jpeg.DecodeConfig, jpeg.Decode
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return tiff.DecodeConfig, tiff.Decode
	}
	return nil, nil
}

// scans counts the passes over the image that a JPEG file asks for: one of a few
// bytes costs as much time as any other (ITU-T T.81, B.1.1).
func scans(data []byte) int {
	if !bytes.HasPrefix(data, []byte("\xff\xd8")) {
		return 0
	}
	n := 0
	for i := 2; i+4 <= len(data); {
		marker := data[i+1]
		switch {
		case data[i] != 0xff || marker == 0xff: // coded data; a fill byte
			i++
		case marker == 0xd9: // the end; what follows is not read
			return n
		case marker <= 0x01 || marker >= 0xd0 && marker <= 0xd8: // no segment
			i += 2
		default:
			if marker == 0xda {
				n++
			}
			i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
		}
	}
	return n
}

// damage tells a file that was cut off from one that was changed: the decoders
// do not always, so the end marks of PNG and JPEG are looked for too.
func damage(data []byte, err error) error {
	tail := data[max(0, len(data)-256):]
	cut := bytes.HasPrefix(data, []byte("\x89PNG")) && !bytes.Contains(tail, []byte("IEND")) ||
		bytes.HasPrefix(data, []byte("\xff\xd8")) && !bytes.Contains(tail, []byte("\xff\xd9"))
	if cut || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrTruncated, err)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// contained runs a decoder that odd input may make panic.
func contained[T any](f func() (T, error)) (got T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoder failed: %v", r)
		}
	}()
	return f()
}

// The sizes of the longest side, in pixels, at which regions are looked for:
// a page at 150 dpi, one at 300 dpi, and what a large code in a photograph
// takes. Codes in regions found earlier are not looked for again.
var passes = [...]int{1800, 3600, 900}

// Read finds all codes. It returns what it found and ctx's error when ctx ends
// first; an image without codes is not an error. Work is bounded by the number
// of regions looked at: a few seconds for an image made of nothing but edges.
func Read(ctx context.Context, img image.Image) ([]Code, error) {
	return read(ctx, toPlane(img), true)
}

func read(ctx context.Context, page plane, linear bool) ([]Code, error) {
	s := &search{page: page}
	last := 0
	for _, side := range passes {
		scale := max(1, (max(page.w, page.h)+side-1)/side)
		if scale == last || min(page.w, page.h)/scale < 8 {
			continue
		}
		last = scale
		if err := s.pass(ctx, scale, linear); err != nil {
			return s.codes(), err
		}
		if !linear && len(s.found) > 0 {
			break
		}
	}
	return s.codes(), nil
}

// search collects the codes of one image.
type search struct {
	page  plane
	found []quadCode
}

type quadCode struct {
	symbology Symbology
	text      string
	quad      quad // in pixels of page
}

func (s *search) pass(ctx context.Context, scale int, linear bool) error {
	m := edges(s.page.reduced(scale))
	for _, r := range m.squares() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.scale(float64(scale))
		if s.known(r) {
			continue
		}
		if c, ok := readSquare(s.page, r); ok {
			s.add(c)
		}
	}
	if !linear {
		return nil
	}
	for _, r := range m.strips() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.scale(float64(scale))
		if s.known(r) {
			continue
		}
		if c, ok := readStrip(s.page, r); ok {
			s.add(c)
		}
	}
	return nil
}

// known reports whether a region's middle lies inside a code that was read.
func (s *search) known(r region) bool {
	for _, c := range s.found {
		if c.quad.contains(r.cx, r.cy) {
			return true
		}
	}
	return false
}

// add keeps a code unless the same text was read at the same place.
func (s *search) add(c quadCode) {
	x, y := c.quad.middle()
	for _, f := range s.found {
		if f.text == c.text && f.symbology == c.symbology && (f.quad.contains(x, y) || c.quad.contains(f.quad.middle())) {
			return
		}
	}
	s.found = append(s.found, c)
}

func (s *search) codes() []Code {
	codes := make([]Code, len(s.found))
	for i, f := range s.found {
		codes[i] = Code{Symbology: f.symbology, Text: f.text, Corners: f.quad.points(s.page.origin)}
	}
	return codes
}
