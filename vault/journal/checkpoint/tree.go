package checkpoint

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is an RFC 6962 tree that only grows. It keeps its frontier alone: the
// roots of the complete subtrees, largest first, at most 53 hashes. The zero
// value is the empty tree. It is not safe for concurrent use.
type Tree struct {
	size     int64
	frontier []tlog.Hash
}

// NewTree takes up a tree again from what Size and Frontier gave.
func NewTree(size int64, frontier []tlog.Hash) (*Tree, error) {
	if size < 0 || size > MaxSize || len(frontier) != bits.OnesCount64(uint64(size)) {
		return nil, fmt.Errorf("%w: %d hashes are not the frontier of %d entries", ErrMalformed, len(frontier), size)
	}
	return &Tree{size: size, frontier: slices.Clone(frontier)}, nil
}

// Append adds an entry by its leaf hash.
func (t *Tree) Append(leaf tlog.Hash) {
	// A one bit of the size is a complete subtree that the new leaf completes
	// further, lowest first.
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.frontier) - 1
		leaf = tlog.NodeHash(t.frontier[last], leaf)
		t.frontier = t.frontier[:last]
	}
	t.frontier = append(t.frontier, leaf)
	t.size++
}

// Size is the number of entries.
func (t *Tree) Size() int64 { return t.size }

// Frontier is a copy of what NewTree needs besides the size.
func (t *Tree) Frontier() []tlog.Hash { return slices.Clone(t.frontier) }

// Clone is an independent copy.
func (t *Tree) Clone() *Tree { return &Tree{size: t.size, frontier: t.Frontier()} }

// Root is the root hash; of the empty tree, the hash of nothing.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.frontier) - 1
	root := t.frontier[last]
	for _, h := range slices.Backward(t.frontier[:last]) {
		root = tlog.NodeHash(h, root)
	}
	return root
}

// LeafHash is the hash of one entry's exact bytes as a leaf: RFC 6962's
// SHA-256(0x00 || entry). It is also what the next entry's chain names.
func LeafHash(entry []byte) tlog.Hash { return tlog.RecordHash(entry) }

// ConsistencyOK checks the proof that the log of head old was only appended to
// on its way to head now (RFC 6962, 2.1.2). An empty old head is consistent
// with anything. Signatures are not checked here. Errors wrap ErrInconsistent.
func ConsistencyOK(old, now Checkpoint, proof []tlog.Hash) error {
	if old.Origin != now.Origin {
		return fmt.Errorf("%w: %s and %s are different logs", ErrInconsistent, old.Origin, now.Origin)
	}
	if old.Size > now.Size {
		return fmt.Errorf("%w: %d entries became %d", ErrInconsistent, old.Size, now.Size)
	}
	if old.Size == now.Size && old.Root != now.Root {
		return fmt.Errorf("%w: two heads of %d entries", ErrInconsistent, now.Size)
	}
	if old.Size == 0 || old.Size == now.Size {
		if len(proof) != 0 {
			return fmt.Errorf("%w: a proof of %d hashes where none is needed", ErrInconsistent, len(proof))
		}
		return nil
	}
	if err := tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	return nil
}
