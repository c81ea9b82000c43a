package central

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

func TestEnrolmentIsIdempotent(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	s, request := r.request("press-1")
	first, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Error(d)
	}
	other := request
	other.EKPublic = []byte("other")
	if _, err := open.Enrol(ctx, other); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("same id, other body: %v", err)
	}
	other = request
	other.ID = uuid.NewString()
	if _, err := open.Enrol(ctx, other); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("a token twice: %v", err)
	}
	good := s.answer(t, first)
	wrong := good
	wrong.Secret = bytes.Repeat([]byte{1}, 32)
	if _, err := open.Activate(ctx, first.ID, wrong); !errors.Is(err, wire.ProblemSecretRefused) {
		t.Errorf("a wrong secret: %v", err)
	}
	a, err := open.Activate(ctx, first.ID, good)
	if err != nil {
		t.Fatal(err)
	}
	b, err := open.Activate(ctx, first.ID, good)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
	if _, err := open.Activate(ctx, first.ID, wrong); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("another secret afterwards: %v", err)
	}
}

// TestUncertifiedKeys: the right secret alone enrols nothing. Each of the three keys must be certified, by
// this attestation key, for this enrolment.
func TestUncertifiedKeys(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	s, request := r.request("press-1")
	e, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	stranger := *s
	stranger.ak = newKey(t)
	for name, change := range map[string]func(*wire.Certifications){
		"no K_doc":                   func(c *wire.Certifications) { c.Doc.Signature = []byte{1} },
		"K_log in K_doc's place":     func(c *wire.Certifications) { c.Doc = c.Log },
		"K_tls in K_log's place":     func(c *wire.Certifications) { c.Log = c.TLS },
		"another attestation key":    func(c *wire.Certifications) { *c = stranger.certifications(t, e.Challenge.Credential, e.ID) },
		"for another enrolment":      func(c *wire.Certifications) { *c = s.certifications(t, e.Challenge.Credential, uuid.NewString()) },
		"without having known it":    func(c *wire.Certifications) { *c = s.certifications(t, nil, e.ID) },
		"two good ones and one none": func(c *wire.Certifications) { c.TLS = wire.Certification{Attest: []byte{}, Signature: []byte{}} },
	} {
		answer := s.answer(t, e)
		change(&answer.Certifications)
		if _, err := open.Activate(ctx, e.ID, answer); !errors.Is(err, wire.ProblemKeyRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := open.Activate(ctx, e.ID, s.answer(t, e)); err != nil {
		t.Errorf("the right answer, after all those: %v", err)
	}
}

func TestEnrolmentOfOneKeyTwice(t *testing.T) {
	r := newRoom(t, nil)
	_, request := r.request("press-1")
	request.Keys.Log = request.Keys.Doc
	if _, err := r.client(nil).Enrol(context.Background(), request); !errors.Is(err, wire.ProblemKeyRefused) {
		t.Error(err)
	}
}

func TestEnrolmentRunsOut(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	_, late := r.request("press-1")
	r.clock.Add(15 * time.Minute)
	if _, err := open.Enrol(ctx, late); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("an old token: %v", err)
	}
	guess := late
	guess.ID, guess.Token = uuid.NewString(), guess.Token[:17]+"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	if _, err := open.Enrol(ctx, guess); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("a guessed token: %v", err)
	}
	s, request := r.request("press-1")
	e, err := open.Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Add(15 * time.Minute)
	if _, err := open.Activate(ctx, e.ID, s.answer(t, e)); !errors.Is(err, wire.ProblemEnrolmentExpired) {
		t.Errorf("old challenges: %v", err)
	}
}

func TestEnrolAgain(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	before := r.enrol("press-1")
	r.pay(2)
	claim := r.claim(before, 10)
	paper := r.event(wire.EventAttempt, claim.Jobs[0].ID, code(1), claim.FencingToken)
	r.report(before, []wire.Event{paper}, accepted)
	after := r.enrol("press-1")
	if _, err := before.Staff(ctx); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("the former certificate: %v", err)
	}
	a := after.activation
	if a.Log == before.activation.Log || a.Predecessor == nil || a.Predecessor.Log != before.activation.Log {
		t.Errorf("%q succeeds %+v", a.Log, a.Predecessor)
	}
	if early := r.claim(after, 10); len(early.Jobs) != 0 {
		t.Errorf("%d letters are leased anew before the station told what is on paper", len(early.Jobs))
	}
	told := r.event(wire.EventDeviceDone, claim.Jobs[0].ID, code(1), claim.FencingToken)
	r.report(after, []wire.Event{told}, accepted)
	release := wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken, Jobs: []wire.UUID{claim.Jobs[1].ID}}
	if _, err := after.Release(ctx, claim.ID, release); err != nil {
		t.Fatal(err)
	}
	again := r.claim(after, 10)
	if len(again.Jobs) != 1 || again.Jobs[0].ID != claim.Jobs[1].ID {
		t.Errorf("leased anew: %d jobs; only the one on no paper may be", len(again.Jobs))
	}
}
