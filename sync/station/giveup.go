package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// unsentStates are those of letters of which nothing was sent.
var unsentStates = [...]store.State{store.Ready, store.Intent, store.Created}

// giveUp takes back an attempt of which nothing was sent: the letter is held
// for what is wrong with itself, or when this printer can't print it as it was
// paid for, and otherwise READY again with the reason. What a person had it
// printed again for holds until it is.
func (s *Station) giveUp(ctx context.Context, j store.Job, why error) error {
	ctx = context.WithoutCancel(ctx)
	m := store.Move{Job: j.ID, From: unsentStates[:], To: store.Ready, Hold: string(code(why))}
	switch {
	case code(why) == Preflight:
		m.To, m.Wanted = store.Held, true // central is not told, as below
	case code(why).endsJob():
		held, err := s.event(ctx, wire.EventHeld, j, func(e *wire.Event) { e.Reason, e.Attempt = m.Hold, "" })
		if err != nil {
			return err
		}
		m.To, m.Wanted, m.Messages = store.Held, true, []store.Message{held}
	case ofThisPrinter(why):
		// Central is not told: the letter stays leased to us for another printer,
		// and goes to another station when the lease ends.
		m.To, m.Wanted = store.Held, true
	}
	err := s.move(ctx, m)
	if errors.Is(err, store.ErrOrdered) {
		return s.setAside(ctx, j.ID, unsentStates[:]...)
	}
	if err != nil {
		return fmt.Errorf("take an attempt back: %w", err)
	}
	if m.To == store.Held {
		return fault(s.obey(ctx, j.ID)) // an order may have come meanwhile
	}
	return nil
}

// spoilt holds a letter that could not be prepared, if that is the letter's own
// matter. Otherwise it stays READY: no attempt was begun.
func (s *Station) spoilt(ctx context.Context, j store.Job, why error) error {
	if c := code(why); !c.endsJob() && c != Preflight && !ofThisPrinter(why) {
		return nil
	}
	return s.giveUp(ctx, j, why)
}

// ofThisPrinter tells whether a printer can't print one letter as it was paid
// for, and may print others.
func ofThisPrinter(err error) bool {
	var unsupported *device.UnsupportedError
	if errors.As(err, &unsupported) {
		return ofLetter(unsupported.Attribute)
	}
	var other *ipp.NotHonouredError
	return errors.As(err, &other) && len(other.Attributes) > 0 && !slices.ContainsFunc(other.Attributes, func(a string) bool {
		name, _, _ := strings.Cut(a, "=")
		return !ofLetter(name)
	})
}

// ofLetter tells whether an attribute differs from letter to letter.
func ofLetter(attribute string) bool {
	switch attribute {
	case "sides", "print-color-mode", "pwg-raster-document-type":
		return true
	}
	return false
}
