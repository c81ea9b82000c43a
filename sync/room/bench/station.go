package main

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// A station is what opens letters: a TPM with the three keys, a PIN, a durable
// journal whose checkpoints the TPM signs.
type station struct {
	dir     string
	soft    *swtpm.TPM
	device  *tpm.Device
	keys    *tpm.Keys
	pin     tpm.PIN
	journal *journal.Journal
}

// noWrap leaves the TPM as fast as it is.
func noWrap(t transport.TPMCloser) transport.TPMCloser { return t }

// startStation makes one in a new folder of dir. wrap may slow the TPM's transport down.
func startStation(ctx context.Context, dir string, wrap func(transport.TPMCloser) transport.TPMCloser) (_ *station, err error) {
	s := &station{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.dir, err = os.MkdirTemp(dir, "station-"); err != nil {
		return nil, err
	}
	if s.soft, err = swtpm.Start(ctx, filepath.Join(s.dir, "tpm")); err != nil {
		return nil, err
	}
	link, err := tpm.Dial(s.soft.Endpoint())
	if err != nil {
		return nil, err
	}
	if s.device, err = tpm.Open(s.soft.Endpoint(), tpm.WithTransport(wrap(link))); err != nil {
		return nil, err
	}
	if err := s.makeKeys(); err != nil {
		return nil, err
	}
	_, witness, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	cosigner, err := checkpoint.NewCosigner("bench.example/witness", witness)
	if err != nil {
		return nil, err
	}
	s.journal, err = journal.Open(ctx, journal.Config{
		Dir: filepath.Join(s.dir, "journal"), Log: "bench.example/room/station-1", Signer: s.keys.Log(), Witness: cosigner.Vkey(),
	})
	return s, err
}

// makeKeys makes the three keys, and a person's place whose PIN the room's policy key lets in.
func (s *station) makeKeys() error {
	policy, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	set, err := s.device.CreateKeys(&policy.PublicKey)
	if err != nil {
		return err
	}
	if s.keys, err = s.device.Load(set); err != nil {
		return err
	}
	if s.pin.Approval, err = tpm.ApprovePIN(policy, set.PINKind, s.pin.Slot); err != nil {
		return err
	}
	if s.pin.Auth, err = memory.New(sha256.Size); err != nil {
		return err
	}
	if _, err := rand.Read(s.pin.Auth.Bytes()); err != nil {
		return err
	}
	change, request, err := s.keys.BeginPIN(s.pin.Slot, s.pin.Auth)
	if err != nil {
		return err
	}
	defer change.Abort()
	auth, write, err := tpm.SignPIN(policy, set.PINKind, request)
	if err != nil {
		return err
	}
	return change.Finish(auth, write)
}

func (s *station) close() error {
	var errs []error
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	s.pin.Auth.Destroy()
	if s.device != nil {
		errs = append(errs, s.device.Close())
	}
	if s.soft != nil {
		errs = append(errs, s.soft.Stop())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// A claim is letters as central hands them out.
type claim struct {
	binding keys.Binding
	sealed  []byte // the claim key
	letters []sealedLetter
}

type sealedLetter struct {
	job                        string
	wrapped, document, details []byte
}

// newClaim does central's part for n letters of the same document.
func newClaim(to *ecdh.PublicKey, id string, n int, pdf []byte) (*claim, error) {
	c := &claim{binding: keys.Binding{Claim: id, Station: "station-1"}}
	kek, dek := make([]byte, keys.KeySize), make([]byte, keys.KeySize)
	details, err := json.Marshal(keys.Details{Recipient: []string{"Example", "Rue Neuve 1", "1000 Bruxelles"}, Country: "BE"})
	if err != nil {
		return nil, err
	}
	if _, err := rand.Read(kek); err != nil {
		return nil, err
	}
	if c.sealed, err = keys.SealClaimKey(to, c.binding, kek); err != nil {
		return nil, err
	}
	for i := range n {
		l := sealedLetter{job: fmt.Sprintf("%s-%d", id, i+1)}
		var errs [4]error
		_, errs[0] = rand.Read(dek)
		l.wrapped, errs[1] = keys.WrapDocumentKey(kek, c.binding, l.job, dek)
		l.document, errs[2] = keys.SealPart(dek, l.job, keys.PartDocument, pdf)
		l.details, errs[3] = keys.SealPart(dek, l.job, keys.PartDetails, details)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		c.letters = append(c.letters, l)
	}
	return c, nil
}

// open journals the intent and opens one letter, as the station does before
// anything is drawn. finish journals the result and wipes the letter.
func (s *station) open(ctx context.Context, k *keys.ClaimKey, l sealedLetter) (letter *keys.Letter, finish func() error, err error) {
	p, err := s.journal.Intent(ctx, journal.Access{Actor: "p1", Action: journal.ActionPreview, Object: l.job})
	if err != nil {
		return nil, nil, err
	}
	letter, err = k.Open(p, l.job, l.wrapped, l.document, l.details)
	if err != nil {
		return nil, nil, errors.Join(err, s.journal.Result(ctx, p, journal.OutcomeFailed))
	}
	return letter, func() error {
		letter.Close()
		return s.journal.Result(ctx, p, journal.OutcomeDone)
	}, nil
}
