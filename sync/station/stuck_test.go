package station

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// A look that is called off says nothing of the journal: it must not close the
// room to everybody.
func TestCalledOffPreviewIsNoFault(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	wantFault(t, r.open(ctx, j, journal.Access{Actor: anna, Action: journal.ActionPreview, Object: j.ID}, nil), Cancelled)
	if s := r.Snapshot(); s.NoDecryption != "" || s.Journal != LampOK {
		t.Errorf("no decryption for %q, journal %s, after a look was called off", s.NoDecryption, s.Journal)
	}
}

// The last letter of the day, left behind by a printer that was away: no other
// batch will settle it.
func TestWatchSettlesWhatABatchLeft(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.offAt = "Send"
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterOff)
	r.printer.off, r.printer.offAt = false, ""
	r.look(t.Context())
	if got := r.state(ids[0]); got != store.Ready {
		t.Errorf("%s once the printer is back, want READY", got)
	}
}

// What the printer answered could not be kept: the letter must not stay in
// SENDING until somebody thinks of starting the program again.
func TestAnswerNotKept(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.kept.Move(t.Context(), store.Move{Job: ids[0], From: []store.State{store.Ready}, To: store.Sending}))
	r.check(r.Recover(t.Context()))
	if j := r.job(ids[0]); j.State != store.Uncertain || j.Hold != Interrupted {
		t.Errorf("%s for %q, want UNCERTAIN for interrupted", j.State, j.Hold)
	}
}

// A claim whose key is not what it should be holds up no other claim's letters.
func TestBrokenClaimKeyHoldsItsLettersAlone(t *testing.T) {
	r := newRoom(t)
	bad := r.pay("PAGES 2")
	j, err := r.kept.Job(t.Context(), bad[0])
	r.check(err)
	claim, err := r.kept.ClaimByID(t.Context(), j.Claim)
	r.check(err)
	claim.SealedKey[len(claim.SealedKey)-1] ^= 1
	r.check(r.kept.AnswerClaim(t.Context(), claim))
	good := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), append(bad, good...)))
	if b, g := r.state(bad[0]), r.state(good[0]); b != store.Held || g != store.DeviceDone {
		t.Errorf("the bad claim's letter is %s, the good one's %s; want HELD and DEVICE_DONE", b, g)
	}
}

func TestMissingDocumentHoldsItsLetterAlone(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.check(os.Remove(r.kept.DocumentPath(ids[0])))
	r.check(r.PrintBatch(t.Context(), ids))
	if a, b := r.job(ids[0]), r.state(ids[1]); a.State != store.Held || a.Hold != DocumentCorrupt || b != store.DeviceDone {
		t.Errorf("%s for %q and %s, want HELD for document_corrupt and DEVICE_DONE", a.State, a.Hold, b)
	}
}

// A printer that is too busy to answer has not lost the letter.
func TestBusyPrinterIsAskedAgain(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.jobErrs = []error{&ipp.StatusError{HTTP: 503}, &ipp.StatusError{Code: 0x0507}}
	r.check(r.PrintBatch(t.Context(), ids))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("%s, want DEVICE_DONE", got)
	}
}

// A printer that does not say since when it is up could never be believed
// about a letter, so none is sent to it.
func TestPrinterWithoutUpTime(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.printer.epoch = time.Time{}
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterRefused)
	if got := r.state(ids[0]); got != store.Ready || r.printer.printed() != 0 {
		t.Errorf("%s and %d letters came out, want READY and none", got, r.printer.printed())
	}
}

// Central's no to a letter that is being printed concerns that letter alone.
func TestLetterCancelledWhilePrinting(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.printer.during = func() {
		r.printer.during = nil
		r.answer(wire.EventAttempt, wire.Verdict{Verdict: wire.VerdictRefused, Problem: &wire.Problem{Type: wire.ProblemJobCancelled}})
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if a, b := r.state(ids[0]), r.state(ids[1]); a != store.Held || b != store.DeviceDone {
		t.Errorf("the cancelled letter is %s, the next %s; want HELD and DEVICE_DONE", a, b)
	}
}

// While the TPM is being shown a PIN, the PIN can't be wiped; the window must
// not wait for that.
func TestLockBesideASlowTPM(t *testing.T) {
	r := newRoom(t)
	held := r.pin
	asked, answer, locked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go held.Auth.Use(func([]byte) { close(asked); <-answer })
	<-asked
	go func() { defer close(locked); r.check(r.Lock(context.Background())) }()
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		for r.Snapshot().Person != nil {
			time.Sleep(time.Millisecond)
		}
	}()
	select {
	case <-seen:
	case <-time.After(5 * time.Second):
		t.Error("the snapshot waits for the TPM")
	}
	close(answer)
	<-locked
	<-seen
}

// TestPrintedUnderOurNameUnsent: a printer that completed what was never sent
// has a letter of ours on paper. Central must hear of an attempt before it hears
// that it is uncertain.
func TestPrintedUnderOurNameUnsent(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.killAt(store.Created, ids)
	r.printer.mu.Lock()
	for _, j := range r.printer.jobs {
		j.State = device.Completed
	}
	r.printer.mu.Unlock()
	r.check(r.Recover(t.Context()))
	if got := r.state(ids[0]); got != store.Uncertain {
		t.Errorf("%s, want UNCERTAIN", got)
	}
	messages, err := r.Outbox(t.Context(), 10)
	r.check(err)
	var told []wire.EventKind
	for _, m := range messages {
		var e wire.Event
		r.check(json.Unmarshal(m.Body, &e))
		told = append(told, e.Kind)
	}
	if !slices.Equal(told, []wire.EventKind{wire.EventAttempt, wire.EventUncertain}) {
		t.Errorf("central is told %v, want the attempt and then the doubt", told)
	}
}

// TestStoreKeyOfAnotherTPM must not be told as a broken letter.
func TestStoreKeyOfAnotherTPM(t *testing.T) {
	r := newRoom(t)
	r.check(r.Lock(t.Context()))
	other, err := ecdh.P256().GenerateKey(rand.Reader)
	r.check(err)
	r.tpm.doc = other
	wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), TPMCleared)
}

// TestUnreadableStaffList: the station starts, and knows nobody.
func TestUnreadableStaffList(t *testing.T) {
	r := newRoom(t)
	r.check(r.kept.SetSetting(t.Context(), staffSetting, []byte(`{"staff":"{}","signature":"AAAA"}`)))
	r.stop()
	r.start()
	if s := r.Snapshot(); s.Central != LampBad || s.LastFault == nil {
		t.Errorf("the central lamp is %s, the fault %v", s.Central, s.LastFault)
	}
}
