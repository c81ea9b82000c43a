package journal

import (
	"context"
	"database/sql"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// nodeWriter appends stored hashes block by block.
type nodeWriter struct {
	tx    *sql.Tx
	tree  *checkpoint.Tree
	block int64
	buf   []byte // of block
}

func newNodeWriter(ctx context.Context, tx *sql.Tx, size int64) (*nodeWriter, error) {
	frontier, err := nodes{ctx, tx}.ReadHashes(checkpoint.FrontierIndexes(size))
	if err != nil {
		return nil, err
	}
	tree, err := checkpoint.NewTree(size, frontier)
	if err != nil {
		return nil, errTree
	}
	count := storedCount(size)
	w := &nodeWriter{tx: tx, tree: tree, block: count / nodesPerBlock}
	if in := count % nodesPerBlock; in > 0 {
		if w.buf, err = (nodes{ctx, tx}).block(w.block); err != nil {
			return nil, err
		}
		w.buf = w.buf[:min(len(w.buf), int(in)*tlog.HashSize)]
	}
	return w, nil
}

// storedCount is tlog.StoredHashCount, which does not take zero.
func storedCount(size int64) int64 {
	if size == 0 {
		return 0
	}
	return tlog.StoredHashCount(size)
}

func (w *nodeWriter) add(ctx context.Context, leaf tlog.Hash) error {
	var scratch [64]tlog.Hash
	for _, h := range w.tree.AppendStored(scratch[:0], leaf) {
		w.buf = append(w.buf, h[:]...)
		if len(w.buf) == nodesPerBlock*tlog.HashSize {
			if err := w.flush(ctx); err != nil {
				return err
			}
			w.block, w.buf = w.block+1, w.buf[:0]
		}
	}
	return nil
}

func (w *nodeWriter) flush(ctx context.Context) error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.tx.ExecContext(ctx, `INSERT INTO node (block, hashes) VALUES (?1, ?2)
		ON CONFLICT (block) DO UPDATE SET hashes = ?2`, w.block, w.buf)
	return treeError(err)
}

// nodes reads stored hashes for package tlog.
type nodes struct {
	ctx context.Context // of the one call that this value lives for
	db  interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

var _ tlog.HashReader = nodes{}

// ReadHashes is tlog.HashReader's.
func (n nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	frontier, err := n.frontier()
	if err != nil {
		return nil, err
	}
	out := make([]tlog.Hash, len(indexes))
	loaded, current := []byte(nil), int64(-1)
	for i, index := range indexes {
		if h, ok := frontier[index]; ok {
			out[i] = h
			continue
		}
		if block := index / nodesPerBlock; block != current {
			var err error
			if loaded, err = n.block(block); err != nil {
				return nil, err
			}
			current = block
		}
		at := int(index%nodesPerBlock) * tlog.HashSize
		if at+tlog.HashSize > len(loaded) {
			return nil, errTree
		}
		out[i] = tlog.Hash(loaded[at : at+tlog.HashSize])
	}
	return out, nil
}

// frontier are the hashes before the log's start, by their places.
func (n nodes) frontier() (map[int64]tlog.Hash, error) {
	rows, err := n.db.QueryContext(n.ctx, "SELECT place, hash FROM frontier")
	if err != nil {
		return nil, treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	out := make(map[int64]tlog.Hash)
	for rows.Next() {
		var place int64
		var hash []byte
		if err := rows.Scan(&place, &hash); err != nil {
			return nil, treeError(err)
		}
		if len(hash) != tlog.HashSize {
			return nil, errTree
		}
		out[place] = tlog.Hash(hash)
	}
	return out, treeError(rows.Err())
}

func (n nodes) block(block int64) ([]byte, error) {
	var b []byte
	err := n.db.QueryRowContext(n.ctx, "SELECT hashes FROM node WHERE block = ?", block).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errTree
	}
	return b, treeError(err)
}
