//go:build linux

package journal

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// call is a system call that strace saw, or a line that the child said.
type call struct {
	name    string
	file    string // its name in the folder, "." for the folder itself, "" where it is not in it
	to      string // its new name
	at      int64  // where bytes are written, or the new length
	bytes   []byte
	creates bool
	empties bool
	failed  bool
	said    string // what the child said, where it did
}

// traceReader makes calls of strace's lines (strace -f -xx -s …). It knows which
// file a number stands for, and where the next write goes.
type traceReader struct {
	dir  string // the folder that is watched
	open map[string]*opened
	half map[string]string // a thread's call that another one's cut in two
}

type opened struct {
	file string
	at   int64
}

// readTrace calls each with what happened in order.
func readTrace(trace, dir string, each func(call) error) error {
	f, err := os.Open(trace)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	r := traceReader{dir: dir, open: map[string]*opened{}, half: map[string]string{}}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		c, ok, err := r.line(lines.Text())
		if err != nil {
			return fmt.Errorf("%.200s: %w", lines.Text(), err)
		}
		if ok {
			if err := each(c); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// line reads "PID call(arguments) = result"; ok is false for what changes nothing.
func (r *traceReader) line(line string) (c call, ok bool, err error) {
	pid, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if begun, cut := strings.CutSuffix(rest, " <unfinished ...>"); cut {
		r.half[pid] = begun
		return c, false, nil
	}
	if strings.HasPrefix(rest, "<... ") {
		_, end, _ := strings.Cut(rest, " resumed>")
		rest = r.half[pid] + end
	}
	name, rest, ok := strings.Cut(rest, "(")
	if !ok || strings.HasPrefix(name, "---") || strings.HasPrefix(name, "+++") {
		return c, false, nil
	}
	args, result, ok := strings.Cut(rest, ")") // strings are in hexadecimal
	words := strings.Fields(strings.TrimLeft(result, " ="))
	if !ok || len(words) == 0 {
		return c, false, nil // the child was killed in it
	}
	return r.call(name, strings.Split(args, ", "), words[0])
}

func (r *traceReader) call(name string, args []string, result string) (c call, ok bool, err error) {
	failed := strings.HasPrefix(result, "-") || result == "?"
	c = call{name: name, failed: failed}
	if failed && name != "fsync" && name != "fdatasync" {
		return c, false, nil
	}
	switch name {
	case "open", "openat":
		path := args[0]
		if name == "openat" {
			path = args[1]
		}
		flags := strings.Join(args, "|")
		if c.file, err = r.name(path); err != nil {
			return c, false, err
		}
		r.open[result] = &opened{file: c.file}
		c.creates, c.empties = strings.Contains(flags, "O_CREAT"), strings.Contains(flags, "O_TRUNC")
		return c, c.file != "" && c.file != ".", nil
	case "unlink", "unlinkat", "rename", "renameat", "renameat2":
		return r.renamed(c, args)
	}
	return r.changed(c, args, result)
}

// changed reads a call on an open file.
func (r *traceReader) changed(c call, args []string, result string) (call, bool, error) {
	o := r.open[args[0]]
	if c.name == "write" && args[0] == "1" {
		b, err := unhex(args[1])
		c.said = string(b)
		return c, true, err
	}
	if o == nil || o.file == "" {
		return c, false, nil
	}
	c.file = o.file
	var err error
	switch c.name {
	case "close":
		delete(r.open, args[0])
		return c, false, nil
	case "lseek":
		o.at, err = strconv.ParseInt(result, 10, 64)
		return c, false, err
	case "ftruncate":
		c.at, err = strconv.ParseInt(args[1], 10, 64)
	case "pwrite64":
		if c.at, err = strconv.ParseInt(args[3], 10, 64); err == nil {
			c.bytes, err = written(args[1], result)
		}
	case "write":
		c.at = o.at
		c.bytes, err = written(args[1], result)
		o.at += int64(len(c.bytes))
	case "fsync", "fdatasync":
	default:
		return c, false, nil
	}
	return c, true, err
}

func (r *traceReader) renamed(c call, args []string) (_ call, ok bool, err error) {
	var names []string
	for _, a := range args {
		if strings.HasPrefix(a, `"`) {
			n, err := r.name(a)
			if err != nil {
				return c, false, err
			}
			names = append(names, n)
		}
	}
	c.file = names[0]
	if len(names) > 1 {
		c.to = names[1]
	}
	return c, c.file != "", nil
}

// name is a path's name in the folder. SQLite's shared memory is left out: the
// first who opens a log makes it anew.
func (r *traceReader) name(quoted string) (string, error) {
	path, err := unhex(quoted)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(r.dir, string(path))
	if err != nil || strings.HasPrefix(rel, "..") || strings.HasSuffix(rel, "-shm") {
		return "", nil //nolint:nilerr // not in the folder
	}
	return rel, nil
}

// written are the bytes of which the kernel took as many as result says.
func written(quoted, result string) ([]byte, error) {
	b, err := unhex(quoted)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(result)
	if err != nil || n > len(b) {
		return nil, fmt.Errorf("%d bytes of %s were written: %w", len(b), result, err)
	}
	return b[:n], nil
}

// unhex reads strace's "\x41\x42".
func unhex(quoted string) ([]byte, error) {
	s := strings.Trim(quoted, `"`)
	return hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
}
