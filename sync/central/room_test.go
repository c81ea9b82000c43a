package central

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

// clock is a fake one that many goroutines read.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// room is a central server that is served over TLS on loopback.
type room struct {
	*Central
	clock *clock
	url   string
	t     testing.TB
	stop  context.CancelFunc // ends serving
	ended chan struct{}      // closed when it has
}

func newRoom(t testing.TB, change func(*Config)) *room {
	t.Helper()
	r := &room{clock: &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, t: t}
	config := Config{Dir: t.TempDir(), Now: r.clock.Now, Fault: func(err error) { t.Errorf("central: %v", err) }}
	if change != nil {
		change(&config)
	}
	var err error
	if r.Central, err = New(context.Background(), config); err != nil {
		t.Fatal(err)
	}
	if config.EKRoots == nil {
		r.tpm = softTPM{}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = "https://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.ended = cancel, make(chan struct{})
	go func() {
		defer close(r.ended)
		if err := r.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-r.ended
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

func (r *room) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.Authority())
	return pool
}

func (r *room) client(certificate *tls.Certificate) *client.Client {
	r.t.Helper()
	c, err := client.New(client.Config{
		BaseURL: r.url, Authorities: r.Authorities, Now: r.clock.Now, Timeout: 5 * time.Second,
		Certificate: func() (*tls.Certificate, error) { return certificate, nil },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func (r *room) pay(n int) []wire.UUID {
	r.t.Helper()
	var jobs []wire.UUID
	for i := range n {
		job, err := r.Pay(context.Background(), r.letter(i))
		if err != nil {
			r.t.Fatal(err)
		}
		jobs = append(jobs, job)
	}
	return jobs
}

func (r *room) letter(i int) Letter {
	return Letter{
		PDF: fmt.Appendf(nil, "%%PDF-1.7 letter %d", i), Recipient: []string{"Recipient", "Rue 1"}, Country: "BE",
		Return: []string{"Sender"}, Product: wire.ProductStandard, Envelope: "c5_6", Pages: 1,
		CutOff: r.clock.Now().Add(time.Duration(i+1) * time.Hour),
	}
}

func (r *room) claim(s *soft, most int) wire.Claim {
	r.t.Helper()
	claim, err := s.Claim(context.Background(), wire.ClaimRequest{ID: uuid.NewString(), Max: most})
	if err != nil {
		r.t.Fatal(err)
	}
	return claim
}

// code makes distinct attempt codes.
func code(n int) wire.AttemptCode { return fmt.Sprintf("%012dA", n) }

func (r *room) event(kind wire.EventKind, job wire.UUID, attempt wire.AttemptCode, token int64) wire.Event {
	e := wire.Event{ID: uuid.NewString(), Kind: kind, At: r.clock.Now(), Job: job, Attempt: attempt, FencingToken: token}
	if kind == wire.EventAttempt {
		e.Number = 1
	}
	if kind == wire.EventHeld {
		e.Reason = "corrupt"
	}
	return e
}

// report sends events and wants these verdicts: "accepted", "duplicate", or a problem's type.
func (r *room) report(s *soft, events []wire.Event, want ...string) {
	r.t.Helper()
	answer, err := s.Report(context.Background(), wire.EventBatch{Events: events})
	if err != nil {
		r.t.Fatal(err)
	}
	for i, v := range answer.Verdicts {
		have := string(v.Verdict)
		if v.Problem != nil {
			have = string(v.Problem.Type)
		}
		if have != want[i] {
			r.t.Errorf("event %d, %s: %s, want %s (%v)", i, events[i].Kind, have, want[i], v.Problem)
		}
	}
}

const (
	accepted  = string(wire.VerdictAccepted)
	duplicate = string(wire.VerdictDuplicate)
)

func retryable(err error) bool { return client.Retryable(err) }

// raw is a plain HTTP client that shows a station's certificate.
func (r *room) raw(s *soft) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: r.roots(), Time: r.clock.Now, Certificates: []tls.Certificate{*s.certificate},
	}}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func hexDigest(b []byte) wire.Digest {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
