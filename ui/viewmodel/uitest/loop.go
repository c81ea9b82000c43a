// Package uitest gives view models a goroutine of their own in tests: the one
// that runs the test.
package uitest

import (
	"testing"
	"time"
)

// Loop is a poster whose functions run when the test says so.
type Loop struct {
	t     testing.TB
	tasks chan func()
}

// NewLoop returns a loop that holds up to size functions back; a post beyond
// that waits for Run.
func NewLoop(t testing.TB, size int) *Loop {
	return &Loop{t: t, tasks: make(chan func(), size)}
}

// Post hands f over to the test's goroutine.
func (l *Loop) Post(f func()) { l.tasks <- f }

// Run runs the next n functions, waiting for each; the test fails when one
// does not come within ten seconds.
func (l *Loop) Run(n int) {
	l.t.Helper()
	for i := range n {
		select {
		case f := <-l.tasks:
			f()
		case <-time.After(10 * time.Second):
			l.t.Fatalf("only %d of %d posted functions came", i, n)
		}
	}
}

// Until runs functions as they come until done says so.
func (l *Loop) Until(done func() bool) {
	l.t.Helper()
	deadline := time.After(time.Minute) // of a busy machine
	for !done() {
		select {
		case f := <-l.tasks:
			f()
		case <-deadline:
			l.t.Fatal("what the test waits for did not come")
		}
	}
}

// Waiting tells how many functions wait to be run.
func (l *Loop) Waiting() int { return len(l.tasks) }
