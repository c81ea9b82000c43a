//go:build linux

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorded are a child's calls and words in order.
func (r *crashRoom) recorded(script string, raised uint64, strikes ...string) ([]call, error) {
	trace, said := filepath.Join(r.outer, "trace"), filepath.Join(r.outer, "said")
	args := append([]string{"strace", "-f", "--seccomp-bpf", "-qq", "-xx", "-s", "1048576", "-o", trace, "-P", said,
		"-e", "trace=open,openat,close,write,pwrite64,lseek,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2"}, r.crashFiles()...)
	for _, s := range strikes {
		args = append(args, "-e", "inject="+s)
	}
	out, err := os.Create(said)
	if err != nil {
		return nil, err
	}
	cmd := r.command(script, raised, args...)
	cmd.Stdout = out
	if err := errors.Join(cmd.Run(), out.Close()); err != nil {
		return nil, err
	}
	var calls []call
	err = readTrace(trace, r.dir, func(c call) error {
		calls = append(calls, c)
		return nil
	})
	return calls, err
}

// powerCuts replays a child's calls on a disk and cuts the power at every moment
// that is asked for, in several ways.
type powerCuts struct {
	whole  *crashRoom
	disk   *disk
	told   promises
	random *mathrand.Rand
	looks  sync.WaitGroup
	places chan struct{} // of those who look
	faults chan error
	cuts   int
	sizes  []int64 // of sectors
}

func (r *crashRoom) powerCuts(log fs.FS, before promises, sizes ...int64) (*powerCuts, error) {
	d, err := diskOf(log)
	return &powerCuts{whole: r, disk: d, told: before.clone(), random: mathrand.New(mathrand.NewPCG(24, 11)),
		places: make(chan struct{}, crashAtOnce), faults: make(chan error, 10), sizes: sizes}, err
}

// after takes up calls and cuts the power after each that when picks.
func (c *powerCuts) after(calls []call, when func(i int, c call) bool) error {
	for i, next := range calls {
		if next.said != "" {
			for line := range strings.Lines(next.said) {
				if err := c.told.hear(strings.TrimSuffix(line, "\n")); err != nil {
					return err
				}
			}
		} else if err := c.disk.take(next); err != nil {
			return fmt.Errorf("call %d, %s of %s: %w", i+1, next.name, next.file, err)
		}
		if when(i, next) {
			if err := c.cut(fmt.Sprintf("after call %d of %d, %s of %s %.60s", i+1, len(calls), next.name, next.file, next.said)); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut makes disks that the power may leave now and has them looked at.
func (c *powerCuts) cut(when string) error {
	for _, kind := range []struct {
		name  string
		lasts cut
	}{{"none", nothingLasts}, {"the first", firstLast(c.random)}, {"some", someLast(c.random)}} {
		for _, sector := range c.sizes {
			if err := c.image(fmt.Sprintf("%s, of what was not synced %s is left, in sectors of %d", when, kind.name, sector), kind.lasts, sector); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *powerCuts) image(what string, lasts cut, sector int64) error {
	r, err := c.whole.in(nil)
	if err != nil {
		return err
	}
	if err := c.disk.image(r.dir, lasts, sector, c.random); err != nil {
		return err
	}
	c.cuts++
	p := c.told.clone()
	c.places <- struct{}{}
	c.looks.Go(func() {
		defer func() { <-c.places }()
		if err := p.hold(r); err != nil {
			select {
			case c.faults <- fmt.Errorf("%s: %w", what, err):
			default: // enough of them are kept
			}
		}
		if err := os.RemoveAll(r.outer); err != nil {
			panic(err)
		}
	})
	return nil
}

// found waits for those who look.
func (c *powerCuts) found() error {
	c.looks.Wait()
	close(c.faults)
	var all []error
	for err := range c.faults {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// cutPower records each script and cuts the power at one in step of its calls.
func cutPower(t *testing.T, step int, sizes ...int64) {
	whole := newCrashRoom(t)
	for name, script := range crashScripts() {
		t.Run(name, func(t *testing.T) {
			log, before := whole.beginning(t, name)
			r, err := whole.in(log)
			if err != nil {
				t.Fatal(err)
			}
			calls, err := r.recorded(script, before.raised)
			if err != nil {
				t.Fatal(err)
			}
			c, err := whole.powerCuts(log, before, sizes...)
			if err == nil {
				err = c.after(calls, func(i int, _ call) bool { return i%step == 0 || i == len(calls)-1 })
			}
			if err := errors.Join(err, c.found()); err != nil {
				t.Error(err)
			}
			t.Logf("%d disks after %d calls", c.cuts, len(calls))
		})
	}
}

// disbelieveSync has one sync after the other fail, as it does on a disk that
// breaks: what it should have written is in memory, is taken for written, and
// never is. The program then ends without a word, is started again, and goes on.
// What it promises from then on must not stand on what the disk never got. Only
// the last syncs of the write-ahead log are tried, or all of all files.
func disbelieveSync(t *testing.T, all bool) {
	whole := newCrashRoom(t)
	calls, err := whole.recorded(disbelieved, crashFirst)
	if err != nil {
		t.Fatal(err)
	}
	var syncs []int // by number
	n := 0
	for _, c := range calls {
		if c.name == "fsync" {
			if n++; all || c.file == entriesFile+"-wal" {
				syncs = append(syncs, n)
			}
		}
	}
	if len(syncs) < 4 {
		t.Fatalf("%d syncs", len(syncs))
	}
	if !all {
		syncs = syncs[len(syncs)-2:]
	}
	for _, n := range syncs {
		if err := whole.failedSync(n); err != nil {
			t.Errorf("sync %d failed: %v", n, err)
		}
	}
}

const disbelieved = "open anchor intent use result batch seal record"

func (r *crashRoom) failedSync(n int) error {
	in, err := r.in(nil)
	if err != nil {
		return err
	}
	calls, err := in.recorded(disbelieved, crashFirst, fmt.Sprintf("fsync:error=EIO:when=%d", n))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(calls, func(c call) bool { return c.failed }) {
		return errors.New("it did not")
	}
	c, err := r.powerCuts(nil, noPromises(), 512)
	if err == nil {
		err = c.after(calls, func(i int, _ call) bool { return i == len(calls)-1 })
	}
	if err == nil {
		calls, err = in.recorded("open anchor intent use result record", c.told.raised)
	}
	if err == nil {
		err = c.after(calls, func(_ int, c call) bool { return strings.HasPrefix(c.said, "head") })
	}
	return errors.Join(err, c.found(), os.RemoveAll(in.outer))
}

// TestPowerCutsAtTimes cuts the power at some of the moments.
func TestPowerCutsAtTimes(t *testing.T) { cutPower(t, 25, 512) }

// TestAFailedSyncIsNotBelieved tries two of the syncs.
func TestAFailedSyncIsNotBelieved(t *testing.T) { disbelieveSync(t, false) }
