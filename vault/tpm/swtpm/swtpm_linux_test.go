package swtpm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func startIn(t *testing.T, dir string) *TPM {
	t.Helper()
	tpm, err := Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tpm.Stop(); err != nil {
			t.Error(err)
		}
	})
	return tpm
}

// Each of many clients has a connection of its own, and the TPM outlives them.
func TestServesOneConnectionACommand(t *testing.T) {
	tpm := startIn(t, t.TempDir())
	for i := range 20 {
		if err := tpm.await(t.Context()); err != nil {
			t.Fatalf("client %d: %v", i, err)
		}
	}
	if !strings.Contains(string(tpm.CA()), "BEGIN CERTIFICATE") {
		t.Errorf("CA: %q", tpm.CA())
	}
}

func TestSecondStartIsTheSameTPM(t *testing.T) {
	dir := t.TempDir()
	first, err := Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if _, err := os.Stat(first.socket); err == nil {
		t.Error("the socket is still there")
	}
	again := startIn(t, dir)
	if string(again.CA()) != string(first.CA()) {
		t.Error("another authority after a restart")
	}
}

func TestAfterACut(t *testing.T) {
	dir := t.TempDir()
	first, err := Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Cut(); err != nil {
		t.Fatal(err)
	}
	startIn(t, dir)
}

func TestLongPaths(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("long/", 50))
	if err := os.MkdirAll(filepath.Join(long, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(long, "tmp"))
	tpm := startIn(t, filepath.Join(long, "tpm"))
	if len(tpm.socket) > maxSocketPath {
		t.Errorf("socket %s", tpm.socket)
	}
	if err := tpm.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tpm.scratch); err == nil {
		t.Error("the short directory is still there")
	}
}

func TestInterruptedSetUpStartsOver(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state", "tpm2-00.permall"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	startIn(t, dir)
}

func TestStartHonoursContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if tpm, err := Start(ctx, t.TempDir()); err == nil {
		t.Error("started", tpm.Stop())
	}
}

const helper = "SWTPM_TEST_HELPER"

// TestMain lets this program stand for others: one that starts a TPM and is
// killed, one that starts a TPM as another user.
func TestMain(m *testing.M) {
	dir := os.Getenv(helper)
	if dir == "" {
		os.Exit(m.Run())
	}
	tpm, err := Start(context.Background(), dir)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	// Let the threads that ran the start come and go.
	for range 50 {
		go func() { runtime.LockOSThread(); time.Sleep(time.Millisecond) }()
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Println(tpm.child.cmd.Process.Pid)
	if os.Getenv(helper+"_STOP") != "" {
		if err := tpm.Stop(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	select {}
}

func TestKilledParentLeavesNoOrphan(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helper+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var line string
	_, err = fmt.Fscanln(out, &line)
	pid, numErr := strconv.Atoi(line)
	if err != nil || numErr != nil {
		t.Fatalf("%q: %v, %v", line, err, numErr)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("swtpm is not running beside its parent: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the helper was not killed")
	}
	for range 200 {
		if !running(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("swtpm %d runs on", pid)
}

// running tells a living process from an ended one that nobody has reaped.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// As root, the same runs as user nobody, whose home cannot be written.
func TestOrdinaryUser(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "swtpm-user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	exe := filepath.Join(dir, "helper")
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, data, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", helper + "=" + filepath.Join(dir, "tpm"), helper + "_STOP=1"}
	if os.Geteuid() == 0 {
		const nobody = 65534
		for _, path := range []string{dir, exe} {
			if err := os.Chown(path, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
