package pull

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

func TestStaff(t *testing.T) {
	c, s := newCentral(0), newStation()
	p := begin(c, s, 1)
	p.Staff(t.Context())
	wantReport(t, s, nil)
	if d := cmp.Diff([]string{"list"}, s.staff); d != "" {
		t.Error(d)
	}
	s.refuse = &station.Fault{Code: station.CentralRefused, Err: wire.ErrStaffSignature}
	p.Staff(t.Context())
	wantReport(t, s, wire.ErrStaffSignature)
	c.fail = func(string, string) error { return away() }
	p.Staff(t.Context())
	wantReport(t, s, client.ErrUnreachable)
	if len(s.staff) != 1 {
		t.Errorf("%d lists were taken, want the first", len(s.staff))
	}
}

func TestRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		s.leases = []store.Claim{{ID: "a", Token: 7}, {ID: "lost", Token: 8}, {ID: "b", Token: 9}}
		c.fail = func(_, id string) error {
			if id == "lost" {
				return wire.NewProblem(wire.ProblemLeaseLost, "")
			}
			return nil
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { begin(c, s, 1).Run(ctx); close(ended) }()
		time.Sleep(renewEvery + renewEvery/2)
		stop()
		<-ended
		if c.count("renew") != 6 || c.count("staff") != 2 {
			t.Errorf("%d renewals and %d questions for the staff in a minute and a half, want 6 and 2", c.count("renew"), c.count("staff"))
		}
		tokens, ids := map[int64]int{}, map[string]bool{}
		for _, r := range c.renewals {
			tokens[r.FencingToken]++
			ids[r.ID] = true
		}
		if d := cmp.Diff(map[int64]int{7: 2, 8: 2, 9: 2}, tokens); d != "" || len(ids) != 6 {
			t.Errorf("%d ids; tokens: %s", len(ids), d)
		}
		want := map[string]time.Time{"a": time.Unix(4, 0), "b": time.Unix(6, 0)}
		if d := cmp.Diff(want, s.renewed); d != "" {
			t.Errorf("kept ends of leases: %s", d)
		}
		kept := map[string][]string{"a": {"of a"}, "lost": nil, "b": {"of b"}}
		if d := cmp.Diff(kept, s.kept); d != "" {
			t.Errorf("letters that are ours still: %s", d)
		}
		wantReport(t, s, nil) // a lost lease is the letters' matter: central is well
	})
}

func TestRenewalsNeedCentral(t *testing.T) {
	c, s := newCentral(0), newStation()
	s.leases = []store.Claim{{ID: "a", Token: 7}}
	c.fail = func(string, string) error { return away() }
	if err := begin(c, s, 1).renew(t.Context()); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("got %v, want that central is away", err)
	}
	if len(s.renewed) != 0 {
		t.Errorf("renewed without central: %v", s.renewed)
	}
}

// TestClaimOfAnotherSize: a claim that was begun asking for fewer letters is
// refused for ever under its id. The next one has an id of its own.
func TestClaimOfAnotherSize(t *testing.T) {
	c, s := newCentral(1), newStation()
	p := begin(c, s, 10)
	c.fail = func(string, string) error { return wire.NewProblem(wire.ProblemIDReused, "") }
	wantFault(t, p.Claim(t.Context()), station.CentralRefused)
	c.fail = nil
	if err := p.Claim(t.Context()); err != nil || len(s.jobs) != 1 || c.count("claim") != 2 || c.asked[0] == c.asked[1] {
		t.Errorf("the next claim: %v, %d letters, asked %q", err, len(s.jobs), c.asked)
	}
}

// TestLostLettersAreGivenBack: each alone, tried again while central is away or
// does not speak with the station, and never after it has answered, whatever it
// answers.
func TestLostLettersAreGivenBack(t *testing.T) {
	c, s := newCentral(0), new(fakeStation)
	s.lost = []store.LostLetter{{Claim: "c1", Token: 7, Job: "j1"}, {Claim: "c1", Token: 7, Job: "j2"}, {Claim: "c2", Token: 8, Job: "j3"}}
	away := client.ErrUnreachable
	c.fail = func(operation, id string) error {
		switch {
		case operation != "release":
			return nil
		case away != nil:
			return away
		case id == "c2":
			return wire.NewProblem(wire.ProblemLeaseLost, "")
		}
		return nil
	}
	p := begin(c, s, 25)
	for _, away = range []error{client.ErrUnreachable, client.ErrCertificate, wire.NewProblem(wire.ProblemStationRevoked, "")} {
		if err := p.Surrender(t.Context()); !errors.Is(err, away) || len(s.gaveBack) != 0 {
			t.Errorf("while central is away: %v, %v", err, s.gaveBack)
		}
	}
	away = nil
	for range 2 {
		if err := p.Surrender(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(s.gaveBack)
	if !slices.Equal(s.gaveBack, []string{"c1", "c2"}) {
		t.Errorf("given back: %v", s.gaveBack)
	}
	var released []string
	for _, r := range c.releases {
		released = append(released, r.Jobs...)
	}
	if !slices.Equal(released, []string{"j1", "j2"}) {
		t.Errorf("released: %v", released)
	}
	if slices.Sort(s.released); !slices.Equal(s.released, []string{"j1 lease_lost", "j2 lease_lost", "j3 lease_lost"}) {
		t.Errorf("in the journal: %v", s.released)
	}
}

// TestLostLettersBesideOneOnPaper: central keeps a letter that it knows to be on
// paper, and takes back the others of its claim. While the lease of that one is
// kept alive nothing is asked again.
func TestLostLettersBesideOneOnPaper(t *testing.T) {
	c, s := newCentral(0), new(fakeStation)
	c.onPaper = "j1"
	lost := []store.LostLetter{{Claim: "c1", Token: 7, Job: "j1"}, {Claim: "c1", Token: 7, Job: "j2"}}
	p := begin(c, s, 25)
	for range 2 {
		s.lost = slices.Clone(lost)
		if err := p.Surrender(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.releases) != 1 || !slices.Equal(c.releases[0].Jobs, []string{"j2"}) || c.count("release") != 2 {
		t.Errorf("released: %+v, in %d requests", c.releases, c.count("release"))
	}
}
