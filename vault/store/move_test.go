package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// again has a second person agree to print j1 once more.
func (s *Store) again(t *testing.T) {
	t.Helper()
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Ready, Reprint: "jam", Approved: "p2"}))
}

// attempt begins the next one and tells with what reason and whose leave.
func (s *Store) attempt(t *testing.T) (reason, approved string) {
	t.Helper()
	j, err := s.Job(t.Context(), "j1")
	check(t, err)
	_, err = s.BeginAttempt(t.Context(), Attempt{Code: j.NextAttempt, Job: "j1"}, []State{Ready}, j.NextAttempt+"x")
	check(t, err)
	a, err := s.Attempt(t.Context(), j.NextAttempt)
	check(t, err)
	return a.Reason, a.Approved
}

// TestLeaveEndsWhenALetterIsSetAside: what a person decided before a letter was
// held for good, or leased anew, is not said of its next printing.
func TestLeaveEndsWhenALetterIsSetAside(t *testing.T) {
	for name, aside := range map[string]func(*Store) error{
		"held": func(s *Store) error {
			return errors.Join(s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "lease_lost"}),
				s.Move(t.Context(), Move{Job: "j1", From: []State{Held}, To: Ready}))
		},
		"leased anew": func(s *Store) error {
			_, err := s.BeginClaim(t.Context(), "c2")
			return errors.Join(err, s.Relet(t.Context(), Job{ID: "j1", Claim: "c2", WrappedKey: []byte{7}, Details: []byte{8}}))
		},
	} {
		s := filled(t)
		s.again(t)
		check(t, aside(s))
		if reason, approved := s.attempt(t); reason != "" || approved != "" {
			t.Errorf("%s: the next printing is for %q with the leave of %q", name, reason, approved)
		}
	}
	s := filled(t) // until another printer can print it
	s.again(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "printer_refused", Wanted: true}))
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Held}, To: Ready}))
	if reason, approved := s.attempt(t); reason != "jam" || approved != "p2" {
		t.Errorf("the next printing is for %q with the leave of %q", reason, approved)
	}
}

// TestMoveOfAnotherPrinting: a word on an attempt, or under a lease, that is not
// the letter's any more moves nothing.
func TestMoveOfAnotherPrinting(t *testing.T) {
	s := filled(t)
	s.attempt(t)
	for _, m := range []Move{{Attempt: "other"}, {Token: 8}, {Attempt: "j1-1", Token: 6}} {
		m.Job, m.From, m.To = "j1", []State{Intent}, Held
		if err := s.Move(t.Context(), m); !errors.Is(err, ErrState) {
			t.Errorf("%+v: %v", m, err)
		}
	}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Intent}, To: Held, Attempt: "j1-1", Token: 7}))
}

func TestOverrideStays(t *testing.T) {
	s := filled(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Ready, Overrides: []string{"blank", "size"}}))
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Ready, Hold: "printer_off"}))
	j, err := s.Job(t.Context(), "j1")
	check(t, err)
	if diff := cmp.Diff([]string{"blank", "size"}, j.Overridden); diff != "" {
		t.Error(diff)
	}
}
