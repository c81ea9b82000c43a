package central

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

func (r *room) depositOf(codes ...wire.AttemptCode) wire.DepositRequest {
	return wire.DepositRequest{Attempts: codes, ClosedAt: r.clock.Now(), SlipSHA256: strings.Repeat("ab", 32)}
}

func (r *room) counts() Ledger {
	r.t.Helper()
	l, err := r.Ledger(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	l.Jobs = nil
	return l
}

func TestDay(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs := r.pay(3)
	token := r.claim(s, 10).FencingToken
	for i, job := range jobs {
		r.report(s, []wire.Event{
			r.event(wire.EventAttempt, job, code(i), token), r.event(wire.EventSent, job, code(i), token),
			r.event(wire.EventDeviceDone, job, code(i), token), r.event(wire.EventConfirmed, job, code(i), token),
		}, accepted, accepted, accepted, accepted)
	}
	id := uuid.NewString()
	var p *wire.Problem
	_, err := s.Deposit(ctx, id, r.depositOf(code(0), code(1), code(2)))
	if !errors.As(err, &p) || p.Type != wire.ProblemAttemptNotAccepted || len(p.Attempts) != 3 {
		t.Fatalf("a deposit of what was not enveloped: %v", err)
	}
	scan := r.event(wire.EventEnveloped, jobs[0], code(0), token)
	r.report(s, []wire.Event{scan, scan, r.event(wire.EventEnveloped, jobs[0], code(0), token)}, accepted, duplicate, duplicate)
	changed := scan
	changed.Sheets = 2
	r.report(s, []wire.Event{changed}, string(wire.ProblemIDReused))
	for i := range 2 {
		r.report(s, []wire.Event{r.event(wire.EventEnveloped, jobs[i+1], code(i+1), token)}, accepted)
	}
	for range 2 {
		d, err := s.Deposit(ctx, id, r.depositOf(code(0), code(1), code(2)))
		if err != nil || d.Pieces != 3 {
			t.Fatalf("%+v %v", d, err)
		}
	}
	if _, err := s.Deposit(ctx, id, r.depositOf(code(0))); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("same id, other body: %v", err)
	}
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(2))); !errors.Is(err, wire.ProblemAttemptDeposited) {
		t.Errorf("a piece twice: %v", err)
	}
	if err := r.Cancel(ctx, jobs[0]); !errors.Is(err, wire.ProblemJobClosed) {
		t.Errorf("cancelled after the drop-off: %v", err)
	}
	if d := cmp.Diff(Ledger{Paid: 3, Printed: 3, Enveloped: 3, DroppedOff: 3}, r.counts()); d != "" {
		t.Error(d)
	}
}

func TestOtherEnds(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs := r.pay(6)
	token := r.claim(s, 5).FencingToken
	r.report(s, []wire.Event{r.event(wire.EventHeld, jobs[0], "", token)}, accepted) // defective
	for i := 1; i < 4; i++ {
		r.report(s, []wire.Event{r.event(wire.EventAttempt, jobs[i], code(i), token)}, accepted)
	}
	if err := r.Cancel(ctx, jobs[1]); err != nil { // cancelled while printing
		t.Fatal(err)
	}
	r.report(s, []wire.Event{
		r.event(wire.EventDeviceDone, jobs[1], code(1), token), // a fact is a fact
		r.event(wire.EventEnveloped, jobs[1], code(1), token),
		r.event(wire.EventUncertain, jobs[2], code(2), token),
	}, accepted, string(wire.ProblemJobCancelled), accepted)
	second := r.event(wire.EventAttempt, jobs[2], code(12), token)
	second.Number = 2
	r.report(s, []wire.Event{second}, string(wire.ProblemBadRequest))
	second.ID, second.Reason = uuid.NewString(), "jam"
	r.report(s, []wire.Event{
		second, r.event(wire.EventEnveloped, jobs[2], code(12), token),
		r.event(wire.EventEnveloped, jobs[2], code(2), token),
		r.event(wire.EventAttempt, jobs[4], code(12), token),
	}, accepted, accepted, string(wire.ProblemAttemptSuperseded), string(wire.ProblemAttemptTaken))
	r.report(s, []wire.Event{r.event(wire.EventEnveloped, jobs[3], code(3), token)}, accepted)
	if err := r.Cancel(ctx, jobs[3]); err != nil { // cancelled after enveloping
		t.Fatal(err)
	}
	r.report(s, []wire.Event{r.done(r.openOrder(jobs[3]), wire.OrderDestroyed)}, accepted)
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(3))); !errors.Is(err, wire.ProblemJobCancelled) {
		t.Errorf("a cancelled piece that was destroyed was dropped off: %v", err)
	}
	if err := r.Requeue(ctx, jobs[2]); !errors.Is(err, wire.ProblemAttemptSuperseded) {
		t.Errorf("requeued after a piece was accepted: %v", err)
	}
	r.report(s, []wire.Event{r.event(wire.EventAttempt, jobs[4], code(4), token)}, accepted)
	r.clock.Add(3 * time.Hour)
	want := Ledger{Paid: 6, Printed: 1, Enveloped: 2, Rejected: 1, Cancelled: 2, Lost: 1, Waiting: 1, Working: 1}
	if d := cmp.Diff(want, r.counts()); d != "" {
		t.Error(d)
	}
}

