package room

import (
	"testing"
	"time"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// TestKilledWhileSending ends the program with SIGKILL while a letter is on
// its way into a real printer, and shows that it is never printed again by
// itself.
func TestKilledWhileSending(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r, _ := openRoom(t, Options{Letters: 1, Canary: canary})
	certificate := r.Printer.Certificate()
	proxy, err := virtual.NewProxy(r.Printer.Addr(), &certificate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Off(); err != nil {
			t.Error(err)
		}
	})
	if err := r.Behind(proxy.URI()); err != nil {
		t.Fatal(err)
	}
	proxy.Break(&virtual.Fault{Operation: sendDocument, StallAfter: 2000})

	w := work(t, r)
	do(t, w, "claim")
	printing := make(chan error, 1)
	go func() {
		_, err := w.Do("print")
		printing <- err
	}()
	awaitSend(t, proxy)
	if err := w.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-printing; err == nil {
		t.Fatal("the batch ended before the kill")
	}
	proxy.Break(nil)
	noCanary(t, r, temporary)

	w = work(t, r)
	awaitState(t, w, store.Uncertain)
	before := len(proxy.Operations())
	do(t, w, "print") // there is nothing that may be printed
	if got := states(t, w); got[store.Uncertain] != 1 {
		t.Errorf("after another batch: %v, want the letter UNCERTAIN still", got)
	}
	for _, op := range proxy.Operations()[before:] {
		if op == sendDocument {
			t.Error("the letter was sent a second time")
		}
	}
	do(t, w, "push")
	if err := w.Quit(); err != nil {
		t.Error(err)
	}
	ledger, err := r.Central.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ledger.Jobs[0].Attempts != 1 || ledger.DroppedOff != 0 || ledger.Waiting != 0 {
		t.Errorf("central's ledger: %+v", ledger)
	}
	if n := len(r.Printer.Printed()); n > 1 {
		t.Errorf("%d jobs came out of the printer", n)
	}
}

// awaitSend waits until the document is on its way.
func awaitSend(t *testing.T, proxy *virtual.Proxy) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, op := range proxy.Operations() {
			if op == sendDocument {
				time.Sleep(300 * time.Millisecond) // let the first bytes through
				return
			}
		}
	}
	t.Fatal("nothing was sent within 30 s")
}

func awaitState(t *testing.T, w *Worker, want store.State) {
	t.Helper()
	var got map[store.State]int
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = states(t, w); got[want] > 0 {
			return
		}
	}
	t.Fatalf("no letter became %s: %v", want, got)
}
