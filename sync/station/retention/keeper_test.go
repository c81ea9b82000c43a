package retention

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/tpm"
)

const canary = "Jan Janssens, Kerkstraat 1, sealed but not to be kept"

// room is a keeper of a real store with a real TPM. Its journal looks, at each entry, whether
// what is to be deleted is still there.
type room struct {
	*Keeper
	t         *testing.T
	dir       string
	kept      *store.Store
	chip      *tpm.Chip
	tpm       *emulator
	own       time.Time // the station's clock
	confirmed time.Time // central's word
	purged    []string  // object and reason of each journal entry
	early     []string  // objects that were gone before their entry
	full      error     // what the journal says
	expired   []time.Time
	shards    []journal.Shard
	former    []Former
	status    journal.Status
	stuck     error           // what forgetting a journal says
	wrote     map[string]bool // objects of the journal's entries
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir(), own: dropOff, confirmed: dropOff, wrote: map[string]bool{}}
	r.chip, r.tpm = newChip(t)
	r.start()
	t.Cleanup(func() { r.check(r.kept.Close()) })
	return r
}

// start opens the data folder, and a keeper of it.
func (r *room) start() {
	r.t.Helper()
	var err error
	r.kept, err = store.Open(r.t.Context(), r.dir, eras.Of(r.chip))
	r.check(err)
	r.keep()
}

func (r *room) keep() {
	r.Keeper = New(Config{
		Store: r.kept, Journal: r, Former: r, Logs: r, Report: func(error) {},
		Now: func() time.Time { return r.own }, Confirmed: func() time.Time { return r.confirmed },
	})
}

func (r *room) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) Record(ctx context.Context, a journal.Access, o journal.Outcome) error {
	if r.full != nil {
		return r.full
	}
	if a.Action != journal.ActionPurge || o != journal.OutcomeDone || a.Actor != "" {
		r.t.Errorf("journaled %+v, %s", a, o)
	}
	r.purged = append(r.purged, a.Object+" "+a.Reason)
	r.wrote[a.Object] = true
	if j, err := r.kept.Job(ctx, a.Object); err == nil && len(j.Details) == 0 {
		r.early = append(r.early, a.Object)
	}
	return nil
}

func (r *room) Status() journal.Status { return r.status }

func (r *room) Shards(context.Context) ([]journal.Shard, error) { return slices.Clone(r.shards), nil }

func (r *room) Forget(_ context.Context, s journal.Shard) error {
	if r.stuck != nil {
		return r.stuck
	}
	if len(r.shards) == 0 || r.shards[0] != s {
		return journal.ErrRange
	}
	r.forgotten(MonthObject(s.Month))
	r.shards = r.shards[1:]
	return nil
}

func (r *room) Former(context.Context) ([]Former, error) { return slices.Clone(r.former), nil }

func (r *room) ForgetFormer(_ context.Context, name string) error {
	r.forgotten(name)
	r.former = slices.DeleteFunc(r.former, func(f Former) bool { return f.Name == name })
	return r.stuck
}

// forgotten looks whether the journal knows that something is deleted.
func (r *room) forgotten(object string) {
	if !r.wrote[object] {
		r.early = append(r.early, object)
	}
}

func (r *room) Expire(now time.Time) error {
	r.expired = append(r.expired, now)
	return nil
}

// at sets both clocks, and purges.
func (r *room) at(now time.Time) {
	r.t.Helper()
	r.own, r.confirmed = now, now
	r.check(r.Purge(r.t.Context()))
}

// letter brings a letter in.
func (r *room) letter(id, product string) {
	r.t.Helper()
	ctx := r.t.Context()
	claim, err := r.kept.BeginClaim(ctx, "claim of "+id)
	r.check(err)
	r.check(r.kept.AnswerClaim(ctx, store.Claim{ID: claim.ID, Token: 1, Expires: dropOff, SealedKey: []byte("key " + canary)}))
	r.check(os.WriteFile(r.kept.DocumentPath(id), []byte("document "+canary), 0o600))
	r.check(r.kept.AddJob(ctx, store.Job{
		ID: id, Claim: claim.ID, Product: product, Envelope: "c56", Pages: 1, PaidAt: dropOff.Add(-24 * time.Hour), CutOff: dropOff,
		WrappedKey: []byte("wrapped " + canary), Details: []byte("details " + canary), NextAttempt: id + "-1",
	}))
	r.check(r.kept.FinishClaim(ctx, claim.ID))
}

