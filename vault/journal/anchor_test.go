package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// nv is a counter as a TPM's: it survives what befalls the disk.
type nv struct {
	value  uint64
	before error // of the next Raise, which then raises nothing
	after  error // of the next Raise, which then has raised
}

func (n *nv) Value() (uint64, error) { return n.value, nil }

func (n *nv) Raise() (uint64, error) {
	if err := n.before; err != nil {
		n.before = nil
		return 0, err
	}
	n.value++
	if err := n.after; err != nil {
		n.after = nil
		return 0, err
	}
	return n.value, nil
}

var errPower = errors.New("the power went")

// tied is a room whose journal has a counter that starts at 7.
func tied(t testing.TB) (*room, *nv) {
	t.Helper()
	r := newRoom(t)
	counter := &nv{value: 7}
	r.counter, r.first = counter, 7
	return r, counter
}

func anchor(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Anchor(context.Background(), "p-7f3a"); err != nil {
		t.Fatalf("Anchor: %v", err)
	}
}

// copyOf is the journal's folder as it is now.
func copyOf(t testing.TB, r *room) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rolledBack wants a journal to open nothing, say why, and still to record and export.
func rolledBack(t *testing.T, r *room, want RollbackError) {
	t.Helper()
	j := r.open(t)
	err := j.Anchor(context.Background(), "p-7f3a")
	var rollback *RollbackError
	if !errors.Is(err, ErrBroken) || !errors.As(err, &rollback) || *rollback != want {
		t.Fatalf("Anchor: %v, want %v", err, &want)
	}
	if _, err := j.Intent(context.Background(), access(1)); !errors.Is(err, ErrBroken) {
		t.Errorf("Intent on a log that was rolled back: %v", err)
	}
	if err := j.Record(context.Background(), Access{Action: ActionPurge, Object: "job-1"}, OutcomeDone); err != nil {
		t.Errorf("Record: %v", err)
	}
	if err := j.Anchor(context.Background(), "p-7f3a"); !errors.Is(err, ErrBroken) {
		t.Errorf("Anchor once more: %v", err)
	}
}

func TestNothingBeforeTheAnchor(t *testing.T) {
	r, counter := tied(t)
	j := r.whole(t)
	if _, err := j.Intent(context.Background(), access(1)); !errors.Is(err, ErrUnanchored) {
		t.Errorf("Intent before Anchor: %v", err)
	}
	anchor(t, j)
	write(t, j, 2)
	anchor(t, j)
	if counter.value != 9 {
		t.Errorf("the counter is at %d, want 9", counter.value)
	}
	closeJournal(t, j)
	j = r.whole(t)
	if _, err := j.Intent(context.Background(), access(1)); !errors.Is(err, ErrUnanchored) {
		t.Errorf("Intent after a restart: %v", err)
	}
	anchor(t, j)
	write(t, j, 1)
}

func TestYesterdaysFolder(t *testing.T) {
	r, _ := tied(t)
	j := r.whole(t)
	anchor(t, j)
	write(t, j, 3)
	closeJournal(t, j)
	yesterday := copyOf(t, r)
	j = r.whole(t)
	anchor(t, j)
	write(t, j, 3)
	closeJournal(t, j)
	r.dir = yesterday
	rolledBack(t, r, RollbackError{Log: 8, Counter: 9})
}

func TestNewFolder(t *testing.T) {
	r, _ := tied(t)
	j := r.whole(t)
	anchor(t, j)
	closeJournal(t, j)
	r.dir = filepath.Join(t.TempDir(), "new")
	rolledBack(t, r, RollbackError{Log: 7, Counter: 8})
}

func TestOtherCounter(t *testing.T) {
	r, _ := tied(t)
	j := r.whole(t)
	anchor(t, j)
	anchor(t, j)
	closeJournal(t, j)
	r.counter = &nv{value: 7}
	rolledBack(t, r, RollbackError{Log: 9, Counter: 7})
}

