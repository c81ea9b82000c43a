package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// serveDocument sends ciphertext, ranges included, to the station that holds the letter.
func (c *Central) serveDocument(ctx context.Context, q *request) (answer, error) {
	var digest string
	err := c.read.QueryRowContext(ctx, `SELECT j.sha256 FROM jobs j JOIN claims c ON c.id = j.claim
		WHERE j.document = ? AND c.station = ? AND j.state IN ('ready', 'paper', 'held')`, q.id, q.station.id).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) {
		return answer{}, wire.NewProblem(wire.ProblemNotFound, "no document of a letter you hold")
	}
	if err != nil {
		return answer{}, fmt.Errorf("look up document: %w", err)
	}
	f, err := os.Open(c.documentPath(q.id))
	if err != nil {
		return answer{}, fmt.Errorf("open document: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	// One range, or none: several would be answered as multipart, which nobody here reads.
	if strings.Contains(q.http.Header.Get("Range"), ",") {
		return answer{}, wire.NewProblem(wire.ProblemRange, "one range at a time")
	}
	w := &documentWriter{ResponseWriter: q.w}
	hooks := c.config.Hooks
	if hooks.BeforeAnswer != nil {
		if err := hooks.BeforeAnswer(ctx, "document"); err != nil {
			if !errors.Is(err, ErrHalf) {
				misbehave(q.w, err, answer{}).send(q.w)
				return answer{}, errSent
			}
			w.half = true
		}
	}
	h := q.w.Header()
	h.Set("ETag", strconv.Quote(digest))
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, q.http, "", time.Time{}, f)
	if w.refused {
		return answer{}, wire.NewProblem(wire.ProblemRange, "")
	}
	return answer{}, errSent
}

// documentWriter turns ServeContent's own text for a bad range into a problem, and cuts an answer in
// half for ErrHalf.
type documentWriter struct {
	http.ResponseWriter
	refused bool
	half    bool
	left    int64
}

func (w *documentWriter) WriteHeader(status int) {
	if status == http.StatusRequestedRangeNotSatisfiable {
		w.refused = true
		w.Header().Del("ETag")
		return
	}
	if w.half {
		n, err := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
		if err != nil {
			n = 0
		}
		w.left = n / 2
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *documentWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	if !w.half {
		return w.ResponseWriter.Write(b)
	}
	n := min(int64(len(b)), w.left)
	w.left -= n
	if _, err := w.ResponseWriter.Write(b[:n]); err != nil {
		return 0, err
	}
	if w.left == 0 {
		if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
			return 0, err
		}
		panic(http.ErrAbortHandler)
	}
	return int(n), nil
}