// drop hands letters in, with or without a receipt that central has.
func (r *room) drop(deposit string, receipt bool, ids ...string) {
	r.t.Helper()
	ctx := r.t.Context()
	d := store.Deposit{ID: deposit, Number: deposit, Closed: r.own, Slip: []byte("slip " + canary), Seen: r.confirmed}
	for _, id := range ids {
		_, err := r.kept.BeginAttempt(ctx, store.Attempt{Code: id + "-1", Job: id, Actor: "p1", Started: r.own.Add(-time.Hour)}, []store.State{store.Ready}, id+"-2")
		r.check(err)
		r.check(r.kept.Move(ctx, store.Move{Job: id, From: []store.State{store.Intent}, To: store.Enveloped}))
		d.Attempts = append(d.Attempts, id+"-1")
	}
	r.check(r.kept.CloseDeposit(ctx, d))
	if receipt {
		r.check(r.kept.AddReceipt(ctx, store.Receipt{
			ID: "receipt of " + deposit, Deposit: deposit, MediaType: "image/png", SHA256: "x", Image: []byte("picture " + canary), Numbers: []byte("numbers " + canary),
		}, nil))
	}
}

func (r *room) wantPurged(want ...string) {
	r.t.Helper()
	slices.Sort(r.purged)
	slices.Sort(want)
	if d := cmp.Diff(want, r.purged); d != "" {
		r.t.Errorf("purged (-want +got):\n%s", d)
	}
	if len(r.early) > 0 {
		r.t.Errorf("deleted before it was journaled: %v", r.early)
	}
	r.purged = nil
}

// wantNowhere looks for what was forgotten in every file.
func (r *room) wantNowhere() {
	r.t.Helper()
	r.check(filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(canary)) {
			r.t.Errorf("%s holds what was forgotten", filepath.Base(path))
		}
		return err
	}))
}

func TestPurgeInTime(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"j1", "j2", "j3"} {
		r.letter(id, map[string]string{"j3": "registered"}[id])
	}
	r.drop("d1", true, "j1", "j3")
	r.drop("d2", true, "j2")
	month := dropOff.AddDate(0, 0, 30)
	r.at(month.Add(-time.Second))
	r.wantPurged()
	r.at(month)
	r.wantPurged("j1 retention", "j2 retention", "d2 retention")
	r.at(dropOff.AddDate(0, 12, 0).Add(-time.Second))
	r.wantPurged()
	r.at(dropOff.AddDate(0, 12, 0))
	r.wantPurged("j3 retention", "d1 retention")
	r.wantNowhere()
	if info, err := os.Stat(filepath.Join(r.dir, "station.db-wal")); err != nil || info.Size() != 0 {
		t.Errorf("the write-ahead log: %v, %v", info.Size(), err)
	}
	r.at(dropOff.AddDate(7, 0, 0))
	r.wantPurged()
	r.at(dropOff.AddDate(7, 0, 2))
	r.wantPurged(" metadata")
	if due, err := r.Due(t.Context()); err != nil || len(due) != 0 {
		t.Errorf("left: %+v, %v", due, err)
	}
}

// TestNoProofNoPurge: without a receipt that central has, nothing is forgotten.
func TestNoProofNoPurge(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.drop("d1", false, "j1")
	r.at(dropOff.AddDate(2, 0, 0))
	r.wantPurged()
	due, err := r.Due(t.Context())
	r.check(err)
	if len(due) != 2 || due[1].Waits != Receipt && due[0].Waits != Receipt {
		t.Errorf("%+v", due)
	}
}

func TestHeldLetters(t *testing.T) {
	r := newRoom(t)
	r.confirmed = time.Time{} // no time is needed for what goes at once
	for _, id := range []string{"j1", "j2", "j3", "j4"} {
		r.letter(id, "standard")
	}
	move := func(id, hold string, m ...store.Message) {
		t.Helper()
		r.check(r.kept.Move(t.Context(), store.Move{Job: id, From: []store.State{store.Ready, store.Sending}, To: store.Held, Hold: hold, Messages: m}))
	}
	move("j1", "pulled", store.Message{ID: "m1", Kind: store.EventMessage, Body: []byte(`{"job":"j1"}`)})
	move("j2", "document_corrupt")
	_, err := r.kept.BeginAttempt(t.Context(), store.Attempt{Code: "j3-1", Job: "j3", Actor: "p1"}, []store.State{store.Ready}, "j3-2")
	r.check(err)
	r.check(r.kept.Move(t.Context(), store.Move{Job: "j3", From: []store.State{store.Intent}, To: store.Sending}))
	move("j3", "lease_lost")
	r.check(r.Purge(t.Context()))
	r.wantPurged()
	r.check(r.kept.Acknowledge(t.Context(), "m1"))
	r.check(r.Purge(t.Context()))
	r.wantPurged("j1 pulled")
	r.at(dropOff.AddDate(0, 0, 30)) // j3's paper waits for a person, j4 is still to be printed
	r.wantPurged("j2 document_corrupt")
}

