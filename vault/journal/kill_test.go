//go:build unix

package journal

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Child processes are this test binary with this variable set.
const childDir = "JOURNAL_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child appends until it is killed or fails, and acknowledges what is durable.
func child(dir string) int {
	der, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		return 3
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return 3
	}
	witness, err := os.ReadFile(filepath.Join(dir, "witness"))
	if err != nil {
		return 3
	}
	ctx := context.Background()
	j, err := Open(ctx, Config{Dir: filepath.Join(dir, "log"), Log: origin, Signer: key, Witness: string(witness)})
	if err != nil {
		fmt.Println("open:", err)
		return 4
	}
	if b := j.Status().Broken; b != nil {
		fmt.Println("broken:", b)
		return 5
	}
	for n := 0; ; n++ {
		p, err := j.Intent(ctx, access(n))
		if err == nil {
			fmt.Println("entry", p.Sequence())
			err = j.Result(ctx, p, OutcomeDone)
		}
		if n%7 == 0 && err == nil {
			_, err = j.Checkpoint(ctx)
		}
		if n%11 == 0 && err == nil {
			_, err = j.OpenIntents(ctx)
		}
		if err != nil {
			fmt.Println("refused:", err)
			return 6
		}
	}
}

func childRoom(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.dir = filepath.Join(t.TempDir(), "log")
	der, err := x509.MarshalECPrivateKey(r.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"key": der, "witness": []byte(r.witness.Vkey())} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(r.dir), name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// runChild runs a child until it ends, or kills it after the given time, and
// returns the last sequence it acknowledged and its last words.
func runChild(t *testing.T, r *room, after time.Duration, wrap ...string) (acked int64, said string) {
	t.Helper()
	args := append(wrap, os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childDir+"="+filepath.Dir(r.dir))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The whole group: a tracer that is killed alone lets its child run on.
	kill := time.AfterFunc(after, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said = lines.Text()
		if n, ok := strings.CutPrefix(said, "entry "); ok {
			if acked, err = strconv.ParseInt(n, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
	}
	kill.Stop()
	_ = cmd.Wait() // killed or refused, as it should be
	return acked, said
}

// TestStorageErrors makes the kernel answer the child's writing and syncing with
// errors, from one call on: nothing is acknowledged that is not there, and the
// log stays whole.
func TestStorageErrors(t *testing.T) {
	for _, inject := range []string{
		"fsync,fdatasync:error=EIO:when=%d+", "pwrite64:error=EIO:when=%d+",
		"pwrite64:error=ENOSPC:when=%d+", "pwrite64:error=EROFS:when=%d+", "pread64:error=EIO:when=%d+",
		"fsync,fdatasync:error=EIO:when=%d", "pwrite64:error=EIO:when=%d",
	} {
		t.Run(inject, func(t *testing.T) {
			r := childRoom(t)
			closeJournal(t, r.whole(t))
			for _, from := range []int{1, 9, 40} {
				acked, said := runChild(t, r, 700*time.Millisecond, "strace", "-f", "-qq", "-o", "/dev/null",
					"-e", "trace=fsync,fdatasync,pwrite64,pread64", "-e", "inject="+fmt.Sprintf(inject, from))
				if strings.HasPrefix(said, "broken") {
					t.Errorf("from call %d: %s", from, said)
				}
				j := r.whole(t)
				if j.Size() < acked {
					t.Errorf("from call %d: %d entries, but %d were acknowledged", from, j.Size(), acked)
				}
				if _, err := j.Verify(context.Background()); err != nil {
					t.Errorf("from call %d: %v", from, err)
				}
				closeJournal(t, j)
			}
		})
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	r := childRoom(t)
	random := mathrand.New(mathrand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var highest int64
	for range 12 {
		acked, said := runChild(t, r, time.Duration(20+random.IntN(180))*time.Millisecond)
		if strings.HasPrefix(said, "broken") || strings.HasPrefix(said, "open") || strings.HasPrefix(said, "refused") {
			t.Fatalf("the child said %q", said)
		}
		highest = max(highest, acked)
		j := r.whole(t)
		if j.Size() < highest {
			t.Fatalf("%d entries, but %d were acknowledged", j.Size(), highest)
		}
		if _, err := j.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		open, err := j.OpenIntents(context.Background())
		if err != nil || len(open) > 12 {
			t.Fatalf("%d open intents, %v", len(open), err)
		}
		closeJournal(t, j)
	}
	if highest == 0 {
		t.Fatal("no child got to write anything")
	}
	j := r.whole(t)
	r.seal(t, j)
	if report, err := r.check(t, j); err != nil || report.Entries < highest {
		t.Errorf("%+v, %v", report, err)
	}
}
