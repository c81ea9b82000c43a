package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// fakeCentral leases what is ready to the claim that asks first, and gives the
// same answer to the same claim. fail makes a request fail.
type fakeCentral struct {
	mu       sync.Mutex
	fail     func(operation, id string) error
	ready    []wire.Job
	claims   map[string]wire.Claim
	asked    []string // operation and id of every request
	renewals []wire.RenewalRequest
	releases []wire.ReleaseRequest
	onPaper  string                                               // the letter that it does not take back
	listed   []string                                             // what the next renewals say is cancelled
	stream   func(context.Context, func(wire.Notice) error) error // a stream of orders; nil for a silent one
	trust    wire.SignedTrust
}

func newCentral(letters int) *fakeCentral {
	c := &fakeCentral{claims: map[string]wire.Claim{}, trust: trustOf(1)}
	for range letters {
		c.pay()
	}
	return c
}

func (c *fakeCentral) pay() {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := uuid.NewString()
	c.ready = append(c.ready, wire.Job{ID: id, Document: wire.Document{ID: id, Size: 1}})
}

func (c *fakeCentral) ask(operation, id string) error {
	c.mu.Lock()
	c.asked = append(c.asked, operation+" "+id)
	fail := c.fail
	c.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail(operation, id)
}

// count is how many requests of a kind came.
func (c *fakeCentral) count(request string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.asked {
		if r == request || len(r) > len(request) && r[:len(request)+1] == request+" " {
			n++
		}
	}
	return n
}

func (c *fakeCentral) Claim(_ context.Context, r wire.ClaimRequest) (wire.Claim, error) {
	if err := c.ask("claim", r.ID); err != nil {
		return wire.Claim{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	claim, known := c.claims[r.ID]
	if !known {
		n := min(r.Max, len(c.ready))
		claim = wire.Claim{ID: r.ID, FencingToken: int64(len(c.claims) + 1), Jobs: slices.Clone(c.ready[:n])}
		c.ready = c.ready[n:]
		if n > 0 {
			c.claims[r.ID] = claim
		}
	}
	return claim, nil
}

func (c *fakeCentral) Staff(context.Context) (wire.SignedStaff, error) {
	return wire.SignedStaff{Staff: "list"}, c.ask("staff", "")
}

func (c *fakeCentral) Trust(context.Context) (wire.SignedTrust, error) {
	err := c.ask("trust", "")
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trust, err
}

func (c *fakeCentral) Certificate(_ context.Context, r wire.CertificateRequest) (wire.Certificates, error) {
	if err := c.ask("certificate", ""); err != nil {
		return wire.Certificates{}, err
	}
	if _, err := uuid.Parse(r.ID); err != nil {
		return wire.Certificates{}, err
	}
	return wire.Certificates{Certificates: [][]byte{{1}}}, nil
}

func (c *fakeCentral) Renew(_ context.Context, claim string, r wire.RenewalRequest) (wire.Renewal, error) {
	err := c.ask("renew", claim)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewals = append(c.renewals, r)
	return wire.Renewal{ExpiresAt: time.Unix(int64(len(c.renewals)), 0), Jobs: []string{"of " + claim}, Cancelled: c.listed}, err
}

func (c *fakeCentral) Orders(ctx context.Context, take func(wire.Notice) error) error {
	if err := c.ask("orders", ""); err != nil {
		return err
	}
	if c.stream != nil {
		return c.stream(ctx, take)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (c *fakeCentral) Release(_ context.Context, claim string, r wire.ReleaseRequest) (wire.Release, error) {
	if err := c.ask("release", claim); err != nil {
		return wire.Release{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(r.Jobs, c.onPaper) {
		return wire.Release{}, wire.NewProblem(wire.ProblemJobOnPaper, "")
	}
	c.releases = append(c.releases, r)
	return wire.Release{Jobs: r.Jobs}, nil
}

func (c *fakeCentral) DownloadFile(_ context.Context, d wire.Document, _ string) error {
	return c.ask("document", d.ID)
}

// fakeStation keeps claims and jobs as the real one does: a claim that has not
// ended is begun again, and a job that is here is not fetched.
type fakeStation struct {
	lost     []store.LostLetter
	gaveBack []string
	mu       sync.Mutex
	locked   bool
	begun    string // the claim that has not ended
	jobs     []string
	leases   []store.Claim
	renewed  map[string]time.Time
	kept     map[string][]string
	staff    []string
	refuse   error // what TakeStaff says
	newest   int64 // the revision of the list that it has
	revoked  bool
	reports  []error
	notices  []wire.Notice
	cannot   error   // what TakeOrders says
	orders   []error // every OrdersReport
	released []string
	set      []string // every Configured
}

func newStation() *fakeStation {
	return &fakeStation{renewed: map[string]time.Time{}, kept: map[string][]string{}}
}

func (s *fakeStation) BeginClaim(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		return "", &station.Fault{Code: station.Locked}
	}
	if s.begun == "" {
		s.begun = uuid.NewString()
	}
	return s.begun, nil
}

func (s *fakeStation) TakeClaim(_ context.Context, c wire.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun != c.ID {
		return fmt.Errorf("%w: claim %s", store.ErrNotFound, c.ID)
	}
	s.leases = slices.DeleteFunc(s.leases, func(l store.Claim) bool { return l.ID == c.ID })
	s.leases = append(s.leases, store.Claim{ID: c.ID, Token: c.FencingToken})
	return nil
}

func (s *fakeStation) TakeJob(_ context.Context, _ string, j wire.Job, fetch func(path string) error) error {
	s.mu.Lock()
	here := slices.Contains(s.jobs, j.ID)
	s.mu.Unlock()
	if here {
		return nil
	}
	if err := fetch("/" + j.ID); err != nil {
		return station.Explain(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, j.ID)
	return nil
}

func (s *fakeStation) EndClaim(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun != id {
		return errors.New("no such claim")
	}
	s.begun = ""
	return nil
}

func (s *fakeStation) Leases(context.Context) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.leases), nil
}

func (s *fakeStation) Renewed(_ context.Context, claim string, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed[claim] = until
	return nil
}

func (s *fakeStation) Lost(context.Context) ([]store.LostLetter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lost), nil
}

func (s *fakeStation) GaveBack(_ context.Context, claim string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaveBack = append(s.gaveBack, claim)
	s.lost = slices.DeleteFunc(s.lost, func(l store.LostLetter) bool { return l.Claim == claim })
	return nil
}

func (s *fakeStation) Released(_ context.Context, job string, why station.FaultCode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released = append(s.released, job+" "+string(why))
	return nil
}

func (s *fakeStation) Configured(_ context.Context, what string, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = append(s.set, fmt.Sprint(what, " ", why))
	return nil
}

func (s *fakeStation) Kept(_ context.Context, claim string, jobs []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[claim] = jobs
	return nil
}

func (s *fakeStation) TakeStaff(_ context.Context, signed wire.SignedStaff) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil {
		s.staff = append(s.staff, signed.Staff)
	}
	return s.refuse
}

func (s *fakeStation) StaffRevision() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest
}

func (s *fakeStation) Revoked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked
}

