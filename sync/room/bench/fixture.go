package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the journal's driver

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	fixtureLog   = "bench.example/room/station-1"
	sealAfter    = 100    // entries, about: a checkpoint signed and countersigned
	writeAtOnce  = 50_000 // entries of one transaction
	journalFile  = "journal.db"
	headFile     = "fixture.head" // written last: what has none is not whole
	usualEntries = 10_000_000
)

// knownHeads are the leaf hashes of the last entry of fixtures of these sizes.
func knownHeads() map[int64]string {
	return map[int64]string{usualEntries: "nysgQU8OeiUF0PXq1g9/Nw+u6p0DyfHP9XmmVeKYKjI="}
}

// A fixture is a filled journal of a year's work in a folder of its own, the
// same one however often it is made. The rows work on copies of it.
type fixture struct {
	dir     string
	entries int64
	evening time.Time // a minute after its last entry
}

// bigFixture is the fixture that the options ask for, made when it is missing.
func bigFixture(ctx context.Context, o options) (*fixture, error) {
	f := &fixture{dir: o.journal, entries: o.entries}
	if f.dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		f.dir = filepath.Join(cache, "printroom-bench", fmt.Sprintf("journal-%d", o.entries))
	}
	return f, f.ensure(ctx)
}

// ensure makes the fixture unless it is there and its head is the right one.
func (f *fixture) ensure(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(f.dir, headFile))
	if err == nil {
		if err := f.check(ctx, strings.TrimSpace(string(text))); err != nil {
			return err
		}
		_, err := f.derive(ctx)
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if left, err := os.ReadDir(f.dir); err == nil && len(left) > 0 {
		return fmt.Errorf("%s has no %s: it was not finished, or is no fixture; remove it", f.dir, headFile)
	}
	fmt.Printf("making a journal of %d entries in %s\n", f.entries, f.dir)
	return f.make(ctx)
}

// check compares the fixture's last entry with the given head and the one that
// is known of its size.
func (f *fixture) check(ctx context.Context, head string) error {
	db, err := rawJournal(filepath.Join(f.dir, journalFile), "query_only(1)")
	if err != nil {
		return err
	}
	var sequence int64
	var last []byte
	err = db.QueryRowContext(ctx, "SELECT sequence, bytes FROM entry ORDER BY sequence DESC LIMIT 1").Scan(&sequence, &last)
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("read the fixture in %s: %w", f.dir, err)
	}
	leaf := checkpoint.LeafHash(last)
	got := base64.StdEncoding.EncodeToString(leaf[:])
	if known, ok := knownHeads()[f.entries]; sequence != f.entries || got != head || ok && got != known {
		return fmt.Errorf("%s holds another journal than it should: %d entries, the last one's hash %s; remove it", f.dir, sequence, got)
	}
	e, err := verify.ParseEntry(last)
	f.evening = e.Time.Add(time.Minute)
	return err
}

// make fills the folder: the entries and notes below the journal's interface,
// then what the journal itself derives of them.
func (f *fixture) make(ctx context.Context) error {
	j, err := f.open(ctx, f.dir)
	if err != nil {
		return err
	}
	if err := j.Close(); err != nil {
		return err
	}
	if err := f.fill(ctx); err != nil {
		return err
	}
	leaf, err := f.derive(ctx)
	if err != nil {
		return err
	}
	head := base64.StdEncoding.EncodeToString(leaf[:])
	if err := f.check(ctx, head); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.dir, headFile), []byte(head+"\n"), 0o600)
}

// derive has the journal bring what it derives up to date, such as after a
// change of its files' form, and gives the last entry's hash. No entry is added.
func (f *fixture) derive(ctx context.Context) (tlog.Hash, error) {
	j, err := f.open(ctx, f.dir)
	if err != nil {
		return tlog.Hash{}, err
	}
	err = j.Status().Broken
	if _, perr := j.InclusionProof(ctx, f.entries, f.entries); err == nil {
		err = perr
	}
	if err == nil {
		err = j.Index(ctx, nil)
	}
	last := j.Head().Last
	if err := errors.Join(err, j.Close()); err != nil {
		return last, fmt.Errorf("the journal in %s is no good: %w", f.dir, err)
	}
	return last, nil
}

