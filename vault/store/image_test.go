package store_test

import (
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// wantLives: what was not purged opens, all of it.
func (o office) wantLives(t *testing.T, s *store.Store, all ...string) {
	t.Helper()
	for _, what := range all {
		if v, err := o.opens(t, s, what); err != nil || v == "" {
			t.Errorf("%s does not open: %q, %v", what, v, err)
		}
	}
}

// wantDead: nothing of an old image opens, through the store or past it.
func (o office) wantDead(t *testing.T, image string, chip *tpm.Chip) {
	t.Helper()
	for _, sealed := range store.SealedEras(t, image) {
		if b, err := chip.OpenSealed(sealed); !errors.Is(err, tpm.ErrGeneration) {
			b.Destroy()
			t.Errorf("an era of the image opens: %v", err)
		}
	}
	old := open(t, image, chip)
	for _, what := range everything() {
		if v, err := o.opens(t, old, what); !errors.Is(err, store.ErrEra) || v != "" {
			t.Errorf("%s of the image: %q, %v", what, v, err)
		}
	}
	check(t, old.Close())
}

// TestOldDiskImage: an image of the disk from before a purge, the same TPM, and
// all that a person's PIN opens: nothing of it opens, what was purged or not. In
// the store that lives, what lives does.
func TestOldDiskImage(t *testing.T) {
	chip, o, dir := newChip(t), newOffice(t), t.TempDir()
	s := open(t, dir, chip)
	o.work(t, s)
	image := store.Image(t, dir)
	same := open(t, store.Image(t, dir), chip)
	o.wantLives(t, same, everything()...) // as long as nothing is purged
	check(t, same.Close())
	began := counter(t, chip)

	purge(t, s)
	if n := counter(t, chip); n != began+1 {
		t.Errorf("the counter is at %d, want %d", n, began+1)
	}
	o.wantLives(t, s, "claim", "j3", "envelope")
	o.wantDead(t, store.Image(t, image), chip)
	for _, sealed := range store.SealedEras(t, store.Image(t, dir)) { // the new key for the old values
		key, err := chip.OpenSealed(sealed)
		check(t, err)
		if opened, all := store.Opened(t, store.Image(t, image), key.Bytes()); opened != 0 || all < 10 {
			t.Errorf("the era's key opens %d of %d old values", opened, all)
		}
		if opened, all := store.Opened(t, store.Image(t, dir), key.Bytes()); opened != all {
			t.Errorf("the era's key opens %d of %d values", opened, all)
		}
		key.Destroy()
	}

	// Who starts the image all the same can only start over, and takes nothing from
	// the store that lives.
	old := open(t, image, chip)
	if held, err := old.StartOver(t.Context(), "lost"); err != nil || held != 1 {
		t.Errorf("%d letters are held: %v", held, err)
	}
	if j, err := old.Job(t.Context(), "j3"); err != nil || j.State != store.Held || j.Keyed {
		t.Errorf("%+v, %v", j, err)
	}
	check(t, errors.Join(old.Close(), s.Close()))
	o.wantLives(t, open(t, dir, chip), "claim", "j3", "envelope")
}

type stopped struct{}

// stopAt runs f and stops the program after a step, the machine with it: what
// comes back is what the disk has.
func stopAt(t *testing.T, s *store.Store, dir, step string, f func()) (left string) {
	t.Helper()
	s.AtStep(func(at string) {
		if at == step {
			panic(stopped{})
		}
	})
	func() {
		defer func() {
			if r := recover(); r != (stopped{}) {
				t.Errorf("not stopped at %s: %v", step, r)
			}
		}()
		f()
	}()
	return store.Image(t, dir)
}

// TestStoppedInARaise: at every step nothing is lost, and once the next start is
// through, nothing that was purged opens in the image from before.
func TestStoppedInARaise(t *testing.T) {
	chip, o := newChip(t), newOffice(t)
	for _, step := range store.Steps() {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, chip)
			o.work(t, s)
			image, began := store.Image(t, dir), counter(t, chip)
			forget(t, s)
			left := stopAt(t, s, dir, step, func() { _ = s.RaiseIfDue(t.Context()) })
			again := open(t, left, chip)
			o.wantLives(t, again, "claim", "j3", "envelope")
			check(t, again.RaiseIfDue(t.Context()))
			if n := counter(t, chip); n != began+1 {
				t.Errorf("the counter is at %d, want %d", n, began+1)
			}
			if n, err := again.Unraised(t.Context()); err != nil || n != 0 {
				t.Errorf("%d deletions are not final: %v", n, err)
			}
			if n := len(store.SealedEras(t, store.Image(t, left))); n != 1 {
				t.Errorf("%d eras", n)
			}
			o.wantLives(t, again, "claim", "j3", "envelope")
			o.wantDead(t, image, chip)
		})
	}
}

