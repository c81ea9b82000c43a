package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// code gives a person's code.
func (r *room) pinCode(pseudonym string) string {
	r.t.Helper()
	code, err := r.PINCode(context.Background(), pseudonym)
	r.check(err)
	return code
}

// asking is a station's TPM that waits for a PIN's signatures, and who asks.
type asking struct {
	*chip
	r       *room
	person  string
	request wire.PINRequest
}

func (a asking) with(code string) wire.PINGrantRequest {
	return wire.PINGrantRequest{ID: uuid.NewString(), Person: a.person, Code: code, Request: a.request}
}

func (a asking) grant(q wire.PINGrantRequest) error {
	_, err := a.GrantPIN(context.Background(), q)
	return err
}

func newAsking(t *testing.T) asking {
	t.Helper()
	r, device := newChipRoom(t)
	r.addPeople("p1", "p2")
	c := r.enrolChip(device, "press-1")
	_, request := c.begin(t, r.personAt(c.soft, "p1").Slot, auth(t, "secret of p1"))
	return asking{chip: c, r: r, person: "p1", request: request}
}

func TestPINCodeIsForOnePIN(t *testing.T) {
	a := newAsking(t)
	code := a.r.pinCode("p1")
	if p := a.r.personAt(a.soft, "p1"); p.PIN != wire.PINUnset || p.Slot != 0 {
		t.Errorf("%+v", p)
	}
	before := a.r.staff(a.soft).Revision
	first := a.with(strings.ToLower(strings.Replace(code, "-", " ", 1))) // as people type
	ctx := context.Background()
	one, err := a.GrantPIN(ctx, first)
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.GrantPIN(ctx, first)
	if d := cmp.Diff(one, two); err != nil || d != "" {
		t.Errorf("the same grant again: %v %s", err, d)
	}
	if p := a.r.personAt(a.soft, "p1"); p.PIN != wire.PINSet || a.r.staff(a.soft).Revision <= before {
		t.Errorf("%+v, revision %d after %d", p, a.r.staff(a.soft).Revision, before)
	}
	if err := a.grant(a.with(code)); !errors.Is(err, wire.ProblemPINCodeRefused) || client.Retryable(err) {
		t.Errorf("a used code: %v", err)
	}
	replayed := first
	replayed.Request.Auth.Nonce = bytes.Repeat([]byte{7}, len(first.Request.Auth.Nonce))
	a.r.pinCode("p1")
	if err := a.grant(replayed); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("the request's id with another nonce: %v", err)
	}
	replayed = first
	replayed.Person = "p2"
	if err := a.grant(replayed); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("the request's id for another person: %v", err)
	}
}

// TestFifthWrongCodeVoids: and four do not.
func TestFifthWrongCodeVoids(t *testing.T) {
	a := newAsking(t)
	code := a.r.pinCode("p1")
	wrong := func(n int) {
		for range n {
			if err := a.grant(a.with("AAAAA-AAAAA")); !errors.Is(err, wire.ProblemPINCodeRefused) {
				t.Errorf("a wrong code: %v", err)
			}
		}
	}
	same := a.with("AAAAA-AAAAB")
	for range 2 { // each time that it is sent counts
		if err := a.grant(same); !errors.Is(err, wire.ProblemPINCodeRefused) {
			t.Errorf("a wrong code: %v", err)
		}
	}
	wrong(2)
	if err := a.grant(a.with(code)); err != nil {
		t.Errorf("the right code after four wrong ones: %v", err)
	}
	code = a.r.pinCode("p1")
	wrong(5)
	if err := a.grant(a.with(code)); !errors.Is(err, wire.ProblemPINCodeRefused) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
}

