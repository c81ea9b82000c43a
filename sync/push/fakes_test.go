package push

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

const origin = "bjet24.example/room/press-1"

// fakeStation holds an outbox. A message leaves it with Delivered or Judged.
type fakeStation struct {
	mu       sync.Mutex
	messages []store.Message
	proofs   map[string]wire.ReceiptRequest
	picture  []byte
	opened   int   // pictures
	shut     error // why none can be opened
	locked   bool
	judged   []wire.Verdict
	reports  []error // every PushReport
	sealed   []time.Time
	forks    int
	news     chan struct{}
}

func newStation() *fakeStation {
	return &fakeStation{proofs: map[string]wire.ReceiptRequest{}, picture: []byte("PNG"), news: make(chan struct{}, 1)}
}

// put adds a message and returns its id.
func (s *fakeStation) put(kind store.MessageKind, body any) string {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	id := uuid.NewString()
	if e, ok := body.(wire.Event); ok {
		id = e.ID
	}
	s.mu.Lock()
	s.messages = append(s.messages, store.Message{Seq: int64(len(s.messages)), ID: id, Kind: kind, Body: text})
	s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
	return id
}

func (s *fakeStation) event(job string) string {
	return s.put(store.EventMessage, wire.Event{ID: uuid.NewString(), Kind: wire.EventSent, Job: job})
}

func (s *fakeStation) deposit() string {
	return s.put(store.DepositMessage, wire.DepositRequest{Attempts: []string{"a"}, SlipSHA256: "x"})
}

func (s *fakeStation) receipt() string {
	id := s.put(store.ReceiptMessage, "its id")
	s.proofs[id] = wire.ReceiptRequest{MediaType: wire.MediaPNG, SHA256: "y"}
	return id
}

// left are the ids in the outbox.
func (s *fakeStation) left() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := []string{}
	for _, m := range s.messages {
		ids = append(ids, m.ID)
	}
	return ids
}

func (s *fakeStation) said() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reports)
}

func (s *fakeStation) Outbox(_ context.Context, limit int) ([]store.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages[:min(limit, len(s.messages))]), nil
}

func (s *fakeStation) Delivered(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = slices.DeleteFunc(s.messages, func(m store.Message) bool { return m.ID == id })
	return nil
}

func (s *fakeStation) Judged(ctx context.Context, e wire.Event, v wire.Verdict) error {
	if e.ID != v.ID {
		return fmt.Errorf("the verdict on %s is given for %s", v.ID, e.ID)
	}
	s.mu.Lock()
	s.judged = append(s.judged, v)
	s.mu.Unlock()
	return s.Delivered(ctx, e.ID)
}

// TellDeposit tells what is in the outbox now.
func (s *fakeStation) TellDeposit(ctx context.Context, id string, tell func(wire.DepositRequest) error) error {
	s.mu.Lock()
	var request wire.DepositRequest
	i := slices.IndexFunc(s.messages, func(m store.Message) bool { return m.ID == id })
	if i < 0 {
		s.mu.Unlock()
		return nil
	}
	err := json.Unmarshal(s.messages[i].Body, &request)
	s.mu.Unlock()
	if err == nil {
		err = tell(request)
	}
	if err != nil {
		return err
	}
	return s.Delivered(ctx, id)
}

func (s *fakeStation) Proof(_ context.Context, id string) (wire.ReceiptRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		return wire.ReceiptRequest{}, &station.Fault{Code: station.Locked}
	}
	p, ok := s.proofs[id]
	if !ok {
		return p, store.ErrNotFound
	}
	return p, nil
}

func (s *fakeStation) Picture(_ context.Context, _, _ string, use func([]byte) error) error {
	s.mu.Lock()
	shut := s.shut
	if shut == nil {
		s.opened++
	}
	s.mu.Unlock()
	if shut != nil {
		return shut
	}
	return use(s.picture)
}

func (s *fakeStation) News() <-chan struct{} { return s.news }

func (s *fakeStation) PushReport(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, err)
}

func (s *fakeStation) JournalForked(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forks++
}

func (s *fakeStation) JournalSealed(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = append(s.sealed, at)
}

// fakeJournal is a log in memory; a note is "head N".
type fakeJournal struct {
	mu     sync.Mutex
	lines  []string
	sealed int64
	start  int64  // entries that were forgotten
	during func() // called while a checkpoint is being signed
}

func (j *fakeJournal) add(lines ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, lines...)
}

func (j *fakeJournal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return int64(len(j.lines))
}

func (j *fakeJournal) Status() journal.Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return journal.Status{Entries: int64(len(j.lines)), Sealed: j.sealed, SealedAt: time.Now()}
}

func (j *fakeJournal) Start() journal.Start {
	j.mu.Lock()
	defer j.mu.Unlock()
	return journal.Start{Size: j.start}
}

func (j *fakeJournal) Entries(_ context.Context, after int64, limit int) (out [][]byte, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if after < j.start {
		return nil, journal.ErrRange
	}
	for _, l := range j.lines[after:min(after+int64(limit), int64(len(j.lines)))] {
		out = append(out, []byte(l))
	}
	return out, nil
}

func (j *fakeJournal) Checkpoint(context.Context) ([]byte, error) {
	if j.during != nil {
		j.during()
	}
	return fmt.Appendf(nil, "head %d", j.Size()), nil
}

func (j *fakeJournal) Countersigned(_ context.Context, note []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err := fmt.Sscanf(string(note), "head %d", &j.sealed)
	return err
}

// room is a pusher between a station and central.
type room struct {
	*Pusher
	station *fakeStation
	central *fakeCentral
	journal *fakeJournal
}

func newRoom() *room {
	r := &room{station: newStation(), central: newCentral(), journal: &fakeJournal{}}
	r.Pusher = New(r.central, r.station, r.journal, origin)
	return r
}

func (r *room) mustPush(t *testing.T) {
	t.Helper()
	if err := r.Push(t.Context()); err != nil {
		t.Fatal(err)
	}
}
