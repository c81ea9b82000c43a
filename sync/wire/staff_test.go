package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func aStaff() Staff {
	return Staff{
		Station: "press-1", Revision: 3, IssuedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Policy: DefaultPolicy(),
		People: []Person{
			{Pseudonym: "p1", Name: "Anna", Role: RoleOperator, Language: "fr", Slot: 0, Approval: []byte("a"), PIN: PINSet},
			{Pseudonym: "p2", Name: "Bert", Role: RoleAdmin, Language: "nl", Slot: NoSlot, PIN: PINUnset},
		},
	}
}

func TestSignedStaff(t *testing.T) {
	former, current, stranger, leaf := newSigner(t, true), newSigner(t, true), newSigner(t, true), newSigner(t, false)
	list := text(t, aStaff())
	signed := SignedStaff{Staff: list, Signature: current.sign(t, StaffDigest(list))}
	staff, err := signed.Open(certificates(former, current), "press-1")
	if d := cmp.Diff(aStaff(), staff); err != nil || d != "" {
		t.Fatal(err, d)
	}
	for name, known := range map[string][]signer{"nobody": nil, "another": {stranger}, "one that signs no certificates": {leaf}} {
		if _, err := signed.Open(certificates(known...), "press-1"); !errors.Is(err, ErrStaffSignature) {
			t.Errorf("known is %s: %v", name, err)
		}
	}
	if _, err := (SignedStaff{Staff: list, Signature: leaf.sign(t, StaffDigest(list))}).Open(certificates(leaf), "press-1"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("signed by a certificate that is no authority's: %v", err)
	}
	if _, err := signed.Open(certificates(current), "press-2"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("another station's list: %v", err)
	}
	if _, err := (SignedStaff{Staff: list, Signature: current.sign(t, TrustDigest(list))}).Open(certificates(current), "press-1"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("signed as a trust: %v", err)
	}
	signed.Staff = list[:len(list)-1] + " }"
	if _, err := signed.Open(certificates(current), "press-1"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("changed text: %v", err)
	}
}

func TestDecodeStaffRefuses(t *testing.T) {
	for name, change := range map[string]func(*Staff){
		"no revision":         func(s *Staff) { s.Revision = 0 },
		"no time":             func(s *Staff) { s.IssuedAt = time.Time{} },
		"no policy":           func(s *Staff) { s.Policy = Policy{} },
		"short PINs":          func(s *Staff) { s.Policy.MinPIN = 3 },
		"never locks":         func(s *Staff) { s.Policy.IdleSeconds = 0 },
		"for ever offline":    func(s *Staff) { s.Policy.OfflineSeconds = MostOffline + 1 },
		"many acts":           func(s *Staff) { s.Policy.SecondPerson = make([]SecondPersonAct, MaxSecondPerson+1) },
		"many findings":       func(s *Staff) { s.Policy.HoldFindings = make([]ReasonCode, MaxHoldFindings+1) },
		"a slot too far":      func(s *Staff) { s.People[0].Slot = MaxSlots },
		"a slot below none":   func(s *Staff) { s.People[0].Slot = NoSlot - 1 },
		"no approval":         func(s *Staff) { s.People[0].Approval = nil },
		"approval of nothing": func(s *Staff) { s.People[1].Approval = []byte("a") },
		"two in one slot":     func(s *Staff) { s.People[1].Slot, s.People[1].Approval = 0, []byte("a") },
		"no name":             func(s *Staff) { s.People[0].Name = "" },
		"a long name":         func(s *Staff) { s.People[0].Name = strings.Repeat("a", MaxName+1) },
		"no pseudonym":        func(s *Staff) { s.People[0].Pseudonym = "" },
		"no PIN status":       func(s *Staff) { s.People[0].PIN = "" },
		"many people":         func(s *Staff) { s.People = make([]Person, MaxPeople+1) },
	} {
		s := aStaff()
		change(&s)
		if _, err := DecodeStaff(text(t, s)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := DecodeStaff(text(t, aStaff()) + strings.Repeat(" ", MaxStatement)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long text: %v", err)
	}
}

func TestPolicyAsks(t *testing.T) {
	p := DefaultPolicy()
	if err := p.Check(); err != nil || !p.Asks(ActReprintRegistered) || p.Asks(ActJournalExport) {
		t.Errorf("%+v %v", p, err)
	}
}

func FuzzDecodeStaff(f *testing.F) {
	f.Add(text(f, aStaff()))
	f.Add(`{"station":"press-1","revision":1,"issued_at":"2026-01-02T03:04:05Z","people":[{}]}`)
	f.Add(strings.Replace(text(f, aStaff()), `"pin":"unset"`, `"approval":"","pin":"unset"`, 1))
	f.Add(`{"policy":{"second_person":["later"],"min_pin":6}}`)
	f.Fuzz(func(t *testing.T, s string) {
		staff, err := DecodeStaff(s)
		if err != nil {
			return
		}
		again, err := json.Marshal(staff)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := DecodeStaff(string(again)); len(again) < MaxStatement && (err != nil || !cmp.Equal(staff, same)) {
			t.Fatalf("%q gives %+v, then %+v: %v", s, staff, same, err)
		}
	})
}
