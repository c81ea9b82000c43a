package pull

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

func away() error { return fmt.Errorf("%w: no route", client.ErrUnreachable) }

func TestClaim(t *testing.T) {
	c, s := newCentral(5), newStation()
	want := []string{c.ready[0].ID, c.ready[1].ID, c.ready[2].ID}
	p := begin(c, s, 3)
	if err := p.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, s.jobs); d != "" {
		t.Error(d)
	}
	if s.begun != "" || len(s.leases) != 1 {
		t.Errorf("claim %q is still open, %d leases", s.begun, len(s.leases))
	}
	wantReport(t, s, nil)
	for range 2 { // the rest, then nothing
		if err := p.Claim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.jobs) != 5 || c.count("document") != 5 || len(c.claims) != 2 || s.begun != "" {
		t.Errorf("%d letters, %d documents fetched in %d claims, %q open", len(s.jobs), c.count("document"), len(c.claims), s.begun)
	}
}

// TestResumed: a claim whose second document can't be had goes on under its id;
// what arrived is not fetched again.
func TestResumed(t *testing.T) {
	c, s := newCentral(3), newStation()
	jobs := slices.Clone(c.ready)
	p := begin(c, s, 10)
	c.fail = func(_, id string) error {
		if id == jobs[1].ID {
			return away()
		}
		return nil
	}
	wantFault(t, p.Claim(t.Context()), station.CentralDown)
	wantReport(t, s, client.ErrUnreachable)
	id := s.begun
	if id == "" || len(s.jobs) != 1 {
		t.Fatalf("claim %q is open with %d letters, want one letter", id, len(s.jobs))
	}
	c.fail = nil
	c.pay() // goes into a later claim
	if err := p.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := c.count("claim " + id); n != 2 || len(c.claims) != 1 || s.begun != "" {
		t.Errorf("claim %s was asked for %d times, of %d claims; %q is open", id, n, len(c.claims), s.begun)
	}
	var want []string
	for i, n := range []int{1, 2, 1} {
		want = append(want, jobs[i].ID)
		if have := c.count("document " + jobs[i].ID); have != n {
			t.Errorf("letter %d was fetched %d times, want %d", i, have, n)
		}
	}
	if d := cmp.Diff(want, s.jobs); d != "" {
		t.Error(d)
	}
	wantReport(t, s, nil)
}

func TestLostLeaseEndsTheClaim(t *testing.T) {
	c, s := newCentral(1), newStation()
	p := begin(c, s, 10)
	c.fail = func(operation, _ string) error {
		if operation == "claim" {
			return wire.NewProblem(wire.ProblemLeaseLost, "")
		}
		return nil
	}
	wantFault(t, p.Claim(t.Context()), station.LeaseLost)
	if s.begun != "" {
		t.Error("the claim is still open")
	}
	c.fail = nil
	if err := p.Claim(t.Context()); err != nil || len(s.jobs) != 1 {
		t.Errorf("the next claim: %v, %d letters", err, len(s.jobs))
	}
}

// TestLetterGone: a letter of a claim was cancelled, or is another's by now.
func TestLetterGone(t *testing.T) {
	for _, problem := range []wire.ProblemType{wire.ProblemNotFound, wire.ProblemLeaseLost} {
		c, s := newCentral(3), newStation()
		gone := c.ready[0].ID
		c.fail = func(_, id string) error {
			if id == gone {
				return wire.NewProblem(problem, "")
			}
			return nil
		}
		p := begin(c, s, 10)
		wantFault(t, p.Claim(t.Context()), station.LeaseLost)
		if len(s.jobs) != 2 || s.begun != "" || c.count("release") != 0 {
			t.Errorf("%s: %d letters, claim %q open, %d releases; want the two others", problem, len(s.jobs), s.begun, c.count("release"))
		}
		c.pay()
		if err := p.Claim(t.Context()); err != nil || len(s.jobs) != 3 {
			t.Errorf("%s: the next claim: %v, %d letters", problem, err, len(s.jobs))
		}
	}
}

