package central

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"espero-soft.com/printroom/sync/wire"
)

// Hooks make the server misbehave, for tests and the demo room. A nil function does nothing. The first two get the
// operation's operationId in the contract. They may wait (delay), and return an error: a *wire.Problem is
// answered in place of the real answer, ErrDrop cuts the connection without one, ErrHalf after half of
// it, ErrGarbage sends a 200 of nonsense; any other is answered as "internal".
//
// Alarm is told of each new alarm, once it is durable and before the answer to what raised it, and again
// after a crash that may have kept it from knowing. It must be quick.
type Hooks struct {
	Before       func(ctx context.Context, operation string) error // nothing was done yet
	BeforeAnswer func(ctx context.Context, operation string) error // it is done and durable
	Alarm        func(Alarm)
}

// What a hook may ask for.
var (
	ErrDrop    = errors.New("cut the connection")
	ErrHalf    = errors.New("send half an answer")
	ErrGarbage = errors.New("send garbage")
)

func (h *Hooks) before(ctx context.Context, operation string) error {
	if h.Before == nil {
		return nil
	}
	return h.Before(ctx, operation)
}

// answer sends an answer as the hook wants it.
func (h *Hooks) answer(ctx context.Context, w http.ResponseWriter, operation string, a answer) {
	var err error
	if h.BeforeAnswer != nil {
		err = h.BeforeAnswer(ctx, operation)
	}
	if err != nil {
		a = misbehave(w, err, a)
	}
	a.send(w)
}

// misbehave gives the answer that a hook's error stands for, or does not return.
func misbehave(w http.ResponseWriter, err error, a answer) answer {
	var p *wire.Problem
	switch {
	case errors.Is(err, ErrDrop), errors.Is(err, ErrHalf) && a.status == 0:
		panic(http.ErrAbortHandler)
	case errors.Is(err, ErrHalf):
		w.Header().Set("Content-Type", a.media)
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:len(a.body)/2])
		panic(http.ErrAbortHandler)
	case errors.Is(err, ErrGarbage):
		return answer{status: http.StatusOK, media: "application/json", body: []byte("{\"\x00" + strings.Repeat("[", 1000))}
	case errors.As(err, &p):
		return problemAnswer(p)
	}
	return problemAnswer(wire.NewProblem(wire.ProblemInternal, "a hook failed"))
}
