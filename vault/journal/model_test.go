//go:build long

package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// TestModel lets logs, counters and a witness live through whatever befalls
// them, and says of each damage who must notice it: the chain at the start, the
// whole verification and the verifier of an export, the counter offline, the
// witness online. Nothing else may be refused.
func TestModel(t *testing.T) {
	base := crashFolderAnywhere(t)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "model")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		m := &world{dir: dir, room: roomIn(t, filepath.Join(dir, "0")), at: time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)}
		m.clock = m.at
		m.witness.tree = new(checkpoint.Tree)
		m.places = []*place{{world: m, dir: m.room.dir, nv: &nv{value: 7}, anchored: 7}}
		m.places[0].start(t)
		steps := map[string]func(*rapid.T){}
		for name, step := range placeSteps() {
			steps[name] = func(t *rapid.T) { step(m.places[rapid.IntRange(0, len(m.places)-1).Draw(t, "place")], t) }
		}
		t.Repeat(steps)
		for _, p := range m.places {
			p.verify(t)
			p.stop(t)
		}
	})
}

func placeSteps() map[string]func(*place, *rapid.T) {
	return map[string]func(*place, *rapid.T){
		"access": (*place).access, "intent alone": (*place).intent, "record": (*place).record, "anchor": (*place).anchor,
		"sign": (*place).sign, "push": (*place).push, "push, answer lost": (*place).pushLost,
		"restart": (*place).restart, "crash": (*place).crash, "cut power at the counter": (*place).cutCounter,
		"keep a copy": (*place).keep, "roll back": (*place).rollBack, "cut the end": (*place).cutEnd,
		"flip a byte": (*place).flip, "clone": (*place).clone, "set the clock": (*place).setClock,
		"a month goes by": (*place).month, "full disk": (*place).fullDisk, "forget": (*place).forget,
		"verify": (*place).verify, "export": (*place).export,
	}
}

// world is a station's key and what knows it.
type world struct {
	dir     string
	room    *room
	witness modelWitness
	at      time.Time // the witness's clock
	clock   time.Time // the station's
	places  []*place
	copies  []modelCopy
	made    int
}

// place is a folder with a log, on a computer with a counter: the station, or a
// clone of both.
type place struct {
	*world
	dir string
	nv  *nv
	j   *Journal
	held
	anchored uint64 // what its last anchor names
	dead     bool   // found broken, for good
}

// held is what a folder must hold.
type held struct {
	leaves  []tlog.Hash // all that was ever written in it, forgotten or not
	begins  int64       // after so many
	signed  int64
	sealed  int64
	damaged []int64 // entries that were changed below the program
	cut     bool    // entries that a stored checkpoint covers are gone
	unseals bool    // a countersigned one: what was written in their places since is not theirs
}

type modelCopy struct {
	dir string
	held
	anchored uint64
}

func (l held) clone() held {
	l.leaves, l.damaged = slices.Clone(l.leaves), slices.Clone(l.damaged)
	return l
}

func (l held) size() int64 { return int64(len(l.leaves)) }

// must tells whether opening must find the log broken; it may whenever there is
// any damage.
func (l held) must() bool {
	return l.cut || slices.ContainsFunc(l.damaged, func(n int64) bool { return n >= l.sealed && n > l.begins })
}

func (l held) whole() bool { return !l.cut && len(l.damaged) == 0 }

func (p *place) config() Config {
	c := p.room.config()
	c.Dir, c.Counter, c.CounterFirst = p.dir, p.nv, 7
	c.Now = func() time.Time { return p.clock }
	return c
}

// start opens the log and compares what that finds with what it must find.
func (p *place) start(t *rapid.T) {
	j, err := Open(context.Background(), p.config())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	p.j, p.dead = j, false
	p.found(t, j.Status().Broken, p.must(), "opening")
	if s := j.Status(); !p.dead && (s.Entries != p.size() || s.Signed < p.signed || s.Sealed != p.sealed) {
		t.Fatalf("opened with %+v, want %d entries, %d signed, %d sealed", s, p.size(), p.signed, p.sealed)
	}
}

