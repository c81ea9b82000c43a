package preflight

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
)

func TestLetters(t *testing.T) {
	p := pool(t)
	for name, c := range map[string]struct {
		terms Terms
		pdf   document
		want  []Finding
	}{
		"sound":                      {Terms{Pages: 2}, newDocument().text().text(), nil},
		"sound, in colour":           {Terms{Pages: 1, Colour: true}, coloured("text"), nil},
		"pages that nobody counted":  {Terms{}, newDocument().text(), nil},
		"a page too many":            {Terms{Pages: 1}, newDocument().text().text(), []Finding{{Code: PageCount}}},
		"a page too few":             {Terms{Pages: 2}, newDocument().text(), []Finding{{Code: PageCount}}},
		"a blank page":               {Terms{Pages: 3}, newDocument().text().blank().text(), []Finding{{Blank, []int{2}}}},
		"blank but for a speck":      {Terms{Pages: 1}, boxed(100, 100, 0.2, 0.2), []Finding{{Blank, []int{1}}}},
		"an image's white is no ink": {Terms{Pages: 1}, whiteBox(), nil},
		"ink at the left":            {Terms{Pages: 2}, newDocument().text().box(0, 100, 3, 10), []Finding{{Margin, []int{2}}}},
		"ink at the right":           {Terms{Pages: 1}, boxed(206.6, 100, 3, 10), []Finding{{Margin, []int{1}}}},
		"ink at the top":             {Terms{Pages: 1}, boxed(100, 3, 10, 0.5), []Finding{{Margin, []int{1}}}},
		"ink at the foot":            {Terms{Pages: 1}, boxed(100, 293.5, 10, 3), []Finding{{Margin, []int{1}}}},
		"ink up to the margin":       {Terms{Pages: 1}, boxed(4.1, 4.1, 201.8, 288.8), nil},
		"colour in text":             {Terms{Pages: 1}, coloured("text"), []Finding{{GreyLost, []int{1}}}},
		"colour in a hairline":       {Terms{Pages: 1}, coloured("line"), []Finding{{GreyLost, []int{1}}}},
		"greys":                      {Terms{Pages: 1}, coloured("grey"), nil},
		"on its side":                {Terms{Pages: 1}, sized("L", 210, 297), []Finding{{Landscape, []int{1}}}},
		"A5":                         {Terms{Pages: 1}, sized("P", 148, 210), []Finding{{Size, []int{1}}}},
		"A5, on its side":            {Terms{Pages: 1}, sized("L", 148, 210), []Finding{{Size, []int{1}}, {Landscape, []int{1}}}},
		"Letter":                     {Terms{Pages: 1}, sized("P", 215.9, 279.4), []Finding{{Size, []int{1}}}},
		"A4, cut roughly":            {Terms{Pages: 1}, sized("P", 211, 296), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, look(t, p, c.terms, c.pdf.bytes(t))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (d document) box(x, y, w, h float64) document {
	d.AddPage()
	d.Rect(x, y, w, h, "F")
	d.words()
	return d
}

// boxed has nothing on it but a black box.
func boxed(x, y, w, h float64) document {
	d := newDocument()
	d.AddPage()
	d.Rect(x, y, w, h, "F")
	return d
}

// whiteBox has text, and a white box to the edges of the paper.
func whiteBox() document {
	d := newDocument()
	d.AddPage()
	d.SetFillColor(255, 255, 255)
	d.Rect(0, 0, 210, 297, "F")
	d.words()
	return d
}

func coloured(what string) document {
	d := newDocument()
	d.AddPage()
	switch what {
	case "text":
		d.SetTextColor(0, 60, 160)
	case "line":
		d.SetDrawColor(200, 0, 0)
		d.SetLineWidth(0.2)
		d.Line(30, 80, 60, 80)
	case "grey":
		d.SetTextColor(90, 90, 90)
		d.SetFillColor(240, 244, 240) // as a scanner's paper
		d.Rect(30, 100, 60, 40, "F")
	}
	d.words()
	return d
}

func sized(orientation string, w, h float64) document {
	d := newDocument()
	d.AddPageFormat(orientation, gofpdf.SizeType{Wd: w, Ht: h})
	d.words()
	return d
}

func TestDocument(t *testing.T) {
	for _, c := range []struct {
		report render.Report
		want   []Code
	}{
		{render.Report{}, []Code{}},
		{render.Report{Annotations: 1}, []Code{Form}},
		{render.Report{Widgets: 2, XFA: true}, []Code{Form, XFA}},
		{render.Report{Attachments: true, Repaired: true, JavaScript: true}, []Code{Attachment, Repaired}},
	} {
		check := New(Terms{})
		check.Document(c.report)
		if diff := cmp.Diff(c.want, check.Codes()); diff != "" {
			t.Error(diff)
		}
	}
	check := New(Terms{})
	check.Add(Address)
	if diff := cmp.Diff([]Finding{{Code: Address}}, check.Findings()); diff != "" {
		t.Error(diff)
	}
}

// TestCarrier holds our own page against every envelope, and a spoilt one.
func TestCarrier(t *testing.T) {
	tables, err := postal.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := pool(t)
	attempt, err := postal.NewAttemptCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range tables.Envelopes {
		pdf, err := letter.Carrier(letter.CarrierData{
			Attempt: attempt, Product: postal.Standard, Envelope: e, Country: "BE", Sheets: 2,
			Recipient: []string{"Mevrouw Annelies Vandenbroucke-Vanderstraeten", "Lange Nieuwstraat 123 bus 4", "2000 Antwerpen"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for spoil, want := range map[string][]Code{"": {}, "beside": {Window}, "emptied": {Window}} {
			check := New(Terms{Envelope: &e})
			if _, err := p.Render(t.Context(), render.Request{Document: pdf, DPI: 300}, func(page render.Page) error {
				spoiled(page, spoil, e)
				check.Carrier(page, 300)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, check.Codes()); diff != "" {
				t.Errorf("%s, %q: %s", e.Name, spoil, diff)
			}
		}
	}
}

// spoiled puts a stroke where the window may show it, or takes the address away.
func spoiled(p render.Page, how string, e postal.Envelope) {
	dot := func(mm float64) int { return int(mm / 25.4 * 300) }
	switch how {
	case "beside":
		for x := range 40 {
			p.Pix[(dot(e.EverSeen().Y)+2)*p.Width+dot(e.AlwaysSeen().X)+x] = 0
		}
	case "emptied":
		for i := range p.Pix {
			p.Pix[i] = 0xff
		}
	}
}

// TestNonsense: what a page says of itself is not believed.
func TestNonsense(t *testing.T) {
	tables, err := postal.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []render.Page{
		{}, {Width: -1, Height: 5}, {Width: 100, Height: 100}, {Width: 7, Height: 3, Colour: true, Pix: make([]byte, 20)},
		{Width: 1 << 40, Height: 1 << 40, Pix: make([]byte, 5)}, {Width: 10, Height: -3, Pix: make([]byte, 50)},
	} {
		for _, dpi := range []int{0, -5, 18, 1200} {
			t.Run(fmt.Sprint(p.Width, p.Height, dpi), func(*testing.T) {
				c := New(Terms{Envelope: &tables.Envelopes[0]})
				c.Page(p, dpi)
				c.Colours(p, dpi)
				c.Carrier(p, dpi)
			})
		}
	}
}

func TestMerge(t *testing.T) {
	if got := Merge(nil, nil); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
	got := Merge([]Code{Blank, "of another version"}, []Code{Size, Blank})
	if diff := cmp.Diff([]Code{Size, Blank}, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range Codes() {
		if c.Error() != (c == PageCount || c == Address) {
			t.Error(c)
		}
	}
}

// BenchmarkPage is the check of one page of text at 300 dpi, beside which the
// drawing takes some 15 ms.
func BenchmarkPage(b *testing.B) {
	p := pool(b)
	for _, terms := range []Terms{{}, {Colour: true}} {
		var page render.Page
		if _, err := p.Render(b.Context(), render.Request{Document: dense().bytes(b), DPI: 300, Colour: terms.Colour}, func(r render.Page) error {
			page = r
			page.Pix = bytes.Clone(r.Pix)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("colour=%v", terms.Colour), func(b *testing.B) {
			b.SetBytes(int64(len(page.Pix)))
			for b.Loop() {
				New(terms).Page(page, 300)
			}
		})
	}
}

func dense() document {
	d := newDocument()
	d.AddPage()
	for line := range 50 {
		d.Text(20, 25+float64(line)*5, fmt.Sprintf("Line %d: the quick brown fox jumps over the lazy dog, again and again, 0123456789.", line))
	}
	return d
}
