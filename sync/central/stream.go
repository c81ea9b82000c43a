package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

const (
	// lookEvery is how soon a change is seen that no write of ours tells of: a lease that ends by the clock.
	lookEvery = 500 * time.Millisecond
	// settle gathers what is written together.
	settle = 20 * time.Millisecond
	// lineTimeout is how long a station may take to accept a line.
	lineTimeout = 15 * time.Second
)

// news wakes whoever waits for the database to change.
type news struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change; guarded by mu
}

func (n *news) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.changed
}

func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}

// streams are the open streams of orders, one a station: the newest.
type streams struct {
	mu   sync.Mutex
	open map[wire.StationID]*openStream // guarded by mu
}

type openStream struct{ end context.CancelFunc }

// enter ends the station's former stream. leave must be called.
func (s *streams) enter(ctx context.Context, station wire.StationID) (_ context.Context, leave func()) {
	ctx, cancel := context.WithCancel(ctx)
	own := &openStream{end: cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if former := s.open[station]; former != nil {
		former.end()
	}
	if s.open == nil {
		s.open = map[wire.StationID]*openStream{}
	}
	s.open[station] = own
	return ctx, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[station] == own {
			delete(s.open, station)
		}
	}
}

// end ends a station's stream, if it has one.
func (s *streams) end(station wire.StationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own := s.open[station]; own != nil {
		own.end()
	}
}

// stoppingKey is where a request's context holds a channel that is closed when its server is to end.
type stoppingKey struct{}

func (c *Central) serveOrders(ctx context.Context, q *request) (answer, error) {
	stopping, _ := ctx.Value(stoppingKey{}).(<-chan struct{}) // nil, as without Serve: never
	ctx, leave := c.streams.enter(ctx, q.station.id)
	defer leave()
	first, err := c.notice(ctx, q.station.id)
	if err != nil {
		return answer{}, err
	}
	l := &lines{w: q.w, control: http.NewResponseController(q.w), hooks: c.config.Hooks}
	if err := l.begin(ctx); err != nil {
		return answer{}, err
	}
	c.follow(ctx, stopping, q, l, first)
	return answer{}, errSent
}

// follow writes lines until the station is gone or no longer enrolled, or central ends.
func (c *Central) follow(ctx context.Context, stopping <-chan struct{}, q *request, l *lines, first []byte) {
	next := first
	var last []byte
	var sent time.Time
	for {
		changed := c.news.next()
		if string(next) != string(last) || time.Since(sent) >= c.config.Heartbeat {
			if l.send(ctx, next) != nil {
				return
			}
			last, sent = next, time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-changed:
			time.Sleep(settle)
		case <-time.After(min(lookEvery, c.config.Heartbeat)):
		}
		var err error
		if _, err = c.authenticate(ctx, q.http, false); err == nil {
			next, err = c.notice(ctx, q.station.id)
		}
		var refused *wire.Problem
		if err != nil && ctx.Err() == nil && !errors.As(err, &refused) {
			c.config.Fault(fmt.Errorf("orders: %w", err))
		}
		if err != nil {
			return // at the next connection the station is told why
		}
	}
}

// notice is the line that says what holds for a station now.
func (c *Central) notice(ctx context.Context, station wire.StationID) ([]byte, error) {
	var n wire.Notice
	err := c.read.QueryRowContext(ctx, `SELECT count(*) FROM jobs j LEFT JOIN claims c ON c.id = j.claim WHERE `+claimable,
		micros(c.now()), station).Scan(&n.Waiting)
	if err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	n.Waiting = min(n.Waiting, wire.MaxWaiting)
	if n.JournalFork, err = c.isForked(ctx, station); err != nil {
		return nil, err
	}
	if n.JournalFork {
		n.Waiting = 0 // for it
	}
	if n.Trust, err = c.trustRevision(); err != nil {
		return nil, err
	}
	if n.Staff, err = c.staffRevision(ctx); err != nil {
		return nil, err
	}
	rows, err := c.read.QueryContext(ctx, `SELECT id, kind, job, at FROM orders WHERE station = ? AND outcome = '' ORDER BY at, id LIMIT ?`,
		station, wire.MaxOrders)
	if err != nil {
		return nil, fmt.Errorf("look up orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var o wire.Order
		var at int64
		if err := rows.Scan(&o.ID, &o.Kind, &o.Job, &at); err != nil {
			return nil, fmt.Errorf("read order: %w", err)
		}
		o.At = fromMicros(at)
		n.Orders = append(n.Orders, o)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up orders: %w", err)
	}
	line, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("encode notice: %w", err)
	}
	return append(line, '\n'), nil
}

// lines writes the stream of one request.
type lines struct {
	w       http.ResponseWriter
	control *http.ResponseController
	hooks   *Hooks
}

// begin sends the header. From here on the connection lasts as long as the stream.
func (l *lines) begin(ctx context.Context) error {
	if err := l.control.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("keep the connection: %w", err)
	}
	h := l.w.Header()
	h.Set("Content-Type", wire.NoticeMedia)
	h.Set("Cache-Control", "no-store")
	return ctx.Err()
}

// send writes a line as the hook wants it. An error ends the stream.
func (l *lines) send(ctx context.Context, line []byte) error {
	var wanted error
	if l.hooks.BeforeAnswer != nil {
		wanted = l.hooks.BeforeAnswer(ctx, "orders")
	}
	switch {
	case errors.Is(wanted, ErrHalf):
		line = line[:len(line)/2]
	case errors.Is(wanted, ErrGarbage):
		line = []byte("{\"" + uuid.NewString() + "\x00\n")
	case wanted != nil:
		panic(http.ErrAbortHandler)
	}
	if err := l.control.SetWriteDeadline(time.Now().Add(lineTimeout)); err != nil {
		return err
	}
	if _, err := l.w.Write(line); err != nil {
		return err
	}
	if err := l.control.Flush(); err != nil {
		return err
	}
	if errors.Is(wanted, ErrHalf) {
		panic(http.ErrAbortHandler)
	}
	return nil
}
