package letter

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
)

func attempt(t testing.TB, n byte) postal.AttemptCode {
	t.Helper()
	code, err := postal.NewAttemptCode(bytes.NewReader(bytes.Repeat([]byte{n, n + 7, n / 3, 2*n + 1}, 3*64)))
	for k := byte(1); err != nil && k < 40; k++ {
		code, err = postal.NewAttemptCode(bytes.NewReader(bytes.Repeat([]byte{n, n + 7, n/3 + k, 2*n + k}, 3)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func envelope(t testing.TB, name string) postal.Envelope {
	t.Helper()
	tables, err := postal.Default()
	if err != nil {
		t.Fatal(err)
	}
	e, err := tables.Envelope(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func carrier(t testing.TB, name string) CarrierData {
	return CarrierData{
		Attempt: attempt(t, 3), Product: postal.Registered, Country: "BE", Sheets: 3, Envelope: envelope(t, name),
		Recipient: []string{"Mevrouw Anaïs Vandenbroucke-Lefèvre", "Coöperatieve Boekhandel De Zevende Hemel", "Sint-Katelijnevest 112 bus 4", "2000 Antwerpen"},
		Return:    []string{"Étude Dubois & Peeters", "Rue de la Loi 16 bte 3", "1000 Bruxelles"},
	}
}

// draw renders with mutool as grey pages.
func draw(t testing.TB, pdf []byte, dpi int) []*image.Gray {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "mutool", "draw", "-q", "-r", strconv.Itoa(dpi), "-c", "gray", "-o", filepath.Join(dir, "%03d.png"), file)
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	slices.Sort(names)
	var pages []*image.Gray
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, img.(*image.Gray))
	}
	return pages
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return out.String()
}

func save(t testing.TB, img image.Image) string {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.png")
	if err := os.WriteFile(file, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func pixels(r postal.Rect, dpi float64) image.Rectangle {
	p := func(mm float64) int { return int(mm/25.4*dpi + 0.5) }
	return image.Rect(p(r.X), p(r.Y), p(r.Right()), p(r.Bottom()))
}

func ink(img *image.Gray, in image.Rectangle, not image.Rectangle) int {
	n, in := 0, in.Intersect(img.Rect)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if p := image.Pt(x, y); !p.In(not) && img.GrayAt(x, y).Y < 250 {
				n++
			}
		}
	}
	return n
}

// The address lies in what the window always shows; nothing else lies in what
// it can ever show; the mark is read where a reader looks first.
func TestCarrierOnPaper(t *testing.T) {
	for _, name := range []string{"c56", "c5", "c4"} {
		d := carrier(t, name)
		pdf, err := Carrier(d)
		if err != nil {
			t.Fatal(err)
		}
		pages := draw(t, pdf, 300)
		if len(pages) != 1 {
			t.Fatalf("%s: %d pages", name, len(pages))
		}
		always, ever := pixels(d.Envelope.AlwaysSeen(), 300), pixels(d.Envelope.EverSeen(), 300)
		if n := ink(pages[0], always, image.Rectangle{}); n < 2000 {
			t.Errorf("%s: only %d dark pixels in the window", name, n)
		}
		if n := ink(pages[0], ever, always); n != 0 {
			t.Errorf("%s: %d dark pixels beside the address can show in the window", name, n)
		}
		zone := pixels(MarkZone(), 300)
		code, err := receipt.Sheet(context.Background(), pages[0], zone)
		if want := (postal.SheetCode{Attempt: d.Attempt, Sheet: 1, Sheets: 3}); err != nil || code != want {
			t.Errorf("%s: read %v, %v; want %v", name, code, err, want)
		}
		got := run(t, "dmtxread", "-n", "-N1", save(t, pages[0]))
		if strings.TrimSpace(got) != code.String() {
			t.Errorf("%s: dmtxread reads %q", name, got)
		}
	}
}

// The words on the page can be read back in order, accents and all.
func TestCarrierText(t *testing.T) {
	d := carrier(t, "c56")
	pdf, err := Carrier(d)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	text := run(t, "pdftotext", "-layout", file, "-")
	for _, want := range append(slices.Concat(d.Recipient, d.Return), d.Attempt.Grouped(), "Aangetekend") {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page:\n%s", want, text)
		}
	}
}

func TestSameBytes(t *testing.T) {
	slip := SlipData{Number: "B24-1", Date: time.Unix(0, 0).UTC(), Room: "Gent", Rows: []SlipRow{{Attempt: attempt(t, 9), Product: postal.Standard}}}
	first, err := Carrier(carrier(t, "c5"))
	if err != nil {
		t.Fatal(err)
	}
	firstSlip, err := Slip(slip)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Carrier(carrier(t, "c5"))
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("carrier differs, %v", err)
		}
		again, err = Slip(slip)
		if err != nil || !bytes.Equal(firstSlip, again) {
			t.Fatalf("slip differs, %v", err)
		}
	}
}

