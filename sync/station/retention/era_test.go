package retention

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/tpm"
)

// copied is an image of the data folder.
func (r *room) copied() string {
	r.t.Helper()
	to := filepath.Join(r.t.TempDir(), "image")
	r.check(os.CopyFS(to, os.DirFS(r.dir)))
	return to
}

// opens tells why an image does not give a letter's key, nil when it does.
func (r *room) opens(image, id string) error {
	r.t.Helper()
	old, err := store.Open(r.t.Context(), image, eras.Of(r.chip))
	r.check(err)
	defer func() { r.check(old.Close()) }()
	j, err := old.Job(r.t.Context(), id)
	r.check(err)
	return j.Closed
}

func (r *room) generation() uint64 {
	r.t.Helper()
	n, err := r.chip.Counter(tpm.CounterGeneration)
	r.check(err)
	return n
}

// TestPurgeIsFinal: an image from before a purge opens nothing after it. A purge
// that forgets nothing leaves the TPM alone.
func TestPurgeIsFinal(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.letter("j2", "standard")
	r.drop("d1", true, "j1")
	r.at(dropOff)
	image, began := r.copied(), r.generation()
	r.at(dropOff.AddDate(0, 0, 29))
	if err := r.opens(image, "j1"); err != nil || r.generation() != began {
		t.Errorf("before anything is due: %v, generation %d after %d", err, r.generation(), began)
	}
	r.at(dropOff.AddDate(0, 0, 30))
	r.wantPurged("j1 retention", "d1 retention")
	if err := r.opens(image, "j1"); !errors.Is(err, store.ErrEra) {
		t.Errorf("the image opens what was purged: %v", err)
	}
	if n := r.generation(); n != began+1 {
		t.Errorf("generation %d after %d: one raise a purge", n, began)
	}
	if j, err := r.kept.Job(t.Context(), "j2"); err != nil || j.Closed != nil || len(j.WrappedKey) == 0 {
		t.Errorf("what lives: %+v, %v", j, err)
	}
}

// TestPurgeWithoutTPM: what is due is deleted all the same; that it is not final
// is on the calendar, through a restart, until the TPM is back.
func TestPurgeWithoutTPM(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.drop("d1", true, "j1")
	image := r.copied()
	r.tpm.off()
	r.at(dropOff) // dates the deposit; nothing is due, and the TPM is not missed for it
	r.own = dropOff.AddDate(0, 0, 30)
	r.confirmed = r.own
	for range 2 {
		if err := r.Purge(t.Context()); !errors.Is(err, store.ErrNoEra) || !errors.Is(err, tpm.ErrMissing) {
			t.Errorf("nothing is told of the TPM: %v", err)
		}
		due, err := r.Due(t.Context())
		r.check(err)
		if d := cmp.Diff([]Item{{Kind: Copies, Waits: TPM, Count: 2}}, due[1:]); d != "" || len(due) != 2 {
			t.Errorf("%+v: %s", due, d)
		}
		r.check(r.kept.Close())
		r.start()
	}
	r.wantPurged("j1 retention", "d1 retention")
	r.wantNowhere()
	r.tpm.on()
	r.check(r.Purge(t.Context()))
	if err := r.opens(image, "j1"); !errors.Is(err, store.ErrEra) {
		t.Errorf("the image opens what was purged: %v", err)
	}
	if due, err := r.Due(t.Context()); err != nil || len(due) != 1 || due[0].Kind != Metadata {
		t.Errorf("%+v, %v", due, err)
	}
}

// TestOldImageStartsOver: who starts an old image gets letters that central has to
// lease anew; that is journaled first, and told once.
func TestOldImageStartsOver(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.letter("j2", "standard")
	image := r.copied()
	r.check(r.kept.Erase(t.Context(), "j1"))
	r.check(r.Purge(t.Context()))
	r.purged = nil
	r.check(r.kept.Close())
	r.dir = image
	r.start()
	if err := r.Purge(t.Context()); !errors.Is(err, store.ErrEra) {
		t.Errorf("nothing is told of the lost keys: %v", err)
	}
	r.wantPurged(" keys_lost")
	for _, id := range []string{"j1", "j2"} {
		if j, err := r.kept.Job(t.Context(), id); err != nil || j.State != store.Held || j.Hold != string(station.LeaseLost) || j.Keyed {
			t.Errorf("%+v, %v", j, err)
		}
	}
	r.check(r.Purge(t.Context()))
	r.wantPurged("j1 lease_lost", "j2 lease_lost")
}

// TestLostKeysAreJournaledFirst: without the journal nothing is given up.
func TestLostKeysAreJournaledFirst(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.check(r.kept.Close())
	if _, err := r.chip.Increment(tpm.CounterGeneration); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.full = errors.New("full")
	if err := r.Purge(t.Context()); !errors.Is(err, store.ErrEra) || !errors.Is(err, r.full) {
		t.Errorf("got %v", err)
	}
	if j, err := r.kept.Job(t.Context(), "j1"); err != nil || j.State != store.Ready || !j.Keyed {
		t.Errorf("%+v, %v", j, err)
	}
}

// TestErasedAtOnce: an order to erase does not wait for the next purge.
func TestErasedAtOnce(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	image := r.copied()
	reports := make(chan error, 10)
	r.cfg.Report = func(err error) { reports <- err }
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	r.check(<-reports) // of the purge at the start
	r.check(r.kept.Erase(t.Context(), "j1"))
	r.check(<-reports)
	stop()
	<-done
	if err := r.opens(image, "j1"); !errors.Is(err, store.ErrEra) {
		t.Errorf("the image opens what was erased: %v", err)
	}
	if len(r.expired) != 1 {
		t.Errorf("%d purges, want one", len(r.expired))
	}
}

// TestRun: the time is the bubble's, which a TPM is not in.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{t: t, dir: t.TempDir(), own: dropOff, confirmed: dropOff}
		var err error
		r.kept, err = store.Open(t.Context(), r.dir, nil)
		r.check(err)
		defer func() { r.check(r.kept.Close()) }()
		r.keep()
		reports := 0
		r.cfg.Report = func(err error) {
			if err != nil {
				t.Error(err)
			}
			reports++
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		time.Sleep(24*time.Hour + time.Minute)
		stop()
		<-done
		if want := int(24*time.Hour/purgeEvery) + 1; reports != want || len(r.expired) != want {
			t.Errorf("%d purges and %d looks at the logs in a day, want %d", reports, len(r.expired), want)
		}
	})
}
