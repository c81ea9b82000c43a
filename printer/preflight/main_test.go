package preflight

import (
	"bytes"
	"os"
	"testing"

	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/printer/render/worker"
)

// TestMain lets the test binary be run again as the sandboxed renderer.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == worker.Arg {
		os.Exit(worker.Main())
	}
	os.Exit(m.Run())
}

// A letter that is drawn for a test, page by page, in millimetres.
type document struct{ *gofpdf.Fpdf }

func newDocument() document {
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.SetAutoPageBreak(false, 0)
	doc.SetFont("Helvetica", "", 11)
	return document{doc}
}

// text adds an A4 page with a paragraph on it.
func (d document) text() document {
	d.AddPage()
	d.words()
	return d
}

func (d document) words() {
	d.Text(25, 60, "Dear customer,")
	d.Text(25, 66, "thank you for your letter of the 3rd; here is what you asked for.")
}

// blank adds an A4 page without anything.
func (d document) blank() document {
	d.AddPage()
	return d
}

func (d document) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pool(t testing.TB) *render.Pool {
	t.Helper()
	p, err := render.NewPool(render.Config{Arg: worker.Arg})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// look checks a document as the station does: drawn as it was paid, and once
// more small and in colour where it was paid in black and white.
func look(t testing.TB, p *render.Pool, terms Terms, pdf []byte) []Finding {
	t.Helper()
	c := New(terms)
	report, err := p.Render(t.Context(), render.Request{Document: pdf, DPI: 300, Colour: terms.Colour}, func(page render.Page) error {
		c.Page(page, 300)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Document(report)
	if !terms.Colour {
		if _, err = p.Render(t.Context(), render.Request{Document: pdf, DPI: ColourDPI, Colour: true}, func(page render.Page) error {
			c.Colours(page, ColourDPI)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return c.Findings()
}
