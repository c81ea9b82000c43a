package station

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// fullPages is a letter of n pages of text.
func fullPages(t testing.TB, n int) string {
	t.Helper()
	doc := gofpdf.New("P", "mm", "A4", "")
	for page := range n {
		doc.AddPage()
		doc.SetFont("Helvetica", "", 10.5)
		for line := range 44 {
			doc.Text(20, 36+float64(line)*5.4, fmt.Sprintf("%d. Madame, Monsieur, veuillez trouver ci-joint le document %d de votre dossier, à conserver.", line+1, page))
		}
	}
	var file bytes.Buffer
	if err := doc.Output(&file); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// BenchmarkPrint prints letters of three pages, two of text and the carrier, at
// 300 dots an inch in the sandbox, on a printer that takes no time, over TLS.
// The goal is 150 letters a minute on two cores; 300 is better.
func BenchmarkPrint(b *testing.B) {
	r := realRoom(b)
	printer := startPrinter(b, virtual.Options{})
	device, err := ipp.Dial(ipp.Config{URI: printer.URI(), Pin: printer.Pin()})
	r.check(err)
	r.Station.printers[0].device = device
	r.as("operator")
	text := fullPages(b, 2)
	const batch = 25
	var took time.Duration
	letters := 0
	for b.Loop() {
		b.StopTimer()
		documents := make([]string, batch)
		for i := range documents {
			documents[i] = text
		}
		ids := r.pay(documents...)
		b.StartTimer()
		began := time.Now()
		r.check(r.PrintBatch(b.Context(), ids))
		took += time.Since(began)
		b.StopTimer()
		for _, id := range ids {
			if got := r.state(id); got != store.DeviceDone {
				b.Fatalf("%s, want DEVICE_DONE", got)
			}
		}
		letters += batch
		b.StartTimer()
	}
	b.ReportMetric(float64(letters)/took.Minutes(), "letters/min")
}
