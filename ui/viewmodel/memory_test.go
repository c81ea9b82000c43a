package viewmodel_test

import (
	"errors"
	"sync"
	"testing"

	"espero-soft.com/printroom/ui/habits"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"

	"github.com/google/go-cmp/cmp"
)

// shelf is a shelf made of memory, as slow as the test lets it be.
type shelf struct {
	mu     sync.Mutex // guards what follows
	kept   map[string]habits.Habits
	writes int
	fault  error
	gate   chan struct{} // nil: at once
}

func newShelf() *shelf { return &shelf{kept: make(map[string]habits.Habits)} }

func (s *shelf) Recall(who string) habits.Habits {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[who]
}

func (s *shelf) Remember(who string, h habits.Habits) error {
	if s.gate != nil {
		<-s.gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.fault == nil {
		s.kept[who] = h
	}
	return s.fault
}

func TestMemoryKeepsTheLatest(t *testing.T) {
	s, loop := newShelf(), uitest.NewLoop(t, 16)
	s.gate = make(chan struct{}, 8)
	m := viewmodel.NewMemory(s, loop.Post, func(err error) { t.Error(err) })
	m.Note(habits.Habits{Width: 1}) // nobody is here
	m.Come("p1")
	for width := range 5 {
		m.Note(habits.Habits{Width: 1000 + width})
		m.Note(habits.Habits{Width: 1000 + width})
	}
	m.Leave()
	m.Come("p2")
	m.Note(habits.Habits{Screen: "press"})
	s.gate <- struct{}{}
	loop.Run(1)
	close(s.gate)
	m.Close()
	want := map[string]habits.Habits{"p1": {Width: 1004}, "p2": {Screen: "press"}}
	if diff := cmp.Diff(want, s.kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestMemoryComesBack(t *testing.T) {
	s, loop := newShelf(), uitest.NewLoop(t, 16)
	s.kept["p1"] = habits.Habits{Screen: "queue", TextSize: 150}
	m := viewmodel.NewMemory(s, loop.Post, nil)
	defer m.Close()
	if got := m.Come("p1"); got.TextSize != 150 {
		t.Errorf("recalled %+v", got)
	}
	m.Note(habits.Habits{Screen: "queue", TextSize: 150})
	if s.writes != 0 {
		t.Error("what did not change was written")
	}
}

func TestMemoryTellsTheLog(t *testing.T) {
	s, loop := newShelf(), uitest.NewLoop(t, 16)
	s.fault = errors.New("no space left on device")
	var told error
	m := viewmodel.NewMemory(s, loop.Post, func(err error) { told = err })
	defer m.Close()
	m.Come("p1")
	m.Note(habits.Habits{Width: 1})
	loop.Run(1)
	if !errors.Is(told, s.fault) {
		t.Errorf("told %v", told)
	}
	viewmodel.NewMemory(nil, loop.Post, nil).Come("p1")
}
