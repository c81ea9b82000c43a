package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	return openWith(t, dir, newCounted())
}

func openWith(t testing.TB, dir string, eras Eras) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, eras)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // tests close it themselves where it matters
	return s
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var paid = time.UnixMilli(1_790_000_000_123).UTC()

func aJob(id string) Job {
	return Job{
		ID: id, Claim: "c1", Product: "registered", Duplex: true, Envelope: "c56", Pages: 3, PaidAt: paid, CutOff: paid.Add(time.Hour),
		WrappedKey: []byte{1}, Details: []byte{2}, Tracking: []byte{3}, Keyed: true, Numbered: true, NextAttempt: id + "-1", State: Ready,
	}
}

// filled is a store with a claim of jobs j1 and j2.
func filled(t *testing.T) *Store {
	t.Helper()
	return fill(t, open(t, t.TempDir()))
}

func fill(t *testing.T, s *Store) *Store {
	t.Helper()
	_, err := s.BeginClaim(t.Context(), "c1")
	check(t, err)
	check(t, s.AnswerClaim(t.Context(), Claim{ID: "c1", Token: 7, Expires: paid, SealedKey: []byte{9}}))
	check(t, s.AddJob(t.Context(), aJob("j1")))
	check(t, s.AddJob(t.Context(), aJob("j2")))
	check(t, s.FinishClaim(t.Context(), "c1"))
	return s
}

func TestJobsComeBackAsTheyWere(t *testing.T) {
	s := filled(t)
	got, err := s.Jobs(t.Context())
	check(t, err)
	if diff := cmp.Diff([]Job{aJob("j1"), aJob("j2")}, got); diff != "" {
		t.Error(diff)
	}
	c, err := s.ClaimByID(t.Context(), "c1")
	check(t, err)
	if diff := cmp.Diff(Claim{ID: "c1", Token: 7, Expires: paid, SealedKey: []byte{9}}, c); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Job(t.Context(), "j9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a job that is not there: %v, want ErrNotFound", err)
	}
}

func TestJobsInStates(t *testing.T) {
	s := filled(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held}))
	for _, c := range []struct {
		states []State
		want   []string
	}{
		{[]State{Ready}, []string{"j2"}}, {[]State{Held}, []string{"j1"}}, {[]State{Ready, Held}, []string{"j1", "j2"}},
		{[]State{Sent}, nil}, {nil, nil},
	} {
		jobs, err := s.JobsIn(t.Context(), c.states...)
		check(t, err)
		var got []string
		for _, j := range jobs {
			got = append(got, j.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.states, diff)
		}
	}
}

func TestAddingAJobTwiceKeepsItsState(t *testing.T) {
	s := filled(t)
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Hold: "page_count"}))
	check(t, s.AddJob(t.Context(), aJob("j1")))
	j, err := s.Job(t.Context(), "j1")
	check(t, err)
	if j.State != Held || j.Hold != "page_count" {
		t.Errorf("it is %s for %q, want HELD for page_count", j.State, j.Hold)
	}
}

func TestUnfinishedClaimIsAskedAgain(t *testing.T) {
	s := open(t, t.TempDir())
	for _, id := range []string{"c1", "c2"} {
		c, err := s.BeginClaim(t.Context(), id)
		check(t, err)
		if c.ID != "c1" {
			t.Errorf("asked %s, got %s; want c1 until it is finished", id, c.ID)
		}
	}
	check(t, s.FinishClaim(t.Context(), "c1"))
	if _, err := s.ClaimByID(t.Context(), "c1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a claim without letters: %v, want it forgotten", err)
	}
	c, err := s.BeginClaim(t.Context(), "c2")
	check(t, err)
	if c.ID != "c2" {
		t.Errorf("got %s, want c2", c.ID)
	}
}

func TestMoveAndItsMessagesAreOne(t *testing.T) {
	s := filled(t)
	m := Message{ID: "m1", Kind: EventMessage, Body: []byte("{}")}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Held, Messages: []Message{m}}))
	err := s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Sent, Messages: []Message{{ID: "m2", Kind: EventMessage, Body: []byte("{}")}}})
	if !errors.Is(err, ErrState) {
		t.Errorf("from a state it is not in: %v, want ErrState", err)
	}
	// The second message can't be posted twice: the move must not happen either.
	err = s.Move(t.Context(), Move{Job: "j2", From: []State{Ready}, To: Held, Messages: []Message{m}})
	if err == nil {
		t.Error("a message was posted twice")
	}
	j, err := s.Job(t.Context(), "j2")
	check(t, err)
	if j.State != Ready {
		t.Errorf("j2 is %s although its message was refused", j.State)
	}
	out, err := s.Outbox(t.Context(), 10)
	check(t, err)
	if len(out) != 1 || out[0].ID != "m1" {
		t.Errorf("the outbox holds %+v, want m1 alone", out)
	}
	check(t, s.Acknowledge(t.Context(), "m1"))
	check(t, s.Acknowledge(t.Context(), "m1"))
	if out, err = s.Outbox(t.Context(), 10); err != nil || len(out) != 0 {
		t.Errorf("after the acknowledgement: %+v, %v", out, err)
	}
}

