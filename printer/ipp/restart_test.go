package ipp_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
)

// TestJamInMidJob is what an operator meets: a jam, then somebody switches the
// printer off and on.
func TestJamInMidJob(t *testing.T) {
	printer := startPrinter(t, virtual.Options{})
	c := dial(t, ipp.Config{URI: printer.URI()})
	before, err := c.Status(t.Context())
	if err != nil || before.State != device.PrinterIdle || !before.Accepting || len(before.Reasons) != 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	printer.Trouble("media-jam", 2)
	ticket := a4Ticket(3)
	document, _ := letter(t, ticket, "")
	id, err := c.Create(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), id, ticket, bytes.NewReader(document)); err != nil {
		t.Fatal(err)
	}
	jammed := waitStatus(t, c, func(s device.Status) bool { return len(s.Reasons) > 0 })
	if !cmp.Equal(jammed.Reasons, []string{device.MediaJam}) {
		t.Errorf("reasons %v", jammed.Reasons)
	}
	if job, err := c.Job(t.Context(), id); err != nil || job.State != device.Processing || job.Impressions != 2 {
		t.Errorf("%+v, %v", job, err)
	}
	if err := printer.PowerOff(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(t.Context()); !errors.Is(err, ipp.ErrUnreachable) {
		t.Errorf("while off: %v", err)
	}
	printer.Clear()
	time.Sleep(3 * time.Second) // an epoch is known to two seconds
	if err := printer.PowerOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.UUID != before.UUID || device.SameEpoch(before.Epoch, after.Epoch) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	checkOtherLetter(t, c, id)
}

// checkOtherLetter finds another letter under a number known from before.
func checkOtherLetter(t *testing.T, c *ipp.Client, id int) {
	t.Helper()
	other := a4Ticket(1)
	other.Name = "0000000000000"
	if again, err := c.Create(t.Context(), other); err != nil || again != id {
		t.Fatalf("job %d, %v", again, err)
	}
	if job, err := c.Job(t.Context(), id); err != nil || job.Name != other.Name {
		t.Errorf("job %d is %q, %v", id, job.Name, err)
	}
}

func waitStatus(t *testing.T, c *ipp.Client, ok func(device.Status) bool) device.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		s, err := c.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return s
		}
		time.Sleep(20 * time.Millisecond)
	}
}