// fill writes the entries and the notes in big transactions. The database's own
// rules stay on; that it lasts does not matter before the head is written.
func (f *fixture) fill(ctx context.Context) error {
	db, err := rawJournal(filepath.Join(f.dir, journalFile), "journal_mode(MEMORY)", "synchronous(OFF)", "cache_size(-65536)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	station, cosigner, err := fixtureKeys()
	if err != nil {
		return errors.Join(err, db.Close())
	}
	signer, err := checkpoint.NewStationSigner(fixtureLog, station)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	w := &fixtureWriter{ctx: ctx, db: db, signer: signer, cosigner: cosigner}
	err = tellYear(f.entries, w.add)
	if err == nil {
		err = w.commit()
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA journal_mode=WAL")
	}
	return errors.Join(err, w.rollback(), db.Close())
}

// fixtureWriter chains entries and stores them.
type fixtureWriter struct {
	ctx      context.Context // of the one call that this value lives for
	db       *sql.DB
	signer   *checkpoint.StationSigner
	cosigner *checkpoint.Cosigner

	tree      checkpoint.Tree
	last      [sha256.Size]byte
	sealed    int64 // entries that the last checkpoint covers
	tx        *sql.Tx
	put, note *sql.Stmt
	bytes     []byte
}

// add stores the next entry, given without its place in the log. With whole the
// station may sign the log here: no commit of its goes on beyond.
func (w *fixtureWriter) add(e entry, whole bool) (err error) {
	if w.tx == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	e.Log, e.Previous, e.Sequence = fixtureLog, w.last, w.tree.Size()+1
	w.bytes = e.Append(w.bytes[:0])
	if _, err := w.put.ExecContext(w.ctx, e.Sequence, w.bytes); err != nil {
		return err
	}
	w.last = checkpoint.LeafHash(w.bytes)
	w.tree.Append(w.last)
	if whole && e.Sequence >= w.sealed+sealAfter {
		if err := w.seal(e.Time); err != nil {
			return err
		}
	}
	if e.Sequence%writeAtOnce == 0 {
		return w.commit()
	}
	return nil
}

// seal signs and countersigns the log as it is, a second after its last entry.
func (w *fixtureWriter) seal(at time.Time) error {
	size := w.tree.Size()
	signed, err := w.signer.Checkpoint(size, w.tree.Root())
	if err != nil {
		return err
	}
	sealed, err := w.cosigner.Cosign(signed, at.Add(time.Second))
	if err != nil {
		return err
	}
	for kind, note := range [][]byte{signed, sealed} {
		if _, err := w.note.ExecContext(w.ctx, size, kind, note); err != nil {
			return err
		}
	}
	w.sealed = size
	return nil
}

func (w *fixtureWriter) begin() (err error) {
	if w.tx, err = w.db.BeginTx(w.ctx, nil); err != nil {
		return err
	}
	if w.put, err = w.tx.PrepareContext(w.ctx, "INSERT INTO entry (sequence, bytes) VALUES (?, ?)"); err != nil {
		return err
	}
	w.note, err = w.tx.PrepareContext(w.ctx, "INSERT INTO checkpoint (size, sealed, note) VALUES (?, ?, ?)")
	return err
}

func (w *fixtureWriter) commit() error {
	if w.tx == nil {
		return nil
	}
	err := w.tx.Commit()
	w.tx = nil
	return err
}

func (w *fixtureWriter) rollback() error {
	if w.tx == nil {
		return nil
	}
	return w.tx.Rollback()
}

// rawJournal is the database below the journal's interface.
func rawJournal(path string, pragmas ...string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return sql.Open("sqlite", u.String())
}

// fixtureKeys are the log's and the witness's, the same ones always.
func fixtureKeys() (*ecdsa.PrivateKey, *checkpoint.Cosigner, error) {
	station, witness := sha256.Sum256([]byte("the fixture's station")), sha256.Sum256([]byte("the fixture's witness"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), station[:])
	if err != nil {
		return nil, nil, err
	}
	cosigner, err := checkpoint.NewCosigner("bench.example/witness", ed25519.NewKeyFromSeed(witness[:]))
	return key, cosigner, err
}

// open opens the fixture or a copy of it, at the evening of its last day.
func (f *fixture) open(ctx context.Context, dir string) (*journal.Journal, error) {
	key, cosigner, err := fixtureKeys()
	if err != nil {
		return nil, err
	}
	return journal.Open(ctx, journal.Config{
		Dir: dir, Log: fixtureLog, Signer: key, Witness: cosigner.Vkey(),
		Now: func() time.Time { return f.evening }, Hours: journal.WorkingHours{Zone: time.UTC},
	})
}

// copy is the fixture once more, in a new folder beside it that remove takes
// away.
func (f *fixture) copy(ctx context.Context) (dir string, remove func() error, err error) {
	if dir, err = os.MkdirTemp(filepath.Dir(f.dir), "printroom-bench-"); err != nil {
		return "", nil, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	files, err := os.ReadDir(f.dir)
	for _, file := range files {
		if err == nil && filepath.Ext(file.Name()) == ".db" {
			err = copyFile(ctx, filepath.Join(dir, file.Name()), filepath.Join(f.dir, file.Name()))
		}
	}
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return dir, remove, nil
}

func copyFile(ctx context.Context, to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for {
		n, err := io.CopyN(out, in, 1<<28)
		if errors.Is(err, io.EOF) {
			return out.Sync()
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("copy %s after %d bytes: %w", from, n, err)
		}
	}
}
