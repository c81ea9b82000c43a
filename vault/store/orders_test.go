package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func take(t *testing.T, s *Store, o Order) (Order, bool) {
	t.Helper()
	kept, ok, err := s.TakeOrder(t.Context(), o)
	check(t, err)
	return kept, ok
}

// An open order keeps a letter from the printer and from the post; what carries
// it out goes together with the report.
func TestOrderStopsALetter(t *testing.T) {
	s := filled(t)
	o := Order{ID: "o1", Job: "j1", Kind: "cancel", At: paid}
	kept, ok := take(t, s, o)
	if !ok || kept.Outcome != "" {
		t.Fatalf("%+v, %v", kept, ok)
	}
	if _, err := s.BeginAttempt(t.Context(), Attempt{Code: "j1-1", Job: "j1"}, []State{Ready}, "j1-2"); !errors.Is(err, ErrOrdered) {
		t.Errorf("an attempt of it: %v, want ErrOrdered", err)
	}
	for _, to := range []State{Ready, Intent, Sending, Dropped} {
		if err := s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: to}); !errors.Is(err, ErrOrdered) {
			t.Errorf("to %s: %v, want ErrOrdered", to, err)
		}
	}
	if j, err := s.Job(t.Context(), "j1"); err != nil || j.Order != "cancel" || j.State != Ready {
		t.Errorf("%+v, %v", j, err)
	}
	done := Move{
		Job: "j1", From: []State{Ready}, To: Held, Hold: "ordered", Messages: []Message{{ID: "m1", Kind: EventMessage, Body: []byte("{}")}},
		Done: []Done{{Order: "o1", Outcome: "before_print", Message: "m1"}},
	}
	check(t, s.Move(t.Context(), done))
	if j, err := s.Job(t.Context(), "j1"); err != nil || j.Order != "" {
		t.Errorf("when it is done: %+v, %v", j, err)
	}
	if kept, _ = take(t, s, o); kept.Outcome != "before_print" || kept.Told {
		t.Errorf("told again: %+v", kept)
	}
	check(t, s.Acknowledge(t.Context(), "m1"))
	if kept, _ = take(t, s, o); !kept.Told {
		t.Errorf("told again after central had the report: %+v", kept)
	}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Held}, To: Ready}))
}

// A letter that is being fetched may be the one that an order is about.
func TestOrderAboutALetterThatIsNotHere(t *testing.T) {
	s := filled(t)
	_, err := s.BeginClaim(t.Context(), "c2")
	check(t, err)
	if kept, ok := take(t, s, Order{ID: "o1", Job: "j9", Kind: "cancel", At: paid}); ok {
		t.Errorf("kept while a claim is fetched: %+v", kept)
	}
	check(t, s.FinishClaim(t.Context(), "c2"))
	if kept, ok := take(t, s, Order{ID: "o1", Job: "j9", Kind: "cancel", At: paid}); !ok || kept.Job != "j9" {
		t.Errorf("kept %+v, %v", kept, ok)
	}
	check(t, s.FinishOrder(t.Context(), Done{Order: "o1", Outcome: "before_print", Message: "m1"}, Message{ID: "m1", Kind: EventMessage, Body: []byte("{}")}))
	open, err := s.OpenOrders(t.Context(), "j9")
	check(t, err)
	if len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
}

func TestErasureOutranksACancellation(t *testing.T) {
	s := filled(t)
	take(t, s, Order{ID: "o1", Job: "j1", Kind: "cancel", At: paid})
	take(t, s, Order{ID: "o2", Job: "j1", Kind: "erase", At: paid.Add(1)})
	if j, err := s.Job(t.Context(), "j1"); err != nil || j.Order != "erase" {
		t.Errorf("%+v, %v", j, err)
	}
}

