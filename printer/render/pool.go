package render

import (
	"context"
	"errors"
	"sync"
)

// Config says how a Pool starts its processes.
type Config struct {
	Executable string // the program that calls worker.Main; default: this one
	Arg        string // its only argument; default "render-worker"
	Spares     int    // processes kept started, confined and waiting; 0 starts each when it is needed
	Workers    int    // processes on one document of 20 pages or more; 1 or 2, default 2
	Limits     Limits
}

// Pool starts the processes that render, one or two a document, and keeps
// spares of them. It is safe for concurrent use.
type Pool struct {
	starter *starter
	limits  Limits
	workers int
	spares  int
	memory  pageMemory

	stop context.CancelCauseFunc // ends all renderings, with ErrClosed
	life context.Context
	busy sync.WaitGroup // renderings and refills; Close waits for it

	mu     sync.Mutex // guards what follows
	closed bool
	idle   []*process
	coming int // spares being started
}

// NewPool makes a pool and begins to start its spares.
func NewPool(c Config) (*Pool, error) {
	if c.Spares < 0 || c.Workers < 0 || c.Workers > 2 {
		return nil, errors.New("render: a pool has 0 spares or more, and 1 or 2 workers a document")
	}
	setDefault(&c.Arg, "render-worker")
	setDefault(&c.Workers, 2)
	s, err := newStarter(c.Executable, c.Arg)
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancelCause(context.Background())
	p := &Pool{starter: s, limits: c.Limits.withDefaults(), workers: c.Workers, spares: c.Spares, life: life, stop: stop}
	p.refill()
	return p, nil
}

// Check says whether documents can be rendered here: nil, or why not
// (ErrSandbox above all). It costs the start of a process when no spare is up.
func (p *Pool) Check(ctx context.Context) error {
	ctx, done, err := p.enter(ctx)
	if err != nil {
		return err
	}
	defer done()
	w, err := p.take(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < p.spares
	if keep {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if !keep {
		w.end()
	}
	return nil
}

// Close ends all processes; renderings return ErrClosed. It waits for them.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	p.stop(ErrClosed)
	for _, w := range idle {
		w.end()
	}
	p.busy.Wait()
	p.starter.close()
	return nil
}

// enter counts a rendering in, and ties its context to the pool's life. done
// must be called.
func (p *Pool) enter(parent context.Context) (ctx context.Context, done func(), err error) {
	if err := context.Cause(parent); err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, ErrClosed
	}
	p.busy.Add(1)
	ctx, cancel := context.WithCancelCause(parent)
	untie := context.AfterFunc(p.life, func() { cancel(context.Cause(p.life)) })
	return ctx, func() {
		untie()
		cancel(nil)
		p.busy.Done()
	}, nil
}

// take returns a process that is ready: a spare, or a new one. A spare that
// died while it waited says nothing about a document and is replaced.
func (p *Pool) take(ctx context.Context) (*process, error) {
	for {
		p.mu.Lock()
		var w *process
		if n := len(p.idle); n > 0 {
			w, p.idle = p.idle[0], p.idle[1:]
		}
		p.mu.Unlock()
		spare := w != nil
		if !spare {
			var err error
			if w, err = p.starter.start(p.limits); err != nil {
				return nil, err
			}
		}
		err := w.awaitReady(ctx, p.limits.Time)
		if err == nil {
			return w, nil
		}
		w.end()
		if crash := (*CrashError)(nil); !spare || !errors.As(err, &crash) {
			return nil, err // a new process that fails will fail again
		}
	}
}

// refill starts the spares that are missing, in the background.
func (p *Pool) refill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && len(p.idle)+p.coming < p.spares {
		p.coming++
		p.busy.Add(1)
		go p.addSpare()
	}
}

// addSpare starts one spare. When that fails, the next Render finds out why.
func (p *Pool) addSpare() {
	defer p.busy.Done()
	w, err := p.starter.start(p.limits)
	p.mu.Lock()
	p.coming--
	keep := err == nil && !p.closed
	if keep {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if err == nil && !keep {
		w.end()
	}
}
