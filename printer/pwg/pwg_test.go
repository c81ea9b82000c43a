package pwg

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// letterPage draws something like a letter: white with lines of text-like noise.
func letterPage(width, height int, colour bool) Page {
	p := Page{Width: width, Height: height, DPI: 300, Colour: colour}
	p.Pix = bytes.Repeat([]byte{0xff}, p.stride()*height)
	seed := uint32(1)
	for y := height / 8; y < height*7/8; y++ {
		if y%50 >= 30 {
			continue // between lines of text
		}
		row := p.Pix[y*p.stride() : (y+1)*p.stride()]
		for x := len(row) / 8; x < len(row)*7/8; x++ {
			seed = seed*1664525 + 1013904223
			if seed>>29 == 0 {
				row[x] = byte(seed >> 16)
			}
		}
	}
	return p
}

func encode(t testing.TB, w *Writer, buf *bytes.Buffer, pages ...Page) []byte {
	t.Helper()
	for _, p := range pages {
		if err := w.WritePage(p); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func readAll(t testing.TB, data []byte) []Page {
	t.Helper()
	r := NewReader(bytes.NewReader(data))
	var pages []Page
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return pages
		}
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
}

// same is cmp.Equal made fast for pixels.
func same(a, b Page) bool {
	pixels := bytes.Equal(a.Pix, b.Pix)
	a.Pix, b.Pix = nil, nil
	return pixels && cmp.Equal(a, b)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		backs := rapid.SampledFrom([]string{"", BackNormal, BackFlipped, BackRotated, BackManualTumble})
		var buf bytes.Buffer
		w := NewWriter(&buf)
		w.SheetBack = backs.Draw(t, "back")
		pages := rapid.SliceOfN(rapid.Custom(drawPage), 1, 4).Draw(t, "pages")
		for _, p := range pages {
			before := bytes.Clone(p.Pix)
			if err := w.WritePage(p); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, p.Pix) {
				t.Fatal("the caller's pixels were changed")
			}
		}
		r := NewReader(&buf)
		for i, want := range pages {
			got, err := r.Next()
			if err != nil {
				t.Fatalf("page %d: %v", i, err)
			}
			if !same(want, got) {
				t.Fatalf("page %d: wrote %+v, read %+v", i, want, got)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last page: %v", err)
		}
	})
}

// drawPage draws pages of few distinct bytes, so that runs, literals and
// repeated rows of every length come up.
func drawPage(t *rapid.T) Page {
	p := Page{
		Width:  rapid.IntRange(1, 700).Draw(t, "width"),
		Height: rapid.IntRange(1, 12).Draw(t, "height"),
		DPI:    rapid.IntRange(1, MaxDPI).Draw(t, "dpi"),
		Colour: rapid.Bool().Draw(t, "colour"),
		Duplex: rapid.Bool().Draw(t, "duplex"),
	}
	for len(p.Pix) < p.stride()*p.Height {
		value := byte(rapid.IntRange(0, 3).Draw(t, "value"))
		n := rapid.SampledFrom([]int{1, 1, 1, 2, 3, 7, 8, 9, 127, 128, 129, 256, 400}).Draw(t, "run")
		p.Pix = append(p.Pix, bytes.Repeat([]byte{value}, n)...)
	}
	p.Pix = p.Pix[:p.stride()*p.Height]
	return p
}

func TestRepeatedRowsBeyondOneCount(t *testing.T) {
	p := Page{Width: 9, Height: 600, DPI: 300, Pix: bytes.Repeat([]byte{7}, 9*600)}
	var buf bytes.Buffer
	data := encode(t, NewWriter(&buf), &buf, p)
	if want := len(syncWord) + headerSize + 3*3; len(data) != want {
		t.Errorf("600 equal rows take %d bytes, want %d", len(data), want)
	}
	if diff := cmp.Diff([]Page{p}, readAll(t, data)); diff != "" {
		t.Error(diff)
	}
}