func TestOthersThings(t *testing.T) {
	r := newRoom(t, nil)
	a, b := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(1)
	token := r.claim(a, 1).FencingToken
	r.report(a, []wire.Event{r.event(wire.EventAttempt, jobs[0], code(1), token)}, accepted)
	r.report(b, []wire.Event{
		r.event(wire.EventAttempt, jobs[0], code(2), token), r.event(wire.EventSent, jobs[0], code(1), token),
		r.event(wire.EventEnveloped, jobs[0], code(1), token), r.event(wire.EventHeld, jobs[0], "", token),
		r.event(wire.EventHeld, uuid.NewString(), "", token), r.event(wire.EventSent, jobs[0], "", token),
	}, string(wire.ProblemStaleFencingToken), string(wire.ProblemAttemptUnknown), string(wire.ProblemAttemptUnknown),
		string(wire.ProblemStaleFencingToken), string(wire.ProblemNotFound), string(wire.ProblemBadRequest))
}

func TestReceipt(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	letter := r.letter(0)
	letter.Product, letter.Tracking = wire.ProductRegistered, "010541288500452621221234567890"
	first, err := r.Pay(ctx, letter)
	if err != nil {
		t.Fatal(err)
	}
	jobs := append([]wire.UUID{first}, r.pay(2)...)
	token := r.claim(s, 10).FencingToken
	for i, job := range jobs {
		r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(i), token), r.event(wire.EventEnveloped, job, code(i), token)}, accepted, accepted)
	}
	deposit := uuid.NewString()
	if _, err := s.Deposit(ctx, deposit, r.depositOf(code(0), code(1))); err != nil {
		t.Fatal(err)
	}
	picture := []byte("\xff\xd8\xff not much of a picture")
	request := func(numbers ...wire.RegisteredNumber) wire.ReceiptRequest {
		if numbers == nil {
			numbers = []wire.RegisteredNumber{}
		}
		return wire.ReceiptRequest{Deposit: deposit, MediaType: wire.MediaJPEG, Size: int64(len(picture)), SHA256: hexDigest(picture), Numbers: numbers}
	}
	for name, c := range map[string]struct {
		numbers []wire.RegisteredNumber
		want    wire.ProblemType
	}{
		"not the letter's":       {[]wire.RegisteredNumber{{Attempt: code(0), Number: "010541288500452621221234567891"}}, wire.ProblemNumberRefused},
		"wrong check digit":      {[]wire.RegisteredNumber{{Attempt: code(1), Number: "RB123456784GB"}}, wire.ProblemNumberRefused},
		"not of this deposit":    {[]wire.RegisteredNumber{{Attempt: code(2), Number: "RB123456785GB"}}, wire.ProblemNumberRefused},
		"a parcel's":             {[]wire.RegisteredNumber{{Attempt: code(1), Number: "323212345678901234567890"}}, wire.ProblemBadRequest},
		"one number, two pieces": {[]wire.RegisteredNumber{{Attempt: code(0), Number: letter.Tracking}, {Attempt: code(1), Number: letter.Tracking}}, wire.ProblemNumberInUse},
	} {
		if _, err := s.Receipt(ctx, uuid.NewString(), request(c.numbers...)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	id := uuid.NewString()
	good := request(wire.RegisteredNumber{Attempt: code(0), Number: letter.Tracking}, wire.RegisteredNumber{Attempt: code(1), Number: "RB123456785GB"})
	for range 2 {
		if a, err := s.Receipt(ctx, id, good); err != nil || a.Image {
			t.Fatalf("%+v %v", a, err)
		}
	}
	if _, err := s.ReceiptImage(ctx, id, wire.MediaPNG, picture); !errors.Is(err, wire.ProblemMediaType) {
		t.Errorf("another type: %v", err)
	}
	if _, err := s.ReceiptImage(ctx, id, wire.MediaJPEG, picture[1:]); !errors.Is(err, wire.ProblemDigestMismatch) {
		t.Errorf("another picture: %v", err)
	}
	for range 2 {
		if a, err := s.ReceiptImage(ctx, id, wire.MediaJPEG, picture); err != nil || !a.Image {
			t.Fatalf("%+v %v", a, err)
		}
	}
	if files, err := os.ReadDir(filepath.Join(r.config.Dir, documentDir)); err != nil || len(files) != len(jobs)+1 {
		t.Errorf("%d files of %d letters and a picture that was sent twice: %v", len(files), len(jobs), err)
	}
	// A second receipt may show the same numbers, and no other.
	if _, err := s.Receipt(ctx, uuid.NewString(), good); err != nil {
		t.Errorf("the same numbers again: %v", err)
	}
	another := request(wire.RegisteredNumber{Attempt: code(1), Number: "RA123456785GB"})
	if _, err := s.Receipt(ctx, uuid.NewString(), another); !errors.Is(err, wire.ProblemNumberRefused) {
		t.Errorf("a second number for one letter: %v", err)
	}
	l, err := r.Ledger(ctx)
	if err != nil {
		t.Fatal(err)
	}
	have := map[wire.UUID]string{}
	for _, j := range l.Jobs {
		have[j.ID] = j.Tracking
	}
	want := map[wire.UUID]string{jobs[0]: letter.Tracking, jobs[1]: "RB123456785GB", jobs[2]: ""}
	if d := cmp.Diff(want, have, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func ExampleLedger() {
	l := Ledger{Paid: 3, Printed: 3, DroppedOff: 3}
	fmt.Printf("%d paid, %d printed, %d dropped off, %d rejected, %d cancelled, %d lost, %d duplicated",
		l.Paid, l.Printed, l.DroppedOff, l.Rejected, l.Cancelled, l.Lost, l.Duplicated)
	// Output: 3 paid, 3 printed, 3 dropped off, 0 rejected, 0 cancelled, 0 lost, 0 duplicated
}
