//go:build linux && cgo

package worker

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"

	"espero-soft.com/printroom/printer/render/frame"
)

// pipe is a file descriptor read and written by plain system calls, so that
// the runtime's poller has no part in it.
type pipe int

func (p pipe) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(p), b)
		if err == unix.EINTR {
			continue
		}
		if err == nil && n == 0 && len(b) > 0 {
			err = io.EOF
		}
		return max(n, 0), err
	}
}

func (p pipe) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := unix.Write(int(p), b[done:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// Main is the whole life of a worker; the caller exits with what it returns.
func Main() int {
	in, out := pipe(unix.Stdin), pipe(unix.Stdout)
	if err := confine(); err != nil {
		_ = frame.Write(out, frame.Failure{Code: frame.CodeSandbox}) // the exit status says it too
		return exitSandbox
	}
	if frame.Write(out, frame.Ready{}) != nil {
		return exitPipe
	}
	if err := serve(in, out); err != nil {
		return exitPipe
	}
	return exitDone
}

// serve renders one document. A document's fault is sent as a Failure and is
// no error here; an error is one of the pipes.
func serve(in io.Reader, out io.Writer) error {
	req, err := frame.ReadRequest(in)
	if errors.Is(err, io.EOF) {
		return nil // a spare nobody needed
	}
	if err != nil {
		return err
	}
	data, err := receive(in, req.Bytes)
	if err != nil {
		return err
	}
	doc, fault := open(data, req)
	if fault != nil {
		return frame.Write(out, *fault)
	}
	head, err := frame.Append(nil, frame.Document{Pages: uint32(len(doc.sizes)), Flags: doc.flags})
	if err != nil {
		return err
	}
	if _, err := out.Write(frame.AppendSizes(head, doc.sizes)); err != nil {
		return err
	}
	pages, err := frame.ReadDraw(in, req.MaxPages, uint32(len(doc.sizes)))
	if err != nil {
		return err
	}
	return send(doc, req, pages, out)
}

// receive reads the document into memory that Go's collector never copies and
// that no core dump holds; MuPDF reads it there.
func receive(in io.Reader, n uint64) ([]byte, error) {
	data, err := unix.Mmap(-1, 0, int(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, err
	}
	if err := unix.Madvise(data, unix.MADV_DONTDUMP); err != nil {
		return nil, err
	}
	_, err = io.ReadFull(in, data)
	return data, err
}
