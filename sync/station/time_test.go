package station

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// The time that retention goes by is what the room authority signed last: no list
// that is older, or that somebody else signed, changes it.
func TestCentralTime(t *testing.T) {
	r := newRoom(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	r.check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	r.cfg.Authority, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	r.check(err)
	list := func(at time.Time, sign *ecdsa.PrivateKey) wire.SignedStaff {
		text, err := json.Marshal(wire.Staff{Station: name, IssuedAt: at, People: []wire.Person{}})
		r.check(err)
		digest := wire.StaffDigest(string(text))
		signature, err := ecdsa.SignASN1(rand.Reader, sign, digest[:])
		r.check(err)
		return wire.SignedStaff{Staff: string(text), Signature: signature}
	}
	if !r.CentralTime().IsZero() {
		t.Errorf("before the first list it is %s", r.CentralTime())
	}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r.check(r.TakeStaff(t.Context(), list(noon, key)))
	r.check(r.TakeStaff(t.Context(), list(noon.Add(-time.Hour), key)))
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	r.check(err)
	if err := r.TakeStaff(t.Context(), list(noon.AddDate(8, 0, 0), stranger)); !errors.Is(err, wire.ErrStaffSignature) {
		t.Errorf("a stranger's list: %v", err)
	}
	if !r.CentralTime().Equal(noon) {
		t.Errorf("it is %s, want %s", r.CentralTime(), noon)
	}
}
