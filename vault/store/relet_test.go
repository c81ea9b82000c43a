package store

import "testing"

func TestLeasedAnew(t *testing.T) {
	s := filled(t)
	_, err := s.BeginClaim(t.Context(), "c2")
	check(t, err)
	anew := func(id string) Job {
		return Job{ID: id, Claim: "c2", WrappedKey: []byte{7}, Details: []byte{8}, Hold: "lost"}
	}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "lost"}))
	check(t, s.Move(t.Context(), Move{Job: "j2", From: []State{Ready}, To: Sending}))
	check(t, s.Relet(t.Context(), anew("j1")))
	check(t, s.Relet(t.Context(), anew("j2")))
	j1, err := s.Job(t.Context(), "j1")
	check(t, err)
	if j1.Claim != "c2" || j1.State != Ready || j1.Hold != "" || string(j1.WrappedKey) != "\x07" || string(j1.Details) != "\x08" {
		t.Errorf("the letter that waits: %+v", j1)
	}
	j2, err := s.Job(t.Context(), "j2")
	check(t, err)
	if j2.Claim != "c1" || j2.State != Sending || string(j2.WrappedKey) != "\x01" {
		t.Errorf("the letter that may be on paper: %+v", j2)
	}
	// Held for itself, it is not READY by a new lease.
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "document_corrupt"}))
	check(t, s.Relet(t.Context(), Job{ID: "j1", Claim: "c1", WrappedKey: []byte{7}, Details: []byte{8}, Hold: "lost"}))
	if j1, err = s.Job(t.Context(), "j1"); err != nil || j1.State != Held || j1.Claim != "c2" {
		t.Errorf("the corrupt letter: %+v, %v", j1, err)
	}
}
