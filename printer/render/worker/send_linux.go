//go:build linux && cgo

package worker

import (
	"io"

	"espero-soft.com/printroom/printer/render/frame"
)

// drawn is a page on its way out, or the failure that ends the rendering.
type drawn struct {
	page  frame.Page
	pix   []byte
	fault *frame.Failure
}

// send draws pages and writes them. One goroutine writes a page while this one
// draws the next; only this one touches the document. Two buffers go round.
func send(doc *document, req frame.Request, pages []uint32, out io.Writer) error {
	ready := make(chan drawn)
	free := make(chan []byte, 2)
	free <- nil
	free <- nil
	written := make(chan error, 1)
	go func() { written <- write(out, ready, free) }()

	for _, index := range pages {
		buffer, ok := <-free
		if !ok {
			break // the writer failed
		}
		d := doc.draw(index, req, buffer)
		ready <- d
		if d.fault != nil {
			break
		}
	}
	close(ready)
	return <-written
}

// write writes what comes until ready is closed, and Done if no failure came.
// It closes free and drains ready after an error, so that the sender never
// waits for it.
func write(out io.Writer, ready <-chan drawn, free chan<- []byte) error {
	var head []byte
	var failed error
	ended := false
	for d := range ready {
		if failed != nil || ended {
			continue
		}
		if d.fault != nil {
			ended = true
			failed = frame.Write(out, *d.fault)
			continue
		}
		head, failed = frame.Append(head[:0], d.page)
		if failed == nil {
			_, failed = out.Write(head)
		}
		if failed == nil {
			_, failed = out.Write(d.pix)
		}
		if failed != nil {
			close(free)
			continue
		}
		free <- d.pix[:cap(d.pix)]
	}
	if failed == nil && !ended {
		failed = frame.Write(out, frame.Done{})
	}
	return failed
}
