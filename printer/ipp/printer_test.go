package ipp_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
)

func TestPrintLetter(t *testing.T) {
	for name, o := range map[string]virtual.Options{
		"plain":     {},
		"tls":       {TLS: true, Duplex: true, SheetBack: "rotated"},
		"mandatory": {TLS: true, Duplex: true, Colour: true, Mandatory: true},
	} {
		t.Run(name, func(t *testing.T) {
			printer := startPrinter(t, o)
			c := dial(t, ipp.Config{URI: printer.URI(), Pin: printer.Pin()})
			capabilities, err := c.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ticket := a4Ticket(3)
			ticket.Duplex, ticket.Colour, ticket.DPI = o.Duplex, o.Colour, 0
			if ticket, err = capabilities.Plan(ticket); err != nil {
				t.Fatal(err)
			}
			if err := c.Validate(t.Context(), ticket); err != nil {
				t.Fatal(err)
			}
			job := printOne(t, c, ticket, capabilities.RasterBack)
			want := device.JobStatus{ID: job.ID, Name: attempt, State: device.Completed, Reasons: []string{"job-completed-successfully"}, Impressions: 3}
			if diff := cmp.Diff(want, job); diff != "" {
				t.Error(diff)
			}
			checkPrint(t, printer, ticket)
			checkLog(t, printer.Log(), o)
		})
	}
}

// printOne prints the ticket's letter and waits for its end.
func printOne(t *testing.T, c *ipp.Client, ticket device.Ticket, back string) device.JobStatus {
	t.Helper()
	document, _ := letter(t, ticket, back)
	began := time.Now()
	id, err := c.Create(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := c.Send(t.Context(), id, ticket, bytes.NewReader(document))
	if err != nil || sent.ID != id {
		t.Fatalf("sent: %+v, %v", sent, err)
	}
	job := ended(t, c, id)
	t.Logf("%d pages from Create-Job to completed: %v", ticket.Impressions, time.Since(began).Round(time.Millisecond))
	return job
}

// checkPrint compares what the printer kept with what was asked.
func checkPrint(t *testing.T, printer *virtual.Printer, ticket device.Ticket) {
	t.Helper()
	prints := printer.Printed()
	if len(prints) != 1 || prints[0].Name != attempt || prints[0].Sides != 3 {
		t.Fatalf("printed %+v", prints)
	}
	_, want := letter(t, ticket, "")
	got := readBack(t, prints[0].Path)
	if len(got) != len(want) {
		t.Fatalf("%d pages, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Pix, want[i].Pix) {
			t.Errorf("page %d has other pixels", i+1)
		}
	}
	for name, value := range map[string]string{
		"job-name": attempt, "job-originating-user-name": "print-room", "media": ticket.Media, "sides": ticket.SidesKeyword(),
		"print-color-mode": ticket.ColourKeyword(), "print-scaling": "none", "printer-resolution": "300dpi", "copies": "1",
		"document-format-supplied": "image/pwg-raster",
	} {
		if got := prints[0].Attributes[name]; got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// checkLog looks for anything the printer did not like, or did not get.
func checkLog(t *testing.T, log string, o virtual.Options) {
	t.Helper()
	for _, line := range strings.Split(log, "\n") {
		for _, bad := range []string{"client-error", "server-error", "successful-ok-", "Bad", "nsupported", "Unable", "Missing"} {
			if strings.Contains(line, bad) && !strings.Contains(line, "-supported") {
				t.Errorf("the printer says %q", line)
			}
		}
	}
	insist := "ipp-attribute-fidelity (boolean) true"
	if o.Mandatory {
		insist = "job-mandatory-attributes (1setOf keyword) media,sides,print-color-mode,print-scaling,copies,printer-resolution"
	}
	for _, want := range []string{"last-document (boolean) true", insist} {
		if !strings.Contains(log, want) {
			t.Errorf("the printer did not get %q", want)
		}
	}
	if o.TLS != strings.Contains(log, "Connection now encrypted") {
		t.Errorf("encrypted: want %v", o.TLS)
	}
}

func TestCapabilities(t *testing.T) {
	printer := startPrinter(t, virtual.Options{DPI: []int{600, 1200}, Colour: true, Media: []string{"iso_a4_210x297mm", "iso_a5_148x210mm"}})
	c := dial(t, ipp.Config{URI: printer.PlainURI()})
	got, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.UUID, "urn:uuid:") {
		t.Errorf("uuid %q", got.UUID)
	}
	got.UUID = ""
	want := device.Capabilities{
		MakeAndModel: "Bjet24 Virtual Printer",
		Formats:      []string{"application/octet-stream", "image/pwg-raster", "image/urf"},
		DPI:          []int{600, 1200},
		RasterTypes:  []string{"sgray_8", "srgb_8"},
		RasterBack:   "normal",
		Colour:       true,
		ColourModes:  []string{"monochrome", "color", "auto"},
		Sides:        []string{"one-sided"},
		Media:        []string{"iso_a4_210x297mm", "iso_a5_148x210mm"},
		MediaReady:   []string{"iso_a4_210x297mm"},
		Sizes:        []device.Size{{Width: 21000, Length: 29700}, {Width: 14800, Length: 21000}},
		Scaling:      []string{"auto", "fit", "none"},
		Validates:    true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrinterRefusesMedia(t *testing.T) {
	printer := startPrinter(t, virtual.Options{})
	c := dial(t, ipp.Config{URI: printer.URI()})
	ticket := a4Ticket(1)
	ticket.Media = "na_letter_8.5x11in"
	for name, ask := range map[string]func() error{
		"Validate-Job": func() error { return c.Validate(t.Context(), ticket) },
		"Create-Job":   func() error { _, err := c.Create(t.Context(), ticket); return err },
	} {
		err := ask()
		var refused *ipp.NotHonouredError
		var status *ipp.StatusError
		if !errors.As(err, &refused) || !cmp.Equal(refused.Attributes, []string{"media"}) ||
			!errors.As(err, &status) || status.Operation != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	ticket = a4Ticket(1)
	ticket.Duplex = true
	var refused *ipp.NotHonouredError
	if _, err := c.Create(t.Context(), ticket); !errors.As(err, &refused) || !cmp.Equal(refused.Attributes, []string{"sides"}) {
		t.Errorf("duplex on a one-sided printer: %v", err)
	}
	if jobs, err := c.Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Errorf("left at the printer: %+v, %v", jobs, err)
	}
}

func TestCancel(t *testing.T) {
	printer := startPrinter(t, virtual.Options{})
	c := dial(t, ipp.Config{URI: printer.URI()})
	id, err := c.Create(t.Context(), a4Ticket(1))
	if err != nil {
		t.Fatal(err)
	}
	var busy *ipp.StatusError
	if _, err := c.Create(t.Context(), a4Ticket(1)); !errors.As(err, &busy) || !busy.Busy() {
		t.Errorf("a second job at once: %v", err)
	}
	if err := c.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	job := ended(t, c, id)
	if job.State != device.Canceled || job.Name != attempt || job.Impressions != 0 {
		t.Errorf("%+v", job)
	}
	var status *ipp.StatusError
	if err := c.Cancel(t.Context(), id); !errors.As(err, &status) || !status.NotPossible() {
		t.Errorf("cancelled twice: %v", err)
	}
	if _, err := c.Job(t.Context(), 99); !errors.As(err, &status) || !status.NotFound() {
		t.Errorf("job 99: %v", err)
	}
	jobs, err := c.Jobs(t.Context())
	if err != nil || len(jobs) != 1 || jobs[0].ID != id {
		t.Errorf("jobs %+v, %v", jobs, err)
	}
}
