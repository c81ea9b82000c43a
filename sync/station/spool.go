package station

import (
	"errors"
	"io"
	"sync"

	"espero-soft.com/printroom/vault/memory"
)

// errWiped is read from a spool that was destroyed.
var errWiped = errors.New("the letter's pixels were wiped")

// spool holds a letter's raster between the renderer and the printer, in
// memory that is locked where the system allows and wiped when done. A letter
// is whole here before a byte of it is sent, so that a renderer that fails
// leaves no half letter on paper. It is safe for concurrent use.
type spool struct {
	mu     sync.Mutex // guards what follows
	chunks []*memory.Buffer
	size   int
	wiped  bool
}

const chunkSize = 1 << 20

// Write appends. It fails only when memory can't be had, or after Destroy.
func (s *spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wiped {
		return 0, errWiped
	}
	written := 0
	for len(p) > 0 {
		if s.size == len(s.chunks)*chunkSize {
			b, err := memory.New(chunkSize)
			if err != nil {
				return written, err
			}
			s.chunks = append(s.chunks, b)
		}
		n := copy(s.chunks[len(s.chunks)-1].Bytes()[s.size%chunkSize:], p)
		s.size += n
		written += n
		p = p[n:]
	}
	return written, nil
}

// Reader reads everything once from the start.
func (s *spool) Reader() io.Reader { return &spoolReader{spool: s} }

// Destroy wipes it. It is safe twice.
func (s *spool) Destroy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.chunks {
		b.Destroy()
	}
	s.chunks, s.size, s.wiped = nil, 0, true
}

// held is how many bytes it holds.
func (s *spool) held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

type spoolReader struct {
	spool *spool
	at    int
}

func (r *spoolReader) Read(p []byte) (int, error) {
	s := r.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wiped {
		return 0, errWiped
	}
	if r.at == s.size {
		return 0, io.EOF
	}
	chunk := s.chunks[r.at/chunkSize].Bytes()
	end := min(chunkSize, s.size-r.at/chunkSize*chunkSize)
	n := copy(p, chunk[r.at%chunkSize:end])
	r.at += n
	return n, nil
}
