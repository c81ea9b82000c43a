package station

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// Journal is what the station needs of the access journal. Intent is durable
// before it returns; without its permit nothing can be opened.
type Journal interface {
	Intent(context.Context, journal.Access) (journal.Permit, error)
	ResultFor(ctx context.Context, p journal.Permit, o journal.Outcome, reason string) error
	Record(context.Context, journal.Access, journal.Outcome) error
	// Anchor ties the log to the TPM's counter, and finds one that was rolled back.
	Anchor(ctx context.Context, actor string) error
}

// Device is one printer. Every call is one request; none is repeated.
type Device interface {
	Describe(context.Context) (device.Capabilities, error)
	Status(context.Context) (device.Status, error)
	Create(context.Context, device.Ticket) (jobID int, err error)
	Send(ctx context.Context, jobID int, t device.Ticket, document io.Reader) (device.JobStatus, error)
	Job(ctx context.Context, jobID int) (device.JobStatus, error)
	Jobs(context.Context) ([]device.JobStatus, error)
	Cancel(ctx context.Context, jobID int) error
}

// Renderer draws a document's pages in order, each before the next. The page
// belongs to emit only during the call.
type Renderer interface {
	Render(ctx context.Context, r render.Request, emit func(render.Page) error) (render.Report, error)
}

// Config is what a station is made of. Every field is required unless it says
// otherwise.
type Config struct {
	ID          string // given by central at enrolment
	Room        string // what stands on deposit slips
	Store       *store.Store
	Journal     Journal
	Printer     Device // the one that the settings name
	PrinterName string
	PrinterURI  string
	PrinterPin  [32]byte
	PrinterFile string // the settings file that has PrinterPin, for who has to change it; may be ""
	Renderer    Renderer
	TPM         TPM
	TPMEndpoint string    // "" for the system's own TPM
	Authority   Authority // central
	PINSalt     []byte    // of this enrolment, operators.NewSalt
	// TrustedAuthorities are the room authorities of now: they sign who may unlock.
	TrustedAuthorities func() []*x509.Certificate
	Postal             *postal.Tables
	Log                *slog.Logger // technical: states, faults, durations
	Now                func() time.Time

	// Dial reaches a printer that was set up here; nil where only the settings'
	// own may be used.
	Dial func(PrinterSetup) (Device, error)
	// Discover looks for printers on the network; nil finds none.
	Discover func(context.Context) ([]discovery.Found, error)

	// Edge is called after each state is durable and before the act it names.
	// Tests kill the program there; nil in the product.
	Edge func(job string, s store.State)
}

// Station is safe for concurrent use.
type Station struct {
	cfg Config

	printing lane         // held by whoever speaks to a printer about jobs: the batch, a test sheet, or Recover
	opening  sync.Mutex   // held while a claim's key is opened; taken before mu
	using    sync.RWMutex // held for reading while a claim's key opens a letter; taken before opening
	reading  sync.Mutex   // held while jobs are read for the snapshot; taken before mu
	deciding sync.Mutex   // held while a person's word on a letter is read, journaled and kept: one word at a time
	ordering sync.Mutex   // held while orders are taken
	listing  sync.Mutex   // held while a list of people is taken
	setting  sync.Mutex   // held while a PIN is set, and while slots are given up; taken before opening
	asking   sync.Mutex   // held while the TPM is asked about a PIN; taken before mu
	telling  sync.Mutex   // held while central is told of a deposit, and while pieces of an untold one are taken out

	begun sync.WaitGroup // what New began

	anchoring sync.Mutex // held while the journal is tied to the TPM's counter; guards anchored
	anchored  time.Time  // when that was last done here

	mu         sync.Mutex // guards what follows
	people     []member   // replaced as a whole
	staffAt    time.Time  // when central signed them
	revision   int64      // of that list, 0 before the first
	policy     wire.Policy
	revoked    bool          // central has no more to do with this station
	forked     bool          // the journal has two histories: see JournalForked
	forkedAt   time.Time     // when central last said so
	turned     chan struct{} // closed when a batch that waits for a person has to look again
	person     *Person
	pin        *tpm.PIN                        // while unlocked; replaced as a whole
	store      *keys.StoreKey                  // while unlocked
	looks      map[int]context.CancelCauseFunc // what ends with the lock
	words      map[wire.SecondPersonAct]bool   // of second people, for acts that are not done yet; given up with the lock
	claims     map[string]*keys.ClaimKey
	printers   []*printer // the settings' own first; replaced as a whole
	chosen     string     // the id of the next batch's printer, of none for the settings' own
	busy       *printer   // where a batch or a test sheet goes, nil for none
	batch      *Batch
	run        *run // the batch at work, nil for none
	lamps      map[part]Lamp
	sealed     time.Time
	confirmed  time.Time // see CentralTime
	answeredAt time.Time // when central last answered, by this station's clock; zero before that
	faults     map[part]*Fault
	jobs       []Job // in a snapshot's order
	view       []Job // a copy of jobs for the readers, never written to; nil when it is old
	waiting    int   // letters that wait at central, -1 when it did not say
	watched    map[int]func()
	nextID     int
	inbox      *Inbox            // replaced as a whole
	ledger     int               // changes to deposits and receipts so far
	untaken    map[string]*Fault // why central refused a deposit when it was last told of it, by id

	misfit   map[string]FaultCode // why something to set up was last refused, see Configured
	lastRead reading              // the receipt that was last read, see read

	news chan struct{} // see News
}

// part is a piece of the room with a lamp of its own.
type part int

