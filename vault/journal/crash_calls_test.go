//go:build linux

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The system calls that the journal makes on its files, as strace names them;
// crash_trace_test.go holds that there are no others. SQLite opens with open, Go
// with openat.
var (
	// crashChanges are those that change what is stored, or make it last. Killed
	// at any other call, the files are as at the next of these.
	crashChanges = []string{"pwrite64", "write", "fsync", "fdatasync", "ftruncate", "fallocate", "open", "openat",
		"unlink", "unlinkat", "rename", "renameat", "mkdirat", "mmap"}
	// crashReads are the others.
	crashReads = []string{"pread64", "read", "fstat", "stat", "lstat", "newfstatat", "fcntl", "close", "munmap", "lseek", "fchown", "epoll_ctl"}
)

// crashFiles are the names that strace watches.
func (r *crashRoom) crashFiles() []string {
	args := []string{"-P", r.dir}
	for _, base := range []string{entriesFile, derivedFile, indexFile} {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			args = append(args, "-P", filepath.Join(r.dir, base+suffix))
		}
	}
	return append(args, "-P", filepath.Join(r.dir, reserveFile), "-P", filepath.Join(r.dir, reserveFile+".new"))
}

// A blow is what the kernel does at one call of a child's.
type blow struct {
	call, what string // as strace's inject= takes them
	n          int    // at which call
	on         string // "+" when at all later ones too
}

func (b blow) String() string { return fmt.Sprintf("%s:%s:when=%d%s", b.call, b.what, b.n, b.on) }

