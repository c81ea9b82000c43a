package station

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// salt is the station's.
var salt = [32]byte{7}

// signer is a room authority.
type signer struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// authority is the one that the rooms trust.
var authority = sync.OnceValue(newAuthority)

func newAuthority() signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return signer{key, c}
}

func authorities() []*x509.Certificate { return []*x509.Certificate{authority().certificate} }

// signedStaff is a list as an authority signs it.
func signedStaff(t testing.TB, by signer, staff wire.Staff) wire.SignedStaff {
	t.Helper()
	text, err := json.Marshal(staff)
	if err != nil {
		t.Fatal(err)
	}
	digest := wire.StaffDigest(string(text))
	signature, err := ecdsa.SignASN1(rand.Reader, by.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return wire.SignedStaff{Staff: string(text), Signature: signature}
}

// list has central list these people, and the station take that.
func (r *room) list(people ...wire.Person) {
	r.t.Helper()
	r.people = people
	r.check(r.TakeStaff(context.Background(), r.next()))
}

// rule has central set another policy.
func (r *room) rule(change func(*wire.Policy)) {
	r.t.Helper()
	change(&r.policy)
	r.list(r.people...)
}

// next is central's next list.
func (r *room) next() wire.SignedStaff {
	r.t.Helper()
	r.revision++
	for i := range r.people {
		p := &r.people[i]
		if p.PIN = wire.PINSet; p.Slot == wire.NoSlot {
			p.PIN, p.Approval = wire.PINUnset, nil
		} else {
			p.Approval = []byte{byte(p.Slot)}
		}
		if p.Language == "" {
			p.Language = "fr"
		}
	}
	return signedStaff(r.t, authority(), wire.Staff{
		Station: name, IssuedAt: time.Now(), Revision: r.revision, Policy: r.policy, People: r.people,
	})
}
