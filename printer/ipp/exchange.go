package ipp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"sync"
)

const mediaType = "application/ipp"

// wholeAnswer is how many times the idle time an answer may take in all, from
// the request's end: a printer that sends a byte now and then is never idle.
const wholeAnswer = 4

var errTrickle = errors.New("the answer does not end")

// exchange is one request and its answer.
type exchange struct {
	end  endpoint
	line line
	kept *http.Transport // for a question; nil for a connection of its own

	mu      sync.Mutex
	conn    *patientConn // nil until connected
	reused  bool         // conn had another request before
	readErr error        // the document's own error
}

// do sends a message with the document after it (nil: none). The answer is
// complete when do returns without an error.
func (x *exchange) do(ctx context.Context, message []byte, document io.Reader) (*Message, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body := &requestBody{
		r:     bytes.NewReader(message),
		whole: wholeAnswer * x.line.idle, late: func() { cancel(errTrickle) },
	}
	if document != nil {
		body.r = io.MultiReader(body.r, &documentReader{x: x, r: document})
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.end.http(), body)
	if err != nil {
		return nil, fmt.Errorf("ipp: make request: %w", err)
	}
	defer body.end() // a printer may answer before it took all
	req.Header.Set("Content-Type", mediaType)
	if document == nil {
		req.ContentLength = int64(len(message))
	}
	transport := x.kept
	if transport == nil {
		transport = x.line.transport()
		transport.DisableKeepAlives = true
		defer transport.CloseIdleConnections()
	}
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: x.connected}))
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, x.failure(ctx, err)
	}
	answer, err := x.answer(resp)
	if closeErr := resp.Body.Close(); err == nil && closeErr != nil {
		err = closeErr
	}
	if err != nil {
		return nil, x.failure(ctx, err)
	}
	return answer, nil
}

// connected is told of the connection: before it the printer has got nothing.
func (x *exchange) connected(info httptrace.GotConnInfo) {
	conn := info.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn, _ = conn.(*patientConn)
	x.reused = info.Reused
}

// stale tells whether a failure may be an old connection's: the printer closes
// those that it is tired of, at any time.
func (x *exchange) stale(err error) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.reused && errors.Is(err, ErrInterrupted)
}

// answer reads an answer; the HTTP status is an error of type *StatusError.
func (x *exchange) answer(resp *http.Response) (*Message, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, &StatusError{HTTP: resp.StatusCode}
	}
	if got, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || got != mediaType {
		return nil, malformed("answer of type %s", Shown(resp.Header.Get("Content-Type")))
	}
	if resp.ContentLength > maxMessage {
		return nil, malformed("answer of %d bytes, limit %d", resp.ContentLength, maxMessage)
	}
	return Decode(bufio.NewReader(resp.Body))
}

// failure tells what the printer can have got. Answers that came whole and
// were bad keep their own error.
func (x *exchange) failure(ctx context.Context, err error) error {
	var status *StatusError
	switch {
	case errors.Is(err, ErrCertificate), errors.Is(err, ErrPlain), errors.As(err, &status):
		return err
	case errors.Is(err, ErrMalformed) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	kind := ErrInterrupted
	x.mu.Lock()
	if x.conn == nil {
		kind = ErrUnreachable
	}
	if x.readErr != nil {
		err = fmt.Errorf("document: %w", x.readErr)
	}
	x.mu.Unlock()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", cause, err)
	}
	return fmt.Errorf("%w: %w", kind, err)
}
