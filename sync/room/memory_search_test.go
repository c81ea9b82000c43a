//go:build long || window

package room

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/sys/unix"
)

// needle is one way in which a secret may lie in memory.
type needle struct {
	secret, form string
	bytes        []byte
}

// textNeedles are the forms of a text: as it is, in capitals, as UTF-16 (what
// gofpdf and X11 use), and as JSON where that differs.
func textNeedles(secret, text string) []needle {
	all := []needle{{secret, "UTF-8", []byte(text)}}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	all = append(all, needle{secret, "UTF-16LE", little}, needle{secret, "UTF-16BE", big})
	if upper := strings.ToUpper(text); upper != text {
		all = append(all, needle{secret, "capitals", []byte(upper)})
	}
	if quoted, err := json.Marshal(text); err == nil {
		if quoted = quoted[1 : len(quoted)-1]; string(quoted) != text {
			all = append(all, needle{secret, "JSON", quoted})
		}
	}
	return all
}

// found is a place where a needle lies.
type found struct {
	needle
	kind string // of region
	at   uint64
	near []byte // some bytes around it
}

// region is a readable mapping of a process.
type region struct {
	start, end uint64
	kind       string
}

// mapped is what the kernel says of one.
type mapped struct {
	start, end        uint64
	mode, name, flags string
	run               uint64 // where the run of unnamed mappings without a gap begins that it is part of
}

// regions reads what the kernel says of a process's memory: what can be read, and
// may have been written.
func regions(pid int) ([]region, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return nil, err
	}
	var all []region
	var last mapped
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
		var m mapped
		var offset, device, inode string
		words := strings.Fields(sc.Text())
		if n, _ := fmt.Sscanf(sc.Text(), "%x-%x %s %s %s %s", &m.start, &m.end, &m.mode, &offset, &device, &inode); n == 6 {
			m.name = strings.Join(words[5:], " ")
			if m.run = m.start; last.end == m.start && last.name == "" {
				m.run = last.run
			}
			last = m
		} else if words[0] == "VmFlags:" && last.mode[0] == 'r' && !last.asInFile() {
			last.flags = sc.Text() + " "
			all = append(all, region{last.start, last.end, last.kind()})
		}
	}
	return all, nil
}

// arena is what the Go runtime reserves its heap in: 64 megabytes that begin at
// a multiple of that, on 64 bits. Some kernels keep the name it gives them.
const arena = 64 << 20

// asInFile tells that nothing can be there but what a file holds.
func (m mapped) asInFile() bool { return strings.HasPrefix(m.name, "/") && m.mode[1] != 'w' }

// kind names what a mapping is for, by its place, name and flags.
func (m mapped) kind() string {
	switch {
	case strings.Contains(m.flags, " wf ") && strings.Contains(m.flags, " lo "):
		return "locked buffer"
	case strings.Contains(m.flags, " wf "):
		return "buffer, not locked"
	case m.name == "" && m.run%arena == 0, strings.HasPrefix(m.name, "[anon: Go: heap"):
		return "Go heap"
	case m.name == "", strings.HasPrefix(m.name, "[anon"):
		return "anonymous"
	case strings.HasPrefix(m.name, "[stack"):
		return "stack"
	case strings.HasPrefix(m.name, "[heap"):
		return "C heap"
	case strings.HasPrefix(m.name, "["):
		return "kernel"
	}
	return "file " + filepath.Base(m.name)
}