// TestTPMAway: what is forgotten while the TPM is away is final once it is back,
// without a restart.
func TestTPMAway(t *testing.T) {
	state := t.TempDir()
	sim, stop := startTPM(t, state)
	set := newKeys(t, sim)
	chip, o, dir := openChip(t, sim, set), newOffice(t), t.TempDir()
	s := open(t, dir, chip)
	o.work(t, s)
	image := store.Image(t, dir)
	stop()
	forget(t, s)
	if err := s.RaiseIfDue(t.Context()); !errors.Is(err, store.ErrNoEra) || !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("a raise without the TPM: %v", err)
	}
	o.wantLives(t, s, "claim", "j3", "envelope") // the key is in memory
	check(t, s.Close())
	s = open(t, dir, chip)
	if _, err := o.opens(t, s, "j3"); !errors.Is(err, store.ErrNoEra) || !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("a letter without the TPM: %v", err)
	}
	startTPM(t, state)
	check(t, s.RaiseIfDue(t.Context()))
	o.wantLives(t, s, "claim", "j3", "envelope")
	o.wantDead(t, image, chip)
}

// TestAnotherTPM: the data folder in another machine opens nothing, whatever its
// counter says.
func TestAnotherTPM(t *testing.T) {
	chip, theirs, o, dir := newChip(t), newChip(t), newOffice(t), t.TempDir()
	s := open(t, dir, chip)
	o.work(t, s)
	for counter(t, chip) != counter(t, theirs) {
		if counter(t, theirs) > counter(t, chip) {
			check(t, s.Raise(t.Context()))
		} else if _, err := theirs.Increment(tpm.CounterGeneration); err != nil {
			t.Fatal(err)
		}
	}
	check(t, s.Close())
	moved := open(t, dir, theirs)
	for _, what := range everything() {
		if v, err := o.opens(t, moved, what); !errors.Is(err, store.ErrEra) || v != "" {
			t.Errorf("%s: %q, %v", what, v, err)
		}
	}
	check(t, moved.Close())
	o.wantLives(t, open(t, dir, chip), everything()...) // back home, nothing is lost
}

// TestClaimKeyAlone: a claim's key that is in somebody's hands opens no old
// letter: what it opens is under the era.
func TestClaimKeyAlone(t *testing.T) {
	chip, o, dir := newChip(t), newOffice(t), t.TempDir()
	s := open(t, dir, chip)
	o.work(t, s)
	claim, err := s.ClaimByID(t.Context(), "c1")
	check(t, errors.Join(err, claim.Closed))
	image := store.Image(t, dir)
	purge(t, s)
	key, err := keys.OpenClaimKey(o.doc, o.binding, claim.SealedKey)
	check(t, err)
	defer key.Destroy()
	j, err := open(t, image, chip).Job(t.Context(), "j1")
	check(t, err)
	if !j.Keyed || j.WrappedKey != nil {
		t.Errorf("the image gives the letter's key: %+v", j)
	}
}
