// Package memory holds secrets outside the Go heap: in pages of their own that
// the garbage collector never copies, that are locked against swapping and
// left out of core dumps where the system allows, and that are wiped when they
// are given up.
package memory

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// MaxSize is the largest buffer New gives, in bytes (256 MiB): more than any
// letter, and small enough that a wrong length is an error and not an outage.
const MaxSize = 256 << 20

// ErrSize is returned by New for a length below 1 or above MaxSize.
var ErrSize = errors.New("memory: buffer size out of range")

// Buffer is one secret's memory. Its owner calls Destroy; a forgotten buffer
// is wiped when the garbage collector finds it. The methods may be called from
// several goroutines. A slice from Bytes must not be touched once Destroy was
// called (the memory is gone, and touching it ends the process); whoever may
// run beside Destroy takes Use instead.
type Buffer struct {
	mu      sync.RWMutex // held for reading while the bytes are in use
	mapping mapping      // zero once destroyed
	data    []byte       // the caller's part of its pages: their end
	cleanup runtime.Cleanup
}

// mapping is memory of the system's own making: pages to use between two guard
// pages, whose touch ends the process. What runs over the end of a buffer finds
// the second at once; what runs over its begin, a page's rest first.
type mapping struct {
	whole, pages []byte
	locked       bool // the pages are kept out of swap
}

// New returns n zeroed bytes in a mapping of their own. Locking is attempted
// and its failure tolerated (see Lockable); Locked tells.
func New(n int) (*Buffer, error) {
	if n < 1 || n > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrSize, n)
	}
	m, err := mapPages(n)
	if err != nil {
		return nil, fmt.Errorf("memory: map %d bytes: %w", n, err)
	}
	b := &Buffer{mapping: m, data: m.pages[len(m.pages)-n:]}
	b.cleanup = runtime.AddCleanup(b, release, m)
	return b, nil
}

// Bytes returns the buffer's memory itself, not a copy; nil once destroyed or
// on a nil buffer. The caller keeps the buffer reachable while it uses them
// (runtime.KeepAlive, or a deferred Destroy, which does the same).
func (b *Buffer) Bytes() []byte {
	if b == nil {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.data
}

// Use calls f with the buffer's memory; a Destroy meanwhile waits until f
// returns, so f is short and does not call Destroy. It reports false, without
// calling f, when the buffer is nil or destroyed.
func (b *Buffer) Use(f func([]byte)) bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.data == nil {
		return false
	}
	f(b.data)
	return true
}

// Len is the length asked of New; 0 once destroyed or on a nil buffer.
func (b *Buffer) Len() int { return len(b.Bytes()) }

// Locked reports whether the system keeps the buffer out of swap.
func (b *Buffer) Locked() bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.mapping.locked
}

// Destroy wipes and unmaps the buffer. It is safe twice and on nil.
func (b *Buffer) Destroy() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.data == nil {
		return
	}
	b.cleanup.Stop()
	release(b.mapping)
	b.mapping, b.data = mapping{}, nil
}

// String and GoString keep the content out of logs and error texts.
func (b *Buffer) String() string { return "memory.Buffer(secret)" }

// GoString does for %#v what String does for %v.
func (b *Buffer) GoString() string { return b.String() }

// MarshalJSON refuses: a secret is never serialised by accident.
func (b *Buffer) MarshalJSON() ([]byte, error) {
	return nil, errors.New("memory: a secret buffer is not serialised")
}

// release wipes pages and gives them back to the system.
func release(m mapping) {
	Wipe(m.pages)
	unmapPages(m)
}

// Collect has the garbage collector find now what nothing refers to any more,
// and in a hardened process (Harden, on Linux) overwrite it; free memory goes
// back to the system, which clears it. It takes some ten milliseconds and slows
// what comes next a little, so it is for the moments when secrets end.
func Collect() {
	runtime.GC()         // pools give up what they keep in two turns
	debug.FreeOSMemory() // which is the second
}

// Wipe overwrites b with zeros; the compiler does not remove it.
func Wipe(b []byte) {
	clear(b)
	runtime.KeepAlive(b)
}
