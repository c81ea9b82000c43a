package checkpoint

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// Test vectors of RFC 6962's reference implementation: leaves and root hashes.
var (
	rfcLeaves = []string{"", "\x00", "\x10", "\x20\x21", "\x30\x31", "\x40\x41\x42\x43",
		"\x50\x51\x52\x53\x54\x55\x56\x57", "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"}
	rfcRoots = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func TestTreeMeetsTheVectors(t *testing.T) {
	var tree Tree
	for i, want := range rfcRoots {
		if got := tree.Root(); fmt.Sprintf("%x", got[:]) != want {
			t.Errorf("root of %d leaves: %x, want %s", i, got[:], want)
		}
		if i < len(rfcLeaves) {
			tree.Append(LeafHash([]byte(rfcLeaves[i])))
		}
	}
}

type memory []tlog.Hash

func (m memory) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if n >= int64(len(m)) {
			return nil, errors.New("not stored")
		}
		out[i] = m[n]
	}
	return out, nil
}

func TestTreeAgreesWithTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 300).Draw(t, "entries")
		cut := rapid.Int64Range(0, n).Draw(t, "taken up again at")
		var tree Tree
		var theirs, ours memory
		var roots []tlog.Hash
		for i := range n {
			if i == cut {
				frontier, err := ours.ReadHashes(FrontierIndexes(i))
				if err != nil {
					t.Fatal(err)
				}
				again, err := NewTree(i, frontier)
				if err != nil {
					t.Fatal(err)
				}
				tree = *again
			}
			roots = append(roots, tree.Root())
			leaf := LeafHash(fmt.Appendf(nil, "entry %d", i))
			hashes, err := tlog.StoredHashesForRecordHash(i, leaf, theirs)
			if err != nil {
				t.Fatal(err)
			}
			theirs = append(theirs, hashes...)
			ours = tree.AppendStored(ours, leaf)
		}
		want, err := tlog.TreeHash(n, theirs)
		if err != nil {
			t.Fatal(err)
		}
		if tree.Root() != want || tree.Size() != n {
			t.Fatalf("root of %d: %v, want %v", tree.Size(), tree.Root(), want)
		}
		for i := range theirs {
			if ours[i] != theirs[i] {
				t.Fatalf("stored hash %d differs", i)
			}
		}
		checkProofs(t, ours, append(roots, want), n)
	})
}

func checkProofs(t *rapid.T, stored memory, roots []tlog.Hash, n int64) {
	m := rapid.Int64Range(1, n).Draw(t, "old size")
	proof, err := tlog.ProveTree(n, m, stored)
	if err != nil {
		t.Fatal(err)
	}
	if m == n {
		proof = nil
	}
	old := Checkpoint{Origin: origin, Size: m, Root: roots[m]}
	now := Checkpoint{Origin: origin, Size: n, Root: roots[n]}
	if err := ConsistencyOK(old, now, proof); err != nil {
		t.Fatalf("from %d to %d: %v", m, n, err)
	}
	fork := old
	fork.Root = sha256.Sum256(fork.Root[:])
	if err := ConsistencyOK(fork, now, proof); !errors.Is(err, ErrInconsistent) {
		t.Fatalf("a fork at %d of %d: %v", m, n, err)
	}
	if err := ConsistencyOK(now, old, proof); m < n && !errors.Is(err, ErrInconsistent) {
		t.Fatalf("a log that shrank from %d to %d: %v", n, m, err)
	}
}

func TestConsistencyOK(t *testing.T) {
	a := Checkpoint{Origin: origin, Size: 3, Root: tlog.Hash{1}}
	if err := ConsistencyOK(Checkpoint{Origin: origin}, a, nil); err != nil {
		t.Errorf("from the empty log: %v", err)
	}
	if err := ConsistencyOK(a, a, nil); err != nil {
		t.Errorf("with itself: %v", err)
	}
	other := a
	other.Origin = "bjet24.example/room/station-2"
	for name, err := range map[string]error{
		"another log":     ConsistencyOK(a, other, nil),
		"a needless hash": ConsistencyOK(a, a, []tlog.Hash{{}}),
		"no proof":        ConsistencyOK(a, Checkpoint{Origin: origin, Size: 4}, nil),
	} {
		if !errors.Is(err, ErrInconsistent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewTree(3, make([]tlog.Hash, 1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a frontier too short: %v", err)
	}
}
