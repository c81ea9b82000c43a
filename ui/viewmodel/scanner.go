package viewmodel

import (
	"context"
	"strings"
	"time"
)

// What tells a hand scanner from a person. Scanners that type send a code at
// 5 to 50 ms a character and end it with Enter; the fastest person needs 100.
const (
	scanLeast = 8 // characters of the shortest code
	// scanLeastSecret is that of the shortest one which may not become a PIN.
	scanLeastSecret = 4
	scanPace        = 50 * time.Millisecond // a character takes that long at most, on average
	// scanPause ends a run: what was typed until then is a person's. It is longer
	// than scanPace by the two frames that the window may be late.
	scanPause = 80 * time.Millisecond
	scanMost  = 128 // characters held back at most
)

// Stroke is one thing typed: a character, or a key by the toolkit's name.
type Stroke struct {
	Rune rune
	Key  string
}

// Scanner holds what is typed back for a moment, so that a code from a hand
// scanner reaches no field and presses no key on its way: at Enter it is a
// scan, at a pause it was a person's, and then all of it goes where it would
// have gone.
type Scanner struct {
	Scan func(code string)
	// Secret tells whether what has the focus takes a PIN: a person types it, so
	// that even a short code from a hand scanner must not get there.
	Secret func() bool
	Replay func(Stroke) // hands over what was held back; Rune and Key let it pass

	asks      *asks
	now       Clock
	held      []Stroke
	first     time.Time // of the first character held
	last      time.Time // of the latest stroke held
	watched   bool      // somebody waits for the pause
	replaying bool
	after     func(context.Context, time.Duration)
}

// NewScanner returns a scanner that has read nothing. after waits, less long
// when its context ends; nil means that it sleeps.
func NewScanner(post Poster, now Clock, after func(context.Context, time.Duration)) *Scanner {
	if after == nil {
		after = sleep
	}
	return &Scanner{asks: newAsks(post), now: now, after: after, Secret: func() bool { return false }, Scan: func(string) {}, Replay: func(Stroke) {}}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// Rune takes a character. It returns true when it holds it back.
func (s *Scanner) Rune(r rune) bool {
	if s.replaying {
		return false
	}
	if !inCode(r) {
		return s.other(Stroke{Rune: r})
	}
	return s.hold(Stroke{Rune: r})
}

// Key takes a key. It returns true when it holds it back, or when it was the
// end of a code.
func (s *Scanner) Key(name string) bool {
	switch {
	case s.replaying:
		return false
	case len(name) == 1:
		return s.hold(Stroke{Key: name}) // its character follows
	case len(s.held) == 0:
		return false
	case name == "LeftShift" || name == "RightShift":
		return s.hold(Stroke{Key: name})
	case name == "Return" || name == "KP_Enter":
		if code, ok := s.code(); ok {
			s.drop()
			s.Scan(code)
			return true
		}
	}
	return s.other(Stroke{Key: name})
}

// Holding tells whether something is held back.
func (s *Scanner) Holding() bool { return len(s.held) > 0 }

// hold keeps a stroke until the run it belongs to ends.
func (s *Scanner) hold(k Stroke) bool {
	at := s.now()
	if len(s.held) == 0 {
		s.first = at
	}
	s.held, s.last = append(s.held, k), at
	if len(s.held) >= scanMost {
		s.release()
	} else if !s.watched {
		s.watch(scanPause)
	}
	return true
}

// other is for what no code has: it ends the run and goes behind it.
func (s *Scanner) other(k Stroke) bool {
	if len(s.held) == 0 {
		return false
	}
	s.held = append(s.held, k)
	s.release()
	return true
}

// watch looks after a while whether the run has ended by a pause.
func (s *Scanner) watch(d time.Duration) {
	s.watched = true
	due := s.now().Add(d)
	s.asks.run(func(ctx context.Context) func() {
		s.after(ctx, d)
		return func() { s.paused(due) }
	})
}

// paused releases what was held when nothing came meanwhile. A pause that the
// window itself made, by being busy, is none: what waits comes first.
func (s *Scanner) paused(due time.Time) {
	s.watched = false
	if len(s.held) == 0 {
		return
	}
	now := s.now()
	if rest := scanPause - now.Sub(s.last); rest > 0 {
		s.watch(rest)
	} else if now.Sub(due) > scanPace {
		s.watch(scanPause)
	} else {
		s.release()
	}
}

// release hands over what was held, as if it were typed now.
func (s *Scanner) release() {
	held := s.held
	s.held = nil
	s.replaying = true
	for _, k := range held {
		s.Replay(k)
	}
	s.replaying = false
	clear(held) // it may have been a PIN
}

func (s *Scanner) drop() {
	clear(s.held)
	s.held = nil
}

// code returns the characters held, and whether a scanner typed them.
func (s *Scanner) code() (string, bool) {
	var b strings.Builder
	count, same := 0, true
	var before rune
	for _, k := range s.held {
		if k.Rune == 0 {
			continue
		}
		same = same && (count == 0 || k.Rune == before) // a key held down
		before = k.Rune
		b.WriteRune(k.Rune)
		count++
	}
	fast := s.now().Sub(s.first) <= time.Duration(count)*scanPace
	least := scanLeast
	if s.Secret() || strings.HasPrefix(b.String(), badgeMark) {
		least = scanLeastSecret
	}
	return b.String(), count >= least && !same && fast
}

// inCode tells whether codes have such a character.
func inCode(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-./:+$%*_#()=?&@", r)
}

// Close ends what waits.
func (s *Scanner) Close() {
	s.drop()
	s.asks.close()
}
