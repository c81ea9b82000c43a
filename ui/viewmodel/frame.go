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
	Policy       station.Policy
	Changed      func()

	asks    *asks
	locker  Locker
	now     Clock
	idle    time.Duration // of the settings
	touched time.Time
	warned  bool // Left was told
	locking bool
}

// NewFrame returns a frame that locks after idle without a touch, or earlier
// where the room's policy says so; never when neither says anything.
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
	f.Policy, f.CutOff = s.Policy, soonest(s.Jobs)
	f.Changed()
}

// Locked tells whether nobody has unlocked the station.
func (f *Frame) Locked() bool { return f.Person == nil }

// Touch notes that somebody is there. Whoever was warned sees at once that it
// was heard.
func (f *Frame) Touch() {
	f.touched = f.now()
	if f.warned {
		f.warned = false
		f.Changed()
	}
}

// warning is how long before the lock a person is told.
const warning = 20 * time.Second

// Idle is how long nobody may touch anything, 0 for as long as they like. The
// room's policy says; the settings may only shorten it.
func (f *Frame) Idle() time.Duration {
	if f.idle > 0 && (f.Policy.Idle <= 0 || f.idle < f.Policy.Idle) {
		return f.idle
	}
	return max(0, f.Policy.Idle)
}

// Left is how long until the lock falls, where that is so soon that it is to be
// told; else 0.
func (f *Frame) Left() time.Duration {
	idle := f.Idle()
	left := idle - f.now().Sub(f.touched)
	if idle == 0 || f.Locked() || left > min(warning, idle/2) {
		return 0
	}
	return max(0, left)
}

// Tick counts down, and locks when nobody has touched anything for too long.
// Call it every second.
func (f *Frame) Tick() {
	if idle := f.Idle(); idle > 0 && !f.Locked() && f.now().Sub(f.touched) >= idle {
		f.Lock()
	}
	f.warned = f.Left() > 0
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