// TestBrokenDocument: what central holds is not what it announced. The letter
// goes back, the others come.
func TestBrokenDocument(t *testing.T) {
	for _, broken := range []error{client.ErrDigest, wire.NewProblem(wire.ProblemRange, "")} {
		c, s := newCentral(3), newStation()
		bad := c.ready[0].ID
		c.fail = func(_, id string) error {
			if id == bad {
				return fmt.Errorf("download: %w", broken)
			}
			return nil
		}
		p := begin(c, s, 10)
		wantFault(t, p.Claim(t.Context()), station.CentralRefused)
		if len(s.jobs) != 2 || s.begun != "" {
			t.Errorf("%v: %d letters, claim %q open; want the two others", broken, len(s.jobs), s.begun)
		}
		if len(c.releases) != 1 || !slices.Equal(c.releases[0].Jobs, []string{bad}) || c.releases[0].FencingToken != 1 {
			t.Errorf("%v: given back: %+v", broken, c.releases)
		}
		if !slices.Equal(s.released, []string{bad + " central_refused"}) {
			t.Errorf("%v: in the journal: %v", broken, s.released)
		}
	}
}

func TestNotGivenBack(t *testing.T) {
	c, s := newCentral(1), newStation()
	c.fail = func(operation, _ string) error {
		return map[string]error{"document": client.ErrDigest, "release": away()}[operation]
	}
	wantFault(t, begin(c, s, 10).Claim(t.Context()), station.CentralDown)
	if s.begun == "" {
		t.Error("the claim has ended although its letter was not given back")
	}
}

func TestCentralsErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want station.FaultCode
	}{
		{away(), station.CentralDown},
		{client.ErrCertificate, station.Certificate},
		{client.ErrAnswer, station.CentralRefused},
		{wire.NewProblem(wire.ProblemForbidden, ""), station.CentralRefused},
		{wire.NewProblem(wire.ProblemBusy, ""), station.CentralRefused},
	} {
		central, s := newCentral(1), newStation()
		central.fail = func(string, string) error { return c.err }
		err := begin(central, s, 1).Claim(t.Context())
		wantFault(t, err, c.want)
		wantReport(t, s, c.err)
		if s.begun == "" {
			t.Errorf("%v: the claim has ended, and its letters would be lost", c.err)
		}
	}
}

// TestStationUnknown: central that does not know the station any more gives no
// document; nothing is given back.
func TestStationUnknown(t *testing.T) {
	for _, problem := range []*wire.Problem{wire.NewProblem(wire.ProblemForbidden, ""), {Type: wire.ProblemBlank, Status: 404}} {
		c, s := newCentral(2), newStation()
		c.fail = func(operation, _ string) error {
			if operation == "document" {
				return problem
			}
			return nil
		}
		wantFault(t, begin(c, s, 10).Claim(t.Context()), station.CentralRefused)
		if c.count("document") != 1 || c.count("release") != 0 || s.begun == "" {
			t.Errorf("%v: %d documents asked for, %d releases", problem, c.count("document"), c.count("release"))
		}
	}
}

func TestLockedStationClaimsNothing(t *testing.T) {
	c, s := newCentral(1), newStation()
	s.locked = true
	wantFault(t, begin(c, s, 1).Claim(t.Context()), station.Locked)
	if _, said := s.last(); len(c.asked) != 0 || said {
		t.Errorf("central was asked %v, the station heard of it: %v", c.asked, said)
	}
}

// TestBrokenOff: what the caller broke off says nothing about central.
func TestBrokenOff(t *testing.T) {
	c, s := newCentral(1), newStation()
	ctx, stop := context.WithCancel(t.Context())
	c.fail = func(string, string) error {
		stop()
		return fmt.Errorf("%w: %w", client.ErrUnreachable, context.Canceled)
	}
	p := begin(c, s, 1)
	if err := p.Claim(ctx); err == nil {
		t.Error("no error")
	}
	p.Staff(ctx)
	if err, said := s.last(); said {
		t.Errorf("the station heard %v", err)
	}
}

func TestOneClaimAtATime(t *testing.T) {
	c, s := newCentral(8), newStation()
	p := begin(c, s, 2)
	var asking atomic.Int32
	c.fail = func(string, string) error {
		if asking.Add(1) > 1 {
			t.Error("two claims at the same time")
		}
		time.Sleep(time.Millisecond) // lets the others in, if they can
		asking.Add(-1)
		return nil
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := p.Claim(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(s.jobs) != 8 || len(c.claims) != 4 {
		t.Errorf("%d letters in %d claims, want 8 in 4", len(s.jobs), len(c.claims))
	}
}
