package viewmodel

import (
	"time"

	"espero-soft.com/printroom/sync/station"
)

// Watched is a station whose state can be followed. Both methods may be called
// from any goroutine; the function given to Subscribe may be too, and returns
// at once.
type Watched interface {
	Snapshot() station.Snapshot
	Subscribe(func()) (cancel func())
}

// Feed brings the station's snapshots to the models, the newest one only and
// not more often than every Pace.
type Feed struct {
	asks   *asks
	source Watched
	pace   time.Duration
	bell   chan struct{} // one place: changes that come together are one
	cancel func()
	show   []func(station.Snapshot)
}

// Pace is the shortest time between two snapshots: 20 a second are enough for
// the eye.
const Pace = 50 * time.Millisecond

// NewFeed returns a feed that has not started.
func NewFeed(source Watched, post Poster, pace time.Duration) *Feed {
	return &Feed{asks: newAsks(post), source: source, pace: pace, bell: make(chan struct{}, 1)}
}

// Listen adds a model's method; call it before Start.
func (f *Feed) Listen(show func(station.Snapshot)) { f.show = append(f.show, show) }

// Start brings the first snapshot and then each newer one until Close.
func (f *Feed) Start() {
	f.ring()
	f.cancel = f.source.Subscribe(f.ring)
	f.asks.work.Add(1)
	go f.follow()
}

func (f *Feed) ring() {
	select {
	case f.bell <- struct{}{}:
	default:
	}
}

func (f *Feed) follow() {
	defer f.asks.work.Done()
	for {
		select {
		case <-f.asks.ctx.Done():
			return
		case <-f.bell:
		}
		s := f.source.Snapshot()
		f.asks.later(func() {
			for _, show := range f.show {
				show(s)
			}
		})
		select {
		case <-f.asks.ctx.Done():
			return
		case <-time.After(f.pace):
		}
	}
}

// Close ends the subscription and waits for the feed's goroutine.
func (f *Feed) Close() {
	if f.cancel != nil {
		f.cancel()
	}
	f.asks.close()
}
