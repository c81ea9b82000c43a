package central

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// The server's patience. A picture or a document may take its time; a header may not.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 5 * time.Minute
	idleTimeout   = 2 * time.Minute
	graceTimeout  = 20 * time.Second
	maxHeader     = 16 << 10
)

// TLSConfig is mutual TLS 1.3: certificates that are shown must be a room authority's that holds at that
// moment. None at all is let through to the requests that need none.
func (c *Central) TLSConfig() *tls.Config {
	config := c.authority.tlsConfig()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.authority.tlsConfig(), nil }
	return config
}

// Handler answers the contract's requests. It must be served with TLSConfig.
func (c *Central) Handler() http.Handler { return c.handler }

// Serve answers on the listener until ctx ends, then lets requests finish for a while, and returns when
// no goroutine of its is left. It closes the listener. The error is nil after a graceful end.
func (c *Central) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           c.handler,
		TLSConfig:         c.TLSConfig(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      bodyTimeout,
		IdleTimeout:       idleTimeout,
		BaseContext: func(net.Listener) context.Context { // a stream ends when serving does
			return context.WithValue(context.Background(), stoppingKey{}, ctx.Done())
		},
		MaxHeaderBytes: maxHeader,
		// Failed handshakes are the network's doing, and would name addresses.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	forgetting, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { c.keepForgetting(forgetting) })
	defer work.Wait()
	defer stop()
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(l, "", "") }()
	select {
	case err := <-served: // the listener broke
		return errors.Join(fmt.Errorf("serve: %w", err), server.Close())
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop serving: %w", err), server.Close())
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve: %w", end))
	}
	return err
}

// request is one request on its way through an operation.
type request struct {
	http    *http.Request
	w       http.ResponseWriter
	station station   // zero before enrolment
	id      wire.UUID // from the path, "" if there is none
	body    []byte
}

// operation is one of the contract's.
type operation struct {
	name, method, path string
	open               bool  // answered without a client certificate
	limit              int64 // of the body in bytes; 0: none is read
	serve              func(context.Context, *request) (answer, error)
	letters            bool // or a PIN: refused to a station whose log is forked
}

func (c *Central) operations() []operation {
	return []operation{
		{"trust", "GET", "/v1/trust", true, 0, c.serveTrust, false},
		{"enrol", "POST", "/v1/enrolments", true, wire.MaxEnrolBody, c.serveEnrol, false},
		{"activate", "POST", "/v1/enrolments/{id}/activation", true, wire.MaxActivateBody, c.serveActivate, false},
		{"certificate", "POST", "/v1/certificate", false, wire.MaxCertificateBody, c.serveCertificate, false},
		{"grantPIN", "POST", "/v1/pins", false, wire.MaxPINGrantBody, c.serveGrantPIN, true},
		{"staff", "GET", "/v1/staff", false, 0, c.serveStaff, false},
		{"claim", "POST", "/v1/claims", false, wire.MaxClaimBody, c.serveClaim, true},
		{"renew", "POST", "/v1/claims/{id}/renewal", false, wire.MaxRenewBody, c.serveRenew, true},
		{"release", "POST", "/v1/claims/{id}/release", false, wire.MaxReleaseBody, c.serveRelease, false},
		{"orders", "GET", "/v1/orders", false, 0, c.serveOrders, false},
		{"document", "GET", "/v1/documents/{id}", false, 0, c.serveDocument, true},
		{"report", "POST", "/v1/events", false, wire.MaxReportBody, c.serveReport, false},
		{"deposit", "PUT", "/v1/deposits/{id}", false, wire.MaxDepositBody, c.serveDeposit, false},
		{"receipt", "PUT", "/v1/receipts/{id}", false, wire.MaxReceiptBody, c.serveReceipt, false},
		{"receiptImage", "PUT", "/v1/receipts/{id}/image", false, wire.MaxReceiptImage, c.serveReceiptImage, false},
		{"journalEntries", "POST", "/v1/journal/entries", false, wire.MaxJournalEntriesBody, c.serveEntries, false},
		{"journalCheckpoint", "POST", "/v1/journal/checkpoint", false, wire.MaxJournalCheckpointBody, c.serveCheckpoint, false},
	}
}

func (c *Central) routes() http.Handler {
	mux := http.NewServeMux()
	for _, op := range c.operations() {
		mux.HandleFunc(op.path, func(w http.ResponseWriter, r *http.Request) { c.run(w, r, op) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problemAnswer(wire.NewProblem(wire.ProblemNotFound, "no such path")).send(w)
	})
	return mux
}

func (c *Central) run(w http.ResponseWriter, r *http.Request, op operation) {
	ctx := r.Context()
	a, err := c.attempt(ctx, w, r, op)
	if errors.Is(err, errSent) {
		return
	}
	if err != nil {
		a = c.refusal(op.name, err)
	}
	c.config.Hooks.answer(ctx, w, op.name, a)
}

// errSent: the operation has sent its answer itself.
var errSent = errors.New("answer sent")

func (c *Central) attempt(ctx context.Context, w http.ResponseWriter, r *http.Request, op operation) (answer, error) {
	if err := c.config.Hooks.before(ctx, op.name); err != nil {
		return misbehave(w, err, answer{}), nil
	}
	if r.Method != op.method {
		w.Header().Set("Allow", op.method)
		return answer{}, wire.NewProblem(wire.ProblemMethodNotAllowed, "%s only", op.method)
	}
	q := &request{http: r, w: w, id: r.PathValue("id")}
	var err error
	if !op.open {
		if q.station, err = c.authenticate(ctx, r, op.letters); err != nil {
			return answer{}, err
		}
	}
	if q.id != "" {
		if err := c.contract.id(q.id); err != nil {
			return answer{}, err
		}
	}
	if q.body, err = readBody(w, r, op); err != nil {
		return answer{}, err
	}
	return op.serve(ctx, q)
}

func readBody(w http.ResponseWriter, r *http.Request, op operation) ([]byte, error) {
	if op.limit == 0 {
		return nil, nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (media != "application/json" && op.name != "receiptImage") {
		return nil, wire.NewProblem(wire.ProblemMediaType, "")
	}
	if r.ContentLength > op.limit {
		return nil, wire.NewProblem(wire.ProblemTooLarge, "at most %d bytes", op.limit)
	}
	body, err := wire.Read(http.MaxBytesReader(w, r.Body, op.limit), op.limit)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, wire.NewProblem(wire.ProblemTooLarge, "at most %d bytes", op.limit)
	}
	if err != nil {
		return nil, wire.NewProblem(wire.ProblemBadRequest, "the body broke off")
	}
	return body, nil
}

// refusal turns an error into what the station sees. A fault of ours is told to Config.Fault alone.
func (c *Central) refusal(operation string, err error) answer {
	var p *wire.Problem
	if errors.As(err, &p) {
		return problemAnswer(p)
	}
	c.config.Fault(fmt.Errorf("%s: %w", operation, err))
	return problemAnswer(wire.NewProblem(wire.ProblemInternal, ""))
}
