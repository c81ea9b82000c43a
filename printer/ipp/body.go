package ipp

import (
	"errors"
	"io"
	"sync"
	"time"
)

// requestBody tells when the transport is done with it, which is always but
// may be after the answer. From then on the whole answer may take a time.
type requestBody struct {
	io.Reader
	whole time.Duration
	late  func() // called when the answer takes longer

	once  sync.Once
	done  chan struct{}
	clock *time.Timer // set before done is closed
}

func (b *requestBody) Close() error {
	b.once.Do(func() {
		b.clock = time.AfterFunc(b.whole, b.late)
		close(b.done)
	})
	return nil
}

// wait is for after the answer.
func (b *requestBody) wait() {
	<-b.done
	b.clock.Stop()
}

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
