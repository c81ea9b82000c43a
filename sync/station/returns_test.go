package station

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// ready prints and scans letters; central has accepted them.
func (r *room) enveloped1(ids []string) {
	r.t.Helper()
	r.check(r.PrintBatch(r.t.Context(), ids))
	for _, id := range ids {
		_, err := r.Scan(r.t.Context(), string(r.attempt(id)))
		r.check(err)
	}
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictAccepted})
}

// TestTakeOutBeforeClosing: a piece that was taken out stays here until it is put
// back, whoever closes deposits meanwhile, and after a restart too.
func TestTakeOutBeforeClosing(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.enveloped1(ids)
	out, other := r.attempt(ids[0]), r.attempt(ids[1])
	wantFault(t, r.TakeBack(t.Context(), out, "because"), Unexpected)
	r.check(r.TakeBack(t.Context(), out, ReturnDamaged))
	_, err := r.DepositPieces(t.Context(), []postal.AttemptCode{other, out})
	wantFault(t, err, TakenOut)
	_, err = r.DepositPieces(t.Context(), []postal.AttemptCode{other, "0000000000000"})
	wantFault(t, err, CodeState)
	d, err := r.DepositPieces(t.Context(), []postal.AttemptCode{other})
	r.check(err)
	if len(d.Attempts) != 1 || d.Attempts[0] != other {
		t.Errorf("deposited %v, want %s alone", d.Attempts, other)
	}
	r.restart()
	rest, err := r.Deposit(t.Context())
	r.check(err)
	if len(rest.Attempts) != 1 || r.state(ids[0]) != store.Enveloped || r.job(ids[0]).Hold != TakenOut {
		t.Errorf("the piece that was taken out is %s, hold %q", r.state(ids[0]), r.job(ids[0]).Hold)
	}
	if why, err := r.Returned(t.Context()); err != nil || why[out] != ReturnDamaged {
		t.Errorf("the reason is %q, %v", why[out], err)
	}
	r.check(r.PutBack(t.Context(), out))
	wantFault(t, r.PutBack(t.Context(), out), CodeState)
	_, err = r.Deposit(t.Context())
	r.check(err)
	if r.state(ids[0]) != store.Dropped {
		t.Errorf("%s, want DROPPED", r.state(ids[0]))
	}
}

// TestCounterRefusesAPiece: it comes back out of a closed deposit, central is
// told, and it can go with another one.
func TestCounterRefusesAPiece(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	d := r.dropped(ids)
	refused := r.attempt(ids[0])
	wantFault(t, r.TakeBack(t.Context(), refused, ReturnFranking), DepositUntold)
	r.acknowledgeAll()
	r.check(r.TakeBack(t.Context(), refused, ReturnFranking))
	if r.state(ids[0]) != store.Enveloped || r.deposit(d.Number).Pieces != 1 {
		t.Errorf("the piece is %s, the deposit %+v", r.state(ids[0]), r.deposit(d.Number))
	}
	messages, err := r.Outbox(t.Context(), 10)
	r.check(err)
	var e wire.Event
	r.check(json.Unmarshal(messages[0].Body, &e))
	if e.Kind != wire.EventReturned || e.Attempt != string(refused) || e.Reason != string(ReturnFranking) {
		t.Errorf("central is told %+v", e)
	}
	_, err = r.Deposit(t.Context())
	wantFault(t, err, NothingToDeposit)
	r.check(r.PutBack(t.Context(), refused))
	again, err := r.Deposit(t.Context())
	r.check(err)
	pieces, err := r.Pieces(t.Context(), again.Number)
	r.check(err)
	if len(pieces) != 1 || pieces[0].Attempt != refused || pieces[0].Registered {
		t.Errorf("the next deposit has %+v", pieces)
	}
}

// TestPrintSlip: the slip goes out as a job of its own name, again when asked.
func TestPrintSlip(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	for range 2 {
		r.check(r.PrintSlip(t.Context(), d.Number))
	}
	if r.printer.bytes[d.Number] == 0 {
		t.Errorf("no slip among what was printed: %v", r.printer.bytes)
	}
	slip, err := r.Slip(t.Context(), d.Number)
	r.check(err)
	if !bytes.Equal(slip, d.Slip) {
		t.Error("the kept slip is another")
	}
	r.printer.abort = true
	wantFault(t, r.PrintSlip(t.Context(), d.Number), PrinterRefused)
	r.printer.abort, r.printer.off = false, true
	wantFault(t, r.PrintSlip(t.Context(), d.Number), PrinterOff)
	if r.Snapshot().Printer == LampBusy {
		t.Error("the printer looks busy for ever")
	}
	r.check(r.Lock(t.Context()))
	wantFault(t, r.PrintSlip(t.Context(), d.Number), Locked)
}

// TestWatchedFolder: a picture is shown once it is whole, no longer when a
// receipt was made of it, and its file goes when central has the receipt.
func TestWatchedFolder(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		r.check(os.WriteFile(path, data, 0o600))
		return path
	}
	bad, notes := file("bad.JPG", []byte("no picture")), file("notes.txt", []byte("x"))
	large := file("large.png", make([]byte, receipt.MaxBytes+1))
	good := file("scan.png", r.png(r.sheet(d.Number))[:500]) // the scanner is at it
	w := &watcher{station: r.Station, folder: dir, seen: map[string]sighting{}, delete: os.Remove}
	look := func(want ...string) {
		t.Helper()
		w.look(t.Context())
		got := map[string]bool{}
		for _, f := range r.Snapshot().Inbox.Files {
			got[f.Path] = true
		}
		if len(got) != len(want) {
			t.Errorf("shows %v, want %v", got, want)
		}
		for _, path := range want {
			if !got[path] {
				t.Errorf("shows %v without %s", got, path)
			}
		}
	}
	look()
	whole := file("scan.png", r.png(r.sheet(d.Number)))
	r.check(os.Chtimes(whole, time.Time{}, time.Now().Add(time.Second)))
	look(bad, large)
	look(bad, large, good)
	data, err := ReadPicture(good)
	r.check(err)
	_, err = ReadPicture(large)
	wantFault(t, err, ReceiptUnreadable)
	for _, path := range []string{dir, filepath.Join(dir, "gone.png")} {
		_, err = ReadPicture(path)
		wantFault(t, err, FileUnreadable)
	}
	_, err = r.KeepReceipt(t.Context(), d.Number, Capture{File: data, Crop: r.sheet(d.Number).Bounds().Inset(10)}, ByHand{})
	r.check(err)
	look(bad, large)
	if _, err := os.Stat(good); err != nil {
		t.Fatal("the original went before central had the receipt")
	}
	r.acknowledgeAll()
	look(bad, large)
	if _, err := os.Stat(good); !os.IsNotExist(err) {
		t.Errorf("the original is still there: %v", err)
	}
	for _, path := range []string{bad, large, notes} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("a file that is no receipt went: %v", err)
		}
	}
	r.check(os.RemoveAll(dir))
	w.look(t.Context())
	if f := r.Snapshot().Inbox.Fault; f == nil || f.Code != FolderUnreadable {
		t.Errorf("a folder that is gone: %v", f)
	}
}
