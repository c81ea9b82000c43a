package station

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"io"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// wholePrinter is a fake printer that remembers what reached it, whatever it
// says of it afterwards.
type wholePrinter struct {
	*fakePrinter
	touched map[string]bool // attempts of which data may have come
	whole   map[string]bool // attempts that came whole and were not aborted
	good    map[string]bool // attempts of which every sheet came out
	die     bool            // the program ends while it waits for the next answer
}

func (p *wholePrinter) Send(ctx context.Context, id int, t device.Ticket, document io.Reader) (device.JobStatus, error) {
	p.mu.Lock()
	up, refused, cut, short := !p.off && p.offAt != "Send", p.abort, p.sendErr != nil, p.short > 0
	p.mu.Unlock()
	answer, err := p.fakePrinter.Send(ctx, id, t, document)
	if up && !refused { // an aborted job has put out nothing, and says so
		p.touched[t.Name] = true
		p.whole[t.Name] = !cut
		p.good[t.Name] = !cut && !short
	}
	if p.die {
		p.die = false
		runtime.Goexit()
	}
	return answer, err
}

// Describe has few dots an inch: the model looks at states, not at pixels.
func (p *wholePrinter) Describe(ctx context.Context) (device.Capabilities, error) {
	can, err := p.fakePrinter.Describe(ctx)
	can.DPI = []int{30}
	return can, err
}

// model is a room and what must be true of it.
type model struct {
	*room
	out      *wholePrinter
	accepted map[string][]string // attempts that central accepted, by job
	offline  []store.Message     // reports that central may get again
	paid     []string
	shredded map[string]bool       // attempts whose sheets a person destroyed
	orders   map[string]wire.Order // that central gave, by id
	taken    map[string]int        // attempts that had reached a printer when the letter was taken back
}

// TestModel lets rooms live through random days: rapid prints the seed of one
// that fails.
func TestModel(t *testing.T) {
	for name, want := range map[string]string{"rapid.checks": "15", "rapid.steps": "40"} { // fewer, longer days
		if f := flag.Lookup(name); f.Value.String() == f.DefValue {
			if err := f.Value.Set(want); err != nil {
				t.Fatal(err)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			room: newRoom(t), accepted: map[string][]string{}, shredded: map[string]bool{},
			orders: map[string]wire.Order{}, taken: map[string]int{},
		}
		defer m.stop()
		m.out = &wholePrinter{m.printer, map[string]bool{}, map[string]bool{}, map[string]bool{}, false}
		m.printers[0].device = m.out
		for range 4 {
			m.payOne(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":        m.holds,
			"pay":     m.payOne,
			"print":   m.print,
			"trouble": m.badPrint,
			"work":    m.work,
			"kill":    m.kill,
			"printer": m.trouble,
			"recover": func(*rapid.T) { _ = m.Recover(context.Background()) },
			"lock":    func(*rapid.T) { m.check(m.Lock(context.Background())) },
			"unlock":  func(*rapid.T) { m.check(m.Unlock(context.Background(), anna, []byte(pin))) },
			"scan":    m.scan,
			"central": m.central,
			"again":   m.again,
			"deposit": func(*rapid.T) { _, _ = m.Deposit(context.Background()) },
			"decide":  m.decide,
			"retry":   m.retry,
			"order":   m.order,
			"recall":  m.orderInPrint,
			"told":    func(*rapid.T) { m.tellOrders() },
			"shift":   func(*rapid.T) { m.check(m.Unlock(context.Background(), boris, []byte(pin))) },
		})
	})
}

// payOne brings a letter in, while somebody is there to take it.
func (m *model) payOne(rt *rapid.T) {
	if m.Snapshot().Person != nil && len(m.paid) < 6 {
		m.product = rapid.SampledFrom([]wire.Product{wire.ProductStandard, wire.ProductRegistered}).Draw(rt, "product")
		m.paid = append(m.paid, m.pay(rapid.SampledFrom([]string{"PAGES 2", "PAGES 2", "PAGES 2", "CORRUPT"}).Draw(rt, "document"))...)
	}
}

func (m *model) next() (ids []string) {
	for _, j := range NextBatch(m.Snapshot().Jobs) {
		ids = append(ids, j.ID)
	}
	return ids
}

// work is an hour without trouble: what can be printed is, and every piece is scanned.
func (m *model) work(*rapid.T) {
	m.check(m.Unlock(context.Background(), anna, []byte(pin)))
	m.well()
	m.print(nil)
	for _, j := range m.Snapshot().Jobs {
		m.hold(j)
	}
}

// hold holds a letter's piece under the scanner, if all of it came out: a person
// does not envelope sheets that are missing.
func (m *model) hold(j Job) {
	if m.intact(j) {
		_, _ = m.Scan(context.Background(), string(j.Attempt))
	}
}

func (m *model) well() {
	p := m.printer
	p.off, p.offAt, p.sendErr, p.short, p.abort = false, "", nil, 0, false
}

func (m *model) print(*rapid.T) { _ = m.PrintBatch(context.Background(), m.next()) }

// badPrint prints in trouble.
func (m *model) badPrint(rt *rapid.T) {
	m.trouble(rt)
	m.print(rt)
}

// inSend is where a printer has the letter and the program does not know it.
const inSend store.State = "in Send"

// kill ends the program at an edge of a batch, or between two, and starts it again.
func (m *model) kill(rt *rapid.T) {
	at := rapid.SampledFrom([]store.State{"", inSend, store.Intent, store.Created, store.Sending, store.Sent, store.DeviceDone, store.Uncertain}).Draw(rt, "at")
	m.out.die = at == inSend
	m.dies(cmp.Or(at, "between two"), func() {
		if at != "" {
			_ = m.PrintBatch(context.Background(), m.next())
		}
	})
	m.out.die = false
}

