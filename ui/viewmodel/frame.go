package viewmodel

import (
	"context"
	"time"

	"espero-soft.com/printroom/sync/station"
)

// Locker locks the station; the running batch goes on.
type Locker interface {
	Lock(ctx context.Context) error
}

// Frame is what stands around every screen: who is there, the lamps, the
// soonest cut-off, and the lock that falls when nobody touches anything.
type Frame struct {
	Person       *station.Person // nil while locked
	Central      station.Lamp
	TPM          station.Lamp
	Journal      station.Lamp
	Printer      station.Lamp
	PrinterName  string
	TPMEndpoint  string // of a TPM that is not the system's own, else ""
	SealedAt     time.Time
	CutOff       time.Time // the soonest of the letters still to be enveloped, zero if none
	NoDecryption station.FaultCode
	LastFault    *station.Fault
	LockFault    *station.Fault // why the last Lock failed
	Changed      func()

	asks    *asks
	locker  Locker
	now     Clock
	idle    time.Duration
	touched time.Time
	locking bool
}

// NewFrame returns a frame that locks after idle without a touch, never when
// idle is 0.
func NewFrame(locker Locker, post Poster, now Clock, idle time.Duration) *Frame {
	return &Frame{asks: newAsks(post), locker: locker, now: now, idle: idle, touched: now(), Changed: func() {}}
}

// Show takes a newer snapshot.
func (f *Frame) Show(s station.Snapshot) {
	if f.Person == nil && s.Person != nil {
		f.touched = f.now()
		f.LockFault = nil
	}
	f.Person = s.Person
	f.Central, f.TPM, f.Journal, f.Printer = s.Central, s.TPM, s.Journal, s.Printer
	f.PrinterName, f.SealedAt, f.TPMEndpoint = s.PrinterName, s.SealedAt, s.TPMEndpoint
	f.NoDecryption, f.LastFault = s.NoDecryption, s.LastFault
	f.CutOff = soonest(s.Jobs)
	f.Changed()
}

// Locked tells whether nobody has unlocked the station.
func (f *Frame) Locked() bool { return f.Person == nil }

// Touch notes that somebody is there.
func (f *Frame) Touch() { f.touched = f.now() }

// Tick locks when nobody has touched anything for too long. Call it every few
// seconds.
func (f *Frame) Tick() {
	if f.idle > 0 && !f.Locked() && f.now().Sub(f.touched) >= f.idle {
		f.Lock()
	}
	f.Changed()
}

// Lock locks the station.
func (f *Frame) Lock() {
	if f.Locked() || f.locking {
		return
	}
	f.locking = true
	f.asks.run(func(ctx context.Context) func() {
		err := f.locker.Lock(ctx)
		return func() {
			f.locking = false
			f.LockFault = faultOf(err)
			f.Changed()
		}
	})
}

// Now is the frame's time.
func (f *Frame) Now() time.Time { return f.now() }

// Close ends the work that runs and waits for it.
func (f *Frame) Close() { f.asks.close() }

// soonest returns the earliest cut-off among the jobs whose pieces are not
// ready yet; a held letter can't make it and does not count.
func soonest(jobs []station.Job) time.Time {
	var first time.Time
	for i := range jobs {
		if at := jobs[i].CutOff; unready(jobs[i].State) && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}
