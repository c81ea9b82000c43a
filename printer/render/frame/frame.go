// Package frame is the language that the renderer's parent and its sandboxed
// worker speak over two pipes: fixed-size records of numbers in little-endian
// order, and raw pixels. No text crosses, so nothing of a document can reach a
// log or a screen by way of an error.
//
//	parent → worker   Request, the document's bytes, Draw (a list of pages)
//	worker → parent   Ready; then Document; then a Page and its pixels for each
//	                  page of Draw, in its order; then Done. Or a Failure, at
//	                  any time, as the last record.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Kind says what a record is.
type Kind uint32

// The kinds of records.
const (
	KindReady Kind = iota + 1
	KindDocument
	KindPage
	KindDone
	KindFailure
)

// Code says why a worker gave up.
type Code uint32

// The codes of a Failure.
const (
	CodeCorrupt Code = iota + 1
	CodeEncrypted
	CodeLimit
	CodeSandbox
)

// What names the measure that was over its limit, when Code is CodeLimit.
type What uint32

// The measures that a worker checks itself.
const (
	WhatPages What = iota + 1
	WhatPixels
	WhatMemory
)

// Flags of a Document.
const (
	FlagJavaScript uint32 = 1 << iota
	FlagAttachments
	FlagXFA
	FlagRepaired
	flagsEnd
)

const (
	magic     = 0x52343242 // "B24R"
	fields    = 8
	size      = 8 + 4*fields
	sizeBytes = 8 // of one page's size in a Document
)

// ErrFormat means that the other side sent what this package does not write.
var ErrFormat = errors.New("not a frame of the renderer")

// Ready says that the worker is in its sandbox and waits for a Request.
type Ready struct{}

// Document is what the worker found. Pages follow as that many sizes.
type Document struct {
	Pages uint32
	Flags uint32
}

// Size is a page's width and height in points, rotation applied.
type Size struct{ Width, Height float32 }

// Page precedes Width × Height × Channels bytes of pixels.
type Page struct {
	Index, Width, Height, Channels uint32
	Annotations, Widgets, Faults   uint32
}

// Bytes is the number of bytes of pixels that follow.
func (p Page) Bytes() uint64 {
	return uint64(p.Width) * uint64(p.Height) * uint64(p.Channels)
}

// Done says that all pages were sent.
type Done struct{}

// Failure ends the conversation. Have is the measure that was too high.
type Failure struct {
	Code Code
	What What
	Have uint64
}

// Write writes one record, a value of this package's types, in one call.
func Write(w io.Writer, record any) error {
	b, err := Append(nil, record)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Append appends the encoded record to b.
func Append(b []byte, record any) ([]byte, error) {
	switch r := record.(type) {
	case Ready:
		return put(b, KindReady), nil
	case Document:
		return put(b, KindDocument, r.Pages, r.Flags), nil
	case Page:
		return put(b, KindPage, r.Index, r.Width, r.Height, r.Channels, r.Annotations, r.Widgets, r.Faults), nil
	case Done:
		return put(b, KindDone), nil
	case Failure:
		return put(b, KindFailure, uint32(r.Code), uint32(r.What), uint32(r.Have), uint32(r.Have>>32)), nil
	}
	return b, fmt.Errorf("frame: cannot encode %T", record)
}

// Read reads one record and returns it as a value of this package's types.
// It allocates nothing that depends on what was sent. A record that Append
// does not write is ErrFormat; a stream that ends inside one is
// io.ErrUnexpectedEOF, one that ends before it io.EOF.
func Read(r io.Reader) (any, error) {
	var b [size]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(b[:]) != magic {
		return nil, ErrFormat
	}
	var f [fields]uint32
	for i := range f {
		f[i] = binary.LittleEndian.Uint32(b[8+4*i:])
	}
	record, used := decode(Kind(binary.LittleEndian.Uint32(b[4:])), f)
	if record == nil {
		return nil, ErrFormat
	}
	for _, v := range f[used:] {
		if v != 0 {
			return nil, ErrFormat
		}
	}
	return record, nil
}

func decode(k Kind, f [fields]uint32) (record any, used int) {
	switch k {
	case KindReady:
		return Ready{}, 0
	case KindDocument:
		if f[1] >= flagsEnd {
			return nil, 0
		}
		return Document{Pages: f[0], Flags: f[1]}, 2
	case KindPage:
		return Page{f[0], f[1], f[2], f[3], f[4], f[5], f[6]}, 7
	case KindDone:
		return Done{}, 0
	case KindFailure:
		r := Failure{Code: Code(f[0]), What: What(f[1]), Have: uint64(f[2]) | uint64(f[3])<<32}
		if r.Code < CodeCorrupt || r.Code > CodeSandbox || r.What > WhatMemory || (r.Code == CodeLimit) != (r.What != 0) {
			return nil, 0
		}
		return r, 4
	}
	return nil, 0
}

func put(b []byte, k Kind, values ...uint32) []byte {
	b = binary.LittleEndian.AppendUint32(b, magic)
	b = binary.LittleEndian.AppendUint32(b, uint32(k))
	for i := range fields {
		var v uint32
		if i < len(values) {
			v = values[i]
		}
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// AppendSizes appends the page sizes that follow a Document.
func AppendSizes(b []byte, sizes []Size) []byte {
	for _, s := range sizes {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.Width))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.Height))
	}
	return b
}

// ReadSizes reads n page sizes; the caller has checked n. A size that is not a
// positive, finite number is ErrFormat.
func ReadSizes(r io.Reader, n int) ([]Size, error) {
	b := make([]byte, n*sizeBytes)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	sizes := make([]Size, n)
	for i := range sizes {
		s := Size{
			math.Float32frombits(binary.LittleEndian.Uint32(b[i*sizeBytes:])),
			math.Float32frombits(binary.LittleEndian.Uint32(b[i*sizeBytes+4:])),
		}
		if !positive(s.Width) || !positive(s.Height) {
			return nil, ErrFormat
		}
		sizes[i] = s
	}
	return sizes, nil
}

func positive(f float32) bool {
	return f > 0 && !math.IsInf(float64(f), 0)
}

// Pixels returns the width and height in pixels that a page of size s has at
// dpi dots an inch. MuPDF rounds up what is more than a thousandth of a pixel.
func Pixels(s Size, dpi uint32) (width, height float64) {
	scale := float64(dpi) / 72
	return math.Ceil(float64(s.Width)*scale - 0.001), math.Ceil(float64(s.Height)*scale - 0.001)
}