// TestPowerBetweenLeafAndCounter: on both sides of the raise.
func TestPowerBetweenLeafAndCounter(t *testing.T) {
	for name, cut := range map[string]func(*nv){
		"before the raise": func(n *nv) { n.before = errPower },
		"after the raise":  func(n *nv) { n.after = errPower },
	} {
		t.Run(name, func(t *testing.T) {
			r, counter := tied(t)
			j := r.whole(t)
			anchor(t, j)
			cut(counter)
			if err := j.Anchor(context.Background(), "p-7f3a"); !errors.Is(err, errPower) {
				t.Fatalf("Anchor: %v", err)
			}
			closeJournal(t, j)
			j = r.whole(t)
			anchor(t, j)
			write(t, j, 1)
			if counter.value != 10 {
				t.Errorf("the counter is at %d, want 10", counter.value)
			}
		})
	}
}

// TestAnchorsModel: whatever befalls folder and power, a log is refused exactly
// when it lacks an anchor that the counter was raised for.
func TestAnchorsModel(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "model")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		m := &anchorModel{base: dir, room: roomIn(t, filepath.Join(dir, "live")), nv: &nv{value: 7}, have: 7}
		m.room.counter, m.room.first = m.nv, 7
		m.start(t)
		t.Repeat(map[string]func(*rapid.T){
			"anchor": m.anchor, "append": m.append, "restart": m.restart, "keep": m.keep, "roll back": m.rollBack,
			"cut before": func(*rapid.T) { m.nv.before = errPower }, "cut after": func(*rapid.T) { m.nv.after = errPower },
		})
		if err := m.j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

type anchorModel struct {
	base   string
	room   *room
	nv     *nv
	j      *Journal
	have   uint64 // the value that the live log's last anchor names
	copies []anchorCopy
}

type anchorCopy struct {
	dir  string
	have uint64
}

func (m *anchorModel) start(t *rapid.T) {
	j, err := Open(context.Background(), m.room.config())
	if err != nil {
		t.Fatal(err)
	}
	m.j = j
}

func (m *anchorModel) restart(t *rapid.T) {
	if err := m.j.Close(); err != nil {
		t.Fatal(err)
	}
	m.start(t)
}

// good tells whether the live log is the latest one.
func (m *anchorModel) good() bool {
	return m.have == m.nv.value || m.have > 7 && m.have == m.nv.value+1
}

func (m *anchorModel) anchor(t *rapid.T) {
	broken, good := m.j.Status().Broken != nil, m.good()
	behind := m.have == m.nv.value+1
	cutBefore, cutAfter := m.nv.before != nil, m.nv.after != nil
	err := m.j.Anchor(context.Background(), "p-7f3a")
	switch {
	case broken || !good:
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("the log knows of %d, the counter is at %d: %v", m.have, m.nv.value, err)
		}
	case (cutBefore || cutAfter) && errors.Is(err, errPower):
		if !behind { // the leaf came first
			m.have++
		}
	case err != nil:
		t.Fatalf("the log knows of %d, the counter is at %d: %v", m.have, m.nv.value, err)
	default:
		m.have++
		if m.have != m.nv.value {
			t.Fatalf("the log knows of %d, the counter is at %d", m.have, m.nv.value)
		}
	}
}

func (m *anchorModel) append(t *rapid.T) {
	good := m.good()
	p, err := m.j.Intent(context.Background(), access(1))
	if err == nil && !good {
		t.Fatalf("the log knows of %d, the counter is at %d, and there is a permit", m.have, m.nv.value)
	}
	if err == nil {
		err = m.j.Result(context.Background(), p, OutcomeDone)
	}
	if err != nil && !errors.Is(err, ErrUnanchored) && !errors.Is(err, ErrBroken) {
		t.Fatal(err)
	}
}

func (m *anchorModel) keep(t *rapid.T) {
	if len(m.copies) > 3 {
		return // enough of them
	}
	m.restart(t)
	dir, err := os.MkdirTemp(m.base, "copy")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(m.room.dir)); err != nil {
		t.Fatal(err)
	}
	m.copies = append(m.copies, anchorCopy{dir, m.have})
}

func (m *anchorModel) rollBack(t *rapid.T) {
	if len(m.copies) == 0 {
		return
	}
	c := rapid.SampledFrom(m.copies).Draw(t, "copy")
	if err := m.j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(m.room.dir), os.CopyFS(m.room.dir, os.DirFS(c.dir))); err != nil {
		t.Fatal(err)
	}
	m.have = c.have
	m.start(t)
}
