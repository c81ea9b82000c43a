package render

import "sync"

// pageMemory keeps pages' memory between documents, wiped: a page at 300 dots
// an inch has 8 megabytes, which cost more to get and to give back than to use
// again. What is not used for a while goes to the garbage collector. The zero
// value is empty; it is safe for concurrent use.
type pageMemory struct{ kept sync.Pool }

// take returns n bytes, zeros.
func (m *pageMemory) take(n int) []byte {
	if b, ok := m.kept.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

// give wipes b and keeps it. Its owner has no use of it any more.
func (m *pageMemory) give(b []byte) {
	if cap(b) == 0 {
		return
	}
	b = b[:cap(b)]
	clear(b)
	m.kept.Put(&b)
}
