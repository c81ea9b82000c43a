package central

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
)

func ids(c wire.Claim) []wire.UUID {
	list := []wire.UUID{}
	for _, j := range c.Jobs {
		list = append(list, j.ID)
	}
	return list
}

func TestClaim(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.ClaimMax = 3 })
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	if empty := r.claim(a, 5); len(empty.Jobs) != 0 || empty.FencingToken != 0 || empty.SealedKey != nil {
		t.Errorf("%+v", empty)
	}
	jobs := r.pay(5)
	request := wire.ClaimRequest{ID: uuid.NewString(), Max: 100}
	first, err := a.Claim(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(jobs[:3], ids(first)); d != "" {
		t.Errorf("soonest cut-off first, three at most: %s", d)
	}
	again, err := a.Claim(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Errorf("sent again: %s", d)
	}
	if _, err := a.Claim(ctx, wire.ClaimRequest{ID: request.ID, Max: 1}); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("same id, other body: %v", err)
	}
	if _, err := b.Claim(ctx, request); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("another station's claim id: %v", err)
	}
	second := r.claim(b, 1)
	if d := cmp.Diff(jobs[3:4], ids(second)); d != "" || second.FencingToken <= first.FencingToken {
		t.Errorf("token %d after %d; %s", second.FencingToken, first.FencingToken, d)
	}
	doc, err := a.doc.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.OpenClaimKey(doc, keys.Binding{Claim: first.ID, Station: "press-1"}, first.SealedKey)
	if err != nil {
		t.Fatal(err)
	}
	key.Destroy()
	if _, err := keys.OpenClaimKey(doc, keys.Binding{Claim: second.ID, Station: "press-1"}, first.SealedKey); err == nil {
		t.Error("a claim's key opens under another claim's binding")
	}
}

// TestTokensAfterARestore: a central that lost its claims gives no token a second time.
func TestTokensAfterARestore(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	r.pay(2)
	lost := r.claim(s, 1)
	for _, statement := range []string{`UPDATE jobs SET claim = NULL`, `DELETE FROM leasings`, `DELETE FROM claims`} {
		_, err := r.db.Exec(statement)
		r.check(err)
	}
	r.clock.Add(time.Minute)
	again := r.claim(s, 1)
	if again.Jobs[0].ID != lost.Jobs[0].ID || again.FencingToken <= lost.FencingToken {
		t.Errorf("token %d after %d", again.FencingToken, lost.FencingToken)
	}
}

func TestLeaseEnds(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(4)
	claim := r.claim(a, 10)
	r.report(a, []wire.Event{
		r.event(wire.EventAttempt, jobs[0], code(1), claim.FencingToken),
		r.event(wire.EventHeld, jobs[1], "", claim.FencingToken),
	}, accepted, accepted)
	r.clock.Add(time.Hour)
	renewal, err := a.Renew(ctx, claim.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken})
	if err != nil || len(renewal.Jobs) != 4 || !renewal.ExpiresAt.Equal(r.clock.Now().Add(2*time.Hour)) {
		t.Fatalf("%+v %v", renewal, err)
	}
	if c := r.claim(b, 10); len(c.Jobs) != 0 {
		t.Errorf("leased twice: %v", ids(c))
	}
	r.clock.Add(2 * time.Hour)
	taken := r.claim(b, 1)
	if d := cmp.Diff(jobs[2:3], ids(taken)); d != "" {
		t.Errorf("what may be on paper or is set aside stays: %s", d)
	}
	// Nobody else has them: the rest may still be renewed.
	renewal, err = a.Renew(ctx, claim.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken})
	want := []wire.UUID{jobs[0], jobs[1], jobs[3]}
	slices.Sort(want)
	if d := cmp.Diff(want, renewal.Jobs); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	// The fenced-off station printed without knowing: its mailing is refused.
	late := r.event(wire.EventAttempt, jobs[2], code(3), claim.FencingToken)
	r.report(a, []wire.Event{late, r.event(wire.EventEnveloped, jobs[2], code(3), claim.FencingToken)},
		string(wire.ProblemStaleFencingToken), string(wire.ProblemAttemptUnknown))
	if err := r.Requeue(ctx, jobs[0]); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(jobs[:1], ids(r.claim(b, 1))); d != "" {
		t.Errorf("a person decided: %s", d)
	}
	r.report(a, []wire.Event{r.event(wire.EventEnveloped, jobs[0], code(1), claim.FencingToken)}, string(wire.ProblemStaleFencingToken))
}

