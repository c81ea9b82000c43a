//go:build long

package room

import (
	"bufio"
	"bytes"
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

// region is a mapping of a process.
type region struct {
	start, end uint64
	kind       string
}

// regions reads what the kernel says of a process's readable mappings.
func regions(pid int) ([]region, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return nil, err
	}
	var all []region
	readable := false
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
		var r region
		var mode, offset, device, inode string
		line := sc.Text()
		if n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %s", &r.start, &r.end, &mode, &offset, &device, &inode); n == 6 {
			readable = mode[0] == 'r'
			r.kind = strings.Join(strings.Fields(line)[5:], " ")
			if readable {
				all = append(all, r)
			}
		} else if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && readable {
			last := &all[len(all)-1]
			last.kind = kindOf(*last, flags+" ")
		}
	}
	return all, nil
}

// arena is what the Go runtime begins a piece of its heap at a multiple of, on 64
// bits; pieces that follow each other are one region. (Kernels that keep names
// for anonymous memory tell.)
const arena = 64 << 20

// kindOf names what a mapping is for, by its place, name and flags.
func kindOf(r region, flags string) string {
	switch {
	case strings.Contains(flags, " wf ") && strings.Contains(flags, " lo "):
		return "locked buffer"
	case strings.Contains(flags, " wf "):
		return "buffer, not locked"
	case strings.HasPrefix(r.kind, "[stack"):
		return "stack"
	case strings.HasPrefix(r.kind, "[heap"):
		return "C heap"
	case r.kind == "" && r.start%arena == 0, strings.HasPrefix(r.kind, "[anon: Go: heap"):
		return "Go heap"
	case r.kind == "", strings.HasPrefix(r.kind, "[anon"):
		return "anonymous"
	case strings.HasPrefix(r.kind, "["):
		return "kernel"
	}
	return "file " + filepath.Base(r.kind)
}

// search looks for needles in all a process's readable memory and in what waits
// in its pipes, and in its children's.
func search(t *testing.T, pid int, needles []needle) []found {
	t.Helper()
	all, err := searchOne(pid, "", needles)
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range children(t, pid) {
		more, err := searchOne(child, "renderer: ", needles)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ESRCH) { // it has ended
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all
}

func searchOne(pid int, prefix string, needles []needle) (all []found, err error) {
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
			for _, n := range needles {
				all = append(all, occurrences(n, prefix+r.kind, at, data)...)
			}
		})
	}
	waiting, err := pipes(pid)
	for fd, data := range waiting {
		for _, n := range needles {
			all = append(all, occurrences(n, prefix+"pipe", uint64(fd), data)...)
		}
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

func occurrences(n needle, kind string, at uint64, data []byte) []found {
	var all []found
	for i := 0; i < len(data); {
		j := bytes.Index(data[i:], n.bytes)
		if j < 0 || i+j >= chunk {
			break // what begins in the overlap comes again
		}
		i += j
		near := bytes.Clone(data[max(0, i-24):min(len(data), i+len(n.bytes)+24)])
		all = append(all, found{n, kind, at + uint64(i), near})
		i++
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
