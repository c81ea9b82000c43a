package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// everyFile reads all that central keeps, keys apart.
func (r *room) everyFile(look func(name string, content []byte)) {
	r.t.Helper()
	r.check(filepath.WalkDir(r.config.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			look(d.Name(), content)
		}
		return err
	}))
}

func TestStaff(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	r.check(r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleOperator, Language: "fr", Slot: 9, Approval: []byte("mine"), PIN: wire.PINSet}))
	r.check(r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}))
	for _, pseudonym := range []string{"", "anna", "anna-claes", "P1", "p 1"} {
		if err := r.AddPerson(ctx, wire.Person{Pseudonym: pseudonym, Name: "Anna", Role: wire.RoleAdmin, Language: "nl"}); !errors.Is(err, ErrLetter) {
			t.Errorf("pseudonym %q: %v", pseudonym, err)
		}
	}
	s := r.enrol("press-1")
	staff := r.staff(s)
	approval := staff.People[0].Approval
	want := []wire.Person{{Pseudonym: "p1", Name: "Anna", Role: wire.RoleAdmin, Language: "nl", Slot: 0, Approval: approval, PIN: wire.PINUnset}}
	if d := cmp.Diff(want, staff.People); d != "" || len(approval) == 0 {
		t.Error(d)
	}
	if d := cmp.Diff(wire.DefaultPolicy(), staff.Policy); d != "" {
		t.Error(d)
	}
	signed, err := s.Staff(ctx)
	r.check(err)
	if _, err := signed.Open(newRoom(t, nil).Authorities(), "press-1"); !errors.Is(err, wire.ErrStaffSignature) {
		t.Errorf("another room's station takes it: %v", err)
	}
}

// TestSlots: everybody has one at each station as long as there are any; the lowest that is free is given.
func TestSlots(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	first := r.enrol("press-1")
	var all []string
	for i := range wire.MaxSlots + 2 {
		all = append(all, fmt.Sprintf("p%02d", i))
	}
	r.addPeople(all...)
	second := r.enrol("press-2")
	for _, s := range []*soft{first, second} {
		for i, p := range all {
			want := i
			if i >= wire.MaxSlots {
				want = wire.NoSlot
			}
			if have := r.personAt(s, p).Slot; have != want {
				t.Errorf("%s: %s has slot %d, not %d", s.name, p, have, want)
			}
		}
	}
	before := r.personAt(first, "p05")
	r.check(r.RemovePerson(ctx, "p05"))
	now := r.personAt(first, all[wire.MaxSlots])
	if now.Slot != before.Slot || now.PIN != wire.PINUnset || r.personAt(first, all[wire.MaxSlots+1]).Slot != wire.NoSlot {
		t.Errorf("%+v waited, and has the place of %+v", now, before)
	}
	r.check(r.AddPerson(ctx, wire.Person{Pseudonym: "p04", Name: "Other", Role: wire.RoleAdmin, Language: "nl"}))
	if p := r.personAt(first, "p04"); p.Slot != 4 || p.Role != wire.RoleAdmin {
		t.Errorf("another role, another slot: %+v", p)
	}
}

func TestApprovalIsTheSlots(t *testing.T) {
	r := newRoom(t, nil)
	r.addPeople("p1", "p2")
	s := r.enrol("press-1")
	if string(r.personAt(s, "p1").Approval) == string(r.personAt(s, "p2").Approval) {
		t.Error("two slots have one approval")
	}
	if a, b := r.personAt(s, "p1"), r.personAt(s, "p1"); !bytes.Equal(a.Approval, b.Approval) {
		t.Error("a list that did not change reads otherwise each time")
	}
	if _, err := tpm.ApprovePIN(r.policyKey, tpm.KindPINFail, wire.MaxSlots); err == nil {
		t.Error("the TPM's slots are not the contract's")
	}
}

func TestRemovePerson(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	r.addPeople("p1", "p2")
	s := r.enrol("press-1")
	r.pinCode("p1")
	var sealed []byte
	r.check(r.db.QueryRowContext(ctx, `SELECT name FROM people WHERE pseudonym = 'p1'`).Scan(&sealed))
	r.check(r.RemovePerson(ctx, "p1"))
	for _, p := range r.staff(s).People {
		if p.Pseudonym == "p1" {
			t.Errorf("still there: %+v", p)
		}
	}
	r.everyFile(func(name string, content []byte) {
		if bytes.Contains(content, sealed) {
			t.Errorf("the sealed name is still in %s", name)
		}
	})
	if err := r.RemovePerson(ctx, "p1"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("twice: %v", err)
	}
	if err := r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Another", Role: wire.RoleOperator, Language: "fr"}); !errors.Is(err, ErrLetter) {
		t.Errorf("the pseudonym for somebody else: %v", err)
	}
}