// found judges a finding: it must be there, or may be because there is damage.
func (p *place) found(t *rapid.T, err error, must bool, where string) {
	t.Helper()
	broken := errors.Is(err, ErrBroken)
	if err != nil && !broken {
		t.Fatalf("%s: %v", where, err)
	}
	if must && !broken {
		t.Fatalf("%s found nothing: %d entries, damaged %v, cut %v", where, p.size(), p.damaged, p.cut)
	}
	if broken && p.whole() {
		t.Fatalf("%s found a whole log broken: %v", where, err)
	}
	p.dead = p.dead || broken
}

func (p *place) stop(t *rapid.T) {
	if err := p.j.Close(); err != nil {
		t.Fatal(err)
	}
}

// latest tells whether the counter finds the log to be the latest one.
func (p *place) latest() bool {
	return p.anchored == p.nv.value || p.anchored > 7 && p.anchored == p.nv.value+1
}

// wrote takes up the entries that the journal has more than the model.
func (p *place) wrote(t *rapid.T, n int) {
	t.Helper()
	if p.j.Size() != p.size()+int64(n) {
		t.Fatalf("%d entries after %d and %d more", p.j.Size(), p.size(), n)
	}
	entries, err := p.j.Entries(context.Background(), p.size(), n)
	if err != nil || len(entries) != n {
		t.Fatalf("%d of %d new entries, %v", len(entries), n, err)
	}
	for _, b := range entries {
		p.leaves = append(p.leaves, checkpoint.LeafHash(b))
	}
}

func (p *place) intentOnce(t *rapid.T) (Permit, bool) {
	permit, err := p.j.Intent(context.Background(), access(1))
	switch {
	case p.dead:
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("an intent on a broken log: %v", err)
		}
	case err == nil && !p.latest():
		t.Fatalf("the log knows of %d, the counter is at %d, and there is a permit", p.anchored, p.nv.value)
	case err == nil:
		p.wrote(t, 1)
		return permit, true
	case !errors.Is(err, ErrUnanchored):
		t.Fatalf("Intent: %v", err)
	}
	if err := permit.Use(access(1).Object); !errors.Is(err, ErrNoPermit) {
		t.Fatalf("the permit of a refused intent: %v", err)
	}
	return Permit{}, false
}

func (p *place) access(t *rapid.T) {
	permit, ok := p.intentOnce(t)
	if !ok {
		return
	}
	if err := errors.Join(permit.Use(access(1).Object), p.j.Result(context.Background(), permit, OutcomeDone)); err != nil {
		t.Fatal(err)
	}
	p.wrote(t, 1)
}

func (p *place) intent(t *rapid.T) { p.intentOnce(t) }

// record is taken whatever is wrong.
func (p *place) record(t *rapid.T) {
	if err := p.j.Record(context.Background(), Access{Action: ActionPurge, Object: "job-1"}, OutcomeDone); err != nil {
		t.Fatalf("Record: %v", err)
	}
	p.wrote(t, 1)
}

func (p *place) anchor(t *rapid.T) {
	latest, behind := p.latest(), p.anchored == p.nv.value+1
	err := p.j.Anchor(context.Background(), "p-7f3a")
	switch {
	case p.dead || !latest:
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("the log knows of %d, the counter is at %d: %v", p.anchored, p.nv.value, err)
		}
		p.dead = true
	case errors.Is(err, errPower):
		if !behind || p.j.Size() > p.size() { // the leaf came first
			p.anchored++
			p.wrote(t, 1)
		}
	case err != nil:
		t.Fatalf("the log knows of %d, the counter is at %d: %v", p.anchored, p.nv.value, err)
	default:
		p.anchored++
		p.wrote(t, 1)
	}
}

