// Package worker is the renderer's untrusted half: a process that gives up
// files, network and other processes, reads one PDF from standard input, writes
// page counts, sizes and pixels to standard output, and ends. It refuses to
// read a document when the kernel cannot confine it fully.
//
// MuPDF is the one go-fitz links. go-fitz itself draws page contents without
// annotations and form fields, opens any format it recognises, and copies each
// page to RGBA, so the worker opens the PDF and draws it by calls of its own
// (mupdf.h) and leaves go-fitz's API alone: a second context on the same bytes
// would parse a hostile file twice and by two sets of rules.
package worker

// Arg is the first argument with which the program becomes a worker.
const Arg = "render-worker"

// The exit statuses of Main.
const (
	exitDone    = 0
	exitPipe    = 3 // the parent went away or spoke nonsense
	exitSandbox = 4
)
