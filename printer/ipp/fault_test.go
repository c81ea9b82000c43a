package ipp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
)

// Operations the proxy strikes.
const createJob, sendDocument = 0x0005, 0x0006

// faulty is a printer behind a proxy, over TLS with the printer's own key.
func faulty(t *testing.T, change func(*ipp.Config)) (*virtual.Printer, *virtual.Proxy, *ipp.Client) {
	t.Helper()
	printer := startPrinter(t, virtual.Options{})
	certificate := printer.Certificate()
	proxy, err := virtual.NewProxy(printer.Addr(), &certificate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Off(); err != nil {
			t.Error(err)
		}
	})
	config := ipp.Config{URI: proxy.URI(), Pin: printer.Pin(), Timeout: 5 * time.Second, Patience: 5 * time.Second}
	if change != nil {
		change(&config)
	}
	return printer, proxy, dial(t, config)
}

// TestSendBroken breaks a Send-Document in every way: what comes back is never
// a success, whatever the printer makes of it.
func TestSendBroken(t *testing.T) {
	ticket := a4Ticket(2)
	document, _ := letter(t, ticket, "")
	half := int64(len(document) / 2)
	for name, c := range map[string]struct {
		fault virtual.Fault
		sides int // what the printer marks all the same
	}{
		"cut in its header": {virtual.Fault{CutAfter: 100}, -1},
		"cut in page 1":     {virtual.Fault{CutAfter: half / 2}, 0},
		"cut in page 2":     {virtual.Fault{CutAfter: half + 30_000}, 1},
		"stalled":           {virtual.Fault{StallAfter: half + 30_000}, 1},
		"answer dropped":    {virtual.Fault{DropAnswer: true}, 2},
		"answer too late":   {virtual.Fault{Delay: time.Minute}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			printer, proxy, client := faulty(t, func(c *ipp.Config) { c.Patience = time.Second })
			id, err := client.Create(t.Context(), ticket)
			if err != nil {
				t.Fatal(err)
			}
			c.fault.Operation = sendDocument
			proxy.Break(&c.fault)
			job, err := client.Send(t.Context(), id, ticket, bytes.NewReader(document))
			if !errors.Is(err, ipp.ErrInterrupted) || errors.Is(err, ipp.ErrUnreachable) {
				t.Fatalf("%+v, %v", job, err)
			}
			if diff := cmp.Diff(device.JobStatus{}, job); diff != "" {
				t.Error(diff)
			}
			proxy.Break(nil)
			if c.sides < 0 {
				return
			}
			after := ended(t, client, id)
			if after.State != device.Completed || after.Impressions != c.sides || after.Name != attempt {
				t.Errorf("the printer says %+v", after) // a cut letter counts as completed: not to be believed
			}
			if prints := printer.Printed(); len(prints) != 1 || prints[0].Sides != c.sides {
				t.Errorf("printed %+v", prints)
			}
			if n := countOf(proxy.Operations(), sendDocument); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func countOf(operations []uint16, op uint16) (n int) {
	for _, o := range operations {
		if o == op {
			n++
		}
	}
	return n
}

func TestDocumentFails(t *testing.T) {
	_, proxy, client := faulty(t, nil)
	ticket := a4Ticket(1)
	id, err := client.Create(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("renderer gone")
	document := io.MultiReader(strings.NewReader("RaS2"), &failing{broken})
	if _, err := client.Send(t.Context(), id, ticket, document); !errors.Is(err, broken) || !errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("%v", err)
	}
	if n := countOf(proxy.Operations(), sendDocument); n > 1 {
		t.Errorf("sent %d times", n)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// slowly gives a document with pauses longer than the printer's own may be.
type slowly struct {
	r     io.Reader
	pause time.Duration
	times int
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.times > 0 {
		s.times--
		time.Sleep(s.pause)
	}
	return s.r.Read(p)
}

func TestSlowDocumentIsNotThePrintersFault(t *testing.T) {
	_, _, client := faulty(t, func(c *ipp.Config) { c.Timeout, c.Patience = 500*time.Millisecond, 500*time.Millisecond })
	ticket := a4Ticket(1)
	document, _ := letter(t, ticket, "")
	id, err := client.Create(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	slow := &slowly{bytes.NewReader(document), 700 * time.Millisecond, 2}
	if _, err := client.Send(t.Context(), id, ticket, slow); err != nil {
		t.Fatal(err)
	}
	if job := ended(t, client, id); job.Impressions != 1 {
		t.Errorf("%+v", job)
	}
}

func TestUnreachable(t *testing.T) {
	_, proxy, client := faulty(t, nil)
	ticket := a4Ticket(1)
	id, err := client.Create(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if err := proxy.Off(); err != nil {
		t.Fatal(err)
	}
	read := &slowly{r: strings.NewReader("never read")}
	read.times = 1
	if _, err := client.Send(t.Context(), id, ticket, read); !errors.Is(err, ipp.ErrUnreachable) || errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("send: %v", err)
	}
	if read.times != 1 {
		t.Error("the document was read though nobody was there")
	}
	if _, err := client.Create(t.Context(), ticket); !errors.Is(err, ipp.ErrUnreachable) {
		t.Errorf("create: %v", err)
	}
	if err := proxy.On(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Job(t.Context(), id); err != nil {
		t.Errorf("back on: %v", err)
	}
}

// TestAnsweredUnread is a printer that answers and goes away before it has read
// anything: the request comes to an end all the same.
func TestAnsweredUnread(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n\r\n") // as much as is taken
			_ = conn.Close()
		}
	}()
	client := dial(t, ipp.Config{URI: "ipp://" + l.Addr().String() + "/ipp/print", Timeout: time.Second})
	answered := make(chan error)
	for range 200 {
		go func() { _, err := client.Status(t.Context()); answered <- err }()
		select {
		case err := <-answered:
			if err == nil {
				t.Error("taken for an answer")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the request never ended")
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

// TestTrickle is a printer that never stands still and never ends its answer.
func TestTrickle(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
	for name, begin := range map[string]string{
		"in the header":      head + "X-Wait: ",
		"in the body":        head + "Content-Length: 1000000\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x04\x41\x00\x01n\x61\x61",
		"before the answer":  "HTTP/1.1 100 Continue\r\nX-Wait: ",
		"in a chunk's wings": head + "Transfer-Encoding: chunked\r\n\r\n1;wait=",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() { defer close(done); trickle(l, begin) }()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			config := ipp.Config{URI: "ipp://" + l.Addr().String() + "/ipp/print", Timeout: 200 * time.Millisecond}
			_, err = dial(t, config).Status(ctx)
			if !errors.Is(err, ipp.ErrInterrupted) || ctx.Err() != nil {
				t.Error(err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			<-done
		})
	}
}

// trickle answers the first connection with begin and then a byte now and then.
func trickle(l net.Listener, begin string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }() // the other side has gone already
	for _, err = conn.Write([]byte(begin)); err == nil; _, err = conn.Write([]byte{'a'}) {
		time.Sleep(20 * time.Millisecond)
	}
}

// TestSilence is a host that takes connections and says nothing.
func TestSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // only ever read
	config := ipp.Config{URI: "ipps://" + l.Addr().String() + "/ipp/print", Pin: [32]byte{1}, Timeout: 300 * time.Millisecond}
	if _, err := dial(t, config).Status(t.Context()); !errors.Is(err, ipp.ErrUnreachable) {
		t.Errorf("no handshake: %v", err)
	}
	config.URI = "ipp://" + l.Addr().String() + "/ipp/print"
	if _, err := dial(t, config).Status(t.Context()); !errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("no answer: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	config.Timeout = time.Minute
	if _, err := dial(t, config).Status(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("given up: %v", err)
	}
}