func (p *place) cutCounter(t *rapid.T) {
	if rapid.Bool().Draw(t, "before") {
		p.nv.before = errPower
	} else {
		p.nv.after = errPower
	}
}

// checkpoint signs the head, or says that it must not.
func (p *place) checkpoint(t *rapid.T) []byte {
	note, err := p.j.Checkpoint(context.Background())
	if p.dead {
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("a broken log is signed: %v", err)
		}
		return nil
	}
	p.found(t, err, false, "signing")
	if err == nil {
		p.signed = p.size()
	}
	return note
}

func (p *place) sign(t *rapid.T) { p.checkpoint(t) }

func (p *place) restart(t *rapid.T) {
	p.stop(t)
	p.start(t)
}

// crash goes on from the files as they are while the log is open.
func (p *place) crash(t *rapid.T) {
	was := p.dir
	p.dir = p.copied(t, was, "-shm")
	p.stop(t)
	if err := os.RemoveAll(was); err != nil {
		t.Fatal(err)
	}
	p.start(t)
}

// copied is a new folder with the files of one, but those with the suffix.
func (p *place) copied(t *rapid.T, from, but string) string {
	p.made++
	dir := filepath.Join(p.world.dir, fmt.Sprint(p.made))
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"+but))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (p *place) verify(t *rapid.T) {
	_, err := p.j.Verify(context.Background())
	p.found(t, err, p.cut || slices.ContainsFunc(p.damaged, func(n int64) bool { return n > p.begins }), "the whole verification")
}

// export is refused by the verifier when a sealed entry is not what it was, and
// only then.
func (p *place) export(t *rapid.T) {
	var out bytes.Buffer
	if _, err := p.j.Export(context.Background(), &out, Span{}); err != nil {
		if p.whole() && (!errors.Is(err, ErrUnsealed) || p.sealed > 0) {
			t.Fatalf("Export: %v", err)
		}
		return
	}
	keys, err := verify.ParseKeys([]byte(p.j.Vkeys()))
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Export(&out, keys, verify.Options{})
	bad := p.unseals || slices.ContainsFunc(p.damaged, func(n int64) bool { return n > p.begins && n <= p.sealed })
	if bad != (err != nil) {
		t.Fatalf("the verifier says %v of a log with damaged %v, %d sealed of %d", err, p.damaged, p.sealed, p.size())
	}
	if err == nil && report.Entries != p.sealed-p.begins {
		t.Fatalf("%d entries, of which %d are sealed after %d", report.Entries, p.sealed, p.begins)
	}
}

func (p *place) setClock(t *rapid.T) {
	p.clock = p.clock.AddDate(0, 0, rapid.SampledFrom([]int{-730, -1, 1, 400}).Draw(t, "days"))
}

func (p *place) month(*rapid.T) { p.world.at = p.world.at.AddDate(0, 1, 0) }

func (p *place) fullDisk(t *rapid.T) {
	limit := func(pages int) {
		if _, err := p.j.db.writer.Exec(fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	if p.dead || !p.latest() {
		return
	}
	limit(1) // SQLite makes it the present size
	defer limit(1 << 20)
	for range 200 {
		permit, err := p.j.Intent(context.Background(), access(1))
		if err == nil {
			p.wrote(t, 1)
			continue
		}
		if !errors.Is(err, ErrFull) && !errors.Is(err, ErrUnanchored) {
			t.Fatalf("on a full disk: %v", err)
		}
		if err := permit.Use(access(1).Object); !errors.Is(err, ErrNoPermit) {
			t.Fatalf("the permit of a failed intent: %v", err)
		}
		if p.j.Size() != p.size() || p.j.Status().Broken != nil {
			t.Fatalf("%d entries instead of %d, %v", p.j.Size(), p.size(), p.j.Status().Broken)
		}
		return
	}
	t.Fatal("a full disk was never full")
}
