package ipp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// everything is a message with every syntax.
func everything() *Message {
	return &Message{Major: 2, Code: 0x000b, RequestID: 7, Groups: []Group{
		{TagOperation, []Attribute{
			Attr("attributes-charset", Charset("utf-8")),
			Attr("attributes-natural-language", Language("nl-be")),
			Attr("printer-uri", URI("ipps://printer.example/ipp/print")),
		}},
		{TagJob, nil},
		{TagPrinter, []Attribute{
			Attr("integers", Integer(-5), Integer(1<<31-1)),
			Attr("booleans", Boolean(true), Boolean(false)),
			Attr("enum", Enum(3)),
			Attr("octets", Octets{TagOctets, "\x00\xff"}),
			Attr("unheard-of", Octets{0x39, "abc"}),
			Attr("extension", Octets{0x7f, "\x40\x00\x00\x01x"}),
			Attr("date", NewDateTime(time.Date(2026, 11, 22, 18, 30, 59, 700_000_000, time.FixedZone("", 3600)))),
			Attr("resolution", Resolution{300, 600, PerInch}),
			Attr("range", Range{1, 99}),
			Attr("text", Text("Brievenbus é"), LanguageString{TagTextLanguage, "fr", "Boîte"}),
			Attr("name", Name("n"), LanguageString{TagNameLanguage, "", ""}, Keyword("mixed")),
			Attr("out-of-band", OutOfBand(TagNoValue), OutOfBand(TagUnknown)),
			Attr("scheme", String{TagURIScheme, "ipps"}, MIMEType("image/pwg-raster")),
			Attr("media-col", Collection{
				Attr("media-size", Collection{Attr("x-dimension", Integer(21000)), Attr("y-dimension", Range{1, 2})}),
				Attr("media-type", Keyword("a"), Keyword("b")),
			}, Collection{}),
		}},
		{TagUnsupported, []Attribute{Attr("sides", OutOfBand(TagUnsupportedValue))}},
	}}
}