func TestRelease(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(3)
	claim := r.claim(a, 10)
	r.report(a, []wire.Event{r.event(wire.EventAttempt, jobs[0], code(1), claim.FencingToken)}, accepted)
	request := wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken, Jobs: jobs}
	var p *wire.Problem
	if _, err := a.Release(ctx, claim.ID, request); !errors.As(err, &p) || p.Type != wire.ProblemJobOnPaper || p.Jobs[0] != jobs[0] {
		t.Errorf("%v", err)
	}
	if c := r.claim(b, 10); len(c.Jobs) != 0 {
		t.Errorf("a refused release released %d", len(c.Jobs))
	}
	request = wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken, Jobs: jobs[1:]}
	if _, err := b.Release(ctx, claim.ID, request); !errors.Is(err, wire.ProblemNotFound) {
		t.Errorf("another station's claim: %v", err)
	}
	for range 2 {
		if _, err := a.Release(ctx, claim.ID, request); err != nil {
			t.Fatal(err)
		}
	}
	if c := r.claim(b, 10); len(c.Jobs) != 2 {
		t.Errorf("%d leased after the release", len(c.Jobs))
	}
	request.FencingToken++
	if _, err := a.Release(ctx, claim.ID, request); !errors.Is(err, wire.ProblemIDReused) {
		t.Errorf("same id, other body: %v", err)
	}
	if err := r.Cancel(ctx, jobs[0]); err != nil {
		t.Fatal(err)
	}
	_, err := a.Renew(ctx, claim.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken})
	if !errors.As(err, &p) || p.Type != wire.ProblemLeaseLost || !slices.Equal(p.Jobs, jobs[:1]) {
		t.Errorf("%v", err)
	}
}

// memory file for downloads
type buffer struct{ b []byte }

func (m *buffer) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	return copy(m.b[at:], p), nil
}

func (m *buffer) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.b).ReadAt(p, at)
}

func TestDocument(t *testing.T) {
	fault := make(chan error, 1)
	r := newRoom(t, func(c *Config) {
		c.Hooks = &Hooks{BeforeAnswer: func(_ context.Context, operation string) error {
			if operation != "document" {
				return nil
			}
			select {
			case err := <-fault:
				return err
			default:
				return nil
			}
		}}
	})
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	letter := r.letter(0)
	letter.PDF = bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	if _, err := r.Pay(ctx, letter); err != nil {
		t.Fatal(err)
	}
	doc := r.claim(a, 1).Jobs[0].Document
	if doc.Size != int64(len(letter.PDF)+keys.Overhead) {
		t.Errorf("size %d", doc.Size)
	}
	fault <- ErrHalf
	var m buffer
	held, err := a.Download(ctx, doc, &m, 0)
	if err == nil || held != doc.Size/2 {
		t.Fatalf("half of it: %d of %d bytes, %v", held, doc.Size, err)
	}
	if held, err = a.Download(ctx, doc, &m, held); err != nil || held != doc.Size {
		t.Fatalf("the rest: %d of %d bytes, %v", held, doc.Size, err)
	}
	if sum := sha256.Sum256(m.b); hex.EncodeToString(sum[:]) != doc.SHA256 {
		t.Error("not the document")
	}
	if _, err := b.Download(ctx, doc, &buffer{}, 0); !errors.Is(err, wire.ProblemNotFound) {
		t.Errorf("another station's letter: %v", err)
	}
	for _, value := range []string{"bytes=999999999-", "bytes=0-1,5-6"} {
		req, err := http.NewRequestWithContext(ctx, "GET", r.url+"/v1/documents/"+doc.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", value)
		resp, err := r.raw(a).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if p := wire.DecodeProblem(resp.Body, resp.StatusCode); p.Type != wire.ProblemRange {
			t.Errorf("%s: %v", value, p)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnswerLost(t *testing.T) {
	lose := make(chan error, 1)
	r := newRoom(t, func(c *Config) {
		c.Hooks = &Hooks{BeforeAnswer: func(context.Context, string) error {
			select {
			case err := <-lose:
				return err
			default:
				return nil
			}
		}}
	})
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs := r.pay(4)
	for i, fault := range []error{ErrDrop, ErrHalf, ErrGarbage, wire.NewProblem(wire.ProblemBusy, "")} {
		request := wire.ClaimRequest{ID: uuid.NewString(), Max: 1}
		lose <- fault
		if _, err := s.Claim(ctx, request); err == nil || !retryable(err) {
			t.Fatalf("%v: %v", fault, err)
		}
		claim, err := s.Claim(ctx, request)
		if err != nil || len(claim.Jobs) != 1 || claim.Jobs[0].ID != jobs[i] {
			t.Errorf("%v, sent again: %v %v", fault, ids(claim), err)
		}
	}
}
