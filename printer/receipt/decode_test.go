package receipt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/tiff"
)

// files encodes one picture in each format.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	out := map[string][]byte{}
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"png":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"jpeg": func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"tiff": func(b *bytes.Buffer) error { return tiff.Encode(b, img, &tiff.Options{Compression: tiff.Deflate}) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	return out
}

func TestDecode(t *testing.T) {
	for name, data := range files(t) {
		img, err := Decode(data)
		if err != nil || img.Bounds().Size() != image.Pt(64, 48) {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := Decode(data[:len(data)/2]); !errors.Is(err, ErrTruncated) && !(name == "tiff" && errors.Is(err, ErrCorrupt)) {
			t.Errorf("half a %s: %v", name, err)
		}
	}
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("Preuve de dépôt"), "PDF": []byte("%PDF-1.7\n"), "GIF": []byte("GIF89a\x01\x00\x01\x00")} {
		if _, err := Decode(data); !errors.Is(err, ErrNotImage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := bytes.Clone(files(t)["png"])
	broken[60] ^= 0xff
	if _, err := Decode(broken); !errors.Is(err, ErrCorrupt) {
		t.Errorf("flipped byte: %v", err)
	}
}

// A header that promises too much is refused before memory is taken.
func TestDecodeTooLarge(t *testing.T) {
	var large *TooLargeError
	if _, err := Decode(make([]byte, MaxBytes+1)); !errors.As(err, &large) || large.What != "bytes" {
		t.Errorf("33 MiB: %v", err)
	}
	for _, size := range [][2]uint32{{20000, 10000}, {1 << 30, 1 << 30}, {MaxPixels + 1, 1}} {
		data := bytes.Clone(files(t)["png"])
		binary.BigEndian.PutUint32(data[16:], size[0])
		binary.BigEndian.PutUint32(data[20:], size[1])
		binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
		if allocated := testing.AllocsPerRun(1, func() {
			if _, err := Decode(data); err == nil {
				t.Errorf("%v pixels are accepted", size)
			}
		}); allocated > 50 {
			t.Errorf("%v: %v allocations", size, allocated)
		}
		if _, err := Decode(data); !errors.As(err, &large) && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range files(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(data)
		if err != nil {
			return
		}
		if s := img.Bounds().Size(); s.X*s.Y > 1<<20 {
			return
		}
		if _, err := Read(context.Background(), img); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever the pixels are, reading ends and its corners and texts are sane.
func FuzzRead(f *testing.F) {
	p := &page{Gray: image.NewGray(image.Rect(0, 0, 200, 200)), dpi: 150}
	for i := range p.Pix {
		p.Pix[i] = 255
	}
	p.put(f, DataMatrix, "B24-1", 5, 5, 0.6)
	f.Add(uint8(200), p.Pix)
	f.Fuzz(func(t *testing.T, width uint8, pix []byte) {
		w := max(int(width), 1)
		img := image.NewGray(image.Rect(0, 0, w, min(len(pix)/w, 400)))
		copy(img.Pix, pix)
		codes, err := Read(context.Background(), img)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range codes {
			if c.Text == "" || c.Symbology == "" {
				t.Fatalf("%+v", c)
			}
		}
		if _, err := Sheet(context.Background(), img, image.Rect(3, 3, 60, 60)); err != nil && !errors.Is(err, ErrNoCode) {
			t.Fatal(err)
		}
	})
}

// The luminance of every colour model is the same.
func TestPlane(t *testing.T) {
	grey := color.Gray{Y: 90}
	r := image.Rect(-2, 3, 20, 17)
	gray, rgba, wide := image.NewGray(r), image.NewRGBA(r), image.NewNRGBA64(r)
	ycc := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			gray.Set(x, y, grey)
			rgba.Set(x, y, grey)
			wide.Set(x, y, grey)
			ycc.Y[ycc.YOffset(x, y)] = 90
		}
	}
	for _, img := range []image.Image{gray, rgba, wide, ycc, gray.SubImage(image.Rect(0, 5, 9, 9))} {
		p := toPlane(img)
		if p.w != img.Bounds().Dx() || p.h != img.Bounds().Dy() {
			t.Fatalf("%T: %d x %d", img, p.w, p.h)
		}
		if v := p.pix[(p.h-1)*p.stride+p.w-1]; v != 90 {
			t.Errorf("%T: last pixel is %d", img, v)
		}
		if half := p.reduced(2); half.pix[0] != 90 || half.w != p.w/2 {
			t.Errorf("%T: reduced to %d, %d wide", img, half.pix[0], half.w)
		}
	}
}

// progressive is a grey progressive JPEG of side × side pixels with empty scans
// of a few bytes each, every one of which passes over all its blocks.
func progressive(side, scans int) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, 0xc2, 0, 11, 8, byte(side>>8), byte(side), byte(side>>8), byte(side), 1, 1, 0x11, 0)
	b = append(b, 0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0) // one AC code: a run of up to 32767 blocks
	b = append(b, bytes.Repeat([]byte{0xff, 0xfe, 0, 8, 0xff, 0xda, 0, 2, 1, 1}, 200)...)        // what stands in a comment is no scan
	blocks := (side + 7) / 8 * ((side + 7) / 8)
	const symbol, run = 0b010101010101010, 1<<14 + 0b10101010101010 // the code, then 14 bits
	var packed []byte
	var bits, n uint
	for ; blocks > 0; blocks -= run {
		bits, n = bits<<15|symbol, n+15
		for ; n >= 8; n -= 8 {
			packed = append(packed, byte(bits>>(n-8)))
		}
	}
	packed = append(packed, byte(bits<<(8-n)))
	for range scans {
		b = append(b, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0)
		b = append(b, packed...)
	}
	return append(b, 0xff, 0xd9)
}

// TestManyScans: a small file may not ask for hours of decoding.
func TestManyScans(t *testing.T) {
	if _, err := Decode(progressive(800, 60)); err != nil {
		t.Error(err)
	}
	var large *TooLargeError
	if _, err := Decode(progressive(800, 65)); !errors.As(err, &large) || large.What != "scans" {
		t.Errorf("65 scans: %v", err)
	}
}
