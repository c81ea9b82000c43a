package render

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/jung-kurt/gofpdf"
)

// letter makes a plain letter of n A4 pages of text with lines and a box.
func letter(t testing.TB, n int) []byte {
	t.Helper()
	return paper(t, "A4", n)
}

func paper(t testing.TB, size string, n int) []byte {
	t.Helper()
	doc := gofpdf.New("P", "mm", size, "")
	for page := range n {
		doc.AddPage()
		doc.SetFont("Times", "", 11)
		for line := range 45 {
			doc.Text(20, 25+float64(line)*5, fmt.Sprintf("Page %d, line %d: the quick brown fox jumps over the lazy dog; 0123456789.", page+1, line+1))
		}
		doc.SetDrawColor(40, 80, 160)
		doc.Rect(15, 15, 180, 240, "D")
	}
	return output(t, doc)
}

func output(t testing.TB, doc *gofpdf.Fpdf) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// objects writes a PDF of the given objects, numbered from 1; the first is the
// catalogue. trailer is added to the trailer.
func objects(trailer string, bodies ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(bodies))
	for i, body := range bodies {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(bodies)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(bodies)+1, trailer, start)
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

const a4 = "/MediaBox[0 0 595.28 841.89]"

// onePage is a PDF with one page: its dictionary's entries, its contents, and
// further objects from number 6 on. Font F1 is Helvetica.
func onePage(page, contents string, more ...string) []byte {
	return catalogued("", page, contents, more...)
}

func catalogued(catalogue, page, contents string, more ...string) []byte {
	return objects("", append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalogue + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/ExtGState<</Half<</ca .5/CA .5>>/Mult<</BM/Multiply>>>>>>" + page + ">>",
		stream("", contents),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}, more...)...)
}

const someText = "BT /F1 24 Tf 72 700 Td (Dear customer,) Tj 0 -30 Td (thank you for your letter.) Tj ET\n"
