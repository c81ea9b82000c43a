package ipp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
)

// tired is a printer that keeps connections, but breaks them off at some
// requests instead of answering. It remembers which operation came when, on
// which connection.
type tired struct {
	listener net.Listener
	conns    sync.WaitGroup

	mu     sync.Mutex
	seen   []string // "connection/operation"
	breaks func(connection, nth int, op uint16) bool
}

func startTired(t *testing.T, breaks func(connection, nth int, op uint16) bool) (*tired, *ipp.Client) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tired{listener: listener, breaks: breaks}
	p.conns.Go(func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			p.conns.Go(func() { p.serve(conn, n) })
		}
	})
	t.Cleanup(p.conns.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	c, err := ipp.Dial(ipp.Config{URI: "ipp://" + listener.Addr().String() + "/ipp/print"})
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

func (p *tired) serve(conn net.Conn, n int) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	for nth := 1; ; nth++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil || len(body) < 8 {
			return
		}
		op := uint16(body[2])<<8 | uint16(body[3])
		p.mu.Lock()
		p.seen = append(p.seen, strconv.Itoa(n)+"/"+strconv.Itoa(int(op)))
		p.mu.Unlock()
		if p.breaks(n, nth, op) {
			return
		}
		answer := ipp.Message{Major: 2, RequestID: uint32(body[4])<<24 | uint32(body[5])<<16 | uint32(body[6])<<8 | uint32(body[7])}
		answer.Groups = []ipp.Group{
			{Tag: ipp.TagOperation, Attributes: []ipp.Attribute{ipp.Attr("attributes-charset", ipp.Charset("utf-8")), ipp.Attr("attributes-natural-language", ipp.Language("en"))}},
			{Tag: ipp.TagJob, Attributes: []ipp.Attribute{ipp.Attr("job-id", ipp.Integer(7)), ipp.Attr("job-state", ipp.Enum(9))}},
			{Tag: ipp.TagPrinter, Attributes: []ipp.Attribute{ipp.Attr("printer-state", ipp.Enum(3)), ipp.Attr("media-supported", ipp.Keyword("iso_a4_210x297mm")),
				ipp.Attr("sides-supported", ipp.Keyword("one-sided")), ipp.Attr("print-color-mode-supported", ipp.Keyword("monochrome")),
				ipp.Attr("pwg-raster-document-resolution-supported", ipp.Resolution{X: 300, Y: 300, Units: ipp.PerInch})}},
		}
		data, err := answer.Encode()
		if err != nil {
			return
		}
		head := "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: " + strconv.Itoa(len(data)) + "\r\n\r\n"
		if _, err := conn.Write(append([]byte(head), data...)); err != nil {
			return
		}
	}
}

func (p *tired) order() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.seen, " ")
}

// Questions share a connection; what changes something has its own.
func TestConnectionsAreKeptForQuestions(t *testing.T) {
	p, c := startTired(t, func(int, int, uint16) bool { return false })
	for range 3 {
		if _, err := c.Job(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Send(t.Context(), 7, device.Ticket{}, strings.NewReader("RaS2")); err != nil {
		t.Fatal(err)
	}
	if err := c.Cancel(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Job(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if got, want := p.order(), "1/9 1/9 1/9 2/6 3/8 1/9"; got != want {
		t.Errorf("connection/operation %s, want %s", got, want)
	}
}

// A printer may close a connection that it kept, also while the next question is
// on its way: it is asked again, on a new one.
func TestQuestionOnADeadConnection(t *testing.T) {
	p, c := startTired(t, func(connection, nth int, _ uint16) bool { return connection == 1 && nth == 2 })
	for range 3 {
		if _, err := c.Job(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := p.order(), "1/9 1/9 2/9 2/9"; got != want {
		t.Errorf("connection/operation %s, want %s", got, want)
	}
}

// A question that a new connection does not answer is not asked for ever.
func TestQuestionThatIsNeverAnswered(t *testing.T) {
	p, c := startTired(t, func(_, nth int, _ uint16) bool { return nth == 1 })
	if _, err := c.Job(t.Context(), 7); !errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("%v, want ErrInterrupted", err)
	}
	if got, want := p.order(), "1/9"; got != want {
		t.Errorf("connection/operation %s, want %s", got, want)
	}
}

// What changes something at the printer is sent once, whatever became of it.
func TestNothingIsSentTwice(t *testing.T) {
	for name, act := range map[string]func(context.Context, *ipp.Client) error{
		"6": func(ctx context.Context, c *ipp.Client) error {
			_, err := c.Send(ctx, 7, device.Ticket{}, bytes.NewReader(make([]byte, 1<<20)))
			return err
		},
		"8": func(ctx context.Context, c *ipp.Client) error { return c.Cancel(ctx, 7) },
		"5": func(ctx context.Context, c *ipp.Client) error {
			_, err := c.Create(ctx, device.Ticket{Name: "A0XPQK3C6TED1", Media: "iso_a4_210x297mm", DPI: 300})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			broken, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			p, c := startTired(t, func(_, _ int, op uint16) bool { return int(op) == broken })
			if _, err := c.Describe(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := act(t.Context(), c); !errors.Is(err, ipp.ErrInterrupted) {
				t.Errorf("%v, want ErrInterrupted", err)
			}
			if got := strings.Count(p.order(), "/"+name); got != 1 {
				t.Errorf("sent %d times: %s", got, p.order())
			}
		})
	}
}