// TestClocks: no clock alone makes anything due.
func TestClocks(t *testing.T) {
	month, far := dropOff.AddDate(0, 0, 30), dropOff.AddDate(2, 0, 0)
	for name, c := range map[string]struct {
		own, confirmed time.Time
		purged, apart  bool
	}{
		"in step":                         {month, month, true, false},
		"ours two years ahead":            {far, month.Add(-time.Hour), false, true},
		"ours a day ahead":                {month.Add(12 * time.Hour), month.Add(-12 * time.Hour), false, false},
		"central's two years ahead":       {month.Add(-time.Hour), far, false, true},
		"ours two years back":             {dropOff.AddDate(-2, 0, 0), month, false, true},
		"central away for a week":         {month.AddDate(0, 0, 3), month.AddDate(0, 0, -4), false, true},
		"central never heard":             {far, time.Time{}, false, false},
		"both ahead, as time has gone on": {far, far, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.letter("j1", "standard")
			r.drop("d1", true, "j1")
			r.at(dropOff.Add(time.Hour)) // the deposit is dated
			r.own, r.confirmed = c.own, c.confirmed
			r.check(r.Purge(t.Context()))
			if purged := len(r.purged) > 0; purged != c.purged || r.Clock().Apart != c.apart {
				t.Errorf("purged: %v, clock %+v", purged, r.Clock())
			}
		})
	}
}

// TestDepositedWithAWrongClock: the days count from a time that is not before the drop-off.
func TestDepositedWithAWrongClock(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.own = dropOff.AddDate(-2, 0, 0)
	r.drop("d1", true, "j1")
	r.at(dropOff.Add(time.Hour))
	r.at(dropOff.AddDate(0, 0, 30))
	r.wantPurged()
	r.at(dropOff.AddDate(0, 0, 30).Add(time.Hour))
	r.wantPurged("j1 retention", "d1 retention")
}

// TestNoJournalNoPurge: what can't be journaled is not deleted, and is the next time.
func TestNoJournalNoPurge(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.drop("d1", true, "j1")
	r.own = dropOff.AddDate(8, 0, 0)
	r.confirmed, r.full = r.own, journal.ErrFull
	if err := r.Purge(t.Context()); !errors.Is(err, journal.ErrFull) {
		t.Errorf("got %v, want that the journal is full", err)
	}
	if j, err := r.kept.Job(t.Context(), "j1"); err != nil || len(j.WrappedKey) == 0 || !r.kept.HasDocument("j1") {
		t.Errorf("deleted without an entry: %+v, %v", j, err)
	}
	r.full = nil
	r.at(r.own)
	r.wantPurged("j1 retention", "d1 retention", " metadata")
	r.wantNowhere()
}

func TestErasedIsCounted(t *testing.T) {
	r := newRoom(t)
	r.letter("j1", "standard")
	r.drop("d1", true, "j1")
	r.check(r.kept.Erase(t.Context(), "j1"))
	r.at(dropOff.AddDate(0, 0, 30))
	r.wantPurged("d1 retention") // the letter itself had gone
}

// A letter whose document can't be removed is tried again the next time, and keeps
// no other.
func TestDocumentThatStays(t *testing.T) {
	r := newRoom(t)
	ids := []string{"a", "b"}
	for _, id := range ids {
		r.letter(id, "standard")
		r.check(r.kept.Move(t.Context(), store.Move{Job: id, From: []store.State{store.Ready}, To: store.Held, Hold: "pulled"}))
	}
	r.check(os.Remove(r.kept.DocumentPath("a")))
	stays := filepath.Join(r.kept.DocumentPath("a"), "open")
	r.check(os.MkdirAll(stays, 0o700))
	if err := r.Purge(t.Context()); err == nil {
		t.Error("nothing was told of it")
	}
	left := func() (n int) {
		for _, id := range ids {
			j, err := r.kept.Job(t.Context(), id)
			r.check(err)
			n += len(j.WrappedKey)
		}
		return n
	}
	if n, want := left(), len("wrapped "+canary); n != want {
		t.Errorf("%d bytes of keys are left, want one letter's", n)
	}
	r.check(os.Remove(stays))
	r.check(r.Purge(t.Context()))
	if n := left(); n != 0 {
		t.Errorf("%d bytes of keys are left", n)
	}
}