func (s *fakeStation) CentralReport(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, err)
	s.revoked = s.revoked || errors.Is(err, wire.ProblemStationRevoked)
}

func (s *fakeStation) TakeOrders(_ context.Context, n wire.Notice) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, n)
	return s.cannot
}

func (s *fakeStation) OrdersReport(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, err)
	s.revoked = s.revoked || errors.Is(err, wire.ProblemStationRevoked)
}

// fakeIdentity keeps what it is given.
type fakeIdentity struct {
	mu      sync.Mutex
	trusted []string
	renewed int
	refuse  error // what both say
}

func (i *fakeIdentity) UseTrust(signed wire.SignedTrust) (news bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	news = i.refuse == nil && !slices.Contains(i.trusted, signed.Trust)
	i.trusted = append(i.trusted, signed.Trust)
	return news, i.refuse
}

func (i *fakeIdentity) Renew(wire.Certificates) (news bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.renewed++
	return i.refuse == nil && i.renewed == 1, i.refuse
}

// begin makes a puller of a fake identity.
func begin(c Central, s Station, max int) *Puller { return New(c, s, new(fakeIdentity), max) }

// taken are the notices so far, and the last word on the stream.
func (s *fakeStation) taken() (notices []wire.Notice, said int, last error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.orders); n > 0 {
		last = s.orders[n-1]
	}
	return slices.Clone(s.notices), len(s.orders), last
}

// last is the last report, and whether there was one.
func (s *fakeStation) last() (error, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.reports) == 0 {
		return nil, false
	}
	return s.reports[len(s.reports)-1], true
}

func wantFault(t *testing.T, err error, want station.FaultCode) {
	t.Helper()
	var f *station.Fault
	if !errors.As(err, &f) || f.Code != want {
		t.Errorf("got %v, want the fault %s", err, want)
	}
}

func wantReport(t *testing.T, s *fakeStation, want error) {
	t.Helper()
	if have, said := s.last(); !said || !errors.Is(have, want) {
		t.Errorf("the station heard %v, want %v", have, want)
	}
}