// What is erased is in none of the store's files.
func TestErased(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := s.BeginClaim(t.Context(), "c1")
	check(t, err)
	j, secret := aJob("j1"), bytes.Repeat([]byte("canary of a key "), 20)
	j.WrappedKey, j.Details, j.Tracking = secret, secret, secret
	check(t, s.AddJob(t.Context(), j))
	check(t, os.WriteFile(s.DocumentPath("j1"), secret, 0o600))
	check(t, s.Erase(t.Context(), "j1"))
	check(t, s.Erase(t.Context(), "j1"))
	got, err := s.Job(t.Context(), "j1")
	check(t, err)
	if len(got.WrappedKey)+len(got.Details)+len(got.Tracking) > 0 {
		t.Errorf("%+v", got)
	}
	check(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("canary")) {
			t.Errorf("%s holds what was erased", path)
		}
		return err
	}))
}

// The number of a letter in a closed deposit is the proof that it is there.
func TestErasureKeepsTheProof(t *testing.T) {
	s := filled(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Dropped}))
	check(t, s.Erase(t.Context(), "j1"))
	if j, err := s.Job(t.Context(), "j1"); err != nil || len(j.Tracking) == 0 || len(j.Details) != 0 {
		t.Errorf("%+v, %v", j, err)
	}
}

// What a job remembers of its paper and of why it is printed again.
func TestPaperAndReasons(t *testing.T) {
	s := filled(t)
	check(t, s.BeginBatch(t.Context(), "b1", []string{"j1", "j2"}))
	print := func(code, next string) Attempt {
		t.Helper()
		_, err := s.BeginAttempt(t.Context(), Attempt{Code: code, Job: "j1", Actor: "p1"}, []State{Ready}, next)
		check(t, err)
		a, err := s.Attempt(t.Context(), code)
		check(t, err)
		return a
	}
	move := func(m Move) {
		t.Helper()
		m.Job = "j1"
		check(t, s.Move(t.Context(), m))
	}
	if a := print("j1-1", "j1-2"); a.Number != 1 || a.Reason != "" {
		t.Errorf("%+v", a)
	}
	if err := s.BeginBatch(t.Context(), "b2", []string{"j2", "j1"}); !errors.Is(err, ErrState) {
		t.Errorf("a letter in print: %v, want ErrState", err)
	}
	move(Move{From: []State{Intent}, To: Sending})
	move(Move{From: []State{Sending}, To: Sent})
	move(Move{From: []State{Sent}, To: DeviceDone})
	move(Move{From: []State{DeviceDone}, To: Confirmed, Scanned: true})
	want := Job{Attempt: "j1-1", NextAttempt: "j1-2", Number: 1, Batch: "b1", Paper: true, Scanned: true, State: Confirmed, Findings: []string{}}
	check(t, s.SetFindings(t.Context(), "j1", nil))
	same := func(want Job) {
		t.Helper()
		got, err := s.Job(t.Context(), "j1")
		check(t, err)
		base := aJob("j1")
		want.ID, want.Claim, want.Product, want.Duplex, want.Envelope, want.Pages = base.ID, base.Claim, base.Product, base.Duplex, base.Envelope, base.Pages
		want.PaidAt, want.CutOff, want.WrappedKey, want.Details, want.Tracking = base.PaidAt, base.CutOff, base.WrappedKey, base.Details, base.Tracking
		want.Keyed, want.Numbered = true, true
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	same(want)
	check(t, s.SetFindings(t.Context(), "j1", []string{"blank", "margin"}))
	move(Move{From: []State{Confirmed}, To: Ready, Hold: "jam", Reprint: "jam", Approved: "p2", Destroyed: true})
	want.Paper, want.Scanned, want.State, want.Hold, want.Reprint, want.Findings = false, false, Ready, "jam", "jam", []string{"blank", "margin"}
	same(want)
	// An attempt that comes to nothing does not use up the person's reason.
	print("j1-2", "j1-3")
	move(Move{From: []State{Intent}, To: Ready, Hold: "printer_off"})
	if a := print("j1-3", "j1-4"); a.Number != 3 || a.Reason != "jam" || a.Approved != "p2" {
		t.Errorf("%+v", a)
	}
	move(Move{From: []State{Intent}, To: Sending})
	move(Move{From: []State{Sending}, To: Sent})
	move(Move{From: []State{Sent}, To: Ready, Hold: "printer_refused", Destroyed: true})
	if a := print("j1-4", "j1-5"); a.Reason != "printer_refused" || a.Approved != "" {
		t.Errorf("%+v", a)
	}
}
