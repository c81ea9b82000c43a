package ipp_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/virtual"
)

const attempt = "7K2M9Q4R1XWZ5"

func startPrinter(t *testing.T, o virtual.Options) *virtual.Printer {
	t.Helper()
	o.Verbose = true
	p, err := virtual.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func dial(t *testing.T, c ipp.Config) *ipp.Client {
	t.Helper()
	client, err := ipp.Dial(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func a4Ticket(sides int) device.Ticket {
	return device.Ticket{Name: attempt, Media: "iso_a4_210x297mm", DPI: 300, Impressions: sides}
}

// letter is a document of A4 pages, each with a mark of its own.
func letter(t testing.TB, ticket device.Ticket, back string) ([]byte, []pwg.Page) {
	t.Helper()
	var out bytes.Buffer
	w := pwg.NewWriter(&out)
	w.Media, w.Pages, w.SheetBack = ticket.Media, ticket.Impressions, back
	var pages []pwg.Page
	for n := range ticket.Impressions {
		p := pwg.Page{Width: 2480, Height: 3508, DPI: 300, Colour: ticket.Colour, Duplex: ticket.Duplex}
		depth := 1
		if p.Colour {
			depth = 3
		}
		p.Pix = bytes.Repeat([]byte{0xff}, p.Width*p.Height*depth)
		for i := range p.Pix[:200_000] {
			p.Pix[(n+1)*1_000_000+i] = byte(i * (i>>8 + n))
		}
		if err := w.WritePage(p); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	return out.Bytes(), pages
}

// ended waits for a job's end.
func ended(t *testing.T, c *ipp.Client, id int) device.JobStatus {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		job, err := c.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if job.State.Ended() {
			return job
		}
		if time.Now().After(deadline) {
			t.Fatalf("job still %v", job.State)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func readBack(t *testing.T, path string) []pwg.Page {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pages []pwg.Page
	for r := pwg.NewReader(bytes.NewReader(data)); ; {
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
