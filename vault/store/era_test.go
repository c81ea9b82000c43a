package store

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// whole is a store with a claim, two letters in a deposit, its slip, a receipt
// and the store key's envelope: something in every column.
func whole(t *testing.T, tpm Eras) *Store {
	t.Helper()
	s := fill(t, openWith(t, t.TempDir(), tpm))
	deposit(t, s, paid, time.Time{})
	s.proven(t)
	check(t, s.SetStoreKeyEnvelope(t.Context(), []byte("envelope")))
	return s
}

// reopened is the store after a stop.
func (s *Store) reopened(t *testing.T, tpm Eras) *Store {
	t.Helper()
	check(t, s.Close())
	return openWith(t, s.dir, tpm)
}

// read are the sealed values as callers see them.
func (s *Store) read(t *testing.T) map[string]string {
	t.Helper()
	j, err := s.Job(t.Context(), "j1")
	check(t, errors.Join(err, j.Closed))
	c, err := s.ClaimByID(t.Context(), "c1")
	check(t, errors.Join(err, c.Closed))
	r, err := s.ReceiptByID(t.Context(), "r1")
	check(t, err)
	d, err := s.DepositByNumber(t.Context(), "D1")
	check(t, err)
	e, err := s.StoreKeyEnvelope(t.Context())
	check(t, err)
	return map[string]string{
		"key": string(j.WrappedKey), "number": string(j.Tracking), "claim": string(c.SealedKey), "picture": string(r.Image),
		"numbers": string(r.Numbers), "slip": string(d.Slip), "envelope": string(e),
	}
}

func (s *Store) wantAll(t *testing.T) {
	t.Helper()
	want := map[string]string{
		"key": "\x01", "number": "\x03", "claim": "\x09", "picture": "picture", "numbers": "numbers", "slip": "slip", "envelope": "envelope",
	}
	if d := cmp.Diff(want, s.read(t)); d != "" {
		t.Error(d)
	}
}

// TestRaiseWrapsEveryColumn: what lives opens after a raise and after a start, and
// is under another key.
func TestRaiseWrapsEveryColumn(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	s.wantAll(t)
	before := values(t, image(t, s.dir))
	check(t, s.Raise(t.Context()))
	s.wantAll(t)
	after := values(t, image(t, s.dir))
	seen := map[[2]string]bool{}
	for f, v := range after {
		seen[[2]string{f.table, f.column}] = true
		if old, ok := before[f]; !ok || string(old) == string(v) || len(old) != len(v) {
			t.Errorf("%+v: %x, before %x", f, v, old)
		}
	}
	if len(seen) != len(columns()) || len(after) != len(before) {
		t.Errorf("%d columns of %d had a value; %d values, before %d", len(seen), len(columns()), len(after), len(before))
	}
	s = s.reopened(t, tpm)
	s.wantAll(t)
	if tpm.value != 2 {
		t.Errorf("the counter is at %d, want 2", tpm.value)
	}
}

// TestEveryBlobIsSealed: a column of bytes is under the era, or is here with the
// reason why not.
func TestEveryBlobIsSealed(t *testing.T) {
	apart := []string{
		"eras.sealed",         // by the TPM
		"jobs.sealed_details", // under the document's key, which is under the claim's
		"pictures.sealed",     // under receipts.image_key
		"slips.sealed",        // under deposits.slip_key
		"printers.pin",        // a digest of a public key
		"outbox.body",         // ids, codes and counts
	}
	for _, c := range columns() {
		apart = append(apart, c.table+"."+c.name)
	}
	table := ""
	for _, m := range regexp.MustCompile(`CREATE TABLE (\w+)|(\w+) +BLOB`).FindAllStringSubmatch(schema, -1) {
		if m[1] != "" {
			table = m[1]
		} else if !slices.Contains(apart, table+"."+m[2]) {
			t.Errorf("%s.%s is in clear", table, m[2])
		}
	}
}

