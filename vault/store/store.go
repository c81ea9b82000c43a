// Package store is the station's memory: claims, jobs, attempts, deposits,
// receipts and the outbox, in SQLite. A change of state and the messages that
// report it are one transaction. What is personal is in it only as sealed
// bytes: letters as central sealed them, the rest under the store key. What opens
// any of that is sealed once more, under the key of an era that ends with the next
// purge; see Eras and Raise.
package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed schema.sql
var schema string

// schemaVersion is the user_version that schema.sql makes.
const schemaVersion = 3

// Errors that callers tell apart.
var (
	ErrFull     = errors.New("the disk is full")
	ErrNotFound = errors.New("not in the store")
	ErrState    = errors.New("the job is no longer in the state this needs")
	ErrNewer    = errors.New("the store was written by a newer version of the program")
	ErrInUse    = errors.New("another running program has this data folder open")
)

// Store is safe for concurrent use. It has one connection, because SQLite has
// one writer and the data of a room is small.
type Store struct {
	db     *sql.DB
	dir    string
	lock   *flock.Flock // held while open
	era    era
	erased chan struct{} // see Erased
	at     func(string)  // called after each step of a raise, in tests; else nil
}

// Open opens or creates the store in dir, which must exist. Only one program
// may have it open: what one is sending, another would take for what a crash
// left behind. The system ends the lock with the program.
//
// The TPM is not asked before something that is sealed is, and nil stands for none
// at all: everything else works without, see ErrNoEra.
func Open(ctx context.Context, dir string, eras Eras) (*Store, error) {
	lock := flock.New(filepath.Join(dir, "station.lock"), flock.SetPermissions(0o600))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	case !held:
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, ErrInUse)
	}
	s, err := openLocked(ctx, dir, lock, eras)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func openLocked(ctx context.Context, dir string, lock *flock.Flock, eras Eras) (*Store, error) {
	path := filepath.Join(dir, "station.db")
	q := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(5000)", "secure_delete(ON)", "temp_store(MEMORY)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{db: db, dir: dir, lock: lock, era: era{tpm: eras}, erased: make(chan struct{}, 1)}
	if err := s.prepare(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open the store %s: %w", path, explain(err)), db.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context, path string) error {
	var version int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	if err := os.MkdirAll(s.documents(), 0o700); err != nil {
		return err
	}
	switch version {
	case schemaVersion:
		return nil
	case 0:
		_, err := s.db.ExecContext(ctx, schema)
		return err
	}
	return fmt.Errorf("%w: version %d, this program knows %d", ErrNewer, version, schemaVersion)
}

// Close closes the store and wipes the era's key.
func (s *Store) Close() error {
	s.setEra(nil)
	return errors.Join(s.db.Close(), s.lock.Close())
}

func (s *Store) step(at string) {
	if s.at != nil {
		s.at(at)
	}
}

// Message is something central must hear of. It is in the outbox from the
// commit of what it reports until central has acknowledged it.
type Message struct {
	Seq  int64 // place in the outbox, given by the store
	ID   string
	Kind MessageKind
	Body []byte // JSON; for receipts nothing but the receipt's id
}

// MessageKind names the request that carries a message.
type MessageKind string

// The kinds of messages.
const (
	EventMessage   MessageKind = "event"
	DepositMessage MessageKind = "deposit"
	ReceiptMessage MessageKind = "receipt"
)

// transact runs f in one transaction.
func (s *Store) transact(ctx context.Context, what string, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, explain(err))
	}
	if err := f(tx); err != nil {
		return fmt.Errorf("%s: %w", what, explain(errors.Join(err, tx.Rollback())))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, explain(err))
	}
	return nil
}

func post(ctx context.Context, tx *sql.Tx, messages []Message) error {
	for _, m := range messages {
		if _, err := tx.ExecContext(ctx, "INSERT INTO outbox (id, kind, body) VALUES (?, ?, ?)", m.ID, m.Kind, m.Body); err != nil {
			return err
		}
	}
	return nil
}

// Outbox returns the oldest messages that central has not acknowledged.
func (s *Store) Outbox(ctx context.Context, limit int) ([]Message, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT seq, id, kind, body FROM outbox ORDER BY seq LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", explain(err))
	}
	return collect(rows, func(m *Message) []any { return []any{&m.Seq, &m.ID, &m.Kind, &m.Body} })
}

// Acknowledge takes a message out of the outbox. Acknowledging twice is fine.
func (s *Store) Acknowledge(ctx context.Context, id string) error {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM outbox WHERE id = ?", id); err != nil {
		return fmt.Errorf("acknowledge message %s: %w", id, explain(err))
	}
	return nil
}

// Setting reads a value of the store's own, nil when it was never set.
func (s *Store) Setting(ctx context.Context, name string) ([]byte, error) {
	var v []byte
	err := s.db.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = ?", name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, explain(err))
	}
	return v, nil
}

// SetSetting writes a value of the store's own.
func (s *Store) SetSetting(ctx context.Context, name string, value []byte) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, explain(err))
	}
	return nil
}

func collect[T any](rows *sql.Rows, fields func(*T) []any) (out []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v T
		if err := rows.Scan(fields(&v)...); err != nil {
			return nil, fmt.Errorf("read the store: %w", explain(err))
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the store: %w", explain(err))
	}
	return out, nil
}

// explain gives SQLite's answers the names that callers ask for.
func explain(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return errors.Join(ErrFull, err)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return errors.Join(ErrNotFound, err)
	}
	return err
}

// millis is how the store writes times: milliseconds since 1970, UTC.
type millis struct{ t *time.Time }

func (m millis) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time of type %T", v)
	}
	*m.t = time.Time{}
	if n != 0 {
		*m.t = time.UnixMilli(n).UTC()
	}
	return nil
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
