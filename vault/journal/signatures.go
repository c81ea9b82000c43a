package journal

import (
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// signatures checks stored notes on goroutines of its own while the entries are
// read: a note takes longer than a hundred entries.
type signatures struct {
	accepted verify.Keys // of countersigned notes
	queue    chan reachedNote
	wait     sync.WaitGroup

	mu    sync.Mutex // guards what follows
	found error      // what is wrong with the note of the smallest size
	at    int64      // that size
}

// reachedNote is a note and the root of the entries that it is about.
type reachedNote struct {
	storedNote
	root tlog.Hash
}

// newSignatures starts the goroutines; end waits for them.
func newSignatures(accepted verify.Keys) *signatures {
	s := &signatures{accepted: accepted, queue: make(chan reachedNote, aheadBatch)}
	for range runtime.GOMAXPROCS(0) {
		s.wait.Go(func() {
			for n := range s.queue {
				if err := s.check(n); err != nil {
					s.fail(n.size, err)
				}
			}
		})
	}
	return s
}

// add hands a note over and gives what was found so far.
func (s *signatures) add(n reachedNote) error {
	s.queue <- n
	return s.failure()
}

// end waits for all notes and gives the first finding in order of size.
func (s *signatures) end() error {
	close(s.queue)
	s.wait.Wait()
	return s.failure()
}

func (s *signatures) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found
}

func (s *signatures) fail(size int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil || size < s.at {
		s.found, s.at = err, size
	}
}

func (s *signatures) check(n reachedNote) error {
	open := s.accepted.Open
	if n.kind == signed {
		open = func(note []byte) (checkpoint.Checkpoint, error) { return checkpoint.Open(note, s.accepted.Station) }
	}
	c, err := open(n.note)
	if err != nil {
		return &BrokenError{What: fmt.Sprintf("the checkpoint of %d entries does not verify", n.size), Err: err}
	}
	if c.Size != n.size || c.Root != n.root {
		return &BrokenError{Sequence: n.size, What: "the entries up to here are not those that were signed"}
	}
	return nil
}
