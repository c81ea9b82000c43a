package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// sealIn signs the head and has it countersigned at a time of the witness's.
func (r *room) sealIn(t rapid.TB, j *Journal, at time.Time) {
	t.Helper()
	ctx := context.Background()
	n, err := j.Checkpoint(ctx)
	if err == nil {
		n, err = r.witness.Cosign(n, at)
	}
	if err == nil {
		err = j.Countersigned(ctx, n)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forgetOldest forgets the oldest shard when there are two, and tells whether it did.
func forgetOldest(t rapid.TB, j *Journal) bool {
	t.Helper()
	shards, err := j.Shards(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(shards) < 2 {
		return false
	}
	if err := j.Forget(context.Background(), shards[0]); err != nil {
		t.Fatal(err)
	}
	if j.Start().Size != shards[0].Last {
		t.Fatalf("the log starts after %d, not %d", j.Start().Size, shards[0].Last)
	}
	return true
}

// proveAll proves every entry that is left to the head, and the head to every
// earlier one.
func proveAll(t rapid.TB, j *Journal) {
	t.Helper()
	ctx := context.Background()
	start := j.Start().Size
	entries, err := j.Entries(ctx, start, maxEntries)
	if err != nil {
		t.Fatal(err)
	}
	tree := j.start().tree
	if tree == nil {
		tree = new(checkpoint.Tree)
	}
	tree = tree.Clone()
	roots := map[int64]tlog.Hash{start: tree.Root()}
	for _, b := range entries {
		tree.Append(checkpoint.LeafHash(b))
		roots[tree.Size()] = tree.Root()
	}
	size := tree.Size()
	for i, b := range entries {
		s := start + int64(i) + 1
		p, err := j.InclusionProof(ctx, size, s)
		if err == nil {
			err = tlog.CheckRecord(p, size, tree.Root(), s-1, checkpoint.LeafHash(b))
		}
		if err != nil {
			t.Fatalf("entry %d of %d after %d: %v", s, size, start, err)
		}
	}
	for old, root := range roots {
		p, err := j.ConsistencyProof(ctx, old, size)
		if err == nil && old > 0 && old < size {
			err = tlog.CheckTree(p, size, tree.Root(), old, root)
		}
		if err != nil {
			t.Fatalf("from %d to %d after %d: %v", old, size, start, err)
		}
	}
	if start == 0 {
		return
	}
	if _, err := j.InclusionProof(ctx, size, start); !errors.Is(err, ErrRange) {
		t.Fatalf("the proof of a forgotten entry: %v", err)
	}
	if _, err := j.ConsistencyProof(ctx, start-1, size); start > 1 && !errors.Is(err, ErrRange) {
		t.Fatalf("the proof from a forgotten head: %v", err)
	}
}

// TestDerivedFilesAfterAForget removes them: they are made again from the start
// on, and hold the same; and of what is forgotten they hold nothing.
func TestDerivedFilesAfterAForget(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	r.hours = usual()
	j := r.whole(t)
	for month := range 4 {
		write(t, j, 37)
		r.sealIn(t, j, time.Date(2026, time.Month(month+1), 9, 0, 0, 0, 0, time.UTC))
	}
	write(t, j, 3)
	proveAll(t, j)
	if err := j.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for forgetOldest(t, j) {
		proveAll(t, j)
		if err := j.Index(ctx, nil); err != nil {
			t.Fatal(err)
		}
		trimmed, contents := j.rows(t), contentsOf(t, r)
		closeJournal(t, j)
		for _, name := range []string{derivedFile, indexFile} {
			if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		j = r.whole(t)
		proveAll(t, j)
		if diff := gocmp.Diff(trimmed, j.rows(t)); diff != "" {
			t.Errorf("-trimmed +made again\n%s", diff)
		}
		if diff := gocmp.Diff(contents, contentsOf(t, r)); diff != "" {
			t.Errorf("in the files, -trimmed +made again\n%s", diff)
		}
		if oldest := trimmed[len(trimmed)-1].Sequence; oldest <= j.Start().Size {
			t.Errorf("access %d is listed, the log begins after %d", oldest, j.Start().Size)
		}
		if _, err := j.Read(ctx, j.Start().Size); !errors.Is(err, ErrRange) {
			t.Errorf("a forgotten access is read: %v", err)
		}
	}
}

func (j *Journal) rows(t testing.TB) []Row {
	t.Helper()
	rows, err := j.List(context.Background(), Filter{}, 0, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// contentsOf are the rows of the derived files' tables, of those that a Forget
// changes.
func contentsOf(t testing.TB, r *room) map[string][]string {
	t.Helper()
	ctx := context.Background()
	out := make(map[string][]string)
	for file, tables := range map[string][]string{
		derivedFile: {"state", "node", "frontier", "open_intent"},
		indexFile:   {"state", "access", "tally", "due"},
	} {
		db := r.raw(t, file)
		for _, table := range tables {
			rows, err := db.QueryContext(ctx, "SELECT * FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			out[file+" "+table] = texts(t, rows)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// raw is the file as SQLite sees it.
func (r *room) raw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(r.dir, file), nil))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// texts are rows as text, whatever their columns.
func texts(t testing.TB, rows *sql.Rows) (out []string) {
	t.Helper()
	defer func() { _ = rows.Close() }() // Err below tells
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%x", values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
