package station

import "context"

// lane lets one through at a time, and who waits gives up with their context.
type lane chan struct{}

func newLane() lane { return make(lane, 1) }

// Lock waits for the lane. Its error is a Cancelled fault.
func (l lane) Lock(ctx context.Context) error {
	if l.TryLock() {
		return nil
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Fault{Code: Cancelled, Err: ctx.Err()}
	}
}

// TryLock takes the lane if it is free.
func (l lane) TryLock() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
		return false
	}
}

// Unlock gives it up.
func (l lane) Unlock() { <-l }