// search looks for needles in all a process's readable memory and in what waits
// in its pipes, and in its children's.
func search(t *testing.T, pid int, needles []needle) []found {
	t.Helper()
	index := indexed(needles)
	all, err := searchOne(pid, "", index)
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range children(t, pid) {
		more, err := searchOne(child, "renderer: ", index)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ESRCH) { // it has ended
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all
}

func searchOne(pid int, prefix string, needles *index) (all []found, err error) {
	rs, err := regions(pid)
	if err != nil {
		return nil, err
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, err
	}
	defer func() { _ = mem.Close() }()
	for _, r := range rs {
		eachChunk(mem, r, func(at uint64, data []byte) {
			all = append(all, needles.in(data, prefix+r.kind, at)...)
		})
	}
	waiting, err := pipes(pid)
	for fd, data := range waiting {
		all = append(all, needles.in(data, prefix+"pipe", uint64(fd))...)
	}
	return all, err
}

// A region is read in chunks, which overlap by more than the longest needle, so
// that none is cut in two.
const (
	chunk   = 4 << 20
	overlap = 256
)

// eachChunk reads a region piece by piece; what can't be read is left out.
func eachChunk(mem io.ReaderAt, r region, f func(at uint64, data []byte)) {
	buffer := make([]byte, chunk+overlap)
	for at := r.start; at < r.end; at += chunk {
		n := min(uint64(len(buffer)), r.end-at)
		got, _ := mem.ReadAt(buffer[:n], int64(at))
		if got > 0 {
			f(at, buffer[:got])
		}
	}
}

// index has needles by their first two bytes, so that all are looked for in one
// go. No needle begins with two zeros.
type index struct {
	begins [1 << 16]bool
	by     map[uint16][]needle
}

func indexed(needles []needle) *index {
	all := &index{by: map[uint16][]needle{}}
	for _, n := range needles {
		first := binary.LittleEndian.Uint16(n.bytes)
		all.begins[first] = true
		all.by[first] = append(all.by[first], n)
	}
	return all
}

// in are the needles that begin in data's chunk; what begins in the overlap comes
// again. The race detector would make minutes of it.
//
//go:norace
func (x *index) in(data []byte, kind string, at uint64) []found {
	var all []found
	for i := 0; i < min(len(data)-1, chunk); i++ {
		if i+8 <= len(data) && binary.LittleEndian.Uint64(data[i:]) == 0 {
			i += 6 // the last zero may precede something
			continue
		}
		first := binary.LittleEndian.Uint16(data[i:])
		if !x.begins[first] {
			continue
		}
		for _, n := range x.by[first] {
			if bytes.HasPrefix(data[i:], n.bytes) {
				near := bytes.Clone(data[max(0, i-24):min(len(data), i+len(n.bytes)+24)])
				all = append(all, found{n, kind, at + uint64(i), near})
			}
		}
	}
	return all
}

func children(t *testing.T, pid int) []int {
	t.Helper()
	var all []int
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue // the thread ended
		}
		for _, word := range strings.Fields(string(data)) {
			if n, err := strconv.Atoi(word); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}

// pipes copies what waits in a process's pipes, and leaves it there.
func pipes(pid int) (map[int][]byte, error) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := map[int][]byte{}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if target, err := os.Readlink(path); err != nil || !strings.HasPrefix(target, "pipe:") {
			continue
		}
		n, err := strconv.Atoi(e.Name())
		if err == nil {
			all[n], err = peek(path)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// peek reads a pipe's content without taking it (tee).
func peek(path string) ([]byte, error) {
	in, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(in) }()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	defer func() { _, _ = unix.Close(p[0]), unix.Close(p[1]) }()
	_, _ = unix.FcntlInt(uintptr(p[1]), unix.F_SETPIPE_SZ, 1<<20)
	n, err := unix.Tee(in, p[1], 1<<20, unix.SPLICE_F_NONBLOCK)
	if errors.Is(err, unix.EAGAIN) || n == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	m, err := unix.Read(p[0], data)
	return data[:max(m, 0)], err
}

// counted sums finds up: "secret, form, region" and how often.
func counted(all []found) []string {
	n := map[string]int{}
	for _, f := range all {
		n[f.secret+", "+f.form+", "+f.kind]++
	}
	var lines []string
	for what, times := range n {
		lines = append(lines, fmt.Sprintf("%4d × %s", times, what))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[6:], b[6:]) })
	return lines
}
