package journal

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestTheHeadAtTheStart: all that was sealed is forgotten and nothing written
// since. The head is signed already, and stays countersigned.
func TestTheHeadAtTheStart(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.months(t, 2)
	first, err := j.db.note(ctx, sealed, 2)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := j.Sealed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	forget(t, j)
	forget(t, j)
	size := j.Size()
	for range 2 {
		if got, err := j.Sealed(ctx); err != nil || !bytes.Equal(got, kept) {
			t.Errorf("the last countersigned note: %v", err)
		}
		if n, err := j.Checkpoint(ctx); err != nil || !bytes.HasPrefix(kept, n) {
			t.Errorf("the head was signed anew: %v", err)
		}
		if err := j.Countersigned(ctx, kept); err != nil {
			t.Errorf("a repeated answer: %v", err)
		}
		if err := j.Countersigned(ctx, first); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("an answer for what is forgotten: %v", err)
		}
		if report, text := r.exported(t, j, Span{}); report.Entries != 0 || strings.Count(text, "\n") != 2 {
			t.Errorf("%+v\n%s", report, text)
		}
		if s := j.Status(); s.Entries != size || s.Sealed != size || s.Signed != size || j.Head().Size != size {
			t.Errorf("%+v", s)
		}
		closeJournal(t, j)
		j = r.whole(t)
	}
	write(t, j, 1)
	r.sealAt(t, j, inMonth(2, 1))
	if s := shards(t, j); len(s) != 1 || s[0].First != size+1 || s[0].Last != size+2 {
		t.Errorf("%+v", s)
	}
}

// TestTheStationsClockForgetsNothing: a shard's month is the witness's.
func TestTheStationsClockForgetsNothing(t *testing.T) {
	r := newRoom(t)
	at := inMonth(0, 5)
	r.now = func() time.Time { return at }
	j := r.whole(t)
	for i, months := range []int{0, -300, 300} {
		at = inMonth(months, 5)
		write(t, j, 1)
		r.sealAt(t, j, inMonth(0, 6+i))
	}
	if s := shards(t, j); len(s) != 1 || s[0].Last != 6 || !s[0].Month.Equal(month(inMonth(0, 1))) {
		t.Errorf("%+v", s)
	}
}

// TestShardsOfFormerWitnesses: the keys for an export are those that signed it.
func TestShardsOfFormerWitnesses(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.months(t, 2)
	former := r.witness
	r.witness = newWitness(t, former.Name())
	if err := j.UseWitnesses(ctx, []string{r.witness.Vkey()}); err != nil {
		t.Fatal(err)
	}
	for m := 2; m < 4; m++ {
		write(t, j, 1)
		r.sealAt(t, j, inMonth(m, 3))
	}
	all := shards(t, j)
	keysFor := func(s Span) int {
		t.Helper()
		vkeys, err := j.VkeysFor(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(vkeys, "\n") - 1
	}
	for i, want := range []int{2, 2, 2, 1} { // the third begins with the former one's note
		r.exported(t, j, Span{Shard: &all[i]})
		if got := keysFor(Span{Shard: &all[i]}); got != want {
			t.Errorf("%d keys for shard %d", got, i)
		}
	}
	for i, want := range []int{2, 2, 1} {
		forget(t, j)
		if report, err := r.check(t, j); err != nil || report.Entries != j.Size()-all[i].Last {
			t.Errorf("%+v, %v", report, err)
		}
		if got := strings.Count(j.Vkeys(), "\n") - 1; got != want {
			t.Errorf("%d keys after %d shards", got, i+1)
		}
		closeJournal(t, j)
		j = r.whole(t)
	}
	if _, err := j.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func TestExportOfASpan(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	for _, s := range []Span{{}, {Unsealed: true}} {
		if _, err := j.Export(ctx, new(bytes.Buffer), s); !errors.Is(err, ErrUnsealed) {
			t.Errorf("there is nothing: %v", err)
		}
	}
	write(t, j, 2)
	if report, text := r.exported(t, j, Span{Unsealed: true}); report.Unsealed != 4 || strings.Contains(text, "checkpoint") {
		t.Errorf("the tail alone: %+v", report)
	}
	r.sealAt(t, j, inMonth(0, 3))
	write(t, j, 1)
	r.sealAt(t, j, inMonth(1, 3))
	write(t, j, 3)
	all := shards(t, j)
	for name, c := range map[string]struct {
		span              Span
		entries, unsealed int64
		started           bool
	}{
		"all that is sealed":   {Span{}, 6, 0, false},
		"all":                  {Span{Unsealed: true}, 12, 6, false},
		"the first shard":      {Span{Shard: &all[0]}, 4, 0, false},
		"the last shard":       {Span{Shard: &all[1]}, 2, 0, true},
		"from the last one on": {Span{Shard: &all[1], Unsealed: true}, 8, 6, true},
	} {
		report, text := r.exported(t, j, c.span)
		if report.Entries != c.entries || report.Unsealed != c.unsealed || strings.HasPrefix(text, `{"frontier"`) != c.started {
			t.Errorf("%s: %+v", name, report)
		}
		if n, err := j.Export(ctx, new(bytes.Buffer), c.span); err != nil || n != 6 {
			t.Errorf("%s: %d unsealed, %v", name, n, err)
		}
	}
	part := all[1]
	part.First++
	for name, s := range map[string]Span{
		"the first one with the tail": {Shard: &all[0], Unsealed: true},
		"a part":                      {Shard: &part},
		"what is not there":           {Shard: &Shard{First: 7, Last: 12}},
		"nothing":                     {Shard: &Shard{}},
	} {
		if _, err := j.Export(ctx, new(bytes.Buffer), s); !errors.Is(err, ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
