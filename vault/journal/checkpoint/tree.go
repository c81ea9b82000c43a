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
func (t *Tree) Append(leaf tlog.Hash) { t.grow(leaf, nil) }

// AppendStored adds an entry as Append does and appends to dst the hashes that
// it completes, in the order of tlog.StoredHashIndex: the leaf first.
func (t *Tree) AppendStored(dst []tlog.Hash, leaf tlog.Hash) []tlog.Hash {
	t.grow(leaf, &dst)
	return dst
}

func (t *Tree) grow(h tlog.Hash, stored *[]tlog.Hash) {
	keep := func() {
		if stored != nil {
			*stored = append(*stored, h)
		}
	}
	keep()
	// A one bit of the size is a complete subtree that the new leaf completes
	// further, lowest first.
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.frontier) - 1
		h = nodeHash(t.frontier[last], h)
		t.frontier = t.frontier[:last]
		keep()
	}
	t.frontier = append(t.frontier, h)
	t.size++
}

// nodeHash is tlog.NodeHash without its allocations: SHA-256(0x01 || a || b).
func nodeHash(a, b tlog.Hash) tlog.Hash {
	var buf [1 + 2*tlog.HashSize]byte
	buf[0] = 1
	copy(buf[1:], a[:])
	copy(buf[1+tlog.HashSize:], b[:])
	return sha256.Sum256(buf[:])
}

// FrontierIndexes are the places, in tlog's stored hashes, of the frontier of a
// tree of that size.
func FrontierIndexes(size int64) []int64 {
	var at []int64
	var done int64
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 1 {
			at = append(at, tlog.StoredHashIndex(level, done>>level))
			done += 1 << level
		}
	}
	return at
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
		root = nodeHash(h, root)
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
