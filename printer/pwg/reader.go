package pwg

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Reader reads one document. What it allocates follows what arrives, not what
// a header claims.
type Reader struct {
	MaxPixels int // bytes of one page, MaxPixels at first; set before Next

	r     *bufio.Reader
	pages int
	total int // TotalPageCount of the last header
	media string

	pixels [3 * maxRun]byte // of one control byte
}

// NewReader returns a reader of one document.
func NewReader(r io.Reader) *Reader {
	return &Reader{MaxPixels: MaxPixels, r: bufio.NewReaderSize(r, gather)}
}

// Next returns the next page, upright: what was mirrored for a sheet's back is
// turned again. After the last page it returns io.EOF; a stream that ends
// within a page gives io.ErrUnexpectedEOF, anything else wrong ErrCorrupt.
func (r *Reader) Next() (Page, error) {
	if err := r.begin(); err != nil {
		return Page{}, err
	}
	var h header
	if _, err := io.ReadFull(r.r, h[:]); err != nil {
		if r.pages == 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // a document has a page
		}
		return Page{}, err
	}
	p, t, err := h.page()
	if err == nil && p.stride()*p.Height > r.MaxPixels {
		err = fmt.Errorf("%w: %d bytes of pixels, limit %d", ErrCorrupt, p.stride()*p.Height, r.MaxPixels)
	}
	if err != nil {
		return Page{}, fmt.Errorf("page %d: %w", r.pages+1, err)
	}
	r.pages++
	r.total, r.media = int(h.get(atTotalPages)), h.text(atPageSizeName)
	if p.Pix, err = r.rows(p); err != nil {
		return Page{}, fmt.Errorf("page %d: %w", r.pages, err)
	}
	return t.undo(p), nil
}

// Total is the TotalPageCount of the page last read, 0 when it was not told.
func (r *Reader) Total() int { return r.total }

// Media is the PageSizeName of the page last read.
func (r *Reader) Media() string { return r.media }

func (r *Reader) begin() error {
	if r.pages > 0 {
		return nil
	}
	var sync [len(syncWord)]byte
	if _, err := io.ReadFull(r.r, sync[:]); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if string(sync[:]) != syncWord {
		return fmt.Errorf("%w: begins with %q", ErrCorrupt, sync)
	}
	return nil
}

// rows decodes a page's pixels. A line of the stream is at least four bytes
// and stands for at most 256 rows, which bounds what a small stream can ask for.
func (r *Reader) rows(p Page) ([]byte, error) {
	var pix []byte
	for y := 0; y < p.Height; {
		repeats, err := r.r.ReadByte()
		if err != nil {
			return nil, unexpected(err)
		}
		n := int(repeats) + 1
		if y+n > p.Height {
			return nil, fmt.Errorf("%w: row %d repeated %d times of %d rows", ErrCorrupt, y, n, p.Height)
		}
		start := len(pix)
		if pix, err = r.line(pix, p); err != nil {
			return nil, err
		}
		for range n - 1 {
			pix = append(pix, pix[start:start+p.stride()]...)
		}
		y += n
	}
	return pix, nil
}

// line appends one decoded row.
func (r *Reader) line(pix []byte, p Page) ([]byte, error) {
	depth := p.depth()
	for left := p.Width; left > 0; {
		control, err := r.r.ReadByte()
		if err != nil {
			return nil, unexpected(err)
		}
		n, literal := int(control)+1, false
		switch {
		case control == 128:
			return nil, fmt.Errorf("%w: reserved control byte", ErrCorrupt)
		case control > 128:
			n, literal = 257-int(control), true
		}
		if n > left {
			return nil, fmt.Errorf("%w: %d pixels where %d are left", ErrCorrupt, n, left)
		}
		left -= n
		if pix, err = r.run(pix, n, depth, literal); err != nil {
			return nil, err
		}
	}
	return pix, nil
}

// run appends n pixels: n from the stream, or one n times.
func (r *Reader) run(pix []byte, n, depth int, literal bool) ([]byte, error) {
	fresh := 1
	if literal {
		fresh = n
	}
	got := r.pixels[:fresh*depth]
	if _, err := io.ReadFull(r.r, got); err != nil {
		return nil, unexpected(err)
	}
	start := len(pix)
	pix = slices.Grow(pix, n*depth)[:start+n*depth]
	out := pix[start:]
	for filled := copy(out, got); filled < len(out); {
		filled += copy(out[filled:], out[:filled])
	}
	return pix, nil
}

// undo turns a page that was laid out for the printer upright.
func (t transform) undo(p Page) Page {
	if t == 0 {
		return p
	}
	upright := make([]byte, 0, len(p.Pix))
	scratch := make([]byte, p.stride())
	for y := range p.Height {
		upright = append(upright, t.across(t.row(p, y), p.depth(), scratch)...)
	}
	p.Pix = upright
	return p
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
