package central

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

// follower is a station's stream of orders at work.
type follower struct {
	t       *testing.T
	notices chan wire.Notice
	ended   chan error
	stop    context.CancelFunc
}

func (r *room) follow(t *testing.T, s *soft) *follower {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	f := &follower{t: t, notices: make(chan wire.Notice, 1000), ended: make(chan error, 1), stop: stop}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.ended <- s.Orders(ctx, func(n wire.Notice) error { f.notices <- n; return nil })
	}()
	t.Cleanup(func() { stop(); <-done })
	return f
}

// patience is far above the second that the contract allows, for machines that are busy.
const patience = 10 * time.Second

// until wants a notice that fits, soon.
func (f *follower) until(what string, fits func(wire.Notice) bool) wire.Notice {
	f.t.Helper()
	late := time.After(patience)
	for {
		select {
		case n := <-f.notices:
			if fits(n) {
				return n
			}
		case err := <-f.ended:
			f.t.Fatalf("%s: the stream ended: %v", what, err)
		case <-late:
			f.t.Fatalf("%s: no such notice", what)
		}
	}
}

func (f *follower) end() error {
	f.t.Helper()
	select {
	case err := <-f.ended:
		return err
	case <-time.After(patience):
		f.t.Fatal("the stream goes on")
		return nil
	}
}

func waiting(n int) func(wire.Notice) bool {
	return func(have wire.Notice) bool { return have.Waiting == n }
}

func orders(n int) func(wire.Notice) bool {
	return func(have wire.Notice) bool { return len(have.Orders) == n }
}

func TestStreamTellsWhatChanges(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	f := r.follow(t, a)
	f.until("at once", waiting(0))
	jobs := r.pay(3)
	f.until("paid", waiting(3))
	r.claim(b, 2)
	f.until("leased to another", waiting(1))
	r.clock.Add(r.config.Lease)
	f.until("the other's lease ended", waiting(3))
	r.claim(a, 2)
	f.until("leased", waiting(1))
	r.check(r.Cancel(ctx, jobs[0]))
	n := f.until("cancelled", orders(1))
	if o := n.Orders[0]; o.Job != jobs[0] || o.Kind != wire.OrderCancel || !o.At.Equal(r.clock.Now()) {
		t.Errorf("%+v", o)
	}
	r.check(r.Erase(ctx, jobs[1]))
	f.until("erased", orders(2))
	r.report(a, []wire.Event{r.done(OrderState{Order: n.Orders[0]}, wire.OrderBeforePrint)}, accepted)
	f.until("done", orders(1))
	if g := r.follow(t, b); len(g.until("of another station", waiting(1)).Orders) != 1 {
		t.Error("press-2, which had the letter before, was not told to erase it")
	}
}

// TestOrderComesAgain: an order is in the first line of each stream until it is done.
func TestOrderComesAgain(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.Heartbeat = 20 * time.Millisecond })
	s := r.enrol("press-1")
	jobs := r.pay(1)
	r.claim(s, 1)
	r.check(r.Cancel(context.Background(), jobs[0]))
	first := r.follow(t, s)
	for range 3 { // heartbeats
		first.until("again", orders(1))
	}
	second := r.follow(t, s)
	order := second.until("on another stream", orders(1)).Orders[0]
	if err := first.end(); err != nil { // a station has one stream
		t.Errorf("the former stream: %v", err)
	}
	r.report(s, []wire.Event{r.done(OrderState{Order: order}, wire.OrderBeforePrint)}, accepted)
	second.until("done", orders(0))
	second.stop()
	r.follow(t, s).until("at once", orders(0))
}

func TestStreamEnds(t *testing.T) {
	t.Run("with the certificate's life", func(t *testing.T) {
		r := newRoom(t, func(c *Config) { c.CertificateLife = time.Hour })
		f := r.follow(t, r.enrol("press-1"))
		f.until("at once", waiting(0))
		r.clock.Add(2 * time.Hour)
		if err := f.end(); err != nil {
			t.Error(err)
		}
	})
	t.Run("when the station enrols anew", func(t *testing.T) {
		r := newRoom(t, nil)
		s := r.enrol("press-1")
		f := r.follow(t, s)
		f.until("at once", waiting(0))
		r.enrol("press-1")
		if err := f.end(); err != nil {
			t.Error(err)
		}
		if err := s.Orders(context.Background(), func(wire.Notice) error { return nil }); !errors.Is(err, wire.ProblemForbidden) {
			t.Errorf("the former certificate: %v", err)
		}
	})
	t.Run("without a certificate", func(t *testing.T) {
		r := newRoom(t, nil)
		err := r.client(nil).Orders(context.Background(), func(wire.Notice) error { return nil })
		if !errors.Is(err, wire.ProblemCertificateRequired) {
			t.Error(err)
		}
	})
}

// TestServeEndsWithStreams: central stops at once, whoever listens, and a station comes back to it.
func TestServeEndsWithStreams(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	f := r.follow(t, s)
	f.until("at once", waiting(0))
	began := time.Now()
	r.stop()
	if err := f.end(); err != nil && !client.Retryable(err) {
		t.Error(err)
	}
	<-r.ended
	if took := time.Since(began); took > graceTimeout/2 {
		t.Errorf("serving ended after %s", took)
	}
}

// TestHooksOnStream: central misbehaves in mid-stream; the client is none the worse.
func TestHooksOnStream(t *testing.T) {
	fault := make(chan error, 1)
	r := newRoom(t, func(c *Config) {
		c.Heartbeat = 20 * time.Millisecond
		c.Hooks = &Hooks{BeforeAnswer: func(_ context.Context, operation string) error {
			if operation != "orders" {
				return nil
			}
			select {
			case err := <-fault:
				return err
			default:
				return nil
			}
		}}
	})
	s := r.enrol("press-1")
	for want, hook := range map[error]error{client.ErrAnswer: ErrGarbage, client.ErrUnreachable: ErrHalf, context.Canceled: nil} {
		f := r.follow(t, s)
		f.until("at once", waiting(0))
		if hook == nil {
			f.stop()
		} else {
			fault <- hook
		}
		if err := f.end(); !errors.Is(err, want) {
			t.Errorf("%v: %v", hook, err)
		}
	}
	f := r.follow(t, s)
	f.until("at once", waiting(0))
	fault <- ErrDrop
	if err := f.end(); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("dropped: %v", err)
	}
}

func TestStreamIsReadOnly(t *testing.T) {
	r := newRoom(t, nil)
	resp, err := r.raw(r.enrol("press-1")).Post(r.url+"/v1/orders", "application/json", nil)
	r.check(err)
	defer func() { _ = resp.Body.Close() }()
	if p := wire.DecodeProblem(resp.Body, resp.StatusCode); p.Status != http.StatusMethodNotAllowed {
		t.Error(p)
	}
}
