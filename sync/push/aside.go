package push

import (
	"encoding/json"
	"errors"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// refusedEvery is how long what central refused stays aside before it is sent
// again by itself: only a person can mend it, and Push does not wait.
const refusedEvery = 5 * time.Minute

// refusal is central's no to one thing: a message, or the journal.
type refusal struct {
	err   error
	body  string    // of the message that was refused
	again time.Time // when it is sent again
}

// A turn is one go at the outbox and the journal.
type turn struct {
	forced  bool            // somebody asked: what was refused is tried too
	passed  map[string]bool // ids of the messages that stay in the outbox this time
	behind  map[string]bool // jobs of which an event stays: their later ones wait for it
	refused []error         // what central refuses, now or since a while ago
}

func newTurn(forced bool) *turn {
	return &turn{forced: forced, passed: map[string]bool{}, behind: map[string]bool{}}
}

// pass leaves a message in the outbox for this turn.
func (t *turn) pass(m store.Message) {
	t.passed[m.ID] = true
	if job := jobOf(m); job != "" {
		t.behind[job] = true
	}
}

// due is what may go now: not what stays in the outbox, nor what must wait
// behind it. The order is kept.
func (p *Pusher) due(messages []store.Message, t *turn) (due []store.Message) {
	for _, m := range messages {
		switch {
		case t.passed[m.ID]:
		case t.behind[jobOf(m)], p.aside(t, m.ID, m.Body):
			t.pass(m)
		default:
			due = append(due, m)
		}
	}
	return due
}

// aside tells whether central refused a thing and it is not time to ask again. What
// was changed since is another thing.
func (p *Pusher) aside(t *turn, id string, body []byte) bool {
	r, known := p.refusals[id]
	if !known || t.forced || r.body != string(body) || !time.Now().Before(r.again) {
		return false
	}
	t.refused = append(t.refused, r.err)
	return true
}

func (p *Pusher) setAside(t *turn, id string, body []byte, err error) {
	p.refusals[id] = refusal{err: err, body: string(body), again: time.Now().Add(refusedEvery)}
	t.refused = append(t.refused, err)
}

// jobOf is the job that an event is about, "" for other messages.
func jobOf(m store.Message) string {
	var e struct {
		Job string `json:"job"`
	}
	if m.Kind != store.EventMessage || json.Unmarshal(m.Body, &e) != nil {
		return ""
	}
	return e.Job
}

// unfit is the error of a message that can't be sent as it stands here.
type unfit struct{ error }

func (u unfit) Unwrap() error { return u.error }

// waits tells whether a message can't go now because its content is sealed, and
// nobody is logged in or nothing may be opened: what is wrong with the journal
// holds up neither the other messages nor the journal itself.
func waits(err error) bool {
	var f *station.Fault
	return errors.As(err, &f) && (f.Code == station.Locked || f.Code.NoDecryption())
}

// refused tells whether an error is about what was sent alone, so that other
// things may go all the same. Central out of reach, or a station that it does
// not know, is not.
func refused(err error) bool {
	var u unfit
	if errors.As(err, &u) {
		return true
	}
	return station.RefusedByCentral(err)
}
