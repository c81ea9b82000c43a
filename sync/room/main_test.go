package room

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"espero-soft.com/printroom/vault/store"
)

// program is the real application, built once for all tests here.
var program string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "printroom-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "printroom")
	build := exec.Command("go", "build", "-o", program, "espero-soft.com/printroom")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the application:", err)
		return 1
	}
	return m.Run()
}

// errors collects what the program says on standard error.
type complaints struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (c *complaints) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *complaints) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

func openRoom(t *testing.T, o Options) (*Room, *complaints) {
	t.Helper()
	said := new(complaints)
	o.Program, o.Dir, o.Errors, o.Seed = program, t.TempDir(), said, max(o.Seed, 1)
	r, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, said
}

func work(t *testing.T, r *Room) *Worker {
	t.Helper()
	w, err := r.Work(context.WithoutCancel(t.Context()), "p1", PIN("p1"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func do(t *testing.T, w *Worker, format string, args ...any) Answer {
	t.Helper()
	a, err := w.Do(format, args...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// states counts the station's jobs by state.
func states(t *testing.T, w *Worker) map[store.State]int {
	t.Helper()
	n := map[store.State]int{}
	for _, j := range do(t, w, "status").Jobs {
		n[store.State(j.State)]++
	}
	return n
}
