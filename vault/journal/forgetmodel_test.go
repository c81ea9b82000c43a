//go:build long

package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestForgettingModel: whatever is written, sealed and forgotten by two programs
// in whatever order, with whatever station's clock, the log is whole, starts
// where it should, its shards are the model's, and each export verifies.
func TestForgettingModel(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "model")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		m := &forgetModel{room: roomIn(t, filepath.Join(dir, "log")), nv: &nv{value: 7}, clock: inMonth(0, 1)}
		m.room.counter, m.room.first = m.nv, 7
		m.room.now = func() time.Time { return m.clock }
		for i := range m.programs {
			m.programs[i] = m.open(t)
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": m.append, "anchor": m.anchor, "seal": m.seal, "sign": m.sign, "forget": m.forget,
			"forget another": m.forgetAnother, "restart": m.restart, "export": m.export, "clock": m.setClock, "": m.look,
		})
		for _, j := range m.programs {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

type forgetModel struct {
	room     *room
	nv       *nv
	clock    time.Time // the station's
	programs [2]*Journal
	size     int64
	sealed   int64
	start    Start
	month    int // of the witness
	shards   []Shard
}

func (m *forgetModel) open(t *rapid.T) *Journal {
	j, err := Open(context.Background(), m.room.config())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// one is a program, which knows what the other one has done, or not.
func (m *forgetModel) one(t *rapid.T) *Journal {
	return m.programs[rapid.IntRange(0, 1).Draw(t, "program")]
}

func (m *forgetModel) append(t *rapid.T) {
	for range rapid.IntRange(1, 5).Draw(t, "entries") {
		if err := m.one(t).Record(context.Background(), Access{Action: ActionPurge, Object: "job-1"}, OutcomeDone); err != nil {
			t.Fatal(err)
		}
		m.size++
	}
}

// anchor is always the first program's: the counter is one program's.
func (m *forgetModel) anchor(t *rapid.T) {
	if err := m.programs[0].Anchor(context.Background(), "p-7f3a"); err != nil {
		t.Fatal(err)
	}
	m.size++
}

func (m *forgetModel) sign(t *rapid.T) {
	if _, err := m.one(t).Checkpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (m *forgetModel) seal(t *rapid.T) {
	if m.size == m.sealed {
		return // it is signed and countersigned already
	}
	m.month += rapid.SampledFrom([]int{0, 0, 0, 1, 1, 3, -1}).Draw(t, "months")
	at := inMonth(m.month, 1+int(m.size%28))
	m.room.sealAt(t, m.one(t), at)
	m.sealed = m.size
	if n := len(m.shards) - 1; n >= 0 && !month(at).After(m.shards[n].Month) {
		m.shards[n].Last, m.shards[n].SealedAt = m.size, at
		return
	}
	first := m.start.Size + 1
	if n := len(m.shards); n > 0 {
		first = m.shards[n-1].Last + 1
	}
	m.shards = append(m.shards, Shard{Month: month(at), First: first, Last: m.size, SealedAt: at})
}

func (m *forgetModel) forget(t *rapid.T) {
	if len(m.shards) == 0 {
		return
	}
	j, s := m.one(t), m.shards[0]
	if err := j.Forget(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	m.start, m.shards = Start{s.Last, s.SealedAt}, m.shards[1:]
	if j.Start() != m.start {
		t.Fatalf("it starts after %+v instead of %+v", j.Start(), m.start)
	}
}

func (m *forgetModel) forgetAnother(t *rapid.T) {
	other := Shard{Month: month(m.clock), First: 1, Last: 1, SealedAt: m.clock}
	if len(m.shards) > 1 {
		other = m.shards[1]
	}
	if err := m.one(t).Forget(context.Background(), other); !errors.Is(err, ErrRange) {
		t.Fatal(err)
	}
}

func (m *forgetModel) restart(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "program")
	if err := m.programs[i].Close(); err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "without the tree") && i == 0 {
		// Only one program has it: its file is not taken from under the other.
		_ = os.Remove(filepath.Join(m.room.dir, derivedFile))
	}
	m.programs[i] = m.open(t)
}

func (m *forgetModel) export(t *rapid.T) {
	j := m.one(t)
	span := Span{Unsealed: rapid.Bool().Draw(t, "unsealed")}
	first, last := m.start.Size+1, m.sealed
	if span.Unsealed {
		last = m.size
	}
	if n := len(m.shards); n > 0 && rapid.Bool().Draw(t, "shard") {
		s := m.shards[rapid.IntRange(0, n-1).Draw(t, "which")]
		span.Shard, first = &s, s.First
		if s.Last != m.sealed {
			span.Unsealed = false
		}
		if !span.Unsealed {
			last = s.Last
		}
	}
	if last == 0 {
		return // there is nothing
	}
	report, _ := m.room.exported(t, j, span)
	if report.Entries != last-first+1 {
		t.Fatalf("%+v: %d entries instead of %d to %d", span, report.Entries, first, last)
	}
}

// setClock makes the station's clock wrong: it counts for nothing.
func (m *forgetModel) setClock(t *rapid.T) {
	m.clock = inMonth(rapid.IntRange(-200, 200).Draw(t, "months"), 1)
}

// look is what holds after each step.
func (m *forgetModel) look(t *rapid.T) {
	j := m.one(t)
	if v, err := j.Verify(context.Background()); err != nil || v.Entries != m.size {
		t.Fatalf("%+v, %v, %d entries", v, err, m.size)
	}
	if j.Start() != m.start {
		t.Fatalf("it starts after %+v instead of %+v", j.Start(), m.start)
	}
	if diff := gocmp.Diff(append([]Shard(nil), m.shards...), shards(t, j)); diff != "" {
		t.Fatal(diff)
	}
}