func TestPINCodeOfOthers(t *testing.T) {
	a := newAsking(t)
	mine, other := a.r.pinCode("p1"), a.r.pinCode("p2")
	if err := a.grant(a.with(other)); !errors.Is(err, wire.ProblemPINCodeRefused) {
		t.Errorf("another person's code: %v", err)
	}
	// Another person's slot: B, with B's own good code, would set A's PIN.
	b := a
	b.person = "p2"
	if err := b.grant(b.with(other)); !errors.Is(err, wire.ProblemPINRequestRefused) {
		t.Errorf("another person's slot: %v", err)
	}
	if p := a.r.personAt(a.soft, "p1"); p.PIN != wire.PINUnset {
		t.Errorf("%+v", p)
	}
	ghost := a
	ghost.person = "p9"
	if err := ghost.grant(ghost.with(mine)); !errors.Is(err, wire.ProblemPINCodeRefused) {
		t.Errorf("nobody: %v", err)
	}
	// What is signed is the setting of an unused count, and nothing else; the code serves for that then.
	for name, change := range map[string]func(*wire.PINRequest){
		"another write":          func(q *wire.PINRequest) { q.Write.CpHash = bytes.Repeat([]byte{1}, 32) },
		"the auth as the write":  func(q *wire.PINRequest) { q.Write = q.Auth },
		"another slot's write":   func(q *wire.PINRequest) { q.Write.CpHash = otherSlot(t, a).Write.CpHash },
		"a longer nonce":         func(q *wire.PINRequest) { q.Auth.Nonce = append(slices.Clone(q.Auth.Nonce), 1) },
		"another slot than mine": func(q *wire.PINRequest) { q.Slot = 31 },
	} {
		q := a.with(mine)
		change(&q.Request)
		if err := a.grant(q); !errors.Is(err, wire.ProblemPINRequestRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := a.grant(a.with(mine)); err != nil {
		t.Errorf("the code after those: %v", err)
	}
}

// otherSlot is what the TPM asks for p2's slot.
func otherSlot(t *testing.T, a asking) wire.PINRequest {
	t.Helper()
	_, request := a.begin(t, a.r.personAt(a.soft, "p2").Slot, auth(t, "secret of p2"))
	return request
}

func TestPINCodeRunsOut(t *testing.T) {
	a := newAsking(t)
	former := a.r.pinCode("p1")
	code := a.r.pinCode("p1")
	if err := a.grant(a.with(former)); !errors.Is(err, wire.ProblemPINCodeRefused) {
		t.Errorf("a code that another took the place of: %v", err)
	}
	a.r.clock.Add(12 * time.Hour)
	if err := a.grant(a.with(code)); !errors.Is(err, wire.ProblemPINCodeRefused) {
		t.Errorf("after 12 hours: %v", err)
	}
	code = a.r.pinCode("p1")
	a.r.clock.Add(12*time.Hour - time.Second)
	if err := a.grant(a.with(code)); err != nil {
		t.Errorf("just before that: %v", err)
	}
	if _, err := a.r.PINCode(context.Background(), "p9"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a code for nobody: %v", err)
	}
}

// TestTooManyTries: one station cannot go through everybody's codes, and is let again later. Another one is
// not held up.
func TestTooManyTries(t *testing.T) {
	a := newAsking(t)
	other := a.r.enrolChip(a.device, "press-2")
	code := a.r.pinCode("p1")
	for i := range triesMost {
		guess := a.with("AAAAA-AAAAA")
		if i >= codeTries-1 {
			guess.Person = "p2" // so that p1's code stays good
		}
		if err := a.grant(guess); !errors.Is(err, wire.ProblemPINCodeRefused) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := a.grant(a.with(code)); !errors.Is(err, wire.ProblemTooManyTries) || !client.Retryable(err) {
		t.Errorf("the right code after %d wrong ones: %v", triesMost, err)
	}
	elsewhere := asking{chip: other, r: a.r, person: "p1", request: a.request}
	if err := elsewhere.grant(elsewhere.with(code)); err != nil {
		t.Errorf("at another station: %v", err)
	}
	a.r.clock.Add(triesWithin)
	if err := a.grant(a.with(a.r.pinCode("p1"))); err != nil {
		t.Errorf("later: %v", err)
	}
}

// TestPINCodeIsNotKept: neither as it is given nor as a digest that could be tried out.
func TestPINCodeIsNotKept(t *testing.T) {
	r := newRoom(t, nil)
	r.addPeople("p1")
	code := r.pinCode("p1")
	if len(code) != 11 || code[5] != '-' || strings.Trim(code, crockford+"-") != "" {
		t.Errorf("its form: %q", code)
	}
	digest := codeDigest("p1", readCode(code))
	r.everyFile(func(name string, content []byte) {
		if bytes.Contains(content, []byte(code)) || bytes.Contains(content, []byte(readCode(code))) || bytes.Contains(content, digest[:]) {
			t.Errorf("it is in %s", name)
		}
	})
}

func TestReadCode(t *testing.T) {
	for typed, want := range map[string]string{
		"0A1B2-C3D4E": "0A1B2C3D4E", "oaib2 c3d4e": "0A1B2C3D4E", " 0a-l b2c3d4e ": "0A1B2C3D4E", "": "", "é": "É",
	} {
		if have := readCode(typed); have != want {
			t.Errorf("%q is %q, not %q", typed, have, want)
		}
	}
}

// TestSlotOfSomebodyWhoLeft: who gets the slot has no PIN in it, and when it is set the former person's
// opens nothing.
func TestSlotOfSomebodyWhoLeft(t *testing.T) {
	r, device := newChipRoom(t)
	r.addPeople("p1")
	c := r.enrolChip(device, "press-1")
	former := r.setPIN(c, "p1", "314159")
	left := r.personAt(c.soft, "p1")
	r.check(r.RemovePerson(context.Background(), "p1"))
	r.addPeople("p2")
	now := r.personAt(c.soft, "p2")
	if now.Slot != left.Slot || now.PIN != wire.PINUnset {
		t.Fatalf("%+v after %+v", now, left)
	}
	pin := r.setPIN(c, "p2", "271828")
	if err := r.unlocks(c, "p2", pin); err != nil {
		t.Errorf("the new person: %v", err)
	}
	if err := c.keys.CheckPIN(tpm.PIN{Slot: left.Slot, Approval: left.Approval, Auth: former}); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Errorf("the former person: %v", err)
	}
}

// TestForgottenPIN: five wrong ones block a person, a code mends it, and enrolling again asks for all PINs.
func TestForgottenPIN(t *testing.T) {
	r, device := newChipRoom(t)
	r.addPeople("p1")
	c := r.enrolChip(device, "press-1")
	pin := r.setPIN(c, "p1", "314159")
	for range tpm.PINLimit {
		if err := r.unlocks(c, "p1", auth(t, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) && !errors.Is(err, tpm.ErrPINBlocked) {
			t.Errorf("a wrong PIN: %v", err)
		}
	}
	if err := r.unlocks(c, "p1", pin); !errors.Is(err, tpm.ErrPINBlocked) {
		t.Errorf("the right one after %d wrong ones: %v", tpm.PINLimit, err)
	}
	if err := r.unlocks(c, "p1", r.setPIN(c, "p1", "271828")); err != nil {
		t.Errorf("after a reset: %v", err)
	}
	again := r.enrolChip(device, "press-1")
	if p := r.personAt(again.soft, "p1"); p.PIN != wire.PINUnset || p.Slot != 0 {
		t.Errorf("after enrolling again: %+v", p)
	}
	if err := r.unlocks(again, "p1", r.setPIN(again, "p1", "161803")); err != nil {
		t.Errorf("set anew: %v", err)
	}
}
