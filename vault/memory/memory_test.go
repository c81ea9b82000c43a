package memory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestNewIsZeroedAndOfTheLengthAsked(t *testing.T) {
	for _, n := range []int{1, 31, 4096, 4097, 3 << 20} {
		b, err := New(n)
		if err != nil {
			t.Fatalf("New(%d): %v", n, err)
		}
		if b.Len() != n || cap(b.Bytes()) != n {
			t.Errorf("New(%d): len %d, cap %d", n, b.Len(), cap(b.Bytes()))
		}
		if !bytes.Equal(b.Bytes(), make([]byte, n)) {
			t.Errorf("New(%d) is not zeroed", n)
		}
		b.Bytes()[n-1] = 7
		b.Destroy()
		b.Destroy()
		if b.Len() != 0 || b.Bytes() != nil || b.Locked() {
			t.Errorf("a destroyed buffer of %d bytes still answers", n)
		}
	}
}

func TestNewRefusesSizes(t *testing.T) {
	for _, n := range []int{-1, 0, MaxSize + 1} {
		if b, err := New(n); !errors.Is(err, ErrSize) {
			t.Errorf("New(%d) = %v, %v; want ErrSize", n, b, err)
		}
	}
}

func TestNilBuffer(t *testing.T) {
	var b *Buffer
	b.Destroy()
	if b.Len() != 0 || b.Bytes() != nil || b.Locked() || b.Use(func([]byte) {}) {
		t.Error("a nil buffer has content")
	}
}

// The memory stays mapped while a Use runs beside Destroy; were it not, the
// write would end the process.
func TestDestroyWaitsForUse(t *testing.T) {
	b, err := New(16)
	if err != nil {
		t.Fatal(err)
	}
	inUse, destroyed := make(chan struct{}), make(chan struct{})
	go func() {
		<-inUse
		b.Destroy()
		close(destroyed)
	}()
	used := b.Use(func(p []byte) {
		close(inUse)
		select {
		case <-destroyed:
			t.Error("Destroy did not wait")
		case <-time.After(50 * time.Millisecond):
			p[0] = 1
		}
	})
	<-destroyed
	if !used || b.Use(func([]byte) { t.Error("a destroyed buffer is used") }) {
		t.Error("Use answers wrongly")
	}
}

func TestWipe(t *testing.T) {
	b := []byte("4711")
	Wipe(b)
	if !bytes.Equal(b, make([]byte, 4)) {
		t.Errorf("after Wipe: %q", b)
	}
	Wipe(nil)
}

func TestContentIsNotPrinted(t *testing.T) {
	b, err := New(6)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Destroy()
	copy(b.Bytes(), "canary")
	for _, verb := range []string{"%v", "%s", "%#v", "%+v", "%x"} {
		out := fmt.Sprintf(verb, b)
		if strings.Contains(out, "canary") || strings.Contains(out, fmt.Sprintf("%x", "canary")) {
			t.Errorf("%s prints %q", verb, out)
		}
	}
	if out, err := json.Marshal(b); err == nil {
		t.Errorf("json gives %s", out)
	}
}
