package letter

import (
	"image"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
)

func testSheet(t testing.TB) TestSheetData {
	t.Helper()
	tables, err := postal.Default()
	if err != nil {
		t.Fatal(err)
	}
	return TestSheetData{
		Name: "HP-A", Model: "Bjet24 Virtual Printer", DPI: 300, Colour: true, Duplex: true, Media: "iso_a4_210x297mm",
		Date: time.Date(2026, 11, 22, 19, 42, 0, 0, time.UTC), Code: "B24:TEST:0a1b2c3d", Envelopes: tables.Envelopes,
	}
}

// The sheet's marks are where a letter's are, and read.
func TestTestSheetIsRead(t *testing.T) {
	d := testSheet(t)
	pdf, err := TestSheet(d)
	if err != nil {
		t.Fatal(err)
	}
	pages := draw(t, pdf, 300)
	if len(pages) != 2 {
		t.Fatalf("%d pages, want a front and a back", len(pages))
	}
	for i, want := range []string{d.Code + ":1", d.Code + ":2"} {
		codes, err := receipt.Read(t.Context(), pages[i])
		if err != nil {
			t.Fatal(err)
		}
		if len(codes) != 1 || codes[0].Text != want {
			t.Errorf("side %d reads as %v, want %s", i+1, codes, want)
		}
	}
	d.Duplex = false
	if pdf, err = TestSheet(d); err != nil {
		t.Fatal(err)
	}
	if n := len(draw(t, pdf, 100)); n != 1 {
		t.Errorf("%d pages on a printer of one side", n)
	}
}

// The bar is 100 mm long and the rulers begin at the paper's edge.
func TestTestSheetMeasures(t *testing.T) {
	pdf, err := TestSheet(testSheet(t))
	if err != nil {
		t.Fatal(err)
	}
	const dpi = 300
	page := draw(t, pdf, dpi)[0]
	px := func(mm float64) int { return int(mm/25.4*dpi + 0.5) }
	row, first, last := px(testBarY+2), -1, -1 // below the bar only its two ends are
	for x := px(margin - 4); x < px(margin+testBar+4); x++ {
		if page.GrayAt(x, row).Y < 128 {
			if first < 0 {
				first = x
			}
			last = x
		}
	}
	if got := float64(last-first) / dpi * 25.4; got < 99.8 || got > 100.2 {
		t.Errorf("the bar is %.2f mm long", got)
	}
	for mm := 10; mm < 200; mm += 10 {
		near := image.Rect(px(float64(mm))-2, 0, px(float64(mm))+3, px(3))
		if ink(page, near, image.Rectangle{}) == 0 {
			t.Errorf("no tick at %d mm of the top edge", mm)
		}
	}
}

// A printer may be called anything; its sheet is drawn all the same.
func TestTestSheetOfAnyName(t *testing.T) {
	d := testSheet(t)
	d.Name, d.Model = strings.Repeat("重印機 \u202e", 30), "\x00\xff"
	pdf, err := TestSheet(d)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(draw(t, pdf, 72)); n != 2 {
		t.Errorf("%d pages", n)
	}
	for _, code := range []string{"", strings.Repeat("x", 25), "é", "a\nb"} {
		d.Code = code
		if _, err := TestSheet(d); err == nil {
			t.Errorf("code %q was taken", code)
		}
	}
}