// strike runs a script with a blow and tells whether it was struck.
func (r *crashRoom) strike(p *promises, script string, b blow) (struck bool, err error) {
	trace := filepath.Join(r.outer, "trace")
	args := append([]string{"strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "trace=" + b.call, "-e", "inject=" + b.String()}, r.crashFiles()...)
	cmd := r.command(script, p.raised, args...)
	if err := p.listen(cmd); err != nil {
		return false, err
	}
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return true, nil // strace ends as its child did
	}
	out, err := os.ReadFile(trace)
	return strings.Contains(string(out), "(INJECTED)"), err
}

// said tells whether what the child was told is the truth about a blow.
func (b blow) said(p *promises) error {
	for _, f := range p.failed {
		switch {
		case f.kind == "io":
		case f.kind == "full" && b.what == "error=ENOSPC":
		case f.kind == "readonly" && (b.what == "error=EROFS" || b.call == "open"): // SQLite then opens for reading alone
		case f.kind == "broken" && strings.HasPrefix(b.call, "pread"): // what can't be read counts as damaged until the next start
		case f.kind == "unsealed" && f.step == "forget": // the seals failed
		case f.kind == "nopermit" && (f.step == "use" || f.step == "result"): // the intent failed
		case f.kind == "unanchored" && (f.step == "intent" || f.step == "batch"): // the anchor failed
		default:
			return fmt.Errorf("%s: %s: %s", f.step, f.kind, f.text)
		}
	}
	return nil
}

// crashScripts are what the children do, each from its own beginning.
func crashScripts() map[string]string {
	return map[string]string{
		"a new log":  "open anchor intent use result batch seal record sign intent result derive anchor seal close open anchor intent",
		"two months": "open anchor batch seal month record batch seal month record seal derive forget intent result forget close open",
		"an old log": "open anchor intent use result record seal intent use result batch derive sign anchor seal close",
	}
}

// beginning makes the folder that a script starts from: nothing, or a log that
// a killed program left, its write-ahead log all but long enough to be taken over.
func (r *crashRoom) beginning(t *testing.T, name string) (log fs.FS, p promises) {
	t.Helper()
	p = noPromises()
	if name != "an old log" {
		return nil, p
	}
	b, err := r.in(nil)
	if err != nil {
		t.Fatal(err)
	}
	// Each step writes a page or two, and at a thousand SQLite moves them over.
	script := "open anchor batch seal derive" + strings.Repeat(" record", 470) + " seal batch derive"
	if err := p.listen(b.command(script, p.raised)); err != nil {
		t.Fatal(err)
	}
	if len(p.failed) > 0 {
		t.Fatalf("the beginning: %v", p.failed)
	}
	return os.DirFS(b.dir), p
}

// strikes is how a call is struck: once, or from then on. The first of them tell
// the most.
func strikes(call string) []blow {
	if !slices.Contains(crashChanges, call) {
		return []blow{{call: call, what: "error=EIO"}} // locks that fail for ever are waited for, five seconds each
	}
	return []blow{{call: call, what: "signal=KILL"}, {call: call, what: "error=ENOSPC", on: "+"}, {call: call, what: "error=EIO"},
		{call: call, what: "error=ENOSPC"}, {call: call, what: "error=EIO", on: "+"}, {call: call, what: "error=EROFS", on: "+"}}
}

// crashAtCalls strikes at the calls that next gives, one after the other, until
// a run has no such call any more, with that many of the kinds of strikes.
func crashAtCalls(t *testing.T, scripts map[string]string, kinds int, next func(call string, n int) int) {
	whole := newCrashRoom(t).withVerifier(t)
	var wait sync.WaitGroup
	places := make(chan struct{}, crashAtOnce)
	for name, script := range scripts {
		log, before := whole.beginning(t, name)
		made, err := whole.callsOf(log, &before, script)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range made {
			all := strikes(call)
			for _, b := range all[:min(kinds, len(all))] {
				s := series{whole: whole, log: log, before: before, script: script, next: next}
				wait.Go(func() {
					places <- struct{}{}
					defer func() { <-places }()
					b.n = next(call, 0)
					s.run(t, b)
				})
			}
		}
	}
	wait.Wait()
}

// crashAtOnce children run at a time: most of them wait for the disk.
const crashAtOnce = 6

// callsOf are the names of the calls that a script makes. One that is listed
// nowhere is an error: it would be left out.
func (r *crashRoom) callsOf(log fs.FS, before *promises, script string) (names []string, err error) {
	in, err := r.in(log)
	if err != nil {
		return nil, err
	}
	trace := filepath.Join(in.outer, "trace")
	p := before.clone()
	cmd := in.command(script, p.raised, append([]string{"strace", "-f", "-qq", "-e", "signal=none", "-o", trace}, in.crashFiles()...)...)
	if err := p.listen(cmd); err != nil {
		return nil, err
	}
	out, err := os.ReadFile(trace)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		_, rest, _ := strings.Cut(line, " ")
		name, _, ok := strings.Cut(strings.TrimSpace(rest), "(")
		switch {
		case !ok || slices.Contains(names, name):
		case !slices.Contains(crashChanges, name) && !slices.Contains(crashReads, name):
			return nil, fmt.Errorf("a system call that no test strikes at: %s", line)
		default:
			names = append(names, name)
		}
	}
	return names, errors.Join(p.hold(in), os.RemoveAll(in.outer))
}

// series strikes the same script again and again, each time at a later call.
type series struct {
	whole  *crashRoom
	log    fs.FS // what it starts from, nil for nothing
	before promises
	script string
	next   func(call string, n int) int
}

func (s *series) run(t *testing.T, b blow) {
	t.Helper()
	for struck := b.n > 0; struck; b.n = s.next(b.call, b.n) {
		var err error
		if struck, err = s.one(b); err != nil {
			t.Errorf("%s: %v: %v", s.script, b, err)
		}
	}
}

// one strikes once and looks at what is left.
func (s *series) one(b blow) (struck bool, err error) {
	r, err := s.whole.in(s.log)
	if err != nil {
		return false, err
	}
	p := s.before.clone()
	if struck, err = r.strike(&p, s.script, b); err == nil {
		err = errors.Join(b.said(&p), p.hold(r))
	}
	if err == nil {
		err = r.verifiedApart()
	}
	return struck, errors.Join(err, os.RemoveAll(r.outer))
}

// TestSomeSystemCalls strikes at a few calls of each kind that changes something.
func TestSomeSystemCalls(t *testing.T) {
	scripts := crashScripts()
	delete(scripts, "an old log")
	crashAtCalls(t, scripts, 3, func(call string, n int) int {
		if slices.Contains(crashReads, call) {
			return 0
		}
		return 29*n + 4
	})
}