func TestCarrierRefuses(t *testing.T) {
	wide := strings.Repeat("W", 80)
	for name, c := range map[string]struct {
		change func(*CarrierData)
		want   *LineError
	}{
		"too wide":        {func(d *CarrierData) { d.Recipient[1] = wide }, &LineError{"recipient", 1, TooWide}},
		"sender too wide": {func(d *CarrierData) { d.Return[2] = wide }, &LineError{"return", 2, TooWide}},
		"emoji":           {func(d *CarrierData) { d.Recipient[0] = "Anne 💌" }, &LineError{"recipient", 0, Unencodable}},
		"Chinese":         {func(d *CarrierData) { d.Recipient[2] = "北京" }, &LineError{"recipient", 2, Unencodable}},
		"combining":       {func(d *CarrierData) { d.Recipient[0] = "Ane\u0301mone" }, &LineError{"recipient", 0, Unencodable}},
		"control":         {func(d *CarrierData) { d.Return[0] = "a\tb" }, &LineError{"return", 0, Unencodable}},
		"broken UTF-8":    {func(d *CarrierData) { d.Recipient[0] = "a\xffb" }, &LineError{"recipient", 0, Unencodable}},
		"seven at home":   {func(d *CarrierData) { d.Recipient = strings.Split("a b c d e f g", " ") }, &LineError{"recipient", -1, TooMany}},
		"none":            {func(d *CarrierData) { d.Recipient = nil }, &LineError{"recipient", -1, TooMany}},
		"long sender":     {func(d *CarrierData) { d.Return = make([]string, 8) }, &LineError{"return", -1, TooMany}},
	} {
		d := carrier(t, "c56")
		c.change(&d)
		_, err := Carrier(d)
		var line *LineError
		if !errors.As(err, &line) || *line != *c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, change := range map[string]func(*CarrierData){
		"no sheets":   func(d *CarrierData) { d.Sheets = 0 },
		"bad attempt": func(d *CarrierData) { d.Attempt = "7K3M" },
		"product":     func(d *CarrierData) { d.Product = "express" },
		"no envelope": func(d *CarrierData) { d.Envelope = postal.Envelope{} },
		"window over the mark": func(d *CarrierData) {
			d.Envelope = envelope(t, "c4")
			d.Envelope.Window = postal.Rect{X: 20, Y: 240, Width: 150, Height: 60}
		},
	} {
		d := carrier(t, "c56")
		change(&d)
		if _, err := Carrier(d); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// Fifty characters a line and seven lines, bpost's limits, fit every envelope.
func TestCarrierFullAddress(t *testing.T) {
	for _, name := range []string{"c56", "c5", "c4"} {
		d := carrier(t, name)
		d.Country = "DE"
		d.Recipient = []string{
			"Forschungsgemeinschaft für Straßenwesen und Verkeh", "Abteilung Öffentlichkeitsarbeit und Verwaltung III",
			"z. Hd. Frau Dr. Friederike Müller-Lüdenscheidt", "Gebäude 12, Eingang C", "Große Bergstraße 123", "22767 HAMBURG", "DEUTSCHLAND"}
		if _, err := Carrier(d); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMark(t *testing.T) {
	code := postal.SheetCode{Attempt: attempt(t, 5), Sheet: 2, Sheets: 7}
	for _, dpi := range []int{150, 203, 300, 600, 1200} {
		mark, at, err := Mark(code, dpi)
		if err != nil {
			t.Fatal(err)
		}
		page := image.NewGray(image.Rect(0, 0, 210*dpi*10/254, 297*dpi*10/254))
		for i := range page.Pix {
			page.Pix[i] = 255
		}
		for y := range mark.Rect.Dy() {
			copy(page.Pix[page.PixOffset(at.X, at.Y+y):], mark.Pix[y*mark.Stride:][:mark.Stride])
		}
		zone := pixels(MarkZone(), float64(dpi))
		if !mark.Rect.Add(at).In(zone) {
			t.Errorf("%d dpi: mark %v lies outside of the zone %v", dpi, mark.Rect.Add(at), zone)
		}
		if got, err := receipt.Sheet(context.Background(), page, zone); err != nil || got != code {
			t.Errorf("%d dpi: read %v, %v", dpi, got, err)
		}
	}
	for _, dpi := range []int{-1, 0, 149, 2401} {
		if _, _, err := Mark(code, dpi); err == nil {
			t.Errorf("%d dpi is accepted", dpi)
		}
	}
}
