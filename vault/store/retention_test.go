package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dropped is a store whose letters j1 and j2 are in deposit d1, closed at a time.
func dropped(t *testing.T, closed, seen time.Time) *Store {
	t.Helper()
	return deposit(t, filled(t), closed, seen)
}

func deposit(t *testing.T, s *Store, closed, seen time.Time) *Store {
	t.Helper()
	d := Deposit{ID: "d1", Number: "D1", Closed: closed, Slip: []byte("slip"), Seen: seen}
	for _, id := range []string{"j1", "j2"} {
		_, err := s.BeginAttempt(t.Context(), Attempt{Code: id + "-1", Job: id, Actor: "p1"}, []State{Ready}, id+"-2")
		check(t, err)
		check(t, s.Move(t.Context(), Move{Job: id, From: []State{Intent}, To: Enveloped}))
		check(t, os.WriteFile(s.DocumentPath(id), []byte("ciphertext"), 0o600))
		d.Attempts = append(d.Attempts, id+"-1")
	}
	check(t, s.CloseDeposit(t.Context(), d, Message{ID: "d1", Kind: DepositMessage, Body: []byte("{}")}))
	return s
}

func (s *Store) proven(t *testing.T) {
	t.Helper()
	r := Receipt{ID: "r1", Deposit: "d1", MediaType: "image/png", SHA256: "x", Image: []byte("picture"), Numbers: []byte("numbers"), Proven: []string{"j1-1"}}
	check(t, s.AddReceipt(t.Context(), r, nil, Message{ID: "r1", Kind: ReceiptMessage, Body: []byte("r1")}))
}

func keptJob(t *testing.T, s *Store, id string) Kept {
	t.Helper()
	all, err := s.Kept(t.Context(), "registered")
	check(t, err)
	for _, k := range all {
		if k.Job == id {
			return k
		}
	}
	t.Fatalf("nothing is kept of %s: %+v", id, all)
	return Kept{}
}

func TestKept(t *testing.T) {
	s := dropped(t, paid.Add(2*time.Hour), time.Time{})
	want := Kept{Job: "j1", State: Dropped, Proof: true, CutOff: paid.Add(time.Hour), Deposit: "d1", Untold: 1}
	if d := cmp.Diff(want, keptJob(t, s, "j1")); d != "" {
		t.Error(d)
	}
	s.proven(t)
	want.Receipts, want.Untold = 1, 2
	if d := cmp.Diff(want, keptJob(t, s, "j1")); d != "" {
		t.Error("with its receipt:", d)
	}
	check(t, s.Move(t.Context(), Move{Job: "j2", From: []State{Dropped}, To: Dropped, Messages: []Message{{ID: "e1", Kind: EventMessage, Body: []byte(`{"job":"j2"}`)}}}))
	if k := keptJob(t, s, "j2"); k.Untold != 3 {
		t.Errorf("with an event of its own: %+v", k)
	}
	for _, id := range []string{"d1", "r1", "e1"} {
		check(t, s.Acknowledge(t.Context(), id))
	}
	_, _, err := s.TakeOrder(t.Context(), Order{ID: "o1", Job: "j2", Kind: "cancel", At: paid})
	check(t, err)
	if a, b := keptJob(t, s, "j1"), keptJob(t, s, "j2"); a.Untold != 0 || b.Untold != 1 {
		t.Errorf("acknowledged %+v, with an open order %+v", a, b)
	}
}

