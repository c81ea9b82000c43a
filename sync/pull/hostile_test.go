package pull

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

// hostile is a server that answers every request for orders another way, in turn, the last one for ever;
// other requests get 503.
func hostile(t *testing.T, answers ...http.HandlerFunc) *client.Client {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/orders" {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		n := min(int(asked.Add(1)), len(answers))
		w.Header().Set("Content-Type", wire.NoticeMedia)
		answers[n-1](w, r)
	}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	server.StartTLS()
	c, err := client.New(client.Config{BaseURL: server.URL, Authorities: client.Fixed(server.Certificate()), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.CloseClientConnections()
		server.Close()
	})
	return c
}

func text(status int, s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(s))
	}
}

// TestHostileCentral: whatever comes over HTTPS in the place of orders, the loop goes on, and takes the
// order that comes at last.
func TestHostileCentral(t *testing.T) {
	order := wire.Order{ID: uuid.NewString(), Kind: wire.OrderErase, Job: uuid.NewString()}
	good := `{"waiting":2,"orders":[{"id":"` + order.ID + `","kind":"erase","job":"` + order.Job + `","at":"2026-03-02T09:00:00Z"}]}` + "\n"
	for name, answer := range map[string]http.HandlerFunc{
		"garbage": text(200, "<html>\n"), "an empty stream": text(200, ""), "half a line": text(200, good[:len(good)/2]),
		"5xx": text(503, ""), "an answer of nothing": text(204, ""), "endless": gibibyte,
		"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			s, done := newStation(), make(chan struct{})
			c := hostile(t, answer, text(200, good))
			ctx, stop := context.WithCancel(t.Context())
			go func() { begin(c, s, 1).follow(ctx); close(done) }()
			defer func() { stop(); <-done }()
			for end := time.Now().Add(backMax); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
				if notices, _, _ := s.taken(); len(notices) > 0 && len(notices[len(notices)-1].Orders) == 1 {
					if n := notices[len(notices)-1]; n.Waiting != 2 || n.Orders[0].ID != order.ID {
						t.Errorf("%+v", n)
					}
					return
				}
			}
			t.Error("the order never came")
		})
	}
}

// gibibyte is a line of that size.
func gibibyte(w http.ResponseWriter, _ *http.Request) {
	spaces := []byte(strings.Repeat(" ", 1<<20))
	for range 1 << 10 {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}
