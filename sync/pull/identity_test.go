package pull

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// anAuthority is a certificate and a key that a trust may speak of.
var anAuthority = sync.OnceValues(func() (certificate, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
	if certificate, err = x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private); err != nil {
		panic(err)
	}
	if key, err = x509.MarshalPKIXPublicKey(&private.PublicKey); err != nil {
		panic(err)
	}
	return certificate, key
})

// trustOf is a trust of a revision. Nobody signed it: that is the identity's to
// look at.
func trustOf(revision int64) wire.SignedTrust {
	certificate, key := anAuthority()
	text, err := json.Marshal(wire.Trust{
		Revision: revision, IssuedAt: time.Now(), Authorities: [][]byte{certificate}, PolicyKey: key, Witnesses: []string{"w+1+AAAA"},
	})
	if err != nil {
		panic(err)
	}
	return wire.SignedTrust{Trust: string(text)}
}

// atWork is a puller that runs for a while.
func atWork(p *Puller, d time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	time.Sleep(d)
	synctest.Wait()
	return func() { cancel(); <-ended }
}

// TestIdentity: whom the room trusts and a new certificate are asked for at the
// start and once a day.
func TestIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s, i := newCentral(0), newStation(), new(fakeIdentity)
		stop := atWork(New(c, s, i, 1), 49*time.Hour)
		defer stop()
		if n, m := c.count("trust"), c.count("certificate"); n != 3 || m != 3 || len(i.trusted) != 3 || i.renewed != 3 {
			t.Errorf("in two days and an hour %d questions and %d, taken %d and %d", n, m, len(i.trusted), i.renewed)
		}
		if d := cmp.Diff([]string{"trust <nil>", "certificate <nil>"}, s.set); d != "" {
			t.Errorf("in the journal (-want +got): %s", d)
		}
		wantReport(t, s, nil)
	})
}

// TestIdentityRefused: what the station does not take is in the journal, too.
func TestIdentityRefused(t *testing.T) {
	c, s, i := newCentral(0), newStation(), new(fakeIdentity)
	i.refuse = errors.New("of another room")
	if err := New(c, s, i, 1).turn(t.Context()); !errors.Is(err, i.refuse) {
		t.Errorf("%v", err)
	}
	if d := cmp.Diff([]string{"trust of another room", "certificate of another room"}, s.set); d != "" {
		t.Errorf("in the journal (-want +got): %s", d)
	}
}

// TestIdentityThatIsNotDue: a certificate that has time left, and a central that
// knows of neither, are no faults; one that fails is asked again.
func TestIdentityThatIsNotDue(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		asked  int
		want   error
	}{
		"early":  {wire.NewProblem(wire.ProblemRenewalEarly, ""), 1, nil},
		"old":    {wire.NewProblem(wire.ProblemNotFound, ""), 1, nil},
		"silent": {fmt.Errorf("%w: refused", client.ErrUnreachable), 4, client.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				central, s := newCentral(0), newStation()
				central.fail = func(operation, _ string) error {
					if operation == "certificate" || operation == "trust" && name == "old" {
						return c.answer
					}
					return nil
				}
				defer atWork(begin(central, s, 1), 3*time.Minute+time.Second)()
				if n := central.count("certificate"); n != c.asked {
					t.Errorf("%d questions in three minutes, want %d", n, c.asked)
				}
				wantReport(t, s, c.want)
			})
		})
	}
}

// TestNewsInANotice: a change of the people, or of whom the room trusts, is asked
// for as soon as a notice speaks of it, and once.
func TestNewsInANotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(0), newStation()
		notices := make(chan wire.Notice)
		c.stream = func(ctx context.Context, take func(wire.Notice) error) error {
			for {
				select {
				case n := <-notices:
					if err := take(n); err != nil {
						return err
					}
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		s.newest = 4
		defer atWork(begin(c, s, 1), time.Second)()
		staff, trust := c.count("staff"), c.count("trust")
		tell := func(n wire.Notice) {
			notices <- n
			time.Sleep(time.Second)
			synctest.Wait()
		}
		tell(wire.Notice{Staff: 4, Trust: 1}) // as it is known
		if n, m := c.count("staff")-staff, c.count("trust")-trust; n != 0 || m != 0 {
			t.Errorf("nothing is new, and it was asked %d and %d times", n, m)
		}
		tell(wire.Notice{Staff: 5})
		if n, m := c.count("staff")-staff, c.count("trust")-trust; n != 1 || m != 0 {
			t.Errorf("a new list, and it was asked %d and %d times", n, m)
		}
		s.mu.Lock()
		s.newest = 5
		s.mu.Unlock()
		c.mu.Lock()
		c.trust = trustOf(2)
		c.mu.Unlock()
		tell(wire.Notice{Staff: 5, Trust: 2})
		tell(wire.Notice{Staff: 5, Trust: 2})
		if m := c.count("trust") - trust; m != 1 {
			t.Errorf("a new trust, and it was asked %d times", m)
		}
	})
}

// TestListByANewAuthority: the list may be signed by whom the room trusts since a
// moment ago.
func TestListByANewAuthority(t *testing.T) {
	c, s, i := newCentral(0), newStation(), new(fakeIdentity)
	p := New(c, s, i, 1)
	s.refuse = &station.Fault{Code: station.CentralRefused, Err: wire.ErrStaffSignature}
	c.fail = func(operation, _ string) error {
		if operation == "trust" && c.count("trust") == 2 { // the first was at the start
			s.mu.Lock()
			s.refuse = nil
			s.mu.Unlock()
		}
		return nil
	}
	if err := p.turn(t.Context()); err != nil || c.count("staff") != 2 || len(s.staff) != 1 {
		t.Errorf("%v after %d questions, %d lists were taken", err, c.count("staff"), len(s.staff))
	}
}

// TestRevoked: of a central that revoked the station nothing is asked any more but
// the list of people, by which it would say that it did not mean it.
func TestRevoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCentral(3), newStation()
		s.leases = []store.Claim{{ID: "a", Token: 1}}
		defer atWork(begin(c, s, 1), 10*time.Second)()
		c.mu.Lock()
		c.asked = nil
		c.fail = func(string, string) error { return wire.NewProblem(wire.ProblemStationRevoked, "") }
		c.mu.Unlock()
		time.Sleep(time.Hour)
		synctest.Wait()
		if !s.Revoked() {
			t.Fatal("the station was not told")
		}
		staff := c.count("staff")
		c.mu.Lock()
		all := len(c.asked)
		c.mu.Unlock()
		if staff < 50 || staff > 61 || all != staff {
			t.Errorf("%d questions in an hour, %d of them for the list: %v", all, staff, c.asked)
		}
		if last, _ := s.last(); !errors.Is(last, wire.ProblemStationRevoked) {
			t.Errorf("the station heard %v", last)
		}
	})
}
