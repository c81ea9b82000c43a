package pull

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// running starts a puller in a bubble of its own time; stop ends it and waits.
func running(t *testing.T, c *fakeCentral, s *fakeStation) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { begin(c, s, 1).Run(ctx); close(ended) }()
	return func() { cancel(); <-ended }
}

// TestAwayForADay: central is away a day and back; it is not stormed meanwhile, and its orders come soon.
func TestAwayForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		c.fail = func(string, string) error { return away() }
		order := wire.Order{ID: uuid.NewString(), Kind: wire.OrderCancel, Job: uuid.NewString()}
		c.stream = func(ctx context.Context, take func(wire.Notice) error) error {
			if err := take(wire.Notice{Waiting: 3, Orders: []wire.Order{order}}); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}
		stop := running(t, c, s)
		time.Sleep(24 * time.Hour)
		if n, most := c.count("orders"), int(24*time.Hour/(backMax/2)); n < most/3 || n > most {
			t.Errorf("central was asked for orders %d times in a day, want at most %d", n, most)
		}
		notices, _, last := s.taken()
		if !errors.Is(last, client.ErrUnreachable) || notices[len(notices)-1].Waiting != unsaid {
			t.Errorf("while central is away: %v, %d letters wait", last, notices[len(notices)-1].Waiting)
		}
		c.mu.Lock()
		c.fail = nil
		c.mu.Unlock()
		time.Sleep(backMax)
		notices, _, last = s.taken()
		if n := notices[len(notices)-1]; last != nil || n.Waiting != 3 || len(n.Orders) != 1 || n.Orders[0].ID != order.ID {
			t.Errorf("back again: %v, %+v", last, n)
		}
		stop()
	})
}

// TestShortStreams: a central that ends each stream at once is come back to ever more seldom.
func TestShortStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, end := range map[string]error{"ended": nil, "broken": away(), "garbage": client.ErrAnswer} {
			c, s := newCentral(0), newStation()
			c.stream = func(_ context.Context, take func(wire.Notice) error) error {
				if err := take(wire.Notice{Waiting: 1}); err != nil {
					return err
				}
				return end
			}
			stop := running(t, c, s)
			time.Sleep(time.Hour)
			if n := c.count("orders"); n < 100 || n > 300 {
				t.Errorf("%s: asked %d times in an hour", name, n)
			}
			// Each said something: the station has nothing to worry a person with.
			if _, _, last := s.taken(); last != nil {
				t.Errorf("%s: %v", name, last)
			}
			stop()
		}
	})
}

// TestRefused: a central that does not want this station is asked now and then, and a person is told at once.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, refusal := range []error{wire.NewProblem(wire.ProblemForbidden, ""), &wire.Problem{Type: wire.ProblemBlank, Status: 409}, client.ErrCertificate} {
			c, s := newCentral(0), newStation()
			c.fail = func(operation, _ string) error {
				if operation == "orders" {
					return refusal
				}
				return nil
			}
			stop := running(t, c, s)
			synctest.Wait()
			if _, said, last := s.taken(); said != 1 || !errors.Is(last, refusal) {
				t.Errorf("%v: the station heard %v", refusal, last)
			}
			time.Sleep(time.Hour)
			stop()
			if n := c.count("orders"); n < 120 || n > 240 {
				t.Errorf("%v: asked %d times in an hour", refusal, n)
			}
		}
	})
}

// TestStreamBreaksNowAndThen: one that lasted is followed by another soon, without a word.
func TestStreamBreaksNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		c.stream = func(_ context.Context, take func(wire.Notice) error) error {
			for range 10 {
				if err := take(wire.Notice{}); err != nil {
					return err
				}
				time.Sleep(15 * time.Second)
			}
			return away()
		}
		stop := running(t, c, s)
		time.Sleep(24 * time.Hour)
		stop()
		if n := c.count("orders"); n < 570 || n > 577 { // 150 s each, and a moment
			t.Errorf("%d streams in a day", n)
		}
		if slices.ContainsFunc(s.orders, func(err error) bool { return err != nil }) {
			t.Error("the station was told of a stream that broke")
		}
	})
}

// TestStationCanNot: what the station fails to carry out is shown, and comes again.
func TestStationCanNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		s.cannot = store.ErrFull
		c.stream = func(ctx context.Context, take func(wire.Notice) error) error {
			for {
				if err := take(wire.Notice{}); err != nil {
					return err
				}
				time.Sleep(15 * time.Second)
			}
		}
		stop := running(t, c, s)
		time.Sleep(time.Minute)
		if notices, _, last := s.taken(); len(notices) < 4 || !errors.Is(last, store.ErrFull) || c.count("orders") != 1 {
			t.Errorf("%d notices on %d streams, %v", len(notices), c.count("orders"), last)
		}
		stop()
	})
}

// TestCentralWithoutOrders: an old version. Cancelled letters come by the renewals, as orders.
func TestCentralWithoutOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, lost := range []bool{false, true} {
			c, s := newCentral(0), newStation()
			s.leases = []store.Claim{{ID: "a", Token: 7}}
			c.listed = []string{"cancelled 1", "cancelled 2"}
			c.fail = func(operation, _ string) error {
				switch {
				case operation == "orders":
					return wire.NewProblem(wire.ProblemNotFound, "no such path")
				case operation == "renew" && lost:
					return &wire.Problem{Type: wire.ProblemLeaseLost, Status: 409, Jobs: c.listed}
				}
				return nil
			}
			stop := running(t, c, s)
			time.Sleep(renewEvery + renewEvery/2)
			ids := map[string]string{}
			notices, _, last := s.taken()
			for _, n := range notices {
				if n.Waiting != unsaid {
					t.Errorf("%d letters wait, says a central that does not say", n.Waiting)
				}
				for _, o := range n.Orders {
					if id, err := uuid.Parse(o.ID); err != nil || o.Kind != wire.OrderCancel || ids[o.Job] != "" && ids[o.Job] != id.String() {
						t.Errorf("%+v after %q", o, ids[o.Job])
					}
					ids[o.Job] = o.ID
				}
			}
			if len(ids) != 2 || ids["cancelled 1"] == "" || ids["cancelled 1"] == ids["cancelled 2"] || last != nil {
				t.Errorf("orders %v; the station heard %v", ids, last)
			}
			want := []string{"of a", "cancelled 1", "cancelled 2"}
			if lost {
				want = want[1:]
			}
			if !slices.Equal(s.kept["a"], want) {
				t.Errorf("kept %v, want %v: a cancelled letter is no lost one", s.kept["a"], want)
			}
			if n := c.count("orders"); n != 1 {
				t.Errorf("asked for orders %d times within two minutes", n)
			}
			stop()
		}
	})
}

// TestStreamOutranksRenewals: what is cancelled comes once, by the stream.
func TestStreamOutranksRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		s.leases = []store.Claim{{ID: "a", Token: 7}}
		c.listed = []string{"cancelled"}
		c.stream = func(ctx context.Context, take func(wire.Notice) error) error {
			if err := take(wire.Notice{Waiting: 1}); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}
		stop := running(t, c, s)
		time.Sleep(10 * renewEvery)
		stop()
		notices, _, _ := s.taken()
		orders := 0
		for _, n := range notices {
			orders += len(n.Orders)
		}
		if orders > 1 { // the first renewal may be faster than the stream
			t.Errorf("%d orders although the stream has none", orders)
		}
	})
}
