package station

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// intact tells whether every sheet of a letter's latest attempt is there.
func (m *model) intact(j Job) bool {
	return m.out.good[string(j.Attempt)] && !m.shredded[string(j.Attempt)]
}

// decide has a person settle a letter, as they see it: they call good what is
// good, and destroy what they say they destroyed. Now and then the program is
// killed as soon as the decision is durable.
func (m *model) decide(rt *rapid.T) {
	var open []Job
	for _, j := range m.Snapshot().Jobs {
		if len(Verdicts(j)) > 0 {
			open = append(open, j)
		}
	}
	if len(open) == 0 || m.Snapshot().Person == nil {
		return
	}
	j := rapid.SampledFrom(open).Draw(rt, "letter")
	d := Decision{Job: j.ID, Verdict: rapid.SampledFrom(Verdicts(j)).Draw(rt, "verdict")}
	switch d.Verdict {
	case VerdictOK:
		if !m.intact(j) {
			return
		}
	case VerdictReprint:
		d.Reason = ReasonJam
	case VerdictPull:
		d.Reason = ReasonDamaged
		if j.Order != "" {
			d.Reason = ReasonOrder
		}
	}
	if d.Verdict != VerdictOK {
		d.Destroyed, m.shredded[string(j.Attempt)] = true, true
	}
	if NeedsSecond(j, d.Verdict) {
		if m.Decide(context.Background(), d) == nil {
			rt.Fatalf("%s is printed again without a second person", j.ID)
		}
		second := map[string]string{anna: boris, boris: anna}[m.Snapshot().Person.Pseudonym]
		d.Second = &Second{Pseudonym: second, PIN: []byte(pin)}
	}
	if rapid.IntRange(0, 3).Draw(rt, "power cut") == 0 {
		m.dies("", func() { _ = m.Decide(context.Background(), d) })
		return
	}
	m.check(m.Decide(context.Background(), d))
}

// dies does something that ends with the program at a state, or at any, and
// starts it again.
func (m *model) dies(at store.State, act func()) {
	m.edge = func(_ string, s store.State) {
		if at == "" || s == at {
			runtime.Goexit()
		}
	}
	dead := make(chan struct{})
	go func() {
		defer close(dead)
		act()
	}()
	<-dead
	m.edge = nil
	m.restart()
	m.printers[0].device = m.out
}

func (m *model) retry(rt *rapid.T) {
	for _, j := range m.Snapshot().Jobs {
		if CanRetry(j) && m.Snapshot().Person != nil && rapid.Bool().Draw(rt, "again") {
			m.check(m.Retry(context.Background(), j.ID))
		}
	}
}

// order is central's wish about a letter, or about one that is nowhere.
func (m *model) order(rt *rapid.T) {
	job := rapid.SampledFrom(append([]string{uuid.NewString()}, m.paid...)).Draw(rt, "letter")
	m.give(job, rapid.SampledFrom([]wire.OrderKind{wire.OrderCancel, wire.OrderErase, wire.OrderRecall}).Draw(rt, "kind"))
}

func (m *model) give(job string, kind wire.OrderKind) {
	o := order(kind, job)
	m.orders[o.ID] = o
	m.tellOrders()
	if _, before := m.taken[job]; !before {
		m.taken[job] = m.reached(job)
	}
}

// orderInPrint takes a letter back while it is on its way to the printer.
func (m *model) orderInPrint(rt *rapid.T) {
	at := rapid.SampledFrom([]store.State{store.Intent, store.Created, store.Sending, store.Sent}).Draw(rt, "at")
	m.edge = func(id string, s store.State) {
		if s != at {
			return
		}
		m.edge = nil
		m.give(id, wire.OrderCancel)
		if s == store.Sending {
			m.taken[id]++ // it can't be stopped any more
		}
	}
	m.print(rt)
	m.edge = nil
}

// tellOrders is a line of the stream: every order that is not reported.
func (m *model) tellOrders() {
	var open []wire.Order
	for _, o := range m.orders {
		open = append(open, o)
	}
	m.check(m.TakeOrders(context.Background(), wire.Notice{Waiting: 1, Orders: open}))
}

// cancelled tells whether central lets no piece of a letter be mailed.
func (m *model) cancelled(job string) bool {
	_, yes := m.taken[job]
	return yes
}

// reached counts a letter's attempts that reached a printer, destroyed or not.
func (m *model) reached(job string) (n int) {
	for code := range m.out.touched {
		a, err := m.kept.Attempt(context.Background(), code)
		m.check(err)
		if a.Job == job {
			n++
		}
	}
	return n
}

// ordersHold is what must be true of orders at any time: what was taken back is
// not printed any more, and what central is told of it is so.
func (m *model) ordersHold(rt *rapid.T) {
	ctx := context.Background()
	for job, before := range m.taken {
		if n := m.reached(job); n > before {
			rt.Fatalf("%s was taken back, and is printed", job)
		}
	}
	messages, err := m.Outbox(ctx, 1000)
	m.check(err)
	for _, msg := range messages {
		var e wire.Event
		if msg.Kind != store.EventMessage {
			continue
		}
		m.check(json.Unmarshal(msg.Body, &e))
		if e.Kind != wire.EventOrderDone {
			continue
		}
		j, err := m.kept.Job(ctx, e.Job)
		if err != nil {
			continue // it was never here
		}
		touched, _ := m.onPaper(ctx)
		if dropped := j.State == store.Dropped; dropped != (e.Reason == outcomeTooLate) {
			rt.Fatalf("%s is %s, and central is told %s", j.ID, j.State, e.Reason)
		}
		if e.Reason != outcomeTooLate && touched[j.ID] > 0 {
			rt.Fatalf("sheets of %s exist, and central is told %s", j.ID, e.Reason)
		}
	}
}

// shows is that the window sees what is in the store.
func (m *model) shows(rt *rapid.T) {
	stored, err := m.kept.Jobs(context.Background())
	m.check(err)
	want := []Job{}
	for _, j := range stored {
		job, err := m.traced(context.Background(), j)
		m.check(err)
		want = append(want, job)
	}
	if diff := cmp.Diff(want, m.Snapshot().Jobs, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatal(diff)
	}
}
