//go:build linux

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// disk is what a power cut knows of a folder: what was synced is there, and of
// what was not, anything.
type disk struct {
	names   map[string]*inode // as programs see them
	lasting map[string]*inode // as they were when the folder was last synced
	changes []naming          // in between, in order: file systems keep the order of names
}

type inode struct {
	lasting []byte   // as synced last
	changes []change // since then, in order; each one may last or not
}

// naming gives a name to a file, or takes it away where there is none; from is
// the name that it loses.
type naming struct {
	name, from string
	file       *inode
}

// change is a run of bytes, or a new length where there are none.
type change struct {
	at    int64
	bytes []byte
}

// diskOf is the disk under a folder of which all is synced.
func diskOf(log fs.FS) (*disk, error) {
	d := &disk{names: map[string]*inode{}, lasting: map[string]*inode{}}
	if log == nil {
		return d, nil
	}
	entries, err := fs.ReadDir(log, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := fs.ReadFile(log, e.Name())
		if err != nil {
			return nil, err
		}
		d.names[e.Name()] = &inode{lasting: b}
	}
	d.lasting = maps.Clone(d.names)
	return d, nil
}

func (n naming) apply(names map[string]*inode) {
	delete(names, n.from)
	if n.file == nil {
		delete(names, n.name)
	} else {
		names[n.name] = n.file
	}
}

func (d *disk) name(n naming) {
	n.apply(d.names)
	d.changes = append(d.changes, n)
}

// sync makes names last. Where it fails, a file system tries again or gives up
// altogether: it does not forget names.
func (d *disk) sync(failed bool) {
	if !failed {
		d.lasting, d.changes = maps.Clone(d.names), nil
	}
}

func (c change) apply(b []byte) []byte {
	if c.bytes == nil {
		if int64(len(b)) > c.at {
			return b[:c.at]
		}
		return append(b, make([]byte, c.at-int64(len(b)))...)
	}
	if end := c.at + int64(len(c.bytes)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[c.at:], c.bytes)
	return b
}

// sync makes the file's content last; what a failed sync should have written
// stays in memory, is taken for written, and never is.
func (f *inode) sync(failed bool) {
	if !failed {
		for _, c := range f.changes {
			f.lasting = c.apply(f.lasting)
		}
	}
	f.changes = nil
}

// sectors cuts the changes at the edges of sectors: each part lasts or not.
func (f *inode) sectors(size int64) []change {
	var parts []change
	for _, c := range f.changes {
		if c.bytes == nil {
			parts = append(parts, c)
			continue
		}
		for at, b := c.at, c.bytes; len(b) > 0; {
			n := min(size-at%size, int64(len(b)))
			parts = append(parts, change{at, b[:n]})
			at, b = at+n, b[n:]
		}
	}
	return parts
}

// A cut picks which of n changes in a row last.
type cut func(n int) func(i int) bool

func nothingLasts(int) func(int) bool { return func(int) bool { return false } }

// firstLast keeps a random number of the first ones.
func firstLast(random *mathrand.Rand) cut {
	return func(n int) func(int) bool {
		until := random.IntN(n + 1)
		return func(i int) bool { return i < until }
	}
}

// someLast keeps each with even chances.
func someLast(random *mathrand.Rand) cut {
	return func(int) func(int) bool { return func(int) bool { return random.IntN(2) == 0 } }
}

// image writes into dir what the power leaves when it goes now.
func (d *disk) image(dir string, lasts cut, sector int64, random *mathrand.Rand) error {
	names := maps.Clone(d.lasting)
	until := 0 // a journalling file system keeps a prefix of what befell the names
	if n := len(d.changes); n > 0 && lasts(n)(0) {
		until = 1 + random.IntN(n)
	}
	for _, n := range d.changes[:until] {
		n.apply(names)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := names[name]
		b := slices.Clone(f.lasting)
		parts := f.sectors(sector)
		keep := lasts(len(parts))
		for i, c := range parts {
			if keep(i) {
				b = c.apply(b)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// take carries out a call that a child made and that succeeded, or a sync that failed.
func (d *disk) take(c call) error {
	f := d.names[c.file]
	if f == nil && c.file != "." && c.name != "open" && c.name != "openat" {
		return fmt.Errorf("%s of %s, which is not there", c.name, c.file)
	}
	switch c.name {
	case "open", "openat":
		if f == nil && c.creates {
			d.name(naming{name: c.file, file: new(inode)})
		} else if f != nil && c.empties {
			f.changes = append(f.changes, change{})
		}
	case "pwrite64", "write":
		f.changes = append(f.changes, change{c.at, c.bytes})
	case "ftruncate":
		f.changes = append(f.changes, change{at: c.at})
	case "fsync", "fdatasync":
		if c.file == "." {
			d.sync(c.failed)
		} else {
			f.sync(c.failed)
		}
	case "unlink", "unlinkat":
		d.name(naming{name: c.file})
	case "rename", "renameat", "renameat2":
		d.name(naming{name: c.to, from: c.file, file: f})
	default:
		return errors.New("no call that a disk knows: " + c.name)
	}
	return nil
}
