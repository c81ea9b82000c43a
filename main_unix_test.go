//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const deafEnv = "PRINTROOM_TEST_DEAF"

// TestNobodyListens: a reader of the answers that goes away, and a terminal that
// is closed, give the program the time to end a letter.
func TestNobodyListens(t *testing.T) {
	if os.Getenv(deafEnv) != "" {
		deaf()
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNobodyListens$")
	cmd.Env = append(os.Environ(), deafEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	hand, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := errors.Join(cmd.Start(), hand.Close()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || said.String() != "ended in order\n" {
		t.Errorf("%v, it said %q", err, said.String())
	}
}

// deaf answers to nobody, then is told that its terminal went.
func deaf() {
	ctx, stop := untilTold()
	defer stop()
	_, _ = io.Copy(io.Discard, os.Stdin) // the other end is closed when this ends
	_, err := os.Stdout.WriteString("{}\n")
	if !errors.Is(err, syscall.EPIPE) || syscall.Kill(os.Getpid(), syscall.SIGHUP) != nil {
		os.Exit(1)
	}
	<-ctx.Done()
	_, _ = os.Stderr.WriteString("ended in order\n")
	os.Exit(0)
}

// TestAsked: a window that was closed is not said to be shown.
func TestAsked(t *testing.T) {
	show := make(chan struct{})
	heard := make(chan bool)
	go func() { heard <- asked(show) }()
	<-show
	if !<-heard {
		t.Error("a window that heard it is not shown")
	}
	if asked(show) {
		t.Error("a window that is gone is said to be shown")
	}
}
