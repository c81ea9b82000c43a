package station

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// moves are the journal's entries about people who joined and left.
func (r *room) moves() (moves []string) {
	r.t.Helper()
	for _, e := range r.entries("") {
		if strings.HasPrefix(e.Action, "person_") {
			moves = append(moves, e.Actor+e.Action+" "+e.Object)
		}
	}
	return moves
}

// TestOlderList: it replaces no newer one, after a restart either; the same one
// may come again.
func TestOlderList(t *testing.T) {
	r := newRoom(t)
	old := r.next()
	fresh := r.next()
	r.people = r.people[:2]
	newest := r.next()
	r.check(r.TakeStaff(t.Context(), newest))
	r.check(r.TakeStaff(t.Context(), newest))
	for range 2 {
		for _, l := range []wire.SignedStaff{old, fresh} {
			wantFault(t, r.TakeStaff(t.Context(), l), CentralRefused)
		}
		people, err := r.People(t.Context())
		r.check(err)
		if len(people) != 2 || r.StaffRevision() != r.revision {
			t.Errorf("%d people of revision %d", len(people), r.StaffRevision())
		}
		r.restart()
	}
	// A list that was kept and can't be trusted any more is still not gone behind.
	r.stop()
	trusted := authorities
	stranger := newAuthority()
	r.start()
	r.cfg.TrustedAuthorities = trusted
	wantFault(t, r.TakeStaff(t.Context(), signedStaff(t, stranger, wire.Staff{})), CentralRefused)
	wantFault(t, r.TakeStaff(t.Context(), old), CentralRefused)
}

// TestPeopleComeAndGo: each is journaled once, by the station itself.
func TestPeopleComeAndGo(t *testing.T) {
	r := newRoom(t)
	want := []string{"person_added p1", "person_added p2", "person_added p3"}
	wantMoves := func(more ...string) {
		t.Helper()
		want = append(want, more...)
		if got := r.moves(); !slices.Equal(got, want) {
			t.Errorf("the journal has %q, want %q", got, want)
		}
	}
	wantMoves()
	all := slices.Clone(r.people)
	r.list(all...)
	r.restart()
	r.list(all...)
	wantMoves()
	r.list(all[0], all[2])
	r.list(all[0], all[2])
	wantMoves("person_removed p2")
	r.list(all...)
	wantMoves("person_added p2")
}

// TestSlotOfWhoLeft: what the TPM holds of somebody who left is forgotten, as soon
// as the TPM is there, and nobody who gets the place is let in by it.
func TestSlotOfWhoLeft(t *testing.T) {
	r := newRoom(t)
	all := slices.Clone(r.people)
	has := func(slot int) bool {
		r.tpm.mu.Lock()
		defer r.tpm.mu.Unlock()
		return r.tpm.slots[slot] != nil
	}
	r.list(all[0], all[2])
	if has(1) || !has(0) || !has(2) {
		t.Error("the place of who left, and no other, is to be empty")
	}
	r.tpm.leave(tpm.ErrMissing)
	r.list(all[0])
	r.stop() // it must not be forgotten that it is to be forgotten
	r.tpm.leave(nil)
	r.start()
	if !has(2) {
		t.Fatal("somebody emptied a place of a TPM that was away")
	}
	// Somebody new gets the place, and a PIN before the next list.
	next := wire.Person{Pseudonym: "p4", Name: "Noor", Role: wire.RoleOperator, Slot: 2}
	r.tpm.leave(tpm.ErrMissing)
	r.list(all[0], next)
	r.tpm.leave(nil)
	r.tpm.codes["p4"] = "K7-QM-2X"
	r.check(r.SetPIN(t.Context(), "p4", "K7-QM-2X", []byte(pin)))
	r.list(all[0], next)
	r.check(r.Unlock(t.Context(), "p4", []byte(pin)))
	wantFault(t, r.Unlock(t.Context(), eva, []byte(pin)), WrongPIN)
}

// TestSlotOfWhoLeftStays: where the TPM's owner has a password no slot is emptied;
// the next person's PIN takes the place of the former one's, and stays.
func TestSlotOfWhoLeftStays(t *testing.T) {
	r := newRoom(t)
	r.tpm.owned = true
	next := wire.Person{Pseudonym: "p4", Name: "Noor", Role: wire.RoleOperator, Slot: 1}
	people := []wire.Person{r.people[0], r.people[2], next}
	r.list(people...)
	r.tpm.codes["p4"] = "K7-QM-2X"
	r.check(r.SetPIN(t.Context(), "p4", "K7-QM-2X", []byte(pin)))
	r.tpm.owned = false
	r.list(people...)
	r.check(r.Unlock(t.Context(), "p4", []byte(pin)))
	wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), WrongPIN)
}

