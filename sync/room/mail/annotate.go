package mail

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

// annotate appends an incremental update (ISO 32000-1, 7.5.6) to a PDF of
// gofpdf's: page 1 gets a text field that is filled in and a stamp, both drawn
// by appearance streams alone. gofpdf itself can make neither.
func annotate(pdf []byte, value, stamp string) ([]byte, error) {
	root, err := submatch(pdf, `/Root (\d+) 0 R`)
	if err != nil {
		return nil, err
	}
	size, err := submatch(pdf, `/Size (\d+)`)
	if err != nil {
		return nil, err
	}
	previous, err := submatch(pdf, `startxref\n(\d+)\n%%EOF`)
	if err != nil {
		return nil, err
	}
	const page = 3 // gofpdf's first page
	u := update{out: bytes.NewBuffer(bytes.Clone(pdf)), at: map[int]int{}}
	pageDict, err := object(pdf, page)
	if err != nil {
		return nil, err
	}
	catalog, err := object(pdf, root)
	if err != nil {
		return nil, err
	}
	field, fieldLook, stamped, stampLook, font := size, size+1, size+2, size+3, size+4
	u.object(page, bytes.Replace(pageDict, []byte("<<"), fmt.Appendf(nil, "<</Annots [%d 0 R %d 0 R] ", field, stamped), 1))
	u.object(root, bytes.Replace(catalog, []byte("<<"), fmt.Appendf(nil,
		"<</AcroForm <</Fields [%d 0 R] /DR <</Font <</Helv %d 0 R>>>> /DA (/Helv 11 Tf 0 g)>> ", field, font), 1))
	u.object(field, fmt.Appendf(nil, "<</Type /Annot /Subtype /Widget /FT /Tx /T (reference) /V (%s) /F 4 /P %d 0 R /Rect [200 596 360 616] /DA (/Helv 11 Tf 0 g) /AP <</N %d 0 R>>>>", value, page, fieldLook))
	u.form(fieldLook, font, 160, 20, fmt.Sprintf("/Tx BMC 0.93 g 0 0 160 20 re f 0 g BT /Helv 11 Tf 4 6 Td (%s) Tj ET EMC", value))
	u.object(stamped, fmt.Appendf(nil, "<</Type /Annot /Subtype /Stamp /Name /Received /F 4 /P %d 0 R /Rect [400 600 540 640] /AP <</N %d 0 R>>>>", page, stampLook))
	u.form(stampLook, font, 140, 40, fmt.Sprintf("0.7 0 0 RG 0.7 0 0 rg 2 w 3 3 134 34 re S BT /Helv 15 Tf 12 14 Td (%s) Tj ET", winAnsi(stamp)))
	u.object(font, []byte("<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>"))
	return u.finish(size+5, root, previous), nil
}

func submatch(pdf []byte, pattern string) (int, error) {
	found := regexp.MustCompile(pattern).FindSubmatch(pdf)
	if found == nil {
		return 0, fmt.Errorf("annotating: no %s", pattern)
	}
	return strconv.Atoi(string(found[1]))
}

// object is what stands between "n 0 obj" and "endobj".
func object(pdf []byte, n int) ([]byte, error) {
	_, rest, ok := bytes.Cut(pdf, fmt.Appendf(nil, "\n%d 0 obj\n", n))
	body, _, end := bytes.Cut(rest, []byte("\nendobj"))
	if !ok || !end {
		return nil, fmt.Errorf("annotating: no object %d", n)
	}
	return body, nil
}

// winAnsi writes Latin letters as the bytes of WinAnsiEncoding.
func winAnsi(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// update is the appended part; at is where each object begins.
type update struct {
	out *bytes.Buffer
	at  map[int]int
	ids []int
}

func (u *update) object(n int, body []byte) {
	u.ids = append(u.ids, n)
	u.at[n] = u.out.Len()
	fmt.Fprintf(u.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (u *update) form(n, font, width, height int, content string) {
	u.object(n, fmt.Appendf(nil, "<</Type /XObject /Subtype /Form /BBox [0 0 %d %d] /Resources <</Font <</Helv %d 0 R>>>> /Length %d>>\nstream\n%s\nendstream",
		width, height, font, len(content), content))
}

func (u *update) finish(size, root, previous int) []byte {
	start := u.out.Len()
	u.out.WriteString("xref\n")
	for _, n := range u.ids {
		fmt.Fprintf(u.out, "%d 1\n%010d 00000 n \n", n, u.at[n])
	}
	fmt.Fprintf(u.out, "trailer\n<</Size %d /Root %d 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", size, root, previous, start)
	return u.out.Bytes()
}
