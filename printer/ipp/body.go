package ipp

import (
	"errors"
	"io"
	"sync"
)

// requestBody tells when the transport is done with it, which is always but
// may be after the answer.
type requestBody struct {
	io.Reader
	once sync.Once
	done chan struct{}
}

func (b *requestBody) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

func (b *requestBody) wait() { <-b.done }

// documentReader stops the connection's clock while the document is made, and
// remembers the document's error.
type documentReader struct {
	x *exchange
	r io.Reader
}

func (d *documentReader) Read(p []byte) (int, error) {
	d.x.mu.Lock()
	conn := d.x.conn
	d.x.mu.Unlock()
	conn.pause(true)
	n, err := d.r.Read(p)
	conn.pause(false)
	if err != nil && !errors.Is(err, io.EOF) {
		d.x.mu.Lock()
		d.x.readErr = err
		d.x.mu.Unlock()
	}
	return n, err
}
