package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync"

	"espero-soft.com/printroom/vault/memory"
)

// Eras is the TPM's part in forgetting. What opens the store's sealed values is
// the key of an era, which the TPM opens only while its counter has one value. A
// counter never goes back: once it is raised, no copy of the store from before
// opens any more, whoever has it.
type Eras interface {
	// Counter is the counter's value.
	Counter() (uint64, error)
	// Increment raises it by one. An error leaves open whether it did.
	Increment() (uint64, error)
	// SealAt seals a secret so that it opens only while the counter has that value.
	SealAt(generation uint64, secret []byte) ([]byte, error)
	// OpenSealed opens what SealAt sealed. The buffer is the caller's to destroy.
	// ErrEra is for what this TPM will never open, whatever its counter.
	OpenSealed(sealed []byte) (*memory.Buffer, error)
}

var (
	// ErrNoEra says that sealed values can't be used for now: the era's key can't
	// be opened. It comes with the TPM's error. Everything else of the store works.
	ErrNoEra = errors.New("the key of the store's era can't be opened")
	// ErrEra says that no sealed value can be opened ever again: the counter has
	// moved on without the store, which is a copy from before, or somebody else
	// raised it. See StartOver.
	ErrEra = errors.New("the sealed values of the store are lost")
	// ErrSealed says that one sealed value was changed, or moved to another place.
	ErrSealed = errors.New("a sealed value of the store was changed")
)

// era is the one whose key opens what is sealed. Locks are taken in the order of
// the fields, and before the database's connection.
type era struct {
	tpm     Eras       // nil on a machine without one
	turning sync.Mutex // held while an era is opened, begun or given up

	mu    sync.RWMutex   // held for reading from the wrapping of a value until it is kept, and from its reading until it is unwrapped; guards what follows
	key   *memory.Buffer // nil while it is closed
	fault error          // why it is closed, nil while it is open and before that was tried
}

// eraRow is an era as the database has it. There are two of them from the commit
// of a raise until the counter is known to be raised; the later one is what every
// sealed value is under, always.
type eraRow struct {
	seq        int64
	generation uint64
	sealed     []byte
}

func (s *Store) eraRows(ctx context.Context) ([]eraRow, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT seq, generation, sealed FROM eras ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("read the eras: %w", explain(err))
	}
	return collect(rows, func(r *eraRow) []any { return []any{&r.seq, &r.generation, &r.sealed} })
}

// hold opens the era if it is closed, and keeps it as it is until done is called,
// which must be before anything else of the store is.
func (s *Store) hold(ctx context.Context) (k eraKey, done func(), err error) {
	for {
		s.era.mu.RLock()
		if s.era.key != nil {
			if k, err = newEraKey(s.era.key); err == nil {
				return k, s.era.mu.RUnlock, nil
			}
		}
		s.era.mu.RUnlock()
		if err != nil {
			return k, nil, err
		}
		if err := s.openEra(ctx); err != nil {
			return k, nil, err
		}
	}
}

// look does the same for who reads, and gets a key that opens nothing while the
// era is closed. It asks the TPM once: from then on whoever holds the era, such
// as an unlock or the next purge, has to open it.
func (s *Store) look(ctx context.Context) (k eraKey, done func()) {
	s.era.mu.RLock()
	fault := s.era.fault
	s.era.mu.RUnlock()
	if fault == nil { // open, or never tried
		if k, done, fault = s.hold(ctx); fault == nil {
			return k, done
		}
	}
	return eraKey{fault: fault}, func() {}
}

func (s *Store) openEra(ctx context.Context) error {
	s.era.turning.Lock()
	defer s.era.turning.Unlock()
	_, err := s.settle(ctx)
	return err
}

// settle brings the eras to rest: it finishes a raise that was interrupted, opens
// the era's key unless it is open, and begins the first era of a new store. adrift
// tells that the counter was moved by somebody else: the key is in memory alone,
// and the next era has to be begun before that is lost too. Callers hold turning.
func (s *Store) settle(ctx context.Context) (adrift bool, err error) {
	adrift, err = s.settled(ctx)
	s.era.mu.Lock()
	defer s.era.mu.Unlock()
	switch {
	case s.era.key != nil:
		s.era.fault = nil
	case ctx.Err() == nil: // who gave up says nothing of the TPM
		s.era.fault = err
	}
	return adrift, err
}