func TestHeaderFields(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf)
	w.Media, w.Pages, w.SheetBack = "iso_a4_210x297mm", 2, BackRotated
	a4 := letterPage(248, 351, true)
	a4.DPI, a4.Duplex = 30, true
	encode(t, w, &buf, a4, a4)
	var h header
	copy(h[:], buf.Bytes()[4:])
	for name, f := range map[string][2]int{
		"Duplex": {272, 1}, "HWResolution": {276, 30}, "HWResolution y": {280, 30}, "MediaPosition": {324, 0},
		"NumCopies": {340, 1}, "Orientation": {344, 0}, "PageSize": {352, 595}, "PageSize y": {356, 842}, "Tumble": {368, 0},
		"Width": {372, 248}, "Height": {376, 351}, "BitsPerColor": {384, 8}, "BitsPerPixel": {388, 24},
		"BytesPerLine": {392, 744}, "ColorOrder": {396, 0}, "ColorSpace": {400, 19}, "NumColors": {420, 3},
		"TotalPageCount": {452, 2}, "CrossFeedTransform": {456, 1}, "FeedTransform": {460, 1},
		"ImageBoxRight": {472, 248}, "ImageBoxBottom": {476, 351}, "AlternatePrimary": {480, 0xffffff}, "PrintQuality": {484, 4},
	} {
		if got := int(h.get(f[0])); got != f[1] {
			t.Errorf("%s: %d, want %d", name, got, f[1])
		}
	}
	if h.text(0) != "PwgRaster" || h.text(1732) != "iso_a4_210x297mm" {
		t.Errorf("strings %q, %q", h.text(0), h.text(1732))
	}
	if got := readAll(t, buf.Bytes()); !bytes.Equal(got[1].Pix, a4.Pix) {
		t.Error("the back of the sheet is not turned upright again")
	}
}

func TestWriterRefuses(t *testing.T) {
	good := Page{Width: 2, Height: 2, DPI: 300, Pix: make([]byte, 4)}
	for name, change := range map[string]func(*Page){
		"no width":        func(p *Page) { p.Width = 0 },
		"negative height": func(p *Page) { p.Height = -1 },
		"no dpi":          func(p *Page) { p.DPI = 0 },
		"short pixels":    func(p *Page) { p.Pix = p.Pix[:3] },
		"too large":       func(p *Page) { p.Width, p.Height = MaxSide+1, 1 },
	} {
		bad := good
		change(&bad)
		if err := NewWriter(io.Discard).WritePage(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	w := NewWriter(io.Discard)
	w.Pages = 1
	if err := w.WritePage(good); err != nil {
		t.Fatal(err)
	}
	if err := w.WritePage(good); err == nil {
		t.Error("a second page of one")
	}
}

func TestReaderTellsCutFromCorrupt(t *testing.T) {
	var buf bytes.Buffer
	data := encode(t, NewWriter(&buf), &buf, letterPage(64, 64, false))
	for n := range len(data) {
		if _, err := NewReader(bytes.NewReader(data[:n])).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
	for at, value := range map[int]byte{0: 'X', 4 + atWidth: 0xff, 4 + atColorSpace + 3: 3, 4 + atBitsPerColor + 3: 16, 4 + atFeed + 3: 9} {
		bad := bytes.Clone(data)
		bad[at] = value
		if _, err := NewReader(bytes.NewReader(bad)).Next(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	var buf bytes.Buffer
	f.Add(encode(f, NewWriter(&buf), &buf, letterPage(40, 30, false), letterPage(20, 10, true)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(bytes.NewReader(data))
		r.MaxPixels = 1 << 20
		for {
			p, err := r.Next()
			if err != nil {
				return
			}
			var again bytes.Buffer
			if err := NewWriter(&again).WritePage(p); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			back, err := NewReader(&again).Next()
			if err != nil || !same(p, back) {
				t.Fatalf("read, written, read again differs: %v", err)
			}
		}
	})
}

func BenchmarkWriteA4Gray(b *testing.B)   { benchmarkWrite(b, letterPage(2480, 3508, false)) }
func BenchmarkWriteA4Colour(b *testing.B) { benchmarkWrite(b, letterPage(2480, 3508, true)) }

func benchmarkWrite(b *testing.B, p Page) {
	b.SetBytes(int64(len(p.Pix)))
	b.ReportAllocs()
	for b.Loop() {
		if err := NewWriter(io.Discard).WritePage(p); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNothingIsKept: a page that is written leaves nothing in the writer.
func TestNothingIsKept(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf)
	w.SheetBack = BackRotated
	page := letterPage(400, 600, false)
	page.Duplex = true
	encode(t, w, &buf, page, page) // the back goes out mirrored
	for _, b := range [][]byte{w.out, w.scratch} {
		b = b[:cap(b)]
		if len(b) == 0 || !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("of %d bytes some hold a page", len(b))
		}
	}
}
