package enrolment

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/tpm"
)

// ErrStation says that a token is for another station than the one whose data
// the folder holds.
var ErrStation = errors.New("the token is for another station")

// Again enrols the station of a data folder anew: its TPM was cleared or
// replaced, or central wants it to prove itself again. What the station has
// stays: the store with its outbox, the ciphertexts and the journal, which
// becomes a Predecessor and is set aside for a new one that continues it. No
// program of the station may be running. The identity is kept here; an error
// leaves the one before, though central may not know that one any more: then
// the way on is another token.
//
// Keys that this TPM still has, under the room's policy key, are enrolled
// again, and nothing is lost. With new ones, what the former sealed can't be
// opened: the store says so at its first use (store.ErrEra), and gives those
// letters up by StartOver.
func Again(ctx context.Context, c Central, d *tpm.Device, authority *x509.Certificate, token, dir string) (Identity, error) {
	before, err := Load(dir)
	if err != nil {
		return Identity{}, err
	}
	e := enroller{central: c, device: d, token: token, station: before.Station}
	if err := e.learn(ctx, authority); err != nil {
		return Identity{}, err
	}
	set, kept, err := e.keysAgain(before.Keys)
	if err != nil {
		return Identity{}, err
	}
	former, last, err := before.former(ctx, dir)
	if err != nil {
		return Identity{}, err
	}
	a, err := e.prove(ctx, set)
	if err != nil {
		return Identity{}, err
	}
	id := e.identity(a)
	id.Predecessors, id.Last = succeed(before.Predecessors, &former, a.Predecessor), last
	if err := id.check(); err != nil {
		return Identity{}, err
	}
	if !kept { // what was sealed for the former K_doc ends here, also where this TPM could open it still
		if _, err := e.keys.Increment(tpm.CounterGeneration); err != nil {
			return Identity{}, fmt.Errorf("end the store's era: %w", err)
		}
	}
	id.SetAside = former.Dir
	if err := id.Save(dir); err != nil {
		return Identity{}, err
	}
	return Load(dir) // sets the former journal aside
}

// keysAgain are the former keys where this TPM still has them and they are
// under the room's policy key, else new ones.
func (e *enroller) keysAgain(former tpm.KeySet) (set tpm.KeySet, kept bool, err error) {
	if obeys(former, e.policy) {
		_, err = e.device.Load(former)
		if err == nil {
			return former, true, nil
		}
		if !errors.Is(err, tpm.ErrCleared) {
			return set, false, fmt.Errorf("load the station's keys: %w", err)
		}
	}
	if set, err = e.device.CreateKeys(e.policy); err != nil {
		return set, false, fmt.Errorf("make the station's keys: %w", err)
	}
	return set, false, nil
}
