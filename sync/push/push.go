// Package push takes what happened upstream: the outbox, in order, and the
// journal, which is an outbox of its own. What central has acknowledged is not
// sent again; what it has not, is, under the same ids.
package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Central is what is told. Each method is one request, never repeated here.
type Central interface {
	Report(ctx context.Context, events wire.EventBatch) (wire.Verdicts, error)
	Deposit(ctx context.Context, id string, request wire.DepositRequest) (wire.Deposit, error)
	Receipt(ctx context.Context, id string, request wire.ReceiptRequest) (wire.Receipt, error)
	ReceiptImage(ctx context.Context, id string, media wire.MediaType, picture []byte) (wire.Receipt, error)
	JournalEntries(ctx context.Context, entries wire.JournalEntries) (wire.JournalSize, error)
	JournalCheckpoint(ctx context.Context, note wire.SignedNote) (wire.SignedNote, error)
}

// Station is where reports come from and verdicts go.
type Station interface {
	Outbox(ctx context.Context, limit int) ([]store.Message, error)
	Delivered(ctx context.Context, id string) error
	Judged(ctx context.Context, e wire.Event, v wire.Verdict) error
	TellDeposit(ctx context.Context, id string, tell func(wire.DepositRequest) error) error
	Proof(ctx context.Context, receipt string) (wire.ReceiptRequest, error)
	// Picture opens a receipt's picture, which is an access of its own; its bytes
	// belong to use during the call.
	Picture(ctx context.Context, receipt, why string, use func([]byte) error) error
	News() <-chan struct{}
	PushReport(err error)
	JournalSealed(at time.Time)
	JournalForked(ctx context.Context)
}

// Pusher is safe for concurrent use; one turn runs at a time.
type Pusher struct {
	central Central
	station Station
	journal Journal
	log     string // the journal's origin

	turn     sync.Mutex         // held during a turn; guards what follows
	own      *chronicle         // the journal's entries
	former   []*chronicle       // those of the journals before it
	refusals map[string]refusal // by message id, and a journal's under its origin
	lastSeal time.Time
}

// New makes a pusher. log is the journal's origin; former are the journals of this
// station's earlier enrolments, the oldest first.
func New(c Central, s Station, j Journal, log string, former ...Former) *Pusher {
	p := &Pusher{central: c, station: s, journal: j, log: log, own: newChronicle(log, j), refusals: map[string]refusal{}}
	for _, f := range former {
		p.former = append(p.former, newChronicle(f.Log(), f))
	}
	return p
}

// The waits between turns: right after a change, else now and then; after a
// failure ever longer, up to a limit, with jitter.
const (
	settle  = 50 * time.Millisecond // gathers what happens together
	idle    = 30 * time.Second
	backOff = 250 * time.Millisecond
	backMax = 30 * time.Second
)

// Run pushes until ctx ends.
func (p *Pusher) Run(ctx context.Context) {
	failures := 0
	for {
		_, err := p.push(ctx, newTurn(false))
		if ctx.Err() != nil {
			return
		}
		wake := p.station.News()
		if err == nil {
			failures = 0
		} else {
			failures++
			wake = nil // a change is no reason to hurry at a central that is away
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
			if !sleep(ctx, settle) {
				return
			}
		case <-time.After(p.pause(failures)):
		}
	}
}

func (p *Pusher) pause(failures int) time.Duration {
	if failures == 0 {
		if p.journal.Status().Sealed < p.journal.Size() {
			return sealEvery
		}
		return idle
	}
	d := min(backOff<<min(failures-1, 10), backMax)
	return d/2 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Push makes one turn: everything in the outbox, then the journal and its seal,
// what central refused before included. The error is a *station.Fault. What
// central refuses stays in the outbox and holds up nothing but what hangs on it.
func (p *Pusher) Push(ctx context.Context) error {
	refused, err := p.push(ctx, newTurn(true))
	return station.Explain(errors.Join(err, refused))
}

// push makes a turn and reports it. err ended the turn; refused did not.
func (p *Pusher) push(ctx context.Context, t *turn) (refused, err error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	err = p.outbox(ctx, t)
	if err == nil {
		err = p.unsent(ctx, t) // first: the journal of now goes on where they end
	}
	if err == nil {
		err = p.chronicle(ctx, t)
	}
	refused = errors.Join(t.refused...)
	if ctx.Err() == nil {
		p.station.PushReport(errors.Join(err, refused))
	}
	return refused, err
}

// most is how many messages are taken in hand at once, and the most events that
// a request takes.
const most = wire.MaxEvents

// outbox sends what is due until nothing is. What central refuses, and what
// must wait for a person, stays; the rest goes on, in order.
func (p *Pusher) outbox(ctx context.Context, t *turn) error {
	for {
		messages, err := p.station.Outbox(ctx, most+len(t.passed))
		if err != nil {
			return err
		}
		messages = p.due(messages, t)
		if len(messages) == 0 {
			return nil
		}
		sent, err := p.send(ctx, messages)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return err
		case waits(err):
			t.pass(messages[sent])
		case refused(err):
			p.setAside(t, messages[sent].ID, messages[sent].Body, err)
			t.pass(messages[sent])
		default:
			return err
		}
	}
}

