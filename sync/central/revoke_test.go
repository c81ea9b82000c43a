package central

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

func TestRevoke(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	stolen, other := r.enrol("press-1"), r.enrol("press-2")
	r.addPeople("p1")
	jobs := r.pay(3)
	claim := r.claim(stolen, 2)
	r.report(stolen, []wire.Event{r.event(wire.EventAttempt, jobs[0], code(1), claim.FencingToken)}, accepted)
	f := r.follow(t, stolen)
	f.until("at once", waiting(1))
	_, pendingRequest := r.request("press-1")
	_, unused := r.request("press-1")
	late, err := r.client(nil).Enrol(ctx, pendingRequest)
	r.check(err)

	r.check(r.Revoke(ctx, "press-1"))
	if err := f.end(); err != nil && !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("its stream: %v", err)
	}
	if again := r.claim(other, 10); len(again.Jobs) != 2 || again.Jobs[0].ID != jobs[1] || again.Jobs[1].ID != jobs[2] {
		t.Errorf("%d letters are leased anew; only what is on no paper may be", len(again.Jobs))
	}
	r.wantState(jobs[0], statePaper)
	if _, err := stolen.Claim(ctx, wire.ClaimRequest{ID: claim.ID, Max: 2}); !errors.Is(err, wire.ProblemStationRevoked) {
		t.Errorf("its own claim once more: %v", err)
	}
	if _, err := r.client(nil).Activate(ctx, late.ID, (&soft{}).nothing()); !errors.Is(err, wire.ProblemEnrolmentExpired) {
		t.Errorf("an enrolment under way: %v", err)
	}
	if _, err := r.client(nil).Enrol(ctx, unused); !errors.Is(err, wire.ProblemTokenRefused) {
		t.Errorf("a token that was not used yet: %v", err)
	}
	if _, err := other.Staff(ctx); err != nil {
		t.Errorf("another station: %v", err)
	}
	if err := r.Revoke(ctx, "press-9"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a station that never was: %v", err)
	}
}

func (*soft) nothing() wire.ActivationRequest {
	none := wire.Certification{Attest: []byte{}, Signature: []byte{}}
	return wire.ActivationRequest{Secret: []byte{}, Certifications: wire.Certifications{Doc: none, Log: none, TLS: none}}
}

// TestRevokedIsAnsweredSo: whatever it asks, on the connection that is open and on a new one, and after
// another station took its name.
func TestRevokedIsAnsweredSo(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	stolen := r.enrol("press-1")
	if _, err := stolen.Staff(ctx); err != nil {
		t.Fatal(err)
	}
	r.check(r.Revoke(ctx, "press-1"))
	refused := func(when string) {
		t.Helper()
		for _, op := range r.operations() {
			if op.open {
				continue
			}
			path := strings.Replace(op.path, "{id}", uuid.NewString(), 1)
			req, err := http.NewRequestWithContext(ctx, op.method, r.url+path, strings.NewReader("{}"))
			r.check(err)
			req.Header.Set("Content-Type", "application/json")
			resp, err := r.raw(stolen).Do(req)
			r.check(err)
			if p := wire.DecodeProblem(resp.Body, resp.StatusCode); p.Type != wire.ProblemStationRevoked {
				t.Errorf("%s, %s: %v", when, op.name, p)
			}
			r.check(resp.Body.Close())
		}
		if _, err := stolen.Staff(ctx); !errors.Is(err, wire.ProblemStationRevoked) || client.Retryable(err) {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("at once")
	if _, err := stolen.renew(); !errors.Is(err, wire.ProblemStationRevoked) {
		t.Errorf("a renewal: %v", err)
	}
	replacement := r.enrol("press-1")
	refused("when another has its name")
	if _, err := replacement.Staff(ctx); err != nil {
		t.Errorf("the replacement: %v", err)
	}
	if replacement.activation.Predecessor == nil {
		t.Error("the replacement's journal has no predecessor")
	}
}

// TestRevokedBetweenTwoEnrolments: the certificate of an earlier enrolment is the thief's as well.
func TestRevokedBetweenTwoEnrolments(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	former := r.enrol("press-1")
	r.enrol("press-1")
	if _, err := former.Staff(ctx); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("an earlier enrolment: %v", err)
	}
	r.check(r.Revoke(ctx, "press-1"))
	if _, err := former.Staff(ctx); !errors.Is(err, wire.ProblemStationRevoked) {
		t.Errorf("an earlier enrolment of a revoked station: %v", err)
	}
}

// TestRevokedWhileItAsks: a request that began before the revocation, and whose body comes after it, leases
// nothing and is not believed; nor is one of an enrolment that another has followed meanwhile.
func TestRevokedWhileItAsks(t *testing.T) {
	for want, end := range map[wire.ProblemType]func(*room){
		wire.ProblemStationRevoked: func(r *room) { r.check(r.Revoke(context.Background(), "press-1")) },
		wire.ProblemForbidden:      func(r *room) { r.enrol("press-1") },
	} {
		r := newRoom(t, nil)
		job := r.pay(1)[0]
		for path, body := range map[string]any{
			"/v1/claims":          wire.ClaimRequest{ID: uuid.NewString(), Max: 1},
			"/v1/events":          wire.EventBatch{Events: []wire.Event{r.event(wire.EventAttempt, job, code(1), 1)}},
			"/v1/journal/entries": wire.JournalEntries{Log: r.config.Name + "/press-1", First: 1, Entries: []string{strings.Repeat("x", 200)}},
		} {
			stolen := r.enrol("press-1")
			shown, err := x509.ParseCertificate(stolen.certificate.Certificate[0])
			r.check(err)
			text, err := json.Marshal(body)
			r.check(err)
			req := httptest.NewRequest(http.MethodPost, path, io.MultiReader(late(func() { end(r) }), bytes.NewReader(text)))
			req.Header.Set("Content-Type", "application/json")
			req.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{shown}}
			answer := httptest.NewRecorder()
			r.Handler().ServeHTTP(answer, req)
			if p := wire.DecodeProblem(answer.Body, answer.Code); p.Type != want {
				t.Errorf("%s: %v, want %s", path, p, want)
			}
		}
	}
}

// late does something before it ends.
type late func()

func (l late) Read([]byte) (int, error) {
	l()
	return 0, io.EOF
}
