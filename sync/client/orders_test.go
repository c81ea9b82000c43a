package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/wire"
)

// stream serves what it is told to say, piece by piece.
func stream(say func(r *http.Request, line func(string))) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", wire.NoticeMedia)
		say(r, func(s string) {
			_, _ = w.Write([]byte(s))
			_ = http.NewResponseController(w).Flush()
		})
	}
}

// says once, then waits until the client is gone.
func saysAndWaits(text string) http.HandlerFunc {
	return stream(func(r *http.Request, line func(string)) { line(text); <-r.Context().Done() })
}

func TestOrders(t *testing.T) {
	c := against(t, 5*time.Second, stream(func(r *http.Request, line func(string)) {
		if r.Method != "GET" || r.URL.Path != "/v1/orders" || r.Header.Get("Accept") != wire.NoticeMedia {
			t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
		}
		line(`{"waiting":3}` + "\n")
		line(`{"waiting":2,"orders":[{"id":"` + id + `","kind":"cancel",`) // a line may come in pieces
		line(`"job":"` + id + `","at":"2026-03-02T09:00:00Z"}]}` + "\r\n" + `{"waiting":1}` + "\n")
	}))
	order := wire.Order{ID: id, Kind: wire.OrderCancel, Job: id, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	var have []wire.Notice
	if err := c.Orders(t.Context(), func(n wire.Notice) error { have = append(have, n); return nil }); err != nil {
		t.Fatalf("central ended the stream: %v", err)
	}
	if d := cmp.Diff([]wire.Notice{{Waiting: 3}, {Waiting: 2, Orders: []wire.Order{order}}, {Waiting: 1}}, have); d != "" {
		t.Error(d)
	}
	stop := errors.New("enough")
	if err := c.Orders(t.Context(), func(wire.Notice) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("take's own error: %v", err)
	}
}

// TestHostileStream: whatever central sends, the client gives up in time, has read no more than a line,
// and says whether to come again.
func TestHostileStream(t *testing.T) {
	good := `{"waiting":1}` + "\n"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		notices int
		want    error
		retry   bool
	}{
		"garbage":            {saysAndWaits(good + "<html>\n"), 1, ErrAnswer, true},
		"binary":             {saysAndWaits("\x00\xff\xfe\n"), 0, ErrAnswer, true},
		"blank lines":        {saysAndWaits(good + "\n\n"), 1, ErrAnswer, true},
		"two in a line":      {saysAndWaits(`{"waiting":1}{"waiting":2}` + "\n"), 0, ErrAnswer, true},
		"deep":               {saysAndWaits(string(bytes.Repeat([]byte("["), 60000)) + "\n"), 0, ErrAnswer, true},
		"endless line":       {stream(func(r *http.Request, line func(string)) { flood(r.Context(), line) }), 0, ErrAnswer, true},
		"half a line":        {stream(func(_ *http.Request, line func(string)) { line(good + `{"waiting":`) }), 1, ErrUnreachable, true},
		"cut":                {stream(func(_ *http.Request, line func(string)) { line(good); panic(http.ErrAbortHandler) }), 1, ErrUnreachable, true},
		"silent":             {saysAndWaits(good), 1, context.DeadlineExceeded, true},
		"no line ever":       {saysAndWaits(""), 0, context.DeadlineExceeded, true},
		"bytes but no line":  {stream(drip), 0, context.DeadlineExceeded, true},
		"no header ever":     {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, context.DeadlineExceeded, true},
		"not a stream":       {says(200, good), 0, ErrAnswer, true},
		"busy":               {says(503, `{"type":"urn:bjet24:problem:busy","title":"t","status":503}`), 0, wire.ProblemBusy, true},
		"broken":             {says(500, "<html>"), 0, wire.ProblemBlank, true},
		"old version":        {says(404, `{"type":"urn:bjet24:problem:not-found","title":"t","status":404}`), 0, wire.ProblemNotFound, false},
		"not central at all": {says(404, "<html>"), 0, wire.ProblemBlank, false},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere/", http.StatusTemporaryRedirect)
		}, 0, ErrAnswer, true},
	} {
		t.Run(name, func(t *testing.T) {
			client := against(t, 2*time.Second, c.handler)
			client.silence = 300 * time.Millisecond
			notices := 0
			err := client.Orders(t.Context(), func(wire.Notice) error { notices++; return nil })
			if !errors.Is(err, c.want) || Retryable(err) != c.retry || notices != c.notices {
				t.Errorf("%d notices, retry %v, %v", notices, Retryable(err), err)
			}
		})
	}
}

// flood writes up to a gibibyte without a line's end.
func flood(ctx context.Context, line func(string)) {
	text := string(bytes.Repeat([]byte(" "), 1<<20))
	for range 1 << 10 {
		if ctx.Err() != nil {
			return
		}
		line(text)
	}
}

// drip writes a byte now and then.
func drip(r *http.Request, line func(string)) {
	for r.Context().Err() == nil {
		line(" ")
		time.Sleep(50 * time.Millisecond)
	}
}

// TestOrdersWhileTaking: time that the station takes is not central's silence.
func TestOrdersWhileTaking(t *testing.T) {
	c := against(t, 5*time.Second, stream(func(_ *http.Request, line func(string)) { line("{\"waiting\":1}\n{\"waiting\":2}\n") }))
	c.silence = 100 * time.Millisecond
	var have []int
	err := c.Orders(t.Context(), func(n wire.Notice) error {
		time.Sleep(200 * time.Millisecond)
		have = append(have, n.Waiting)
		return nil
	})
	if d := cmp.Diff([]int{1, 2}, have); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
}

func TestOrdersCancelled(t *testing.T) {
	c := against(t, time.Minute, saysAndWaits(`{"waiting":1}`+"\n"))
	ctx, cancel := context.WithCancel(t.Context())
	err := c.Orders(ctx, func(wire.Notice) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || Retryable(err) {
		t.Errorf("%v", err)
	}
}

// TestManyStreams: what a broken stream leaves does not keep other requests from central.
func TestManyStreams(t *testing.T) {
	c := against(t, 2*time.Second, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/orders" {
			saysAndWaits("{\"waiting\":1}\nnonsense\n")(w, r)
			return
		}
		says(200, `{"staff":"s"}`)(w, r)
	})
	for i := range 20 {
		if err := c.Orders(t.Context(), func(wire.Notice) error { return nil }); !errors.Is(err, ErrAnswer) {
			t.Fatal(fmt.Errorf("stream %d: %w", i, err))
		}
	}
	if _, err := c.Staff(t.Context()); err != nil {
		t.Errorf("the connections are used up: %v", err)
	}
}