func (s *Store) settled(ctx context.Context) (adrift bool, err error) {
	rows, err := s.eraRows(ctx)
	if err != nil {
		return false, err
	}
	if s.era.tpm == nil {
		return false, fmt.Errorf("%w: this machine has no TPM", ErrNoEra)
	}
	now, err := s.era.tpm.Counter()
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrNoEra, err)
	}
	if len(rows) == 0 {
		return false, s.firstEra(ctx, now)
	}
	newest := rows[len(rows)-1]
	if now+1 == newest.generation {
		// Everything is under its key since the commit, which opens once the counter
		// is there. It is asked each time: whether an increment of which no answer
		// came was done shows in its value alone.
		if now, err = s.era.tpm.Increment(); err != nil {
			return false, fmt.Errorf("%w: raise the counter: %w", ErrNoEra, err)
		}
		s.step("raised")
	}
	if adrift, err = s.openNewest(newest, now); err != nil || len(rows) == 1 {
		return adrift, err
	}
	return adrift, s.dropEras(ctx, newest)
}

// openNewest opens an era's key, if it is not in memory.
func (s *Store) openNewest(newest eraRow, now uint64) (adrift bool, err error) {
	if s.eraOpen() {
		return now != newest.generation, nil
	}
	if now != newest.generation {
		return false, fmt.Errorf("%w: they are of generation %d, the counter is at %d", ErrEra, newest.generation, now)
	}
	key, err := s.era.tpm.OpenSealed(newest.sealed)
	switch {
	case errors.Is(err, ErrEra):
		return false, err
	case err != nil:
		return false, fmt.Errorf("%w: %w", ErrNoEra, err)
	}
	s.setEra(key)
	return false, nil
}

func (s *Store) eraOpen() bool {
	s.era.mu.RLock()
	defer s.era.mu.RUnlock()
	return s.era.key != nil
}

func (s *Store) setEra(key *memory.Buffer) {
	s.era.mu.Lock()
	defer s.era.mu.Unlock()
	s.era.key.Destroy()
	s.era.key, s.era.fault = key, nil
}

// dropEras forgets the eras before the newest: the counter has passed them. What
// was forgotten before the newest one was begun is final with that.
func (s *Store) dropEras(ctx context.Context, newest eraRow) error {
	err := s.transact(ctx, "end an era", func(tx *sql.Tx) error {
		for _, q := range []string{
			"UPDATE unraised SET deletions = max(0, deletions - (SELECT covers FROM eras WHERE seq = ?))",
			"UPDATE eras SET covers = 0 WHERE seq = ?",
			"DELETE FROM eras WHERE seq <> ?",
		} {
			if _, err := tx.ExecContext(ctx, q, newest.seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.step("ended")
	return s.checkpoint(ctx)
}

// firstEra begins the era of a store in which nothing is sealed yet.
func (s *Store) firstEra(ctx context.Context, now uint64) error {
	sealed, err := s.anySealed(ctx)
	if err != nil {
		return err
	}
	if sealed {
		return fmt.Errorf("%w: the store has no era", ErrEra)
	}
	key, sealedKey, err := s.newEra(now)
	if err != nil {
		return err
	}
	err = s.transact(ctx, "begin the first era", func(tx *sql.Tx) error { return insertEra(ctx, tx, now, sealedKey) })
	if err != nil {
		key.Destroy()
		return err
	}
	s.setEra(key)
	return nil
}

// newEra makes a key that opens at a generation.
func (s *Store) newEra(generation uint64) (key *memory.Buffer, sealed []byte, err error) {
	if generation > math.MaxInt64 {
		return nil, nil, fmt.Errorf("%w: the counter is at its end", ErrNoEra)
	}
	if key, err = memory.New(eraKeySize); err != nil {
		return nil, nil, err
	}
	key.Use(func(b []byte) {
		if _, err = rand.Read(b); err == nil {
			sealed, err = s.era.tpm.SealAt(generation, b)
		}
	})
	if err != nil {
		key.Destroy()
		return nil, nil, fmt.Errorf("%w: seal the next one's key: %w", ErrNoEra, err)
	}
	return key, sealed, nil
}

// insertEra keeps an era that makes final what was forgotten until now.
func insertEra(ctx context.Context, tx *sql.Tx, generation uint64, sealed []byte) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO eras (generation, sealed, covers) SELECT ?, ?, deletions FROM unraised", int64(generation), sealed)
	return err
}
