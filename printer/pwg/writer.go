package pwg

import (
	"bytes"
	"fmt"
	"io"
)

// Writer writes one document. Set its fields before the first page.
type Writer struct {
	Media     string // PWG 5101.1 name for the header, as "iso_a4_210x297mm"
	Pages     int    // pages to come, 0 when not known; more or fewer are an error
	SheetBack string // the printer's pwg-raster-document-sheet-back; empty is normal

	w       io.Writer
	written int
	failed  error
	scratch []byte // a mirrored row
	out     []byte // what is gathered for one Write
}

// gather is how much is handed to the underlying writer at a time.
const gather = 64 << 10

// NewWriter returns a writer of one document to w. It writes in pieces of
// some 64 KiB, needs no closing, and keeps nothing of a page once it is written.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WritePage writes one side. Every second page of a duplex document is the
// back of a sheet and is laid out as SheetBack says; p.Pix is left alone. After
// an error the document is broken: every later call gives the same error.
func (w *Writer) WritePage(p Page) error {
	if w.failed == nil {
		w.failed = w.writePage(p)
	}
	return w.failed
}

func (w *Writer) writePage(p Page) error {
	if err := p.check(); err != nil {
		return err
	}
	if len(p.Pix) != p.stride()*p.Height {
		return fmt.Errorf("pwg: %d bytes of pixels for %d by %d by %d", len(p.Pix), p.Width, p.Height, p.depth())
	}
	if w.Pages > 0 && w.written == w.Pages {
		return fmt.Errorf("pwg: page %d of a document announced with %d", w.written+1, w.Pages)
	}
	var t transform
	if p.Duplex && w.written%2 == 1 {
		var err error
		if t, err = backTransform(w.SheetBack); err != nil {
			return err
		}
	}
	if w.written == 0 {
		w.out = append(w.out, syncWord...)
	}
	w.out = append(w.out, newHeader(p, t, w.Pages, w.Media)[:]...)
	w.written++
	if err := w.writeRows(p, t); err != nil {
		return fmt.Errorf("pwg: page %d: %w", w.written, err)
	}
	return nil
}

// writeRows sends each row once, with the number of its repetitions (up to
// 256) before it, PWG 5102.4 section 4.4.
func (w *Writer) writeRows(p Page, t transform) error {
	if t&mirrorCross != 0 {
		w.scratch = grow(w.scratch, p.stride())
		defer clear(w.scratch)
	}
	for y := 0; y < p.Height; {
		row := t.row(p, y)
		repeats := 1
		for repeats < 256 && y+repeats < p.Height && bytes.Equal(row, t.row(p, y+repeats)) {
			repeats++
		}
		y += repeats
		w.out = append(w.out, byte(repeats-1))
		w.out = appendLine(w.out, t.across(row, p.depth(), w.scratch), p.depth())
		if len(w.out) >= gather {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func (w *Writer) flush() error {
	n, err := w.w.Write(w.out)
	if err == nil && n < len(w.out) {
		err = io.ErrShortWrite
	}
	clear(w.out)
	w.out = w.out[:0]
	return err
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}