const (
	partCentral part = iota // see central.go
	partReports
	partOrders
	partTPM
	partJournal
)

func (p part) String() string {
	return [...]string{partCentral: "central", partReports: "reports", partOrders: "orders", partTPM: "tpm", partJournal: "journal"}[p]
}

// state is a job's state as the technical log writes it.
func state(s store.State) string { return strings.ToLower(string(s)) }

// New makes a station that is locked. What was being sent when the program was
// stopped becomes UNCERTAIN before anything else can happen; Recover does the
// rest.
func New(ctx context.Context, cfg Config) (*Station, error) {
	s := &Station{
		cfg:      cfg,
		claims:   map[string]*keys.ClaimKey{},
		lamps:    map[part]Lamp{partCentral: LampOff, partTPM: LampOff, partJournal: LampOK},
		faults:   map[part]*Fault{},
		watched:  map[int]func(){},
		looks:    map[int]context.CancelCauseFunc{},
		words:    map[wire.SecondPersonAct]bool{},
		waiting:  -1,
		news:     make(chan struct{}, 1),
		printing: newLane(), turned: make(chan struct{}), policy: wire.DefaultPolicy(), untaken: map[string]*Fault{}, misfit: map[string]FaultCode{},
	}
	if err := errors.Join(s.loadRevoked(ctx), s.loadForked(ctx)); err != nil {
		return nil, err
	}
	if err := s.loadPrinters(ctx); err != nil {
		return nil, err
	}
	if err := s.loadStaff(ctx); err != nil {
		s.CentralReport(err) // nobody is known until central answers
	}
	if err := s.doubt(ctx); err != nil {
		return nil, err
	}
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	s.begun.Go(s.lookAtPINs) // a TPM takes its time
	return s, nil
}

// Close locks the station, wipes what it holds and journals its end. Batches must
// have ended.
func (s *Station) Close(ctx context.Context) error {
	err := s.Lock(ctx)
	s.begun.Wait()
	err = errors.Join(err, s.enter(ctx, journal.Access{Action: journal.ActionStop}, journal.OutcomeDone))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipeClaims(nil)
	return err
}

// News holds a value while there may be something new to send upstream. It has
// one reader.
func (s *Station) News() <-chan struct{} { return s.news }

func (s *Station) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// record journals an access of the person at work that opens nothing. What
// can't be journaled must not happen.
func (s *Station) record(ctx context.Context, a journal.Access) error {
	person, _, err := s.unlocked()
	if err != nil {
		return err
	}
	a.Actor = person.Pseudonym
	err = s.cfg.Journal.Record(ctx, a, journal.OutcomeDone)
	s.JournalReport(err)
	s.tell()
	return fault(err)
}

// move makes a job's change of state durable and shows it.
func (s *Station) move(ctx context.Context, m store.Move) error {
	if err := s.cfg.Store.Move(ctx, m); err != nil {
		return fault(err)
	}
	if m.To == store.Held {
		s.letGo(m.Job)
	}
	s.edge(m.Job, m.To)
	s.cfg.Log.Info("moved", "job", m.Job, "state", state(m.To), "reason", m.Hold)
	s.tell()
	return s.refreshJob(ctx, m.Job)
}

func (s *Station) edge(job string, state store.State) {
	if s.cfg.Edge != nil {
		s.cfg.Edge(job, state)
	}
}

// report keeps the latest word on a part of the room; nil means it is well.
// What the caller broke off says nothing of the part.
func (s *Station) report(p part, err error) {
	switch code(err) {
	case Cancelled:
		return
	case Revoked:
		s.revoke(context.Background()) // nobody can give that up
	}
	var f *Fault
	lamp := LampOK
	if errors.As(fault(err), &f) {
		lamp = LampBad
	}
	s.mu.Lock()
	same := s.lamps[p] == lamp && code(s.asError(p)) == code(err)
	s.mu.Unlock()
	if same {
		return
	}
	s.cfg.Log.Info("part", "part", p.String(), "ok", err == nil, "code", string(code(err)), "error", err)
	first := false
	s.change(func() {
		first = code(s.asError(p)) != code(err)
		s.lamps[p], s.faults[p] = lamp, f
	})
	if first && f != nil && (p == partJournal || p == partTPM) {
		s.failed(f.Code)
	}
}

// failed journals a fault that keeps everything shut, when it begins. Where the
// journal is at fault that may fail too: then it was told all the same.
func (s *Station) failed(c FaultCode) {
	if !c.NoDecryption() || c == Revoked { // which has an entry of its own
		return
	}
	access := journal.Access{Action: journal.ActionFail, Reason: string(c)}
	if err := s.cfg.Journal.Record(context.Background(), access, journal.OutcomeFailed); err != nil {
		s.cfg.Log.Warn("fail", "code", string(c), "error", err)
	}
	s.tell()
}

// asError is the last word on a part. Callers hold mu.
func (s *Station) asError(p part) error {
	if f := s.faults[p]; f != nil {
		return f
	}
	return nil
}

// JournalReport is how a fault of the journal is told. That it took a record
// does not end one: only an intent or an anchor does, which it gives when it is
// whole.
func (s *Station) JournalReport(err error) {
	if err != nil {
		s.report(partJournal, err)
	}
}

// TPMReport is how whoever opened the TPM tells why it can't be used.
func (s *Station) TPMReport(err error) { s.report(partTPM, err) }

// JournalSealed is how push tells when central last countersigned the journal.
func (s *Station) JournalSealed(at time.Time) { s.change(func() { s.sealed = at }) }