// TestDates: a deposit counts from when it was closed, or from later where nobody knows when that was.
func TestDates(t *testing.T) {
	now := paid.Add(100 * time.Hour)
	for name, c := range map[string]struct{ closed, seen, want time.Time }{
		"as it should be":              {paid.Add(50 * time.Hour), paid.Add(49 * time.Hour), paid.Add(50 * time.Hour)},
		"central a minute ahead":       {paid.Add(50 * time.Hour), paid.Add(50*time.Hour + time.Minute), paid.Add(50*time.Hour + time.Minute)},
		"the clock two years back":     {paid.AddDate(-2, 0, 0), paid.Add(49 * time.Hour), now},
		"the clock five days back":     {paid.Add(-70 * time.Hour), paid.Add(49 * time.Hour), now},
		"the clock two years ahead":    {paid.AddDate(2, 0, 0), paid.Add(49 * time.Hour), now},
		"ahead once, and right by now": {paid.Add(50 * time.Hour), paid.AddDate(2, 0, 0), now},
	} {
		t.Run(name, func(t *testing.T) {
			s := dropped(t, c.closed, c.seen)
			check(t, s.DateDeposits(t.Context(), now))
			if k := keptJob(t, s, "j1"); !k.Dated.IsZero() {
				t.Errorf("dated %s before central knows of it", k.Dated)
			}
			check(t, s.Acknowledge(t.Context(), "d1"))
			check(t, s.DateDeposits(t.Context(), now))
			check(t, s.DateDeposits(t.Context(), now.AddDate(1, 0, 0))) // once
			if k := keptJob(t, s, "j1"); !k.Dated.Equal(c.want) {
				t.Errorf("dated %s, want %s", k.Dated, c.want)
			}
		})
	}
}

// TestClockBackWithoutCentral: what the store itself has seen shows that the clock was set back.
func TestClockBackWithoutCentral(t *testing.T) {
	s := filled(t)
	_, err := s.BeginAttempt(t.Context(), Attempt{Code: "j1-1", Job: "j1", Actor: "p1", Started: paid.Add(10 * 24 * time.Hour)}, []State{Ready}, "j1-2")
	check(t, err)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Intent}, To: Enveloped}))
	check(t, s.CloseDeposit(t.Context(), Deposit{ID: "d1", Number: "D1", Closed: paid.Add(24 * time.Hour), Slip: []byte("slip"), Attempts: []string{"j1-1"}}))
	now := paid.Add(12 * 24 * time.Hour)
	check(t, s.DateDeposits(t.Context(), now))
	if k := keptJob(t, s, "j1"); !k.Dated.Equal(now) {
		t.Errorf("dated %s, want %s", k.Dated, now)
	}
}

func TestForget(t *testing.T) {
	s := dropped(t, paid, time.Time{})
	k := keptJob(t, s, "j1")
	check(t, os.WriteFile(s.DocumentPath("j1")+".part", []byte("half"), 0o600))
	wrong := k
	wrong.State = Held
	if err := s.Forget(t.Context(), wrong); !errors.Is(err, ErrState) || !s.HasDocument("j1") {
		t.Errorf("a letter that is wanted again: %v", err)
	}
	check(t, s.Forget(t.Context(), k))
	if j, err := s.Job(t.Context(), "j1"); err != nil || len(j.WrappedKey)+len(j.Details)+len(j.Tracking) > 0 || j.Product != "registered" {
		t.Errorf("%+v, %v", j, err)
	}
	if left, err := filepath.Glob(s.DocumentPath("j1") + "*"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if c, err := s.ClaimByID(t.Context(), "c1"); err != nil || len(c.SealedKey) == 0 {
		t.Errorf("the claim's key went before its last letter: %+v, %v", c, err)
	}
	check(t, s.Forget(t.Context(), keptJob(t, s, "j2")))
	if c, err := s.ClaimByID(t.Context(), "c1"); err != nil || len(c.SealedKey) != 0 || c.Token != 7 {
		t.Errorf("the claim whose letters are all forgotten: %+v, %v", c, err)
	}
	if jobs, err := s.Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Errorf("letters that were dropped off and forgotten are still shown: %d, %v", len(jobs), err)
	}
}

// TestForgetFails: a document that can't be removed keeps its key, and is tried again.
func TestForgetFails(t *testing.T) {
	s := dropped(t, paid, time.Time{})
	check(t, os.Remove(s.DocumentPath("j1")))
	check(t, os.MkdirAll(filepath.Join(s.DocumentPath("j1"), "in the way"), 0o700))
	if err := s.Forget(t.Context(), keptJob(t, s, "j1")); err == nil {
		t.Error("no error")
	}
	if j, err := s.Job(t.Context(), "j1"); err != nil || len(j.WrappedKey) == 0 {
		t.Errorf("%+v, %v", j, err)
	}
}

