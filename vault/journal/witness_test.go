package journal

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

func newWitness(t testing.TB, name string) *checkpoint.Cosigner {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := checkpoint.NewCosigner(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sealBy signs the head and brings the answer of these keys of the witness.
func sealBy(t testing.TB, j *Journal, by ...*checkpoint.Cosigner) error {
	t.Helper()
	n, err := j.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err = checkpoint.Cosign(n, time.Unix(1_763_838_000, 0), by...); err != nil {
		t.Fatal(err)
	}
	return j.Countersigned(t.Context(), n)
}

// A witness's key is replaced while the log goes on: announced, both sign, the
// old one goes. At each step the log is whole, also after a new start with the
// configuration of the first day, and its export verifies with its own key file.
func TestWitnessIsReplaced(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	former, next := r.witness, newWitness(t, r.witness.Name())
	j := r.whole(t)
	steps := []struct {
		use   []*checkpoint.Cosigner // nil: nothing new is known
		by    []*checkpoint.Cosigner
		vkeys []string // in the key file afterwards
	}{
		{nil, []*checkpoint.Cosigner{former}, []string{former.Vkey()}},
		{nil, []*checkpoint.Cosigner{former, next}, []string{former.Vkey()}}, // the station has not heard of it
		{[]*checkpoint.Cosigner{former, next}, []*checkpoint.Cosigner{former, next}, []string{former.Vkey(), next.Vkey()}},
		{[]*checkpoint.Cosigner{next, former}, []*checkpoint.Cosigner{next, former}, []string{next.Vkey(), former.Vkey()}},
		{nil, []*checkpoint.Cosigner{next}, []string{next.Vkey(), former.Vkey()}}, // central has dropped it, the station has not heard
		{[]*checkpoint.Cosigner{next}, []*checkpoint.Cosigner{next}, []string{next.Vkey()}},
	}
	for i, s := range steps {
		write(t, j, 2)
		if s.use != nil {
			var vkeys []string
			for _, w := range s.use {
				vkeys = append(vkeys, w.Vkey())
			}
			if err := j.UseWitnesses(ctx, vkeys); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
		if err := sealBy(t, j, s.by...); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if report, err := r.check(t, j); err != nil || report.Entries != j.Size() {
			t.Errorf("step %d: export: %+v, %v", i, report, err)
		}
		if got, want := j.Vkeys(), j.signer.Vkey()+"\n"+strings.Join(s.vkeys, "\n")+"\n"; got != want {
			t.Errorf("step %d: key file\n%s\nwant\n%s", i, got, want)
		}
		p, err := j.Prove(ctx, 1)
		if err != nil || p.Check(j.Keys()) != nil {
			t.Errorf("step %d: proof: %v, %v", i, err, p.Check(j.Keys()))
		}
		closeJournal(t, j)
		j = r.whole(t)
		if _, err := j.Verify(ctx); err != nil {
			t.Fatalf("step %d: after a new start: %v", i, err)
		}
	}
}

// The last countersignature may be of a key that is out of use by now.
func TestExportUnderAFormerWitness(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	next := newWitness(t, r.witness.Name())
	j := r.whole(t)
	write(t, j, 3)
	if err := sealBy(t, j, r.witness); err != nil {
		t.Fatal(err)
	}
	if err := j.UseWitnesses(ctx, []string{next.Vkey()}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if report, err := r.check(t, j); err != nil {
			t.Errorf("%+v, %v", report, err)
		}
		if n := strings.Count(j.Vkeys(), "\n"); n != 3 {
			t.Errorf("%d keys in\n%s", n, j.Vkeys())
		}
		closeJournal(t, j)
		j = r.whole(t)
	}
	write(t, j, 1)
	if err := sealBy(t, j, r.witness); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("the former key still seals: %v", err)
	}
	if err := sealBy(t, j, next); err != nil {
		t.Fatal(err)
	}
	if got := j.Vkeys(); got != j.signer.Vkey()+"\n"+next.Vkey()+"\n" {
		t.Errorf("the former key is still handed out:\n%s", got)
	}
}

// A station that was away for the whole change starts anew with the new key in
// its configuration: what the former one sealed is still good.
func TestWitnessOfAnotherConfiguration(t *testing.T) {
	r := newRoom(t)
	former := r.witness
	j := r.whole(t)
	write(t, j, 2)
	if err := sealBy(t, j, former); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	r.witness = newWitness(t, former.Name())
	j = r.whole(t)
	if _, err := j.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := j.UseWitnesses(t.Context(), []string{r.witness.Vkey()}); err != nil {
		t.Fatal(err)
	}
	write(t, j, 1)
	if err := sealBy(t, j, r.witness); err != nil {
		t.Error(err)
	}
	closeJournal(t, j)
	if _, err := r.whole(t).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestUseWitnessesRefuses(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	key := r.witness.Vkey()
	var many []string
	for range checkpoint.MaxWitnesses + 1 {
		many = append(many, newWitness(t, "central.example/witness").Vkey())
	}
	for name, vkeys := range map[string][]string{
		"none": {}, "twice the same": {key, key}, "too many": many,
		"a station's key": {key, j.signer.Vkey()}, "nonsense": {"x"}, "a line end": {key + "\n"},
	} {
		if err := j.UseWitnesses(ctx, vkeys); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if got := j.Vkeys(); got != j.signer.Vkey()+"\n"+key+"\n" {
		t.Errorf("a refused change changed the keys:\n%s", got)
	}
	if _, err := j.db.writer.ExecContext(ctx, "INSERT INTO witness VALUES ('x', 0); DELETE FROM witness"); err == nil {
		t.Error("witness keys can be deleted")
	}
	closeJournal(t, j)
	if err := j.UseWitnesses(ctx, many[:1]); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if j = r.open(t); j.Status().Broken == nil {
		t.Error("a damaged witness key is not noticed")
	}
}
