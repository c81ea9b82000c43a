package station

import (
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/printer/render/worker"
	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// TestMain lets the test binary be run again as a render worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == worker.Arg {
		os.Exit(worker.Main())
	}
	os.Exit(m.Run())
}

func startPrinter(t testing.TB, o virtual.Options) *virtual.Printer {
	t.Helper()
	o.TLS = true
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

// realRoom is a room that draws and prints as the product does.
func realRoom(t testing.TB) *room {
	t.Helper()
	pool, err := render.NewPool(render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newRoom(t)
	r.cfg.Renderer = pool
	r.cfg.Dial = func(p PrinterSetup) (Device, error) { return ipp.Dial(ipp.Config{URI: p.URI, Pin: p.Pin}) }
	r.as("admin")
	return r
}

// Two real printers: each is added by what it shows of itself, the one chosen
// prints, and its test sheet reads as a letter's sheets do.
func TestRealPrinters(t *testing.T) {
	r := realRoom(t)
	a := startPrinter(t, virtual.Options{Name: "A"})
	b := startPrinter(t, virtual.Options{Name: "B", Colour: true, Duplex: true})
	probe, err := r.ProbePrinter(t.Context(), b.URI())
	if err != nil {
		t.Fatal(err)
	}
	if probe.Fingerprint != sha256.Sum256(b.Certificate().Certificate[0]) || probe.Subject == "" || time.Until(probe.Until) < time.Hour {
		t.Errorf("of the certificate it saw %x of %s until %v", probe.Fingerprint, probe.Subject, probe.Until)
	}
	if probe.Pin != b.Pin() || probe.Model != "Bjet24 Virtual Printer" || !probe.Can.Colour || len(probe.Can.MediaReady) == 0 {
		t.Errorf("the probe saw %+v", probe)
	}
	wantFault(t, r.AddPrinter(t.Context(), PrinterSetup{Name: "B", URI: b.URI(), Pin: a.Pin()}), Certificate)
	wantFault(t, r.AddPrinter(t.Context(), PrinterSetup{Name: "B", URI: b.URI()}), PrinterAddress)
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "A", URI: a.URI(), Pin: a.Pin()}))
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "B", URI: b.URI(), Pin: probe.Pin}))
	printers := r.Snapshot().Printers
	if len(printers) != 3 || printers[2].Model != "Bjet24 Virtual Printer" || printers[2].Lamp != LampOK {
		t.Fatalf("set up are %+v", printers)
	}
	id := printers[2].ID
	r.check(r.ChoosePrinter(t.Context(), id))
	r.check(r.TestSheet(t.Context(), printers[1].ID))
	r.check(r.TestSheet(t.Context(), id))
	readTestSheet(t, a, "B24:TEST:"+printers[1].ID[:8], 1)
	readTestSheet(t, b, "B24:TEST:"+id[:8], 2)

	r.cfg.Renderer = fakeRenderer{} // the letters of the fixture are no documents
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	if got := r.state(ids[0]); got != store.DeviceDone || len(a.Printed()) != 1 || len(b.Printed()) != 2 {
		t.Errorf("the letter is %s; %d and %d jobs came out", got, len(a.Printed()), len(b.Printed()))
	}
	r.check(r.RemovePrinter(t.Context(), id))
	if s := r.Snapshot(); len(s.Printers) != 2 || s.PrinterName != "fake" {
		t.Errorf("after the removal %s of %d printers", s.PrinterName, len(s.Printers))
	}
}

// readTestSheet reads the marks on what a printer put out.
func readTestSheet(t *testing.T, p *virtual.Printer, code string, sides int) {
	t.Helper()
	prints := p.Printed()
	if len(prints) != 1 || prints[0].Name != testName || prints[0].Sides != sides || prints[0].Attributes["print-scaling"] != "none" {
		t.Fatalf("printed %+v, want a test sheet of %d sides, not scaled", prints, sides)
	}
	file, err := os.Open(prints[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // read only
	side := 0
	for reader := pwg.NewReader(file); ; {
		page, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		side++
		found, err := receipt.Read(t.Context(), pageImage(page))
		if err != nil {
			t.Fatal(err)
		}
		if want := code + ":" + strconv.Itoa(side); len(found) != 1 || found[0].Text != want {
			t.Errorf("side %d reads as %v, want %s", side, found, want)
		}
	}
}

func pageImage(p pwg.Page) image.Image {
	out := image.NewGray(image.Rect(0, 0, p.Width, p.Height))
	if !p.Colour {
		copy(out.Pix, p.Pix)
		return out
	}
	for i := range out.Pix {
		c := color.GrayModel.Convert(color.RGBA{R: p.Pix[3*i], G: p.Pix[3*i+1], B: p.Pix[3*i+2], A: 255})
		out.Pix[i] = c.(color.Gray).Y
	}
	return out
}

// Another machine at the printer's address gets nothing: not a letter, not a
// test sheet, and its lamp says why.
func TestRealPrinterReplaced(t *testing.T) {
	r := realRoom(t)
	was := startPrinter(t, virtual.Options{Name: "B"})
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "B", URI: was.URI(), Pin: was.Pin()}))
	id := r.Snapshot().Printers[1].ID
	r.check(r.ChoosePrinter(t.Context(), id))
	u, err := url.Parse(was.URI())
	r.check(err)
	port, err := strconv.Atoi(u.Port())
	r.check(err)
	r.check(was.PowerOff())
	now := startPrinter(t, virtual.Options{Name: "B", Port: port})
	if now.URI() != was.URI() || now.Pin() == was.Pin() {
		t.Fatalf("%s is no other printer in the place of %s", now.URI(), was.URI())
	}
	ids := r.pay("PAGES 2")
	wantFault(t, r.PrintBatch(t.Context(), ids), Certificate)
	wantFault(t, r.TestSheet(t.Context(), id), Certificate)
	r.look(t.Context())
	p := r.Snapshot().Printers[1]
	if p.Lamp != LampBad || p.Fault == nil || p.Fault.Code != Certificate {
		t.Errorf("its lamp is %s for %v", p.Lamp, p.Fault)
	}
	if got := r.state(ids[0]); got != store.Ready || len(now.Printed()) != 0 {
		t.Errorf("the letter is %s, %d jobs reached the other printer", got, len(now.Printed()))
	}
	if codes := p.Reasons; slices.Contains(codes, "offline") {
		t.Errorf("a printer that is there is said to be off: %v", codes)
	}
}
