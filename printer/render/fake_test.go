package render

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"espero-soft.com/printroom/printer/render/frame"
)

// fakes are workers that misbehave, by their argument.
var fakes = map[string]func() int{
	"fake-no-sandbox":  func() int { say(frame.Failure{Code: frame.CodeSandbox}); return 4 },
	"fake-exit":        func() int { say(frame.Ready{}); return 7 },
	"fake-signal":      func() int { say(frame.Ready{}); return die() },
	"fake-garbage":     func() int { say(frame.Ready{}); return raw([]byte(strings.Repeat("GET / HTTP/1.1\r\n", 64))) },
	"fake-silent":      func() int { say(frame.Ready{}); return hang() },
	"fake-never-ready": hang,
	"fake-too-many":    func() int { return opened(frame.Document{Pages: 1 << 31}) },
	"fake-no-pages":    func() int { return opened(frame.Document{}) },
	"fake-size-nan":    func() int { return opened(frame.Document{Pages: 1}, frame.Size{Width: nan, Height: 1}) },
	"fake-size-huge":   func() int { return opened(frame.Document{Pages: 1}, frame.Size{Width: 1e30, Height: 1e30}) },
	"fake-cut": func() int {
		say(frame.Ready{})
		return raw([]byte{0x42})
	},
	"fake-wrong-index": func() int { return page(frame.Page{Index: 1, Width: 100, Height: 100, Channels: 1}) },
	"fake-huge-page":   func() int { return page(frame.Page{Width: 1 << 31, Height: 1 << 31, Channels: 1}) },
	"fake-other-size":  func() int { return page(frame.Page{Width: 100, Height: 102, Channels: 1}) },
	"fake-channels":    func() int { return page(frame.Page{Width: 100, Height: 100, Channels: 3}) },
	"fake-many-annots": func() int { return page(frame.Page{Width: 100, Height: 100, Channels: 1, Annotations: 1 << 30}) },
	"fake-half-page": func() int {
		page(frame.Page{Width: 100, Height: 100, Channels: 1})
		return raw(make([]byte, 5000))
	},
	"fake-page-again": func() int {
		page(frame.Page{Width: 100, Height: 100, Channels: 1})
		raw(make([]byte, 10000))
		say(frame.Page{Width: 100, Height: 100, Channels: 1})
		return raw(make([]byte, 10000))
	},
	"fake-third-cut": func() int {
		p := frame.Page{Width: 100, Height: 100, Channels: 1}
		if opened(frame.Document{Pages: 3}, slices.Repeat([]frame.Size{{Width: 100, Height: 100}}, 3)...) != 0 {
			return 9
		}
		if _, err := frame.ReadDraw(os.Stdin, 10, 3); err != nil {
			return 9
		}
		for p.Index = range 2 {
			say(p)
			raw(bytes.Repeat([]byte{0x55}, 10000))
		}
		return raw([]byte{0x42})
	},
	"fake-full-pipe": func() int {
		say(frame.Ready{})
		req, err := frame.ReadRequest(os.Stdin)
		if err != nil {
			return 9
		}
		held, err := unix.FcntlInt(os.Stdin.Fd(), unix.F_GETPIPE_SZ, 0)
		if err != nil {
			return 9
		}
		if _, err := io.CopyN(io.Discard, os.Stdin, max(0, int64(req.Bytes)-int64(held))); err != nil {
			return 9
		}
		say(frame.Document{Pages: 1})
		raw(frame.AppendSizes(nil, []frame.Size{{Width: 100, Height: 100}}))
		return hang()
	},
	"fake-closes": func() int {
		say(frame.Ready{})
		_ = os.Stdout.Close()
		return hang()
	},
	"fake-busy": func() int {
		say(frame.Ready{})
		for i := uint64(0); ; i++ {
			spin.Store(i)
		}
	},
}

var spin atomic.Uint64

var nan = float32(func() float64 { var zero float64; return zero / zero }())

func say(record any) {
	if err := frame.Write(os.Stdout, record); err != nil {
		os.Exit(9)
	}
}

func raw(b []byte) int {
	if _, err := os.Stdout.Write(b); err != nil {
		return 9
	}
	return 0
}

func hang() int {
	time.Sleep(time.Minute)
	return 0
}

func die() int {
	_ = syscall.Kill(os.Getpid(), syscall.SIGILL)
	return hang()
}

// opened answers a document like a worker, then says what it was told to.
func opened(d frame.Document, sizes ...frame.Size) int {
	say(frame.Ready{})
	req, err := frame.ReadRequest(os.Stdin)
	if err != nil {
		return 9
	}
	if _, err := io.CopyN(io.Discard, os.Stdin, int64(req.Bytes)); err != nil {
		return 9
	}
	say(d)
	return raw(frame.AppendSizes(nil, sizes))
}

func page(p frame.Page) int {
	if opened(frame.Document{Pages: 1}, frame.Size{Width: 100, Height: 100}) != 0 {
		return 9
	}
	if _, err := frame.ReadDraw(os.Stdin, 10, 1); err != nil {
		return 9
	}
	say(p)
	return 0
}

// TestHostileWorker: a subverted worker gets nothing but an error, in time.
func TestHostileWorker(t *testing.T) {
	crash := func(want CrashError) func(error) bool {
		return func(err error) bool {
			var got *CrashError
			return errors.As(err, &got) && *got == want
		}
	}
	limit := func(what Limit) func(error) bool {
		return func(err error) bool {
			var got *LimitError
			return errors.As(err, &got) && got.What == what
		}
	}
	babble := crash(CrashError{Babble: true})
	expected := map[string]func(error) bool{
		"fake-no-sandbox":  func(err error) bool { return errors.Is(err, ErrSandbox) },
		"fake-exit":        crash(CrashError{Exit: 7}),
		"fake-signal":      crash(CrashError{Exit: 2}), // Go's runtime turns it into a status; the worker proper does not
		"fake-garbage":     babble,
		"fake-silent":      limit(LimitTime),
		"fake-never-ready": limit(LimitTime),
		"fake-too-many":    babble,
		"fake-no-pages":    babble,
		"fake-size-nan":    babble,
		"fake-size-huge":   limit(LimitSide),
		"fake-cut":         crash(CrashError{}),
		"fake-wrong-index": babble,
		"fake-huge-page":   babble,
		"fake-other-size":  babble,
		"fake-channels":    babble,
		"fake-many-annots": babble,
		"fake-half-page":   crash(CrashError{}),
		"fake-page-again":  babble,
		"fake-third-cut":   crash(CrashError{}),
		"fake-full-pipe":   limit(LimitTime),
		"fake-closes":      babble,
		"fake-busy":        limit(LimitTime),
	}
	for name := range fakes {
		t.Run(name, func(t *testing.T) {
			document := []byte("%PDF-1.7")
			if name == "fake-full-pipe" {
				document = append(document, make([]byte, 4<<20-len(document))...) // more than a pipe holds
			}
			pool := newPool(t, Config{Arg: name, Limits: Limits{Time: 1500 * time.Millisecond, TimeFor: time.Millisecond}})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := pool.Render(ctx, Request{Document: document, DPI: 72}, func(Page) error { return nil })
			if expected[name] == nil || !expected[name](err) {
				t.Errorf("got %#v: %v", err, err)
			}
		})
	}
}
