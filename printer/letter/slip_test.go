package letter

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
)

// rows makes n pieces, every fourth registered; numbers are theirs.
func rows(t testing.TB, n int) (rows []SlipRow, numbers []string) {
	t.Helper()
	for i := range n {
		r := SlipRow{Attempt: attempt(t, byte(i)), Product: postal.Products()[i%4]}
		if r.Product == postal.Registered {
			r.Tracking = postal.TrackingNumber(fmt.Sprintf("01054128850045262122%010d", i))
			numbers = append(numbers, string(r.Tracking))
		}
		rows = append(rows, r)
	}
	return rows, append(numbers, "RR473124829BE")
}

// Every code on the slip is read back, by zbarimg and dmtxread and by our own
// reader, and every page says which of how many it is.
func TestSlipOnPaper(t *testing.T) {
	list, numbers := rows(t, 46)
	list[3].Tracking = "RR473124829BE"
	d := SlipData{Number: "B24-20261122-0007", Date: time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC), Room: "Bruxelles 1", Rows: list}
	pdf, err := Slip(d)
	if err != nil {
		t.Fatal(err)
	}
	pages := draw(t, pdf, 300)
	if len(pages) < 2 {
		t.Fatalf("%d page", len(pages))
	}
	ours, peer := map[string]int{}, map[string]int{}
	for _, page := range pages {
		file := save(t, page)
		codes, err := receipt.Read(context.Background(), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range codes {
			ours[string(c.Symbology)+" "+c.Text]++
		}
		for _, line := range strings.Fields(run(t, "zbarimg", "-q", "--raw", file)) {
			peer["code128 "+line]++
		}
		peer["datamatrix "+strings.TrimSpace(run(t, "dmtxread", "-n", "-N1", file))]++
	}
	for _, want := range append(numbers, d.Number) {
		if peer["code128 "+want] != 1 || ours["code128 "+want] != 1 {
			t.Errorf("%s: read %d times by zbarimg, %d by us", want, peer["code128 "+want], ours["code128 "+want])
		}
	}
	if matrix := "datamatrix " + d.Number; peer[matrix] != len(pages) || ours[matrix] != len(pages) {
		t.Errorf("the slip's DataMatrix on %d pages: read %d times by dmtxread, %d by us", len(pages), peer[matrix], ours[matrix])
	}
	file := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	text := run(t, "pdftotext", "-layout", file, "-")
	for i := range pages {
		if want := fmt.Sprintf("%d / %d", i+1, len(pages)); !strings.Contains(text, want) {
			t.Errorf("no page says %q", want)
		}
	}
	for _, r := range list {
		if !strings.Contains(text, r.Attempt.Grouped()) {
			t.Errorf("%s is not on the slip", r.Attempt)
		}
	}
}

func TestSlipRefuses(t *testing.T) {
	good, _ := rows(t, 3)
	for name, d := range map[string]SlipData{
		"no rows":         {Number: "B24-1", Room: "Gent"},
		"no number":       {Room: "Gent", Rows: good},
		"long number":     {Number: strings.Repeat("A", 21), Room: "Gent", Rows: good},
		"small letters":   {Number: "b24", Room: "Gent", Rows: good},
		"too many":        {Number: "B24-1", Room: "Gent", Rows: make([]SlipRow, MaxSlipRows+1)},
		"wide room":       {Number: "B24-1", Room: strings.Repeat("Gent ", 30), Rows: good},
		"room of emoji":   {Number: "B24-1", Room: "💌", Rows: good},
		"bad tracking":    {Number: "B24-1", Room: "Gent", Rows: []SlipRow{{Attempt: good[0].Attempt, Product: postal.Registered, Tracking: "RB123456784GB"}}},
		"bad attempt":     {Number: "B24-1", Room: "Gent", Rows: []SlipRow{{Attempt: "x", Product: postal.Registered}}},
		"unknown product": {Number: "B24-1", Room: "Gent", Rows: []SlipRow{{Attempt: good[0].Attempt}}},
	} {
		if _, err := Slip(d); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