// TestAnotherPlaceForWhoIsAtWork: their PIN is of no use any more.
func TestAnotherPlaceForWhoIsAtWork(t *testing.T) {
	r := newRoom(t)
	r.people[0].Slot = 7
	r.list(r.people...)
	if p := r.Snapshot().Person; p != nil {
		t.Errorf("%s is at work by a place that is not theirs", p.Pseudonym)
	}
	wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), PINUnset)
}

// TestStruckOffWhileUnlocking: whoever the list leaves out while the TPM is being
// asked does not get in.
func TestStruckOffWhileUnlocking(t *testing.T) {
	r := newRoom(t)
	r.check(r.Lock(t.Context()))
	r.cfg.Journal = heardJournal{r.journal, func(a journal.Access) {
		if a.Action == journal.ActionUnlock {
			r.list(r.people[1:]...)
		}
	}}
	wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), WrongPIN)
	if r.Snapshot().Person != nil {
		t.Error("somebody is at work")
	}
}

func TestPolicyIsShown(t *testing.T) {
	r := newRoom(t)
	if p := r.Snapshot().Policy; p.MinPIN != 6 || p.Idle != 3*time.Minute || !p.SecondPerson[wire.ActReprintRegistered] || p.SecondPerson[wire.ActJournalExport] {
		t.Errorf("%+v", p)
	}
	r.rule(func(p *wire.Policy) {
		p.MinPIN, p.IdleSeconds, p.SecondPerson = 8, 120, []wire.SecondPersonAct{wire.ActJournalExport}
	})
	for range 2 {
		if p := r.Snapshot().Policy; p.MinPIN != 8 || p.Idle != 2*time.Minute || p.SecondPerson[wire.ActReprintRegistered] || !p.SecondPerson[wire.ActJournalExport] {
			t.Errorf("%+v", p)
		}
		r.restart()
	}
}

// heardJournal tells of each record before it is made.
type heardJournal struct {
	Journal
	hear func(journal.Access)
}

func (j heardJournal) Record(ctx context.Context, a journal.Access, o journal.Outcome) error {
	j.hear(a)
	return j.Journal.Record(ctx, a, o)
}

// count is how many entries of an action there are.
func (r *room) count(action journal.Action) (n int) {
	r.t.Helper()
	for _, e := range r.entries("") {
		if e.Action == string(action) {
			n++
		}
	}
	return n
}

// TestRevokedStation: central's no, on whichever way it comes, locks the station
// and wipes every key; the letter that is on its way is the last.
func TestRevokedStation(t *testing.T) {
	no := wire.NewProblem(wire.ProblemStationRevoked, "")
	for name, say := range map[string]func(*room){
		"pull": func(r *room) { r.CentralReport(no) }, "push": func(r *room) { r.PushReport(no) }, "orders": func(r *room) { r.OrdersReport(no) },
	} {
		r := newRoom(t)
		one, two := r.pay("PAGES 2", "PAGES 2"), r.pay("PAGES 2")
		pinned := r.pin
		r.edge = func(id string, s store.State) {
			if id == one[0] && s == store.Sent {
				say(r)
			}
		}
		_ = r.PrintBatch(t.Context(), append(one, two...))
		if a, b, c := r.state(one[0]), r.state(one[1]), r.state(two[0]); a != store.DeviceDone || b != store.Ready || c != store.Ready {
			t.Errorf("%s: the letters are %s, %s and %s", name, a, b, c)
		}
		if len(r.claims) != 0 || pinned.Auth.Len() != 0 || r.store != nil {
			t.Errorf("%s: keys are left in memory", name)
		}
		say(r)
		if n := r.count(journal.ActionRevoke); n != 1 || r.count(journal.ActionLock) != 1 {
			t.Errorf("%s: the journal has %d revocations and %d locks", name, n, r.count(journal.ActionLock))
		}
		for range 2 {
			s := r.Snapshot()
			if s.Person != nil || s.NoDecryption != Revoked || s.LastFault == nil || s.LastFault.Code != Revoked || !r.Revoked() {
				t.Errorf("%s: shown is %+v", name, s)
			}
			wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), Revoked)
			_, err := r.BeginClaim(t.Context())
			wantFault(t, err, Revoked)
			r.stop()
			r.start() // and central is away
		}
		r.list(r.people...) // it enrolled anew
		r.check(r.Unlock(t.Context(), anna, []byte(pin)))
		r.check(r.PrintBatch(context.Background(), append(one[1:], two...)))
	}
}
