package room

import (
	"testing"
	"time"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// TestCentralAwayAllDay: what was claimed can be printed and enveloped without
// central, over a restart too; nothing is handed in before it has judged, and
// when it is back everything is told, once.
func TestCentralAwayAllDay(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		do(t, w, "print")
	}
	pieces, err := r.Pieces(t.Context(), "")
	if err != nil || len(pieces) != 2 {
		t.Fatalf("%d pieces came out, %v", len(pieces), err)
	}
	do(t, w, "%s", pieces[0].Attempt)
	fails(t, w, "deposit "+t.TempDir(), "nothing_to_deposit")
	quit(t, w)

	w = work(t, r)
	do(t, w, "%s", pieces[1].Attempt)
	if got := states(t, w); got[store.Confirmed] != 2 {
		t.Errorf("%v, want both pieces CONFIRMED", got)
	}
	if err := r.StartCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
	do(t, w, "push")
	if a := do(t, w, "deposit %s", t.TempDir()); a.Pieces != 2 {
		t.Errorf("the deposit has %d pieces, want 2", a.Pieces)
	}
	do(t, w, "push")
	quit(t, w)
	l, err := r.Central.Ledger(t.Context())
	if err != nil || l.DroppedOff != 2 || l.Duplicated != 0 || l.Jobs[0].Attempts != 1 || l.Jobs[1].Attempts != 1 {
		t.Errorf("central's ledger: %+v, %v", l, err)
	}
}

// TestTPMAwayAndBack: without its TPM nothing is opened, nothing is lost, and
// work goes on without a restart once it is back.
func TestTPMAwayAndBack(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	if err := r.TPM.Cut(); err != nil {
		t.Fatal(err)
	}
	fails(t, w, "print", "tpm_missing")
	if got := states(t, w); got[store.Ready] != 1 || len(r.Printer.Printed()) != 0 {
		t.Errorf("%v, want the letter READY", got)
	}
	endpoint := r.TPM.Endpoint()
	var err error
	if r.TPM, err = swtpm.Start(t.Context(), r.tpmDir()); err != nil {
		t.Fatal(err)
	}
	if r.TPM.Endpoint() != endpoint {
		t.Fatalf("the TPM came back at %s, it was at %s", r.TPM.Endpoint(), endpoint)
	}
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v, want the letter DEVICE_DONE", got)
	}
	quit(t, w)
}

// TestPrinterReplaced: a letter was sent whole when the program died, and
// another printer stands there when it starts again: nobody can know what the
// first one did. A printer with another certificate is not spoken to at all.
func TestPrinterReplaced(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1, Printer: virtual.Options{PageTime: slow}})
	w := work(t, r)
	do(t, w, "claim")
	printing := make(chan error, 1)
	go func() {
		_, err := w.Do("print")
		printing <- err
	}()
	awaitStored(t, r, store.Sent)
	if err := w.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-printing; err == nil {
		t.Error("a program that was killed answered")
	}

	first := r.Printer
	t.Cleanup(func() { _ = first.Stop() })
	o := r.Options.Printer
	o.TLS, o.Colour, o.Duplex = true, true, true
	var err error
	if r.Printer, err = virtual.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	pin := r.Printer
	r.Printer = first // its pin
	if err := r.Behind(pin.URI()); err != nil {
		t.Fatal(err)
	}
	r.Printer = pin
	w = work(t, r)
	for end := time.Now().Add(10 * time.Second); do(t, w, "status").Printer != "bad"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the printer's lamp does not tell of the stranger")
		}
	}
	if got := states(t, w); got[store.Sent] != 1 {
		t.Errorf("%v: a stranger with another certificate was believed", got)
	}
	quit(t, w)

	if err := r.Behind(r.Printer.URI()); err != nil { // an admin compared the new one
		t.Fatal(err)
	}
	w = work(t, r)
	awaitState(t, w, store.Uncertain)
	do(t, w, "print")
	if n := len(r.Printer.Printed()); n != 0 {
		t.Errorf("%d letters came out of the other printer by themselves", n)
	}
	quit(t, w)
}
