package station

import (
	"io"

	"espero-soft.com/printroom/vault/memory"
)

// spool holds a letter's raster between the renderer and the printer, in
// memory that is locked where the system allows and wiped when done. A letter
// is whole here before a byte of it is sent, so that a renderer that fails
// leaves no half letter on paper.
type spool struct {
	chunks []*memory.Buffer
	size   int
}

const chunkSize = 1 << 20

// Write appends. It fails only when memory can't be had.
func (s *spool) Write(p []byte) (int, error) {
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

// Destroy wipes it.
func (s *spool) Destroy() {
	for _, b := range s.chunks {
		b.Destroy()
	}
	s.chunks, s.size = nil, 0
}

type spoolReader struct {
	spool *spool
	at    int
}

func (r *spoolReader) Read(p []byte) (int, error) {
	if r.at == r.spool.size {
		return 0, io.EOF
	}
	chunk := r.spool.chunks[r.at/chunkSize].Bytes()
	end := min(chunkSize, r.spool.size-r.at/chunkSize*chunkSize)
	n := copy(p, chunk[r.at%chunkSize:end])
	r.at += n
	return n, nil
}
