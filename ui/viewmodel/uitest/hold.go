package uitest

import (
	"context"
	"sync"
)

// Hold keeps a method from answering, like a chip that takes its time, until
// release, which may be called twice. Arrived tells once it was called.
func (s *Station) Hold(method string) (arrived <-chan struct{}, release func()) {
	here, gate := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[method] = &gateway{here, gate}
	return here, sync.OnceFunc(func() {
		s.mu.Lock()
		delete(s.held, method)
		s.mu.Unlock()
		close(gate)
	})
}

// gateway is where a call of a held method waits.
type gateway struct {
	here chan struct{} // closed by the first call
	gate chan struct{} // closed when it may go on
}

// stay keeps a call of a held method.
func (s *Station) stay(ctx context.Context, method string) error {
	s.mu.Lock()
	g := s.held[method]
	if g != nil && g.here != nil {
		close(g.here)
		g.here = nil
	}
	s.mu.Unlock()
	if g == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.gate:
		return nil
	}
}
