package verify

import (
	"maps"
	"math/bits"
	"slices"
)

const (
	pageEntries = 1 << 13
	maxPages    = 1 << 16 // 64 MiB
)

// endings finds the intents that have no result, and the results that have no
// intent. It keeps a bit for each entry that is an open intent, in pages of
// which only those with one are kept: a station leaves few intents open. Where
// somebody filled a file with them it stops to follow new ones at maxPages, from
// entry uncounted on, and stays right about those before.
type endings struct {
	after     int64 // entries of which nothing is known: an intent among them is not missed
	uncounted int64 // the first entry whose intent is not followed, 0 when all are
	open      int64
	strays    Sequences
	pages     map[int64]*page
	limit     int
	at        int64 // number of the page that now is
	now       *page
}

type page struct {
	open int
	bits [pageEntries / 64]uint64
}

func newEndings(after int64) *endings {
	return &endings{after: after, pages: map[int64]*page{}, limit: maxPages, now: new(page), at: -1}
}

func (e *endings) add(f *fields) {
	switch f.kind() {
	case KindIntent:
		e.intent(f.sequence)
	case KindResult:
		e.result(f.sequence, f.intent)
	}
}

func (e *endings) intent(sequence int64) {
	if e.uncounted != 0 {
		return
	}
	if n := sequence / pageEntries; n != e.at && !e.turn(n) {
		e.uncounted = sequence
		return
	}
	e.now.bits[sequence%pageEntries/64] |= 1 << (sequence % 64)
	e.now.open++
	e.open++
}

// turn makes page n the one that intents are written on: a new one, or the one
// before when nothing is open on it. Past the limit there is none.
func (e *endings) turn(n int64) bool {
	switch {
	case e.now.open == 0:
		delete(e.pages, e.at)
	case len(e.pages) >= e.limit:
		return false
	default:
		e.now = new(page)
	}
	e.at = n
	e.pages[n] = e.now
	return true
}

func (e *endings) result(sequence, intent int64) {
	if intent <= e.after || e.uncounted != 0 && intent >= e.uncounted {
		return
	}
	n := intent / pageEntries
	p := e.now
	if n != e.at {
		p = e.pages[n]
	}
	word, bit := intent%pageEntries/64, uint64(1)<<(intent%64)
	if p == nil || p.bits[word]&bit == 0 {
		e.strays.add(sequence)
		return
	}
	p.bits[word] &^= bit
	p.open--
	e.open--
	if p.open == 0 && n != e.at {
		delete(e.pages, n)
	}
}

// unanswered are the intents that have no result.
func (e *endings) unanswered() Sequences {
	s := Sequences{Count: e.open}
	for _, n := range slices.Sorted(maps.Keys(e.pages)) {
		for i, word := range e.pages[n].bits {
			for ; word != 0; word &= word - 1 {
				if len(s.First) == maxSequences {
					return s
				}
				s.First = append(s.First, n*pageEntries+int64(i)*64+int64(bits.TrailingZeros64(word)))
			}
		}
	}
	return s
}
