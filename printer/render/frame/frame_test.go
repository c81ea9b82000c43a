package frame

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var records = []any{
	Ready{}, Done{}, Document{Pages: 250, Flags: FlagJavaScript | FlagRepaired},
	Page{Index: 3, Width: 1241, Height: 1754, Channels: 3, Annotations: 2, Widgets: 1, Faults: 4},
	Failure{Code: CodeCorrupt}, Failure{Code: CodeLimit, What: WhatPixels, Have: 1 << 40},
}

func TestRoundTrip(t *testing.T) {
	var b bytes.Buffer
	for _, want := range records {
		if err := Write(&b, want); err != nil {
			t.Fatal(err)
		}
		got, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	if _, err := Read(&b); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	if err := Write(&b, 3); err == nil {
		t.Error("a number was written")
	}
}

func TestCut(t *testing.T) {
	whole, err := Append(nil, records[3])
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(whole); n++ {
		if _, err := Read(bytes.NewReader(whole[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestConversation(t *testing.T) {
	var b bytes.Buffer
	want := Request{Bytes: 64 << 20, MaxPixels: 72e6, MaxPages: 250, DPI: 600, Channels: 3}
	if err := WriteRequest(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRequest(&b)
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if err := WriteDraw(&b, []uint32{2, 0, 2}); err != nil {
		t.Fatal(err)
	}
	pages, err := ReadDraw(&b, 3, 3)
	if d := cmp.Diff([]uint32{2, 0, 2}, pages); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, bad := range []struct{ limit, count uint32 }{{2, 3}, {3, 2}} {
		if err := WriteDraw(&b, []uint32{2, 0, 2}); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadDraw(&b, bad.limit, bad.count); !errors.Is(err, ErrFormat) {
			t.Errorf("%+v: %v", bad, err)
		}
		b.Reset()
	}
}

func TestSizes(t *testing.T) {
	want := []Size{{595.28, 841.89}, {612, 792}}
	got, err := ReadSizes(bytes.NewReader(AppendSizes(nil, want)), 2)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, bad := range []Size{{0, 1}, {1, -1}, {inf, 1}, {1, nan}} {
		if _, err := ReadSizes(bytes.NewReader(AppendSizes(nil, []Size{bad})), 1); !errors.Is(err, ErrFormat) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// FuzzRead: what is read is what Append writes, byte for byte.
func FuzzRead(f *testing.F) {
	for _, r := range records {
		b, err := Append(nil, r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		record, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		again, err := Append(nil, record)
		if err != nil || !bytes.Equal(again, b[:len(again)]) {
			t.Errorf("%x became %x, %v", b, again, err)
		}
	})
}

// FuzzRequest: the worker's side of the same.
func FuzzRequest(f *testing.F) {
	var b bytes.Buffer
	if err := WriteRequest(&b, Request{Bytes: 1, MaxPixels: 1, MaxPages: 1, DPI: 1, Channels: 1}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		req, err := ReadRequest(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteRequest(&again, req); err != nil || !bytes.Equal(again.Bytes(), b[:again.Len()]) {
			t.Errorf("%x became %x, %v", b, again.Bytes(), err)
		}
	})
}
