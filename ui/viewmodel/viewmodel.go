// Package viewmodel holds the state and the actions of each screen, without a
// widget. Every model belongs to one goroutine, the one its Poster posts to:
// all fields and methods are for that goroutine only. Slow work runs in
// goroutines that the model owns; each answer comes back as one posted
// closure, and Close waits for them all.
package viewmodel

import (
	"context"
	"errors"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/tpm"
)

// Poster runs a function soon on the goroutine that owns the models, in the
// order posted, and does not wait for it. fyne.Do is one, uitest.Loop another.
type Poster func(func())

// Clock tells the time.
type Clock func() time.Time

// asks runs a model's slow work.
type asks struct {
	ctx  context.Context
	stop context.CancelFunc
	post Poster
	work sync.WaitGroup
}

func newAsks(post Poster) *asks {
	a := &asks{post: post}
	a.ctx, a.stop = context.WithCancel(context.Background())
	return a
}

// run calls ask in a goroutine and posts what it returns, unless the model was
// closed meanwhile.
func (a *asks) run(ask func(context.Context) func()) {
	if a.ctx.Err() != nil {
		return
	}
	a.work.Add(1)
	go func() {
		defer a.work.Done()
		show := ask(a.ctx)
		a.later(show)
	}()
}

// later posts show; it is dropped when the model is closed before its turn.
func (a *asks) later(show func()) {
	a.post(func() {
		if a.ctx.Err() == nil {
			show()
		}
	})
}

// close cancels the work and waits for its end.
func (a *asks) close() {
	a.stop()
	a.work.Wait()
}

// faultOf returns the fault in err, an unexpected one if it has none, nil for
// nil and for work that was called off.
func faultOf(err error) *station.Fault {
	var f *station.Fault
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return nil
	case errors.As(err, &f):
		return f
	default:
		return &station.Fault{Code: station.Unexpected, Err: err}
	}
}

// waitOf returns how long the TPM takes no PIN at most, 0 when it takes one or
// does not say.
func waitOf(err error) time.Duration {
	var locked *tpm.LockedError
	if errors.As(err, &locked) {
		return locked.Wait
	}
	return 0
}
