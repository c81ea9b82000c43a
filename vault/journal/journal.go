package journal

import (
	"cmp"
	"context"
	"crypto"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Config is what a journal needs. Dir, Log, Signer and Witness are required.
type Config struct {
	Dir     string        // made when missing, for its owner alone
	Log     string        // the origin, a checkpoint.CheckName such as "bjet24.example/room/station-1"
	Signer  crypto.Signer // K_log, ECDSA P-256
	Witness string        // central's verifier key; what UseWitnesses kept goes before it
	Now     func() time.Time
	// Predecessor is the Head.Last of the log that this one continues, such as
	// that of a cleared TPM. It counts for the first entry only.
	Predecessor tlog.Hash
	// Counter is what the log is tied to (see Anchor), nil for nothing; CounterFirst is where it stood
	// when the log was begun.
	Counter      Counter
	CounterFirst uint64
	// Reserve is the size in bytes of what is kept on the disk for the entries
	// that tell of its being full, 0 for 8 MiB.
	Reserve int64
	// Hours are the room's working hours; the zero value stands for Monday to
	// Friday, 6 to 20 o'clock here.
	Hours WorkingHours
}

// Journal is an open log. It is safe for concurrent use; several processes may
// write one log, each checks what the others wrote.
type Journal struct {
	log         string
	db          *database
	insert      *sql.Stmt
	signer      *checkpoint.StationSigner
	station     note.Verifier
	now         func() time.Time
	clock       clock
	predecessor tlog.Hash

	sealing    sync.Mutex // held while a checkpoint is signed or stored
	tree       treeLock   // the derived file
	index      indexLock  // the index
	remaking   sync.Mutex // held while an index is made aside
	forgetting sync.Mutex // held while a shard is forgotten; taken before all others
	sweeping   struct {
		sync.WaitGroup // of what Open leaves to a goroutine
		stop           context.CancelFunc
	}
	months shardLock
	anchor struct {
		sync.Mutex // held while log and counter are compared or raised; taken before mu
		anchoring
	}

	mu    sync.Mutex // held while appending; taken before state
	chain *verify.Chain
	head  Head // where the next entry goes; the chain's own unless broken
	spare reserve

	state struct {
		sync.Mutex
		Status
		witnesses
		start      beginning
		sealers    []uint32 // ids of the witness's keys that signed the last countersigned checkpoint
		closed     bool
		unanchored bool // see ErrUnanchored
	}
}

type treeLock struct {
	sync.Mutex // held while the file is used
	derived
}

type shardLock struct {
	sync.Mutex // held while notes are read for it; no other but state is taken then
	shardsKnown
}

type indexLock struct {
	sync.Mutex // held while the file is used
	index
}

// clock is the monotonic clock and the name of its epoch.
type clock struct {
	boot  string
	since func() (time.Duration, error)
}

// Head is the log's last entry.
type Head struct {
	Size int64     // its sequence, 0 when there is none
	Last tlog.Hash // its leaf hash
}

// Status is what the window shows of the journal.
type Status struct {
	Entries    int64
	Signed     int64     // entries that the station's last signature covers
	SignedAt   time.Time // when it was made; after a start, when the last of them was written; zero when there is none
	Sealed     int64     // entries that the last countersignature covers
	SealedAt   time.Time // when the witness signed it, zero when it has not
	Verified   int64     // entries that the last Verify read whole, 0 before
	VerifiedAt time.Time
	Broken     error // why nothing may be opened, a *BrokenError, nil when whole
}

// Open opens or starts the log and verifies its tail: everything since the last
// countersignature, that one included. A log that fails is opened all the same,
// with Status().Broken set: it gives no permit and signs nothing, but records
// and exports. What a Forget left undeleted is deleted behind it. An error means
// that there is no journal to speak of.
func Open(ctx context.Context, c Config) (_ *Journal, err error) {
	j, err := configure(c)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIO, err)
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIO, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.release())
		}
	}()
	j.spare = reserve{path: filepath.Join(dir, reserveFile), size: cmp.Or(c.Reserve, usualReserve)}
	j.tree.remade = remade{path: filepath.Join(dir, derivedFile), schema: derivedSchema}
	j.tree.startIn = j.startIn
	j.index.remade = remade{path: filepath.Join(dir, indexFile), schema: indexSchema}
	err = j.begin(ctx, dir)
	if errors.Is(err, ErrFull) || errors.Is(err, ErrIO) && ctx.Err() == nil {
		// SQLite needs a little room to read, and can't always say that it has none.
		if j.spare.give() {
			err = j.release()
			if j.insert, j.db, j.tree.db = nil, nil, nil; err == nil {
				err = j.begin(ctx, dir)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	ctx, j.sweeping.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.sweepOn(ctx)
	return j, nil
}

// begin opens the log's file and takes up what is there.
func (j *Journal) begin(ctx context.Context, dir string) (err error) {
	if j.db, err = openDatabase(ctx, filepath.Join(dir, entriesFile), true, schema); err != nil {
		return err
	}
	if j.insert, err = j.db.writer.PrepareContext(ctx, insertEntry); err != nil {
		return storageError("prepare", err)
	}
	return j.load(ctx)
}

func configure(c Config) (*Journal, error) {
	j := &Journal{log: c.Log, now: c.Now, predecessor: c.Predecessor}
	if j.now == nil {
		j.now = time.Now
	}
	j.index.hours = c.Hours.orUsual()
	j.anchor.counter, j.anchor.first = c.Counter, c.CounterFirst
	j.state.unanchored = c.Counter != nil
	if c.Dir == "" {
		return nil, errors.New("journal: no directory given")
	}
	var err error
	if j.signer, err = checkpoint.NewStationSigner(c.Log, c.Signer); err != nil {
		return nil, fmt.Errorf("journal: log key: %w", err)
	}
	if j.station, err = checkpoint.NewStationVerifier(j.signer.Vkey()); err != nil {
		return nil, fmt.Errorf("journal: log key: %w", err)
	}
	if j.state.inForce, err = readWitnesses([]string{c.Witness}); err != nil {
		return nil, err
	}
	j.clock, err = bootClock()
	return j, err
}

// Close waits for what is under way and closes the files. Permits that are not
// used yet are refused from then on.
func (j *Journal) Close() error {
	j.state.Lock()
	closed := j.state.closed
	j.state.closed = true
	j.state.Unlock()
	if closed {
		return nil
	}
	j.sweeping.stop()
	j.sweeping.Wait()
	j.remaking.Lock()
	defer j.remaking.Unlock()
	j.forgetting.Lock()
	defer j.forgetting.Unlock()
	j.sealing.Lock()
	defer j.sealing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tree.Lock()
	defer j.tree.Unlock()
	j.index.Lock()
	defer j.index.Unlock()
	return j.release()
}

func (j *Journal) release() error {
	var errs []error
	if j.insert != nil {
		errs = append(errs, j.insert.Close())
	}
	if j.db != nil {
		errs = append(errs, j.db.close())
	}
	return errors.Join(append(errs, j.tree.close(), j.index.close())...)
}

// Log is the origin.
func (j *Journal) Log() string { return j.log }

// Size is the number of entries.
func (j *Journal) Size() int64 { return j.Status().Entries }

// Head is where the log stands.
func (j *Journal) Head() Head {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head
}

// Status never waits for the disk.
func (j *Journal) Status() Status {
	j.state.Lock()
	defer j.state.Unlock()
	return j.state.Status
}

// trusted is why nothing may be opened, or nil.
func (j *Journal) trusted() error {
	j.state.Lock()
	defer j.state.Unlock()
	if j.state.closed {
		return ErrClosed
	}
	return j.state.Broken
}

// openable is why nothing may be opened now, or nil.
func (j *Journal) openable() error {
	if err := j.trusted(); err != nil {
		return err
	}
	j.state.Lock()
	defer j.state.Unlock()
	if j.state.unanchored {
		return ErrUnanchored
	}
	return nil
}

// open is ErrClosed once Close was called.
func (j *Journal) open() error {
	j.state.Lock()
	defer j.state.Unlock()
	if j.state.closed {
		return ErrClosed
	}
	return nil
}

// found latches what err says of the log when that is that it is broken, the
// first finding for good, and returns err.
func (j *Journal) found(err error) error {
	var broken *BrokenError
	if errors.As(err, &broken) {
		j.state.Lock()
		if j.state.Broken == nil {
			j.state.Broken = broken
		}
		j.state.Unlock()
	}
	return err
}
