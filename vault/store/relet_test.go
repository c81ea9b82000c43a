package store

import "testing"

func TestLeasedAnew(t *testing.T) {
	s := filled(t)
	_, err := s.BeginClaim(t.Context(), "c2")
	check(t, err)
	anew := func(id string) Job {
		return Job{ID: id, Claim: "c2", WrappedKey: []byte{7}, Details: []byte{8}}
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
	// A person at central lets it be tried again, whatever it was held for.
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "document_corrupt"}))
	check(t, s.Relet(t.Context(), Job{ID: "j1", Claim: "c1", WrappedKey: []byte{7}, Details: []byte{8}}))
	if j1, err = s.Job(t.Context(), "j1"); err != nil || j1.State != Ready || j1.Claim != "c1" {
		t.Errorf("the letter that was held: %+v, %v", j1, err)
	}
	// Held with sheets of it, it waits until they are destroyed.
	check(t, s.Move(t.Context(), Move{Job: "j2", From: []State{Sending}, To: Held, Hold: "lost"}))
	check(t, s.Relet(t.Context(), anew("j2")))
	if j2, err = s.Job(t.Context(), "j2"); err != nil || j2.State != Held || j2.Claim != "c1" {
		t.Errorf("the letter on paper: %+v, %v", j2, err)
	}
	check(t, s.Move(t.Context(), Move{Job: "j2", From: []State{Held}, To: Held, Hold: "pulled", Destroyed: true}))
	check(t, s.Relet(t.Context(), anew("j2")))
	if j2, err = s.Job(t.Context(), "j2"); err != nil || j2.State != Ready || j2.Claim != "c2" {
		t.Errorf("the letter whose paper is destroyed: %+v, %v", j2, err)
	}
}
