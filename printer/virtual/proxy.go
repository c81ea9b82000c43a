package virtual

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Proxy stands before a printer and breaks what passes, one fault at a time.
// Its methods may be called at any time.
type Proxy struct {
	backend string // host:port of the printer
	secure  *tls.Config

	mu     sync.Mutex
	addr   string // host:port, kept over Off and On
	server *http.Server
	served chan struct{} // closed when server has ended
	fault  *Fault
	over   chan struct{} // closed when the fault is changed: what it holds is let go
	passed []uint16      // operations that came, in order
}

// NewProxy starts a proxy before the printer at addr (host:port). With a
// certificate it speaks TLS to clients; the printer is asked in the clear.
func NewProxy(addr string, certificate *tls.Certificate) (*Proxy, error) {
	p := &Proxy{backend: addr, addr: "127.0.0.1:0", over: make(chan struct{})}
	if certificate != nil {
		p.secure = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	return p, p.On()
}

// On opens the port again after Off.
func (p *Proxy) On() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return errors.New("proxy is on")
	}
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	p.addr = l.Addr().String()
	if p.secure != nil {
		l = tls.NewListener(l, p.secure)
	}
	server := &http.Server{Handler: http.HandlerFunc(p.serve), ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: startTimeout}
	served := make(chan struct{})
	p.server, p.served = server, served
	go func() {
		defer close(served)
		_ = server.Serve(l) // ends with Off
	}()
	return nil
}

// Off closes the port and every connection: the printer is off.
func (p *Proxy) Off() error {
	p.mu.Lock()
	server, served := p.server, p.served
	p.server = nil
	p.letGo()
	p.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	return err
}

// Break sets the fault; nil heals. A request that the last fault stalled is
// broken off, one that it delayed is answered.
func (p *Proxy) Break(f *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f != nil {
		copied := *f
		f = &copied
	}
	p.fault = f
	p.letGo()
}

// letGo ends what a fault holds up; p.mu is held.
func (p *Proxy) letGo() {
	close(p.over)
	p.over = make(chan struct{})
}

// URI is the proxy's printer address.
func (p *Proxy) URI() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secure != nil {
		return "ipps://" + p.addr + "/ipp/print"
	}
	return "ipp://" + p.addr + "/ipp/print"
}

// Operations are the IPP operations that came so far.
func (p *Proxy) Operations() []uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]uint16(nil), p.passed...)
}

// strike is the fault for an operation, the zero fault when there is none, and
// what is closed when it is over.
func (p *Proxy) strike(op uint16) (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(p.passed, op)
	f := p.fault
	if f == nil || (f.Operation != 0 && f.Operation != op) {
		return Fault{}, p.over
	}
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			p.fault = nil
		}
	}
	return *f, p.over
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r.Body, head); err != nil {
		http.Error(w, "no IPP request", http.StatusBadRequest)
		return
	}
	fault, over := p.strike(binary.BigEndian.Uint16(head[2:]))
	body := io.MultiReader(bytes.NewReader(head), r.Body)
	w.Header().Set("Content-Type", "application/ipp")
	switch {
	case fault.Status != 0:
		w.WriteHeader(fault.Status)
	case fault.Answer != nil:
		_, _ = w.Write(fault.Answer) // the client may have had enough
	case fault.Flood > 0:
		flood(w, head, fault.Flood)
	default:
		if err := p.pass(w, r, body, fault, over); err != nil {
			panic(http.ErrAbortHandler) // net/http's way to break a connection
		}
	}
}

// pass asks the printer and answers; an error breaks the client's connection.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, body io.Reader, f Fault, over <-chan struct{}) error {
	conn, err := net.DialTimeout("tcp", p.backend, startTimeout)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // on every way out; a cut is meant to be rude
	if err := send(conn, r.URL.Path, p.backend, body, f, over); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err != nil || f.DropAnswer {
		return fmt.Errorf("answer dropped: %w", errors.Join(err, net.ErrClosed))
	}
	select {
	case <-time.After(f.Delay):
	case <-over:
	}
	w.WriteHeader(resp.StatusCode)
	_, err = w.Write(answer)
	return err
}

// send writes a request by hand, so that what the printer has got when the
// fault strikes is exact.
func send(conn net.Conn, path, host string, body io.Reader, f Fault, over <-chan struct{}) error {
	const request = "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	if _, err := fmt.Fprintf(conn, request, path, host); err != nil {
		return err
	}
	limit := max(f.CutAfter, f.StallAfter)
	if limit > 0 {
		body = io.LimitReader(body, limit)
	}
	chunk := make([]byte, 32<<10)
	for {
		n, err := body.Read(chunk)
		if n > 0 {
			if _, err := fmt.Fprintf(conn, "%x\r\n%s\r\n", n, chunk[:n]); err != nil {
				return err
			}
			limit -= int64(n)
		}
		switch {
		case err == nil:
			continue
		case !errors.Is(err, io.EOF):
			return err
		case limit == 0 && f.StallAfter > 0:
			<-over
			return errors.New("stalled")
		case limit == 0 && f.CutAfter > 0:
			return errors.New("cut")
		}
		_, err = io.WriteString(conn, "0\r\n\r\n")
		return err
	}
}

// flood answers successfully and without end.
func flood(w io.Writer, request []byte, size int64) {
	head := append([]byte{2, 0, 0, 0}, request[4:8]...)
	if _, err := w.Write(append(head, 0x04)); err != nil {
		return
	}
	block := bytes.Repeat(floodAttribute[:], 4096)
	for sent := int64(0); sent < size; sent += int64(len(block)) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}
