package ipp

import (
	"errors"
	"io"
	"sync"
	"time"
)

// requestBody is read by the transport, which closes it when it is done with it:
// from then on the whole answer may take a time. A transport whose connection
// breaks early may forget it, so that it can be ended from this side too.
type requestBody struct {
	r     io.Reader
	whole time.Duration
	late  func() // called when the answer takes longer

	reading sync.Mutex // held while r is read; guards ended
	ended   bool

	once  sync.Once
	clock *time.Timer // set by the first Close
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.ended {
		return 0, io.ErrClosedPipe
	}
	return b.r.Read(p)
}

func (b *requestBody) Close() error {
	b.once.Do(func() { b.clock = time.AfterFunc(b.whole, b.late) })
	return nil
}

// end is for after the answer. Nothing is read from r once it has returned.
func (b *requestBody) end() {
	b.reading.Lock()
	b.ended = true
	b.reading.Unlock()
	_ = b.Close() // never fails
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
