package memory

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mappings counts kilobytes of wipe-on-fork memory in units of one test buffer.
func mappings(t *testing.T) int {
	t.Helper()
	total := 0
	for _, a := range areas(t) {
		if strings.Contains(a.flags, " wf") {
			total += int(a.end-a.start) >> 16
		}
	}
	return total
}

type area struct {
	start, end uintptr
	locked     int // kilobytes that are in memory for good
	flags      string
}

// areas reads the process's memory areas with their flags from the kernel.
func areas(t *testing.T) []area {
	t.Helper()
	data, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	var all []area
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
		var a area
		if n, _ := fmt.Sscanf(sc.Text(), "%x-%x ", &a.start, &a.end); n == 2 {
			all = append(all, a)
		} else if flags, ok := strings.CutPrefix(sc.Text(), "VmFlags:"); ok {
			all[len(all)-1].flags = flags
		} else if kilobytes, ok := strings.CutPrefix(sc.Text(), "Locked:"); ok {
			_, _ = fmt.Sscan(kilobytes, &all[len(all)-1].locked)
		}
	}
	return all
}

func TestPagesAreNotDumpedNorInherited(t *testing.T) {
	b, err := New(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Destroy()
	at := uintptr(unsafe.Pointer(&b.Bytes()[0]))
	for _, a := range areas(t) {
		if at < a.start || at >= a.end {
			continue
		}
		for _, flag := range []string{" dd", " wf"} {
			if !strings.Contains(a.flags, flag) {
				t.Errorf("flag %q is missing in %q", flag, a.flags)
			}
		}
		if got := strings.Contains(a.flags, " lo"); got != b.Locked() {
			t.Errorf("the kernel says locked %v, Locked says %v", got, b.Locked())
		}
		if want := 1 << 10; b.Locked() && a.locked != want {
			t.Errorf("the kernel keeps %d kB out of swap, want %d", a.locked, want)
		}
		return
	}
	t.Error("the buffer's area was not found")
}

// Destroyed memory is gone, not merely cleared: the kernel knows no mapping.
func TestDestroyUnmaps(t *testing.T) {
	b, err := New(1 << 16)
	if err != nil {
		t.Fatal(err)
	}
	pages := b.mapping.pages
	b.Destroy()
	if err := unix.Madvise(pages, unix.MADV_DODUMP); err != unix.ENOMEM {
		t.Errorf("madvise on destroyed pages: %v, want ENOMEM", err)
	}
}

// Forgotten buffers are given back: 200 of them, none destroyed by
// hand, do not stay mapped.
func TestForgottenBuffersAreReleased(t *testing.T) {
	before := mappings(t)
	for range 200 {
		if _, err := New(1 << 16); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		runtime.GC()
		if mappings(t) < before+50 {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d mappings before, %d after", before, mappings(t))
}
