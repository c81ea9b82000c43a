package central

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"espero-soft.com/printroom/sync/wire"
)

// answer is a whole HTTP answer.
type answer struct {
	status int
	media  string
	body   []byte
}

func jsonAnswer(status int, v any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, fmt.Errorf("encode answer: %w", err)
	}
	return answer{status: status, media: "application/json", body: body}, nil
}

func problemAnswer(p *wire.Problem) answer {
	body, err := json.Marshal(p)
	if err != nil { // a Problem has nothing that cannot be encoded
		body = nil
	}
	return answer{status: p.Status, media: wire.ProblemMedia, body: body}
}

func (a answer) send(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.media)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a station that is gone asks again
}

// write identifies a write: the same station, operation and id is the same write.
type write struct {
	station   station // zero before enrolment
	operation string
	id        wire.UUID
	body      any // what must be the same when it is sent again
}

func (w write) digest() ([]byte, error) {
	text, err := json.Marshal(w.body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

// told is a refusal of which something is kept all the same, such as that it was tried.
type told struct{ *wire.Problem }

// problem tells whether an error is a problem of a type.
func problem(err error, t wire.ProblemType) bool { return errors.Is(err, t) }

// once does a write once: work's answer is kept with what work did, and given again when the same write
// comes again. Another body under the same id is refused. Problems are not kept: what work refused may
// go through later. An answer of status 200 where work has kept nothing is given but not kept.
func (c *Central) once(ctx context.Context, w write, work func(tx *sql.Tx) (status int, v any, err error)) (answer, error) {
	digest, err := w.digest()
	if err != nil {
		return answer{}, err
	}
	var a answer
	var refused told
	err = c.writeFor(ctx, w.station, func(tx *sql.Tx) error {
		var request []byte
		a = answer{media: "application/json"}
		err := tx.QueryRowContext(ctx, `SELECT request, status, answer FROM answers
			WHERE station = ? AND operation = ? AND id = ?`, w.station.id, w.operation, w.id).Scan(&request, &a.status, &a.body)
		if err == nil {
			if string(request) != string(digest) {
				return wire.NewProblem(wire.ProblemIDReused, "")
			}
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look up answer: %w", err)
		}
		status, v, err := work(tx)
		if errors.As(err, &refused) {
			return nil
		}
		if err != nil {
			return err
		}
		if a, err = jsonAnswer(status, v); err != nil {
			return err
		}
		if v, ok := v.(wire.Claim); ok && len(v.Jobs) == 0 {
			return nil
		}
		_, err = exec(ctx, tx, `INSERT INTO answers (station, operation, id, request, status, answer) VALUES (?, ?, ?, ?, ?, ?)`,
			w.station.id, w.operation, w.id, digest, a.status, a.body)
		return err
	})
	if err == nil && refused.Problem != nil {
		err = refused.Problem
	}
	return a, err
}
