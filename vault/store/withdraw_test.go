package store

import (
	"errors"
	"testing"
)

// TestWithdraw: a deposit that central refused gives its pieces back, one by one,
// and is told of no more when none is left.
func TestWithdraw(t *testing.T) {
	s := filled(t)
	for _, id := range []string{"j1", "j2"} {
		_, err := s.BeginAttempt(t.Context(), Attempt{Code: id + "-1", Job: id}, []State{Ready}, id+"-2")
		check(t, err)
		check(t, s.Move(t.Context(), Move{Job: id, From: []State{Intent}, To: Enveloped}))
	}
	d := Deposit{ID: "d1", Number: "D1", Closed: paid, Slip: []byte("slip"), Attempts: []string{"j1-1", "j2-1"}}
	check(t, s.CloseDeposit(t.Context(), d, Message{ID: "d1", Kind: DepositMessage, Body: []byte("both")}))
	out := func(attempt, job string) (Return, Move) {
		return Return{Attempt: attempt, Deposit: "d1", Reason: "damaged", At: paid}, Move{Job: job, From: []State{Dropped}, To: Enveloped, Hold: "taken_out"}
	}
	r, m := out("j1-1", "j1")
	check(t, s.Withdraw(t.Context(), r, m, []byte("one")))
	left, err := s.Message(t.Context(), "d1")
	check(t, err)
	j, err := s.Job(t.Context(), "j1")
	check(t, err)
	if string(left.Body) != "one" || j.State != Enveloped || j.Hold != "taken_out" {
		t.Errorf("central will be told %q, the letter is %s for %q", left.Body, j.State, j.Hold)
	}
	if err := s.Withdraw(t.Context(), r, m, []byte("none")); !errors.Is(err, ErrNotFound) {
		t.Errorf("the same piece once more: %v", err)
	}
	r, m = out("j2-1", "j2")
	check(t, s.Withdraw(t.Context(), r, m, nil))
	if _, err := s.Message(t.Context(), "d1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty deposit is in the outbox: %v", err)
	}
}
