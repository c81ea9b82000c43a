package frame

import (
	"encoding/binary"
	"io"
)

// Request opens the conversation: what will follow and what is allowed.
type Request struct {
	Bytes     uint64 // of the document, which follows
	MaxPixels uint64 // of one page
	MaxPages  uint32 // of the document
	DPI       uint32
	Channels  uint32 // 1 grey, 3 RGB
}

const requestSize = 4 + 8 + 8 + 4 + 4 + 4

// WriteRequest writes r; the document's bytes come next.
func WriteRequest(w io.Writer, r Request) error {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, requestSize), magic)
	b = binary.LittleEndian.AppendUint64(b, r.Bytes)
	b = binary.LittleEndian.AppendUint64(b, r.MaxPixels)
	b = binary.LittleEndian.AppendUint32(b, r.MaxPages)
	b = binary.LittleEndian.AppendUint32(b, r.DPI)
	b = binary.LittleEndian.AppendUint32(b, r.Channels)
	_, err := w.Write(b)
	return err
}

// ReadRequest reads a Request. io.EOF means that none will come.
func ReadRequest(r io.Reader) (Request, error) {
	var b [requestSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return Request{}, err
	}
	req := Request{
		Bytes:     binary.LittleEndian.Uint64(b[4:]),
		MaxPixels: binary.LittleEndian.Uint64(b[12:]),
		MaxPages:  binary.LittleEndian.Uint32(b[20:]),
		DPI:       binary.LittleEndian.Uint32(b[24:]),
		Channels:  binary.LittleEndian.Uint32(b[28:]),
	}
	if binary.LittleEndian.Uint32(b[:]) != magic || req.Bytes == 0 || req.DPI == 0 || req.Channels != 1 && req.Channels != 3 {
		return Request{}, ErrFormat
	}
	return req, nil
}

// WriteDraw asks for pages by index, in the order in which they shall come.
func WriteDraw(w io.Writer, pages []uint32) error {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(pages)))
	for _, p := range pages {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	_, err := w.Write(b)
	return err
}

// ReadDraw reads a list of at most limit pages, each below count.
func ReadDraw(r io.Reader, limit, count uint32) ([]uint32, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n == 0 || n > limit {
		return nil, ErrFormat
	}
	b := make([]byte, 4*int(n))
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	pages := make([]uint32, n)
	for i := range pages {
		pages[i] = binary.LittleEndian.Uint32(b[4*i:])
		if pages[i] >= count {
			return nil, ErrFormat
		}
	}
	return pages, nil
}