// trouble changes what the printer does from now on.
func (m *model) trouble(rt *rapid.T) {
	p := m.printer
	switch rapid.SampledFrom([]string{"well", "well", "off", "off at Send", "cut", "short", "abort", "reboot", "busy"}).Draw(rt, "trouble") {
	case "well":
		m.well()
	case "off":
		p.off = true
	case "off at Send":
		p.offAt = "Send"
	case "cut":
		p.sendErr = ipp.ErrInterrupted
	case "short":
		p.short = 1
	case "abort":
		p.abort = true
	case "reboot":
		p.reboot()
	case "busy":
		p.jobErrs = append(p.jobErrs, &ipp.StatusError{HTTP: 503})
	}
}

// scan holds any piece that there is under the scanner.
func (m *model) scan(rt *rapid.T) {
	jobs := m.Snapshot().Jobs
	if len(jobs) > 0 {
		m.hold(rapid.SampledFrom(jobs).Draw(rt, "piece"))
	}
}

// central takes the oldest reports, and is sometimes against a letter. It may
// be told twice: as when its answer was lost.
func (m *model) central(rt *rapid.T) {
	messages, err := m.Outbox(context.Background(), rapid.IntRange(1, 8).Draw(rt, "reports"))
	m.check(err)
	for _, msg := range messages {
		if msg.Kind != store.EventMessage {
			m.check(m.Delivered(context.Background(), msg.ID))
			continue
		}
		m.judged(msg, rapid.IntRange(0, 9).Draw(rt, "mood") == 0)
		m.offline = append(m.offline, msg)
	}
}

// again brings an answer that was brought before.
func (m *model) again(rt *rapid.T) {
	if len(m.offline) > 0 {
		m.judged(rapid.SampledFrom(m.offline).Draw(rt, "report"), false)
	}
}

// judged answers one event as central's ledger would: one attempt a job is
// accepted, and what was said stays said.
func (m *model) judged(msg store.Message, against bool) {
	var e wire.Event
	m.check(json.Unmarshal(msg.Body, &e))
	v := wire.Verdict{ID: e.ID, Verdict: wire.VerdictAccepted}
	if e.Kind == wire.EventEnveloped {
		mine := m.accepted[e.Job]
		switch {
		case len(mine) > 0 && mine[0] == e.Attempt:
			v.Verdict = wire.VerdictDuplicate
		case len(mine) == 0 && m.cancelled(e.Job):
			v.Verdict, v.Problem = wire.VerdictRefused, &wire.Problem{Type: wire.ProblemJobCancelled}
		case len(mine) > 0 || against:
			v.Verdict, v.Problem = wire.VerdictRefused, &wire.Problem{Type: wire.ProblemAttemptSuperseded}
			if len(mine) == 0 {
				m.accepted[e.Job] = []string{"another station's"}
			}
		default:
			m.accepted[e.Job] = []string{e.Attempt}
		}
	} else if against && e.Kind != wire.EventOrderDone {
		v.Verdict, v.Problem = wire.VerdictRefused, &wire.Problem{Type: wire.ProblemLeaseLost}
	}
	m.check(m.Judged(context.Background(), e, v))
}

// onPaper counts, by job, the attempts of which sheets exist, and whole ones.
func (m *model) onPaper(ctx context.Context) (touched, whole map[string]int) {
	touched, whole = map[string]int{}, map[string]int{}
	for code := range m.out.touched {
		if m.shredded[code] {
			continue
		}
		a, err := m.kept.Attempt(ctx, code)
		m.check(err)
		touched[a.Job]++
		if m.out.whole[code] {
			whole[a.Job]++
		}
	}
	return touched, whole
}

// holds is what must be true at any time.
func (m *model) holds(rt *rapid.T) {
	ctx := context.Background()
	var jobs []store.Job
	for _, id := range m.paid {
		j, err := m.kept.Job(ctx, id)
		if err != nil {
			rt.Fatalf("a letter that was paid is lost: %v", err)
		}
		jobs = append(jobs, j)
	}
	m.ordersHold(rt)
	m.shows(rt)
	touchedJobs, wholeJobs := m.onPaper(ctx)
	for _, j := range jobs {
		touched, whole := touchedJobs[j.ID], wholeJobs[j.ID]
		switch {
		case !j.State.Known():
			rt.Fatalf("%s is in state %q", j.ID, j.State)
		case touched > 0 && !j.Paper:
			rt.Fatalf("%s, %s, is taken to be on no paper", j.ID, j.State)
		case whole > 1:
			rt.Fatalf("%s, %s, was printed %d times", j.ID, j.State, whole)
		case touched > 0 && (j.State == store.Ready || j.State == store.Intent || j.State == store.Created):
			rt.Fatalf("%s is %s, and may be on paper", j.ID, j.State)
		case !m.out.good[j.Attempt] && (j.State == store.DeviceDone || j.State == store.Confirmed || j.State == store.Enveloped):
			rt.Fatalf("%s is %s, and sheets are missing", j.ID, j.State)
		case j.State == store.Sending:
			rt.Fatalf("%s is SENDING and nobody sends it", j.ID)
		}
		if got := m.accepted[j.ID]; j.State == store.Dropped && (len(got) != 1 || got[0] != j.Attempt || whole != 1) {
			rt.Fatalf("%s is DROPPED with attempt %s, accepted %v, printed %d times", j.ID, j.Attempt, got, whole)
		}
	}
	if _, err := m.journal.Verify(ctx); err != nil {
		rt.Fatal(err)
	}
}