// TestLateWordOfSomebodyWhoLeft: a reprint that somebody agreed to before leaving was agreed to, one that
// bears a time after that was not.
func TestLateWordOfSomebodyWhoLeft(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	r.addPeople("p1", "p2")
	job := r.registered()
	token := r.claim(s, 1).FencingToken
	r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(1), token), r.event(wire.EventUncertain, job, code(1), token)}, accepted, accepted)
	before := r.again(job, 2, 2, token, "p2")
	unsure := r.event(wire.EventUncertain, job, code(2), token)
	r.clock.Add(time.Minute)
	r.check(r.RemovePerson(context.Background(), "p2"))
	r.clock.Add(time.Minute)
	r.report(s, []wire.Event{before, unsure, r.again(job, 3, 3, token, "p2")}, accepted, accepted, string(wire.ProblemSecondPersonMissing))
	status, err := r.Ledger(context.Background())
	if err != nil || len(status.Jobs) != 1 || status.Jobs[0].Attempts != 2 {
		t.Errorf("%+v %v", status, err)
	}
}

func TestPolicy(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	f := r.follow(t, s)
	before := f.until("at once", waiting(0))
	if have := r.staff(s); have.Revision != before.Staff {
		t.Errorf("the notice says %d, the list is %d", before.Staff, have.Revision)
	}
	policy := wire.Policy{
		SecondPerson: []wire.SecondPersonAct{wire.ActJournalExport, wire.ActJournalExport}, MinPIN: 8, IdleSeconds: 60, OfflineSeconds: 0,
		HoldFindings: []wire.ReasonCode{"form"},
	}
	r.check(r.SetPolicy(ctx, policy))
	n := f.until("a policy was set", func(n wire.Notice) bool { return n.Staff > before.Staff })
	staff := r.staff(s)
	policy.SecondPerson = policy.SecondPerson[:1]
	if d := cmp.Diff(policy, staff.Policy); d != "" || staff.Revision != n.Staff {
		t.Errorf("revision %d of %d: %s", staff.Revision, n.Staff, d)
	}
	if have, err := r.Policy(ctx); err != nil || !cmp.Equal(have, policy) {
		t.Errorf("%+v %v", have, err)
	}
	for name, change := range map[string]func(*wire.Policy){
		"an act nobody knows": func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{"everything"} },
		"a finding as prose":  func(p *wire.Policy) { p.HoldFindings = []wire.ReasonCode{"Not nice"} },
		"no PIN":              func(p *wire.Policy) { p.MinPIN = 0 },
	} {
		wrong := policy
		change(&wrong)
		if err := r.SetPolicy(ctx, wrong); !errors.Is(err, ErrPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestChangesReachStations: each change of people and of what they may raises the revision that a stream tells.
func TestChangesReachStations(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	f := r.follow(t, s)
	last := f.until("at once", waiting(0))
	for _, step := range []struct {
		what   string
		change func()
	}{
		{"somebody comes", func() { r.addPeople("p1") }},
		{"somebody's role changes", func() { r.addPeople("p1") }},
		{"another station enrols", func() { r.enrol("press-2") }},
		{"somebody leaves", func() { r.check(r.RemovePerson(ctx, "p1")) }},
		{"another authority is announced", func() { _, err := r.NextAuthority(); r.check(err) }},
		{"another authority signs", func() { r.check(r.UseNextAuthority()) }},
	} {
		step.change()
		last = f.until(step.what, func(n wire.Notice) bool { return n.Staff > last.Staff })
		if have := r.staff(s).Revision; have != last.Staff {
			t.Errorf("%s: the list has revision %d, the notice said %d", step.what, have, last.Staff)
		}
	}
	trust, err := r.Trust().Open(r.Authorities())
	if err != nil || last.Trust != trust.Revision {
		t.Errorf("trust %d of %d: %v", last.Trust, trust.Revision, err)
	}
}