func mustEncode(t testing.TB, m *Message) []byte {
	t.Helper()
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEverySyntaxRoundTrips(t *testing.T) {
	m := everything()
	data := mustEncode(t, m)
	r := bytes.NewReader(append(bytes.Clone(data), "document"...))
	got, err := Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "document" {
		t.Errorf("left of the document: %q, %v", rest, err)
	}
	for n := range len(data) {
		if _, err := Decode(bytes.NewReader(data[:n])); !errors.Is(err, ErrMalformed) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}

// TestPublishedExample is the Create-Job request of RFC 8010 appendix A.4.
func TestPublishedExample(t *testing.T) {
	m := &Message{Major: 1, Minor: 1, Code: opCreateJob, RequestID: 1, Groups: []Group{{TagOperation, []Attribute{
		Attr("attributes-charset", Charset("utf-8")),
		Attr("attributes-natural-language", Language("en-us")),
		Attr("printer-uri", URI("ipp://printer.example.com/ipp/print/pinetree")),
	}}, {TagJob, []Attribute{
		Attr("media-col", Collection{
			Attr("media-size", Collection{Attr("x-dimension", Integer(21000)), Attr("y-dimension", Integer(29700))}),
			Attr("media-type", Keyword("stationery")),
		}),
	}}}}
	want := "\x01\x01\x00\x05\x00\x00\x00\x01\x01" +
		"\x47\x00\x12attributes-charset\x00\x05utf-8" +
		"\x48\x00\x1battributes-natural-language\x00\x05en-us" +
		"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree" +
		"\x02" +
		"\x34\x00\x09media-col\x00\x00" +
		"\x4a\x00\x00\x00\x0amedia-size" +
		"\x34\x00\x00\x00\x00" +
		"\x4a\x00\x00\x00\x0bx-dimension" + "\x21\x00\x00\x00\x04\x00\x00\x52\x08" +
		"\x4a\x00\x00\x00\x0by-dimension" + "\x21\x00\x00\x00\x04\x00\x00\x74\x04" +
		"\x37\x00\x00\x00\x00" +
		"\x4a\x00\x00\x00\x0amedia-type" + "\x44\x00\x00\x00\x0astationery" +
		"\x37\x00\x00\x00\x00" +
		"\x03"
	if diff := cmp.Diff(want, string(mustEncode(t, m))); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const head = "\x02\x00\x00\x00\x00\x00\x00\x01"
	deep := strings.Repeat("\x34\x00\x00\x00\x00\x4a\x00\x00\x00\x01m", maxDepth+1)
	for name, body := range map[string]string{
		"attribute before a group":     "\x21\x00\x01a\x00\x04\x00\x00\x00\x01\x03",
		"value before an attribute":    "\x04\x21\x00\x00\x00\x04\x00\x00\x00\x01\x03",
		"negative name length":         "\x04\x21\xff\xff",
		"negative value length":        "\x04\x44\x00\x01a\x80\x00",
		"short integer":                "\x04\x21\x00\x01a\x00\x02\x00\x01\x03",
		"boolean 2":                    "\x04\x22\x00\x01a\x00\x01\x02\x03",
		"short resolution":             "\x04\x32\x00\x01a\x00\x08\x00\x00\x00\x01\x00\x00\x00\x01\x03",
		"short date":                   "\x04\x31\x00\x01a\x00\x01\x00\x03",
		"range of one":                 "\x04\x33\x00\x01a\x00\x04\x00\x00\x00\x01\x03",
		"language longer than it is":   "\x04\x35\x00\x01a\x00\x04\x00\x09\x00\x00\x03",
		"no-value with a value":        "\x04\x13\x00\x01a\x00\x01x\x03",
		"end of no collection":         "\x04\x37\x00\x01a\x00\x00\x03",
		"member of no collection":      "\x04\x4a\x00\x01a\x00\x01x\x03",
		"group within a collection":    "\x04\x34\x00\x01a\x00\x00\x04\x03",
		"collection with a value":      "\x04\x34\x00\x01a\x00\x01x",
		"member without a value":       "\x04\x34\x00\x01a\x00\x00\x4a\x00\x00\x00\x01m\x37\x00\x00\x00\x00\x03",
		"member value before its name": "\x04\x34\x00\x01a\x00\x00\x21\x00\x00\x00\x04\x00\x00\x00\x01\x37\x00\x00\x00\x00\x03",
		"name within a collection":     "\x04\x34\x00\x01a\x00\x00\x21\x00\x01b\x00\x04\x00\x00\x00\x01",
		"nesting":                      "\x04\x34\x00\x01a\x00\x00\x4a\x00\x00\x00\x01m" + deep,
	} {
		if m, err := Decode(strings.NewReader(head + body)); !errors.Is(err, ErrMalformed) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// endless gives well-formed attributes for ever, and counts what was taken.
type endless struct {
	block []byte
	taken int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.block[(e.taken+int64(i))%int64(len(e.block))]
	}
	e.taken += int64(len(p))
	return len(p), nil
}

func TestDecodeIsBounded(t *testing.T) {
	const head = "\x02\x00\x00\x00\x00\x00\x00\x01\x04"
	small := "\x21\x00\x01a\x00\x04\x00\x00\x00\x01"
	large := append([]byte("\x30\x00\x01a\x7f\xff"), make([]byte, 1<<15-1)...)
	for name, c := range map[string]struct {
		block string
		most  int64 // bytes to take before refusing
	}{
		"values": {small, 10 * (maxValues + 1)},
		"bytes":  {string(large), maxMessage},
		"groups": {"\x04", maxValues + 1},
	} {
		flood := &endless{block: []byte(c.block)}
		_, err := Decode(io.MultiReader(strings.NewReader(head), flood))
		if !errors.Is(err, ErrMalformed) || flood.taken > c.most {
			t.Errorf("%s: %v after %d bytes", name, err, flood.taken)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, a := range map[string]Attribute{
		"no values":  {Name: "a"},
		"no name":    Attr("", Integer(1)),
		"long name":  Attr(strings.Repeat("n", 256), Integer(1)),
		"long value": Attr("a", Text(strings.Repeat("v", 1<<15))),
		"bad member": Attr("a", Collection{Attr("m")}),
	} {
		if _, err := (&Message{Groups: []Group{{TagJob, []Attribute{a}}}}).Encode(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (&Message{Groups: []Group{{TagEnd, nil}}}).Encode(); err == nil {
		t.Error("a group that ends the message")
	}
}

func TestDateTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offset := rapid.IntRange(-14*60, 14*60).Draw(t, "minutes")
		want := time.Unix(rapid.Int64Range(0, 1<<34).Draw(t, "time"), 0).In(time.FixedZone("", offset*60))
		if got, ok := NewDateTime(want).Time(); !ok || !got.Equal(want) {
			t.Fatalf("%v came back as %v", want, got)
		}
	})
	for _, bad := range []DateTime{{}, {7, 0xea, 13, 1, 0, 0, 0, 0, '+'}, {7, 0xea, 1, 1, 0, 0, 0, 0, 'x'}} {
		if got, ok := bad.Time(); ok {
			t.Errorf("% x is %v", bad[:], got)
		}
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"HP LaserJet é":          "HP LaserJet é",
		"a\x1b[31mred\r\n":       `a\x1b[31mred\x0d\x0a`,
		"\xff\xfe":               `\xff\xfe`,
		"abc\u202egnp":           `abc\xe2\x80\xaegnp`,
		strings.Repeat("x", 500): strings.Repeat("x", maxShown) + "…",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mustEncode(f, everything()))
	f.Add([]byte("\x01\x01\x00\x0b\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x03"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		m, err := Decode(r)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if !bytes.Equal(again, data[:len(data)-r.Len()]) {
			t.Fatalf("encodes to %x, was %x", again, data)
		}
		// A hostile answer is read like any other.
		g := Group{Tag: TagPrinter}
		if len(m.Groups) > 0 {
			g = m.Groups[0]
		}
		readFeatures(g)
		_, _ = statusOf(g, time.Now())
		_, _ = readJob(g)
		_ = substituted(g, g.Attributes)
	})
}

func TestRequestNumbers(t *testing.T) {
	c := &Client{}
	for _, start := range []uint32{0, 1<<31 - 3, 1<<32 - 3} {
		c.request.Store(start)
		for range 5 {
			if id := int32(c.nextID()); id < 1 {
				t.Fatalf("request number %d after %d", id, start)
			}
		}
	}
}
