package viewmodel

import (
	"context"
	"reflect"

	"espero-soft.com/printroom/ui/habits"
)

// Shelf keeps each person's habits. Remember may be called from a goroutine of
// the model's, once at a time.
type Shelf interface {
	Recall(pseudonym string) habits.Habits
	Remember(pseudonym string, h habits.Habits) error
}

// Memory remembers how each person left the window.
type Memory struct {
	asks  *asks
	shelf Shelf // nil: nothing is remembered
	who   string
	kept  habits.Habits            // of who, as noted last
	next  map[string]habits.Habits // what is to be written, by pseudonym
	busy  bool
	log   func(error)
}

// NewMemory returns the memory of a shelf, which may be nil. log is told what
// could not be kept; nil for nobody.
func NewMemory(shelf Shelf, post Poster, log func(error)) *Memory {
	if log == nil {
		log = func(error) {}
	}
	return &Memory{asks: newAsks(post), shelf: shelf, log: log, next: make(map[string]habits.Habits)}
}

// Come returns the habits of a person who is here now.
func (m *Memory) Come(pseudonym string) habits.Habits {
	m.who, m.kept = pseudonym, habits.Habits{}
	if h, waits := m.next[pseudonym]; waits {
		m.kept = h
	} else if m.shelf != nil {
		m.kept = m.shelf.Recall(pseudonym)
	}
	return m.kept
}

// Note keeps the habits of the person who is here, when they changed.
func (m *Memory) Note(h habits.Habits) {
	if m.shelf == nil || m.who == "" || reflect.DeepEqual(h, m.kept) {
		return
	}
	m.kept = h
	m.next[m.who] = h
	m.write()
}

// Leave ends the person's time at the window.
func (m *Memory) Leave() { m.who = "" }

// write keeps what waits, one after the other.
func (m *Memory) write() {
	if m.busy {
		return
	}
	for who, h := range m.next {
		delete(m.next, who)
		m.busy = true
		m.asks.run(func(context.Context) func() {
			err := m.shelf.Remember(who, h)
			return func() {
				m.busy = false
				if err != nil {
					m.log(err)
				}
				m.write()
			}
		})
		return
	}
}

// Close waits for the write that runs, and writes at once what still waits.
func (m *Memory) Close() {
	m.asks.close()
	for who, h := range m.next {
		if err := m.shelf.Remember(who, h); err != nil {
			m.log(err)
		}
	}
	clear(m.next)
}