// send sends messages in order, neighbouring events in one request. An error is
// about messages[sent].
func (p *Pusher) send(ctx context.Context, messages []store.Message) (sent int, err error) {
	for sent < len(messages) {
		n := 1
		switch m := messages[sent]; m.Kind {
		case store.EventMessage:
			n, err = p.events(ctx, messages[sent:])
		case store.DepositMessage:
			err = p.deposit(ctx, m)
		case store.ReceiptMessage:
			err = p.receipt(ctx, m)
		default:
			err = unfit{fmt.Errorf("message %s is of kind %q, which this program does not send", m.ID, m.Kind)}
		}
		if err != nil {
			return sent, err
		}
		for _, m := range messages[sent : sent+n] {
			delete(p.refusals, m.ID)
		}
		sent += n
	}
	return sent, nil
}

// events sends the events that messages, at most most, begin with.
// A batch that central does not take as a whole is halved, until the event that
// it is about is alone.
func (p *Pusher) events(ctx context.Context, messages []store.Message) (int, error) {
	var batch wire.EventBatch
	for _, m := range messages {
		if m.Kind != store.EventMessage {
			break
		}
		var e wire.Event
		if err := json.Unmarshal(m.Body, &e); err != nil {
			if len(batch.Events) > 0 {
				break // it is looked at when those before it are gone
			}
			return 0, unfit{fmt.Errorf("read event %s from the outbox: %w", m.ID, err)}
		}
		batch.Events = append(batch.Events, e)
	}
	answer, err := p.central.Report(ctx, batch)
	if n := len(batch.Events); n > 1 && refused(err) {
		return p.events(ctx, messages[:n/2])
	}
	if strange(batch, err) {
		answer, err = wire.Verdicts{Verdicts: []wire.Verdict{{
			ID: batch.Events[0].ID, Verdict: wire.VerdictRefused, Problem: wire.NewProblem(wire.ProblemBadRequest, ""),
		}}}, nil
	}
	if err != nil {
		return 0, fmt.Errorf("report events: %w", err)
	}
	for i, v := range answer.Verdicts { // the client has checked which is about which
		if err := p.station.Judged(ctx, batch.Events[i], v); err != nil {
			return 0, err
		}
	}
	return len(batch.Events), nil
}

// strange tells whether central, of a version without orders, was told what came of one. It listed the
// letter as cancelled, and nobody waits for that report.
func strange(batch wire.EventBatch, err error) bool {
	return len(batch.Events) == 1 && batch.Events[0].Kind == wire.EventOrderDone && errors.Is(err, wire.ProblemBadRequest)
}

func (p *Pusher) deposit(ctx context.Context, m store.Message) error {
	if err := json.Unmarshal(m.Body, new(wire.DepositRequest)); err != nil {
		return unfit{fmt.Errorf("read deposit %s from the outbox: %w", m.ID, err)}
	}
	return p.station.TellDeposit(ctx, m.ID, func(request wire.DepositRequest) error {
		_, err := p.central.Deposit(ctx, m.ID, request)
		if err != nil {
			err = fmt.Errorf("report deposit %s: %w", m.ID, err)
		}
		return err
	})
}

// reported is why a receipt's picture is opened here, as the journal says it.
const reported = "report"

// receipt reports a receipt. Its picture is opened, and that journaled, only once
// central has taken the rest: a central that is away costs no entry.
func (p *Pusher) receipt(ctx context.Context, m store.Message) error {
	request, err := p.station.Proof(ctx, m.ID)
	if err != nil && !waits(err) {
		return unfit{fmt.Errorf("open receipt %s: %w", m.ID, err)}
	}
	if err != nil {
		return err
	}
	if _, err := p.central.Receipt(ctx, m.ID, request); err != nil {
		return fmt.Errorf("report receipt %s: %w", m.ID, err)
	}
	var sent error
	err = p.station.Picture(ctx, m.ID, reported, func(picture []byte) error {
		// A request that was given up may be read on for a moment: it gets its own.
		_, sent = p.central.ReceiptImage(ctx, m.ID, request.MediaType, bytes.Clone(picture))
		return sent
	})
	switch {
	case sent != nil:
		return fmt.Errorf("send the picture of receipt %s: %w", m.ID, sent)
	case err != nil && !waits(err):
		return unfit{fmt.Errorf("open the picture of receipt %s: %w", m.ID, err)}
	case err != nil:
		return err
	}
	return p.station.Delivered(ctx, m.ID)
}