// TestWithoutTPM: everything but what is sealed works, deletions too. They are
// final once the TPM is back.
func TestWithoutTPM(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	tpm.set(errAway)
	s = s.reopened(t, tpm)
	j, err := s.Job(t.Context(), "j1")
	check(t, err)
	if !j.Keyed || !j.Numbered || j.WrappedKey != nil || j.Tracking != nil || !errors.Is(j.Closed, ErrNoEra) || !errors.Is(j.Closed, errAway) || j.Forgotten() {
		t.Errorf("%+v", j)
	}
	if jobs, err := s.Jobs(t.Context()); err != nil || len(jobs) != 2 {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
	if c, err := s.ClaimByID(t.Context(), "c1"); err != nil || c.Token != 7 || c.SealedKey != nil || !errors.Is(c.Closed, ErrNoEra) {
		t.Errorf("%+v, %v", c, err)
	}
	for what, err := range map[string]error{
		"a receipt's picture": second(s.ReceiptByID(t.Context(), "r1")), "a slip": second(s.DepositByNumber(t.Context(), "D1")),
		"the store key": second(s.StoreKeyEnvelope(t.Context())), "a new letter": s.AddJob(t.Context(), aJob("j3")), "a raise": s.Raise(t.Context()),
	} {
		if !errors.Is(err, ErrNoEra) || !errors.Is(err, errAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check(t, s.RaiseIfDue(t.Context())) // nothing is
	check(t, s.Move(t.Context(), Move{Job: "j1", From: []State{Dropped}, To: Dropped, Messages: []Message{{ID: "m1", Kind: EventMessage, Body: []byte("{}")}}}))
	check(t, s.Acknowledge(t.Context(), "m1"))
	check(t, s.Erase(t.Context(), "j2"))
	check(t, s.Forget(t.Context(), keptJob(t, s, "j1")))
	check(t, s.ForgetProof(t.Context(), "d1"))
	if j, err = s.Job(t.Context(), "j1"); err != nil || j.Keyed || !j.Forgotten() || j.Closed != nil {
		t.Errorf("forgotten: %+v, %v", j, err)
	}
	s = s.reopened(t, tpm)
	s.wantUnraised(t, 3)
	if err := s.RaiseIfDue(t.Context()); !errors.Is(err, ErrNoEra) {
		t.Errorf("a raise: %v", err)
	}
	tpm.set(nil)
	check(t, s.RaiseIfDue(t.Context()))
	s.wantUnraised(t, 0)
	check(t, s.RaiseIfDue(t.Context())) // nothing is due
	if tpm.value != 2 {
		t.Errorf("the counter is at %d, want 2", tpm.value)
	}
}

func second[T any](_ T, err error) error { return err }

func (s *Store) wantUnraised(t *testing.T, want int) {
	t.Helper()
	if n, err := s.Unraised(t.Context()); err != nil || n != want {
		t.Errorf("%d deletions are not final, %v; want %d", n, err, want)
	}
}

func TestMachineWithoutTPM(t *testing.T) {
	s := openWith(t, t.TempDir(), nil)
	if err := s.Raise(t.Context()); !errors.Is(err, ErrNoEra) {
		t.Error(err)
	}
	if jobs, err := s.Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Errorf("%v, %v", jobs, err)
	}
}

// TestErasedTellsOnce: central's order makes it known, also where it needs the TPM
// later; told again, it has nothing to do.
func TestErasedTellsOnce(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	for range 2 {
		check(t, s.Erase(t.Context(), "j1"))
	}
	s.wantUnraised(t, 1)
	select {
	case <-s.Erased():
	default:
		t.Error("nobody is told")
	}
	check(t, s.Erase(t.Context(), "j1"))
	select {
	case <-s.Erased():
		t.Error("told of nothing")
	default:
	}
}

// TestIncrementWithoutAnswer: a counter that was raised all the same is not raised
// again, and none is skipped.
func TestIncrementWithoutAnswer(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	check(t, s.Erase(t.Context(), "j2"))
	tpm.lost = errAway
	if err := s.Raise(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("got %v", err)
	}
	s.wantAll(t) // the key is in memory
	s.wantUnraised(t, 1)
	s = s.reopened(t, tpm)
	s.wantAll(t)
	check(t, s.RaiseIfDue(t.Context()))
	s.wantUnraised(t, 0)
	if tpm.value != 2 {
		t.Errorf("the counter is at %d, want 2", tpm.value)
	}
}

// TestSomebodyRaisesTheCounter: a store that is open begins an era that opens; one
// that was closed is lost, says so, and works on when it starts over.
func TestSomebodyRaisesTheCounter(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	tpm.somebody()
	check(t, s.RaiseIfDue(t.Context()))
	if tpm.value != 3 {
		t.Errorf("the counter is at %d, want 3", tpm.value)
	}
	s = s.reopened(t, tpm)
	s.wantAll(t)
	check(t, s.Close())
	tpm.somebody()
	s = openWith(t, s.dir, tpm)
	if j, err := s.Job(t.Context(), "j1"); err != nil || !j.Keyed || !errors.Is(j.Closed, ErrEra) || errors.Is(j.Closed, ErrNoEra) {
		t.Errorf("%+v, %v", j, err)
	}
	if err := s.RaiseIfDue(t.Context()); !errors.Is(err, ErrEra) {
		t.Errorf("a raise: %v", err)
	}
	if tpm.value != 4 {
		t.Errorf("the counter is at %d, want 4", tpm.value)
	}
}

func TestStartOver(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	for i, state := range []State{Ready, Intent, Created, Sending, Held} {
		j := aJob("n" + strconv.Itoa(i))
		check(t, s.AddJob(t.Context(), j))
		check(t, s.Move(t.Context(), Move{Job: j.ID, From: []State{Ready}, To: state}))
	}
	if n, err := s.StartOver(t.Context(), "lost"); err != nil || n != 0 {
		t.Errorf("started over although nothing is lost: %d, %v", n, err)
	}
	s.wantAll(t)
	check(t, s.Close())
	tpm.somebody()
	s = openWith(t, s.dir, tpm)
	if n, err := s.StartOver(t.Context(), "lost"); err != nil || n != 4 {
		t.Errorf("%d letters are held, %v; want 4", n, err)
	}
	for id, want := range map[string]State{"n0": Held, "n1": Held, "n2": Held, "n3": Sending, "n4": Held, "j1": Dropped} {
		j, err := s.Job(t.Context(), id)
		check(t, errors.Join(err, j.Closed))
		if j.State != want || (j.Hold == "lost") != (want == Held) || j.Keyed || j.Numbered || len(j.Details) == 0 {
			t.Errorf("%+v", j)
		}
	}
	if e, err := s.StoreKeyEnvelope(t.Context()); err != nil || e != nil {
		t.Errorf("the store key: %q, %v", e, err)
	}
	if all := values(t, image(t, s.dir)); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
	lost, err := s.Lost(t.Context(), "lost", paid.Add(-time.Hour))
	check(t, err)
	if len(lost) != 4 || lost[0] != (LostLetter{Claim: lost[0].Claim, Token: lost[0].Token, Job: "n0"}) || lost[0].Token == 0 {
		t.Errorf("lost: %+v", lost)
	}
	check(t, s.Renewed(t.Context(), lost[0].Claim, time.Time{}))
	if lost, err := s.Lost(t.Context(), "lost", paid.Add(-time.Hour)); err != nil || len(lost) != 0 {
		t.Errorf("lost once they were given back: %+v, %v", lost, err)
	}
	// Central leases the letter anew, and it is as it was.
	_, err = s.BeginClaim(t.Context(), "c2")
	check(t, err)
	check(t, s.AnswerClaim(t.Context(), Claim{ID: "c2", Token: 8, Expires: paid, SealedKey: []byte{8}}))
	check(t, s.Relet(t.Context(), Job{ID: "n0", Claim: "c2", WrappedKey: []byte{7}, Details: []byte{8}, Tracking: []byte{9}}))
	check(t, s.Raise(t.Context()))
	s = s.reopened(t, tpm)
	if j, err := s.Job(t.Context(), "n0"); err != nil || j.State != Ready || string(j.WrappedKey) != "\x07" || string(j.Tracking) != "\x09" {
		t.Errorf("%+v, %v", j, err)
	}
}

// TestValuesInOtherPlaces: a value that was moved or changed opens nowhere, and
// stops neither the others nor a raise.
func TestValuesInOtherPlaces(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	for _, q := range []string{
		"UPDATE jobs SET wrapped_key = (SELECT wrapped_key FROM jobs WHERE id = 'j1') WHERE id = 'j2'",
		"UPDATE receipts SET sealed_numbers = image_key",
		"UPDATE slips SET sealed = (SELECT sealed FROM pictures)",
	} {
		_, err := s.db.ExecContext(t.Context(), q)
		check(t, err)
	}
	for range 2 {
		jobs, err := s.Jobs(t.Context())
		check(t, err)
		if jobs[0].Closed != nil || !errors.Is(jobs[1].Closed, ErrSealed) || jobs[1].WrappedKey != nil {
			t.Errorf("%v, %v", jobs[0].Closed, jobs[1].Closed)
		}
		for _, err := range []error{second(s.ReceiptByID(t.Context(), "r1")), second(s.DepositByNumber(t.Context(), "D1"))} {
			if !errors.Is(err, ErrSealed) {
				t.Error(err)
			}
		}
		check(t, s.Raise(t.Context()))
	}
	_, err := s.db.ExecContext(t.Context(), "DELETE FROM eras")
	check(t, err)
	s = s.reopened(t, tpm)
	if _, err := s.StoreKeyEnvelope(t.Context()); !errors.Is(err, ErrEra) {
		t.Errorf("without its era: %v", err)
	}
}

// TestRaiseOnAFullDisk: nothing is lost, and the next one goes through.
func TestRaiseOnAFullDisk(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	check(t, s.Erase(t.Context(), "j2"))
	var pages int
	check(t, s.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	limit := func(pages int) {
		t.Helper()
		_, err := s.db.ExecContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(pages))
		check(t, err)
	}
	_, err := s.db.ExecContext(t.Context(), "CREATE TRIGGER grow AFTER INSERT ON eras BEGIN INSERT INTO settings VALUES ('big', zeroblob(1000000)); END")
	check(t, err)
	limit(pages)
	if err := s.Raise(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	s.wantAll(t)
	s.wantUnraised(t, 1)
	if tpm.value != 1 {
		t.Errorf("the counter is at %d", tpm.value)
	}
	limit(pages + 1000)
	check(t, s.RaiseIfDue(t.Context()))
	s = s.reopened(t, tpm)
	s.wantAll(t)
}
