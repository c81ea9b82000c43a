package uitest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Station is a station made of memory. It keeps the real one's promises: it
// opens nothing while locked, never prints a letter that may be on paper,
// blocks a person after five wrong PINs, and counts each viewing.
type Station struct {
	Staff   []station.Person
	PIN     string
	Delay   time.Duration // of every slow answer
	Lockout bool          // the chip counts wrong PINs by its lockout, and blocks nobody for good
	Wait    time.Duration // after five wrong PINs, with Lockout
	Arrives func(n int) []station.Job

	mu       sync.Mutex // guards all below
	snap     station.Snapshot
	faults   map[string]*station.Fault // by name of the method
	pins     pins
	approved []string
	held     map[string]*gateway // methods that do not answer yet
	viewed   []string
	printed  [][]string
	claims   int
	watchers map[int]func()
	next     int
	press    press
	pages    func(job station.Job, page int) station.PreviewPage
	counter  *counter // made when it is first needed
	book     *Book    // the access journal
}

// NewStation returns a locked station with those people and jobs.
func NewStation(people []station.Person, jobs []station.Job) *Station {
	return &Station{
		Staff: people, PIN: "2468", Wait: 10 * time.Minute,
		snap: station.Snapshot{
			Jobs: jobs, Central: station.LampOK, TPM: station.LampOK, Journal: station.LampOK,
			Printer: station.LampOK, PrinterName: "HP-A",
			Policy: station.Policy{MinPIN: 6, SecondPerson: map[wire.SecondPersonAct]bool{wire.ActReprintRegistered: true}},
		},
		faults: make(map[string]*station.Fault), pins: newPINs(), held: make(map[string]*gateway), watchers: make(map[int]func()),
		pages: drawPage,
	}
}

// Fail makes a method (people, unlock, setpin, claim, print, preview…) fail with a
// fault, or work again with nil.
func (s *Station) Fail(method string, f *station.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[method] = f
}

// Change changes the snapshot and tells the watchers.
func (s *Station) Change(change func(*station.Snapshot)) {
	s.mu.Lock()
	change(&s.snap)
	watchers := make([]func(), 0, len(s.watchers))
	for _, w := range s.watchers {
		watchers = append(watchers, w)
	}
	s.mu.Unlock()
	for _, w := range watchers {
		w()
	}
}

// Viewed returns the jobs that were opened to be looked at, once a viewing.
func (s *Station) Viewed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.viewed)
}

// Printed returns the batches that were handed over.
func (s *Station) Printed() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.printed)
}

func (s *Station) wait(ctx context.Context, method string) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.Delay):
	}
	if err := s.stay(ctx, method); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.faults[method]; f != nil {
		return f
	}
	return nil
}

// Snapshot returns the state of the moment.
func (s *Station) Snapshot() station.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.snap
	c.Jobs = slices.Clone(s.snap.Jobs)
	return c
}

// Subscribe calls changed after every change until cancel.
func (s *Station) Subscribe(changed func()) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.next
	s.next++
	s.watchers[n] = changed
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, n)
	}
}

// Lock locks the station.
func (s *Station) Lock(ctx context.Context) error {
	if err := s.wait(ctx, "lock"); err != nil {
		return err
	}
	s.Change(func(c *station.Snapshot) { c.Person = nil })
	return nil
}

// Claim brings what Arrives gives.
func (s *Station) Claim(ctx context.Context) error {
	if err := s.wait(ctx, "claim"); err != nil {
		return err
	}
	s.mu.Lock()
	s.claims++
	n := s.claims
	s.mu.Unlock()
	if s.Arrives != nil {
		s.Change(func(c *station.Snapshot) { c.Jobs = append(slices.Clone(c.Jobs), s.Arrives(n)...) })
	}
	return nil
}

// PrintBatch prints the jobs one after the other.
func (s *Station) PrintBatch(ctx context.Context, ids []string) error {
	if err := s.wait(ctx, "print"); err != nil {
		return err
	}
	s.mu.Lock()
	for i := range s.snap.Jobs {
		if j := s.snap.Jobs[i]; slices.Contains(ids, j.ID) && j.State != store.Ready {
			s.mu.Unlock()
			return &station.Fault{Code: station.MaybeOnPaper, Err: fmt.Errorf("job %s is %s", j.ID, j.State)}
		}
	}
	s.printed = append(s.printed, slices.Clone(ids))
	s.mu.Unlock()
	batch := s.startBatch(ids)
	for done, id := range ids {
		on, err := s.printOne(ctx, id, station.Batch{ID: batch, Total: len(ids), Done: done})
		if err != nil {
			return err
		}
		if !on {
			break
		}
	}
	s.Change(func(c *station.Snapshot) { c.Batch = nil })
	return nil
}

func setState(jobs []station.Job, id string, to store.State) {
	for i := range jobs {
		if jobs[i].ID == id {
			jobs[i].State = to
		}
	}
}

// Preview opens a letter and draws the pages that it has.
func (s *Station) Preview(ctx context.Context, id string, pages []int, emit func(station.PreviewPage) error) error {
	s.mu.Lock()
	i := slices.IndexFunc(s.snap.Jobs, func(j station.Job) bool { return j.ID == id })
	if s.snap.Person == nil || i < 0 {
		s.mu.Unlock()
		return &station.Fault{Code: station.Locked}
	}
	job := s.snap.Jobs[i]
	s.viewed = append(s.viewed, id)
	s.mu.Unlock()
	if job.State == store.Held {
		return &station.Fault{Code: job.Hold, Err: fmt.Errorf("job %s is held", id)}
	}
	for _, p := range pages {
		if p > job.Pages {
			continue
		}
		if err := s.wait(ctx, "preview"); err != nil {
			return err
		}
		if err := emit(s.pages(job, p)); err != nil {
			return err
		}
	}
	return nil
}
