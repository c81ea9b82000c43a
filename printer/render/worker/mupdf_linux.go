//go:build linux && cgo

package worker

// #include "mupdf.h"
import "C"

import (
	"bytes"
	"math"
	"unsafe"

	_ "github.com/gen2brain/go-fitz" // links MuPDF's static libraries

	"espero-soft.com/printroom/printer/render/frame"
)

// headerWithin is how far into a file its "%PDF-" may stand (ISO 32000-1,
// Annex H, implementation note 13).
const headerWithin = 1024

// document is the one PDF of this process.
type document struct {
	pdf   *C.pr_document
	sizes []frame.Size
	flags uint32
}

func failure(status C.int) *frame.Failure {
	switch status {
	case C.PR_ENCRYPTED:
		return &frame.Failure{Code: frame.CodeEncrypted}
	case C.PR_MEMORY:
		return &frame.Failure{Code: frame.CodeLimit, What: frame.WhatMemory}
	}
	return &frame.Failure{Code: frame.CodeCorrupt}
}

// open reads the structure of the PDF in data, which must outlive the document.
func open(data []byte, req frame.Request) (*document, *frame.Failure) {
	if !bytes.Contains(data[:min(len(data), headerWithin)], []byte("%PDF-")) {
		return nil, failure(C.PR_CORRUPT)
	}
	d := new(document)
	status := C.pr_open((*C.uchar)(unsafe.Pointer(&data[0])), C.size_t(len(data)), &d.pdf)
	if status != C.PR_OK {
		return nil, failure(status)
	}
	var count C.int
	var flags C.uint
	if status := C.pr_describe(d.pdf, &count, &flags); status != C.PR_OK {
		return nil, failure(status)
	}
	if count <= 0 {
		return nil, failure(C.PR_CORRUPT)
	}
	if int64(count) > int64(req.MaxPages) {
		return nil, &frame.Failure{Code: frame.CodeLimit, What: frame.WhatPages, Have: uint64(count)}
	}
	d.flags = uint32(flags)
	d.sizes = make([]frame.Size, count)
	for i := range d.sizes {
		var w, h C.float
		if status := C.pr_size(d.pdf, C.int(i), &w, &h); status != C.PR_OK {
			return nil, failure(status)
		}
		if !(w > 0 && h > 0) || math.IsInf(float64(w), 0) || math.IsInf(float64(h), 0) {
			return nil, failure(C.PR_CORRUPT)
		}
		d.sizes[i] = frame.Size{Width: float32(w), Height: float32(h)}
	}
	return d, nil
}

// draw draws a page into buffer, or into a larger one when it is too small.
func (d *document) draw(index uint32, req frame.Request, buffer []byte) drawn {
	width, height := frame.Pixels(d.sizes[index], req.DPI)
	if pixels := width * height; pixels > float64(req.MaxPixels) {
		return drawn{fault: &frame.Failure{Code: frame.CodeLimit, What: frame.WhatPixels, Have: uint64(min(pixels, math.MaxInt64/2))}}
	}
	// One more each way: MuPDF rounds in single precision.
	if need := int((width + 1) * (height + 1) * float64(req.Channels)); cap(buffer) < need {
		buffer = make([]byte, need)
	}
	buffer = buffer[:cap(buffer)]
	var p C.pr_page
	status := C.pr_draw(d.pdf, C.int(index), C.int(req.DPI), C.int(req.Channels),
		(*C.uchar)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)), &p)
	if status == C.PR_PIXELS {
		status = C.PR_CORRUPT // not the size it said it had
	}
	if status != C.PR_OK {
		return drawn{fault: failure(status)}
	}
	page := frame.Page{
		Index: index, Width: uint32(p.width), Height: uint32(p.height), Channels: req.Channels,
		Annotations: uint32(p.annotations), Widgets: uint32(p.widgets), Faults: uint32(p.faults),
	}
	return drawn{page: page, pix: buffer[:page.Bytes()]}
}