func TestProofsAndMetadata(t *testing.T) {
	s := dropped(t, paid, time.Time{})
	s.proven(t)
	check(t, s.Acknowledge(t.Context(), "d1"))
	check(t, s.DateDeposits(t.Context(), paid))
	proofs := func() []KeptProof {
		t.Helper()
		all, err := s.KeptProofs(t.Context(), "registered")
		check(t, err)
		return all
	}
	if d := cmp.Diff([]KeptProof{{Deposit: "d1", Dated: paid, Letters: 2, Longest: true, Untold: 1}}, proofs()); d != "" {
		t.Error(d)
	}
	late := paid.AddDate(8, 0, 0)
	if n, err := s.Expunge(t.Context(), late); err != nil || n != 0 {
		t.Errorf("%d letters went with all that was kept of them: %v", n, err)
	}
	check(t, s.Forget(t.Context(), keptJob(t, s, "j1")))
	check(t, s.Forget(t.Context(), keptJob(t, s, "j2")))
	check(t, s.ForgetProof(t.Context(), "d1"))
	if r, err := s.ReceiptByID(t.Context(), "r1"); err != nil || len(r.Image)+len(r.Numbers) > 0 || len(proofs()) != 0 {
		t.Errorf("%+v, %v; %+v", r, err, proofs())
	}
	days, err := s.Metadata(t.Context())
	check(t, err)
	if d := cmp.Diff(map[time.Time]int{paid.Truncate(24 * time.Hour): 2}, days); d != "" {
		t.Error(d)
	}
	if n, err := s.Expunge(t.Context(), paid); err != nil || n != 0 {
		t.Errorf("%d letters went at their time: %v", n, err)
	}
	if n, err := s.Expunge(t.Context(), late); err != nil || n != 2 {
		t.Errorf("%d letters went: %v", n, err)
	}
	for _, table := range []string{"jobs", "attempts", "pieces", "deposits", "receipts", "proofs", "claims", "orders", "labels", "returns"} {
		var n int
		check(t, s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	if n, err := s.Expunge(t.Context(), late); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
}

func TestSweep(t *testing.T) {
	s := dropped(t, paid, time.Time{})
	stray := []string{s.DocumentPath("j9"), s.DocumentPath("j9") + ".part"}
	for _, path := range stray {
		check(t, os.WriteFile(path, []byte("x"), 0o600))
	}
	_, err := s.BeginClaim(t.Context(), "c2") // one may be j9's
	check(t, err)
	check(t, s.SweepDocuments(t.Context()))
	if _, err := os.Stat(stray[0]); err != nil {
		t.Errorf("swept while a claim was fetched: %v", err)
	}
	check(t, s.FinishClaim(t.Context(), "c2"))
	check(t, s.SweepDocuments(t.Context()))
	for _, path := range stray {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !s.HasDocument("j1") {
		t.Error("a letter's document was swept")
	}
}

// TestKeepLonger: a person's wish counts as a proof does, until it is taken back.
func TestKeepLonger(t *testing.T) {
	s := filled(t)
	plain := aJob("j3")
	plain.Tracking = nil
	check(t, s.AddJob(t.Context(), plain))
	check(t, s.Move(t.Context(), Move{Job: "j3", From: []State{Ready}, To: Held, Hold: "pulled"}))
	for _, longer := range []bool{true, false} {
		check(t, s.KeepLonger(t.Context(), "j3", longer))
		j, err := s.Job(t.Context(), "j3")
		check(t, err)
		kept, err := s.Kept(t.Context(), "another product")
		check(t, err)
		if j.Longer != longer || j.Proof || len(kept) != 1 || kept[0].Proof != longer {
			t.Errorf("longer %t: %+v, %+v", longer, j, kept)
		}
	}
	if err := s.KeepLonger(t.Context(), "j9", true); !errors.Is(err, ErrNotFound) {
		t.Errorf("a letter that is not here: %v", err)
	}
}
