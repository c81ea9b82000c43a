package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Chain takes a log's entries in order and holds what the next one must fit:
// the sequence, the hash of the one before, and the tree. Its memory does not
// grow. It is not safe for concurrent use.
type Chain struct {
	log         string
	tree        checkpoint.Tree
	last        tlog.Hash      // leaf hash of the last entry
	expect      [hashText]byte // the same in base64
	lastTime    [24]byte
	predecessor tlog.Hash
	unknown     bool // the last entry was not seen: only the tree is known
	counts      Counts
	leaf        []byte // scratch: a zero byte, then the entry
	fields      fields // scratch: the last entry's, which alias it
}

// Counts are what a chain saw.
type Counts struct {
	Intents   int64 `json:"intents"`
	Results   int64 `json:"results"`
	Records   int64 `json:"records"`
	ClockBack int64 `json:"clock_back"` // entries whose time is before their predecessor's
}

// since is what was seen after the given counts.
func (c Counts) since(before Counts) Counts {
	return Counts{
		Intents: c.Intents - before.Intents, Results: c.Results - before.Results,
		Records: c.Records - before.Records, ClockBack: c.ClockBack - before.ClockBack,
	}
}

// NewChain starts at the first entry of the log of that origin. With an empty
// origin the first entry says which log it is.
func NewChain(log string) *Chain {
	return &Chain{log: log, leaf: make([]byte, 1, 1+MaxEntry)}
}

// ResumeChain goes on after the entries of tree, the last of which has the leaf
// hash last. The tree is copied.
func ResumeChain(log string, tree *checkpoint.Tree, last tlog.Hash) *Chain {
	c := NewChain(log)
	c.tree = *tree.Clone()
	c.setLast(last)
	return c
}

// startChain goes on after a tree of which only the frontier is known. That has
// the last entry's leaf hash when the size is odd; otherwise the first entry may
// name any, and the tree that a later head confirms holds it all the same.
func startChain(log string, tree *checkpoint.Tree) *Chain {
	if tree.Size()%2 == 1 {
		frontier := tree.Frontier()
		return ResumeChain(log, tree, frontier[len(frontier)-1])
	}
	c := ResumeChain(log, tree, tlog.Hash{})
	c.unknown = true
	return c
}

// Add takes the next entry's exact bytes. On an error, a *Fault, the chain
// stays as it was.
func (c *Chain) Add(entry []byte) error {
	_, err := c.add(entry)
	return err
}

// add gives the entry's fields, which are valid until the next call.
func (c *Chain) add(entry []byte) (*fields, error) {
	next := c.tree.Size() + 1
	f := &c.fields
	if err := f.parse(entry); err != nil {
		return f, chainFault(next, FaultForm, "not an entry as it is written: %v", err)
	}
	if f.sequence != next {
		return f, chainFault(next, FaultOrder, "has sequence %d: entries are missing, repeated or out of order", f.sequence)
	}
	if c.log != "" && string(f.log) != c.log {
		return f, chainFault(next, FaultLog, "is of another log, %s", f.log)
	}
	if err := c.follows(f); err != nil {
		return f, err
	}
	if c.log == "" {
		c.log = string(f.log)
	}
	c.count(f)
	c.leaf = append(c.leaf[:1], entry...)
	c.setLast(sha256.Sum256(c.leaf)) // RFC 6962: 0x00 || entry
	c.tree.Append(c.last)
	return f, nil
}

// follows compares the entry's previous hash with the entry before.
func (c *Chain) follows(f *fields) error {
	first := f.sequence == 1
	if !first && !c.unknown {
		if !bytes.Equal(f.previous, c.expect[:]) {
			return chainFault(f.sequence, FaultChain, "does not continue the entry before: that one was changed, or this one")
		}
		return nil
	}
	h, err := decodeHash(f.previous)
	if err != nil {
		return chainFault(f.sequence, FaultForm, "not an entry as it is written: previous %v", err)
	}
	c.unknown = false
	if first {
		c.predecessor = h
	}
	return nil
}

func chainFault(sequence int64, kind FaultKind, format string, a ...any) error {
	return &Fault{Line: sequence, Sequence: sequence, Kind: kind, What: fmt.Sprintf(format, a...)}
}

func (c *Chain) count(f *fields) {
	switch f.kind() {
	case KindIntent:
		c.counts.Intents++
	case KindResult:
		c.counts.Results++
	case KindRecord:
		c.counts.Records++
	}
	if bytes.Compare(f.time, c.lastTime[:]) < 0 {
		c.counts.ClockBack++
	}
	copy(c.lastTime[:], f.time)
}

func (c *Chain) setLast(h tlog.Hash) {
	c.last = h
	base64.StdEncoding.Encode(c.expect[:], h[:])
}

// Log is the origin; "" before the first entry when none was given.
func (c *Chain) Log() string { return c.log }

// Size is the number of entries, which is the last one's sequence.
func (c *Chain) Size() int64 { return c.tree.Size() }

// Root is the root hash of the entries' tree.
func (c *Chain) Root() tlog.Hash { return c.tree.Root() }

// Last is the leaf hash of the last entry, zero where none was seen.
func (c *Chain) Last() tlog.Hash { return c.last }

// Tree is a copy of the entries' tree.
func (c *Chain) Tree() *checkpoint.Tree { return c.tree.Clone() }

// Predecessor is the leaf hash of the last entry of the log that this one
// continues, zero when it continues none or was resumed.
func (c *Chain) Predecessor() tlog.Hash { return c.predecessor }

// Counts is what was seen since NewChain or ResumeChain.
func (c *Chain) Counts() Counts { return c.counts }

// Root reads the whole log of that origin and gives its size and root hash.
// It stops at the first error of the sequence, or with a *Fault.
func Root(log string, entries iter.Seq2[[]byte, error]) (int64, tlog.Hash, error) {
	c := NewChain(log)
	for entry, err := range entries {
		if err != nil {
			return 0, tlog.Hash{}, fmt.Errorf("read entry %d: %w", c.Size()+1, err)
		}
		if err := c.Add(entry); err != nil {
			return 0, tlog.Hash{}, err
		}
	}
	return c.Size(), c.Root(), nil
}