func TestAttempts(t *testing.T) {
	s := filled(t)
	begin := func(code, next string) (int, error) {
		return s.BeginAttempt(t.Context(), Attempt{Code: code, Job: "j1", Actor: "p1", Started: paid}, []State{Ready}, next)
	}
	if _, err := begin("another", "x"); err == nil {
		t.Error("an attempt began under a code that was not announced")
	}
	n, err := begin("j1-1", "j1-2")
	check(t, err)
	if n != 1 {
		t.Errorf("attempt %d, want 1", n)
	}
	a := Attempt{Code: "j1-1", Job: "j1", Number: 1, Impressions: 5, PrinterUUID: "urn:1", PrinterEpoch: paid, DeviceJob: 12, Actor: "p1", Started: paid}
	check(t, s.AtDevice(t.Context(), a))
	got, err := s.Attempt(t.Context(), "j1-1")
	check(t, err)
	if diff := cmp.Diff(a, got); diff != "" {
		t.Error(diff)
	}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Created}, To: Ready}))
	if n, err = begin("j1-2", "j1-3"); err != nil || n != 2 {
		t.Errorf("attempt %d, %v; want 2", n, err)
	}
}

func TestDepositIsAllOrNothing(t *testing.T) {
	s := filled(t)
	for _, id := range []string{"j1", "j2"} {
		_, err := s.BeginAttempt(t.Context(), Attempt{Code: id + "-1", Job: id, Actor: "p1"}, []State{Ready}, id+"-2")
		check(t, err)
	}
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Intent}, To: Enveloped}))
	d := Deposit{ID: "d1", Number: "D1", Closed: paid, Slip: []byte("%PDF"), Attempts: []string{"j1-1", "j2-1"}}
	if err := s.CloseDeposit(t.Context(), d); !errors.Is(err, ErrState) {
		t.Errorf("with a piece that is not enveloped: %v, want ErrState", err)
	}
	if j, err := s.Job(t.Context(), "j1"); err != nil || j.State != Enveloped {
		t.Errorf("j1 is %s, %v; want ENVELOPED still", j.State, err)
	}
	check(t, s.Move(t.Context(), Move{Job: "j2", From: []State{Intent}, To: Enveloped}))
	check(t, s.CloseDeposit(t.Context(), d))
	got, err := s.DepositByNumber(t.Context(), "D1")
	check(t, err)
	if diff := cmp.Diff(d, got); diff != "" {
		t.Error(diff)
	}
}

func TestReopened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	check(t, s.SetSetting(t.Context(), "staff", []byte("a")))
	check(t, s.SetSetting(t.Context(), "staff", []byte("b")))
	check(t, s.Close())
	s = open(t, dir)
	if v, err := s.Setting(t.Context(), "staff"); err != nil || string(v) != "b" {
		t.Errorf("got %q, %v", v, err)
	}
	if v, err := s.Setting(t.Context(), "none"); err != nil || v != nil {
		t.Errorf("what was never set: %q, %v", v, err)
	}
	for _, name := range []string{"station.db", "station.db-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestNewerStoreIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := s.db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	check(t, err)
	check(t, s.Close())
	if _, err := Open(t.Context(), dir, nil); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}

func TestFullDisk(t *testing.T) {
	s := filled(t)
	var pages int
	check(t, s.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	_, err := s.db.ExecContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(pages))
	check(t, err)
	big := Message{ID: "m", Kind: EventMessage, Body: make([]byte, 1<<20)}
	err = s.Move(t.Context(), Move{Job: "j1", From: []State{Ready}, To: Sent, Messages: []Message{big}})
	if !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	if j, err := s.Job(t.Context(), "j1"); err != nil || j.State != Ready {
		t.Errorf("j1 is %s, %v; want READY", j.State, err)
	}
}

func TestDurability(t *testing.T) {
	s := filled(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2"} {
		var got string
		if err := s.db.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", pragma, got, err, want)
		}
	}
}

var _ sql.Scanner = millis{}
