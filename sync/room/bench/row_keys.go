package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

const (
	lettersInAll  = 1000
	lettersAClaim = 25
	lettersOfPeer = 20 // measured of the peer, and scaled to all
	keyDelay      = 250 * time.Millisecond
	sealEvery     = 5 * time.Second // as journal heads are signed while a room works
	keyOpsAtMost  = 3               // key and NV operations a claim
	pagesALetter  = 3
)

// keyOperationsRow is row 5: the TPM's keys take a quarter of a second each, as
// a real TPM's do, and letters are journaled and opened one after the other
// while the journal's head is signed every few seconds.
func keyOperationsRow(ctx context.Context, o options) (*sides, error) {
	pdf, err := letterPDF(pagesALetter)
	if err != nil {
		return nil, err
	}
	slow := false
	s, err := startStation(ctx, o.dir, func(t transport.TPMCloser) transport.TPMCloser {
		// The station's own keys are made at full speed: that happens once.
		return swtpm.Slow(t, keyDelay, func(command []byte) bool { return slow && tpm.IsKeyOperation(command) })
	})
	if err != nil {
		return nil, err
	}
	slow = true
	var claims, operations uint64
	return &sides{
		ours: func(ctx context.Context) (time.Duration, error) {
			before := s.device.Operations().Keys()
			took, err := s.openClaims(ctx, lettersInAll/lettersAClaim, lettersAClaim, pdf)
			claims += lettersInAll / lettersAClaim
			operations += s.device.Operations().Keys() - before
			if err == nil && operations > keyOpsAtMost*claims {
				err = fmt.Errorf("%d key operations in %d claims, want at most %d a claim", operations, claims, keyOpsAtMost)
			}
			return took, err
		},
		peer: func(ctx context.Context) (time.Duration, error) {
			took, err := s.openClaims(ctx, lettersOfPeer, 1, pdf)
			return took * (lettersInAll / lettersOfPeer), err
		},
		note: func() string {
			return fmt.Sprintf("scaled from %d letters a run; ours: %.2f key and NV operations a claim, the journal's signatures among them; sessions and loading are not slowed down",
				lettersOfPeer, float64(operations)/float64(claims))
		},
		close: s.close,
	}, nil
}

// openClaims opens n claims of the given number of letters and returns what
// that took, central's part left out.
func (s *station) openClaims(ctx context.Context, n, letters int, pdf []byte) (took time.Duration, err error) {
	doc := s.keys.Doc(s.pin)
	var claims []*claim
	for i := range n {
		c, err := newClaim(doc.PublicKey(), fmt.Sprintf("claim-%d", i+1), letters, pdf)
		if err != nil {
			return 0, err
		}
		claims = append(claims, c)
	}
	sealing := s.seal(ctx)
	defer func() { err = errors.Join(err, sealing()) }()
	began := time.Now()
	for _, c := range claims {
		key, err := keys.OpenClaimKey(doc, c.binding, c.sealed)
		if err != nil {
			return 0, err
		}
		for _, l := range c.letters {
			letter, finish, err := s.open(ctx, key, l)
			if err != nil {
				return 0, err
			}
			if letter.Document.Len() != len(pdf) {
				return 0, errors.New("another document came out")
			}
			if err := finish(); err != nil {
				return 0, err
			}
		}
		key.Destroy()
	}
	return time.Since(began), nil
}

// seal signs the journal's head every sealEvery until the returned function is
// called, which waits for the last signature.
func (s *station) seal(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	var failed error // the goroutine's until wait is over
	wait.Go(func() {
		for tick := time.NewTicker(sealEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				if _, err := s.journal.Checkpoint(context.WithoutCancel(ctx)); err != nil {
					failed = err
					return
				}
			}
		}
	})
	return func() error {
		cancel()
		wait.Wait()
		return failed
	}
}
