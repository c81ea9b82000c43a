package virtual

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/pwg"
)

// Print is one job the printer worked on.
type Print struct {
	Job        int    // the printer's number for it
	Name       string // job-name
	Path       string // the document as it arrived, "<job>-<name in lower case>.pwg"
	Sides      int    // whole sides marked; a cut document has fewer than it announced
	Attributes map[string]string
	Ended      bool
}

// workshop does the printer's work: it counts sides, takes its time, and gets
// into trouble.
type workshop struct {
	mu       sync.Mutex
	prints   []Print
	pageTime time.Duration
	reason   string        // the trouble to come or present, "" for none
	after    int           // sides until then
	cleared  chan struct{} // closed when the trouble ends
}

func newWorkshop(pageTime time.Duration) *workshop {
	return &workshop{pageTime: pageTime, cleared: make(chan struct{})}
}

func (w *workshop) printed() []Print {
	w.mu.Lock()
	defer w.mu.Unlock()
	prints := slices.Clone(w.prints)
	for i := range prints {
		prints[i].Attributes = maps.Clone(prints[i].Attributes)
	}
	return prints
}

func (w *workshop) trouble(reason string, after int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reason, w.after = reason, after
}

func (w *workshop) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reason = ""
	close(w.cleared)
	w.cleared = make(chan struct{})
}

// print works on one job and tells the print command what happens. It ends
// early with ctx, without a word, as a printer without power.
func (w *workshop) print(ctx context.Context, path, envFile string, say io.Writer) {
	env, err := os.ReadFile(envFile)
	if err != nil {
		env = nil // the job prints without its attributes being known
	}
	index := w.begin(path, env)
	tell := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(say, format+"\n", args...)
		return err == nil && ctx.Err() == nil
	}
	sides := sidesOf(path)
	for n := 1; n <= sides; n++ {
		if !w.side(ctx, tell) || !tell("ATTR: job-impressions-completed=%d", n) {
			return
		}
		w.mu.Lock()
		w.prints[index].Sides = n
		w.mu.Unlock()
	}
	w.mu.Lock()
	w.prints[index].Ended = true
	w.mu.Unlock()
	tell("EXIT:0") // a cut document too: that is how real ones do it
}

// begin notes a job.
func (w *workshop) begin(path string, env []byte) int {
	p := Print{Path: path, Attributes: map[string]string{}}
	number, _, _ := strings.Cut(filepath.Base(path), "-")
	if n, err := strconv.Atoi(number); err == nil {
		p.Job = n
	}
	for _, entry := range bytes.Split(env, []byte{0}) {
		if key, value, ok := strings.Cut(string(entry), "="); ok && strings.HasPrefix(key, "IPP_") {
			name := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(key, "IPP_"), "_", "-"))
			p.Attributes[name] = value
		}
	}
	p.Name = p.Attributes["job-name"]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prints = append(w.prints, p)
	return len(w.prints) - 1
}

// side takes the time of one side, and of the trouble before it.
func (w *workshop) side(ctx context.Context, tell func(string, ...any) bool) bool {
	w.mu.Lock()
	pageTime, reason, cleared := w.pageTime, w.reason, w.cleared
	stuck := reason != "" && w.after == 0
	if reason != "" && !stuck {
		w.after--
	}
	w.mu.Unlock()
	if stuck {
		if !tell("STATE: +%s", reason) {
			return false
		}
		select {
		case <-cleared:
		case <-ctx.Done():
			return false
		}
		if !tell("STATE: -%s", reason) {
			return false
		}
	}
	select {
	case <-time.After(pageTime):
		return true
	case <-ctx.Done():
		return false
	}
}

// sidesOf counts the whole sides of a PWG Raster file; any other file is one.
func sidesOf(path string) (sides int) {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // read only
	if filepath.Ext(path) != ".pwg" {
		return 1
	}
	for r := pwg.NewReader(f); ; sides++ {
		if _, err := r.Next(); err != nil {
			return sides
		}
	}
}
