package memory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What changes a whole process is done in a child: this program again, which
// does what the variable says.
const role = "PRINTROOM_TEST_MEMORY"

func TestMain(m *testing.M) {
	if act := os.Getenv(role); act != "" {
		os.Exit(play(act))
	}
	os.Exit(m.Run())
}

func play(act string) int {
	act, argument, _ := strings.Cut(act, " ")
	var core unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_CORE, &core)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: core.Max, Max: core.Max})
	if strings.HasPrefix(act, "hardened") {
		if err := Harden(); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	switch act {
	case "hardened", "plain":
		dumpable, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		filter, _ := os.ReadFile("/proc/self/coredump_filter")
		_ = unix.Getrlimit(unix.RLIMIT_CORE, &core)
		fmt.Printf("dumpable %d, filter %s, core %d\n", dumpable, strings.TrimSpace(string(filter)), int64(core.Max))
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "read":
		f, err := os.Open(argument)
		if err != nil {
			return 3
		}
		_ = f.Close()
	case "lock":
		return lockWithin()
	case "touch":
		return touch(argument)
	case "garbage", "hardened-garbage":
		fmt.Println(garbage())
	}
	return 0
}

// child is this program in a role; as nobody, when asked.
func child(t *testing.T, act string, nobody bool) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe") // nobody can't come by its path
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), role+"="+act, "GOTRACEBACK=crash")
	if nobody {
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	return cmd
}

// started is a child that waits, and what it said first. It ends with the test.
func started(t *testing.T, act string, nobody bool) (*exec.Cmd, string) {
	t.Helper()
	cmd := child(t, act, nobody)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestHarden(t *testing.T) {
	_, said := started(t, "hardened", false)
	if want := "dumpable 0, filter 00000000, core 0"; said != want {
		t.Errorf("a hardened process is %q, want %q", said, want)
	}
}

// TestNoCore: a process that dies as after a failed assertion leaves nothing;
// without Harden it does.
func TestNoCore(t *testing.T) {
	for act, want := range map[string]bool{"plain": true, "hardened": false} {
		cmd, _ := started(t, act, false)
		if err := cmd.Process.Signal(unix.SIGABRT); err != nil {
			t.Fatal(err)
		}
		var ended *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &ended) {
			t.Fatalf("%s: it ended with %v", act, err)
		}
		status := ended.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != unix.SIGABRT || status.CoreDump() != want {
			t.Errorf("%s: %v, core dumped %v, want %v", act, ended, status.CoreDump(), want)
		}
		left, err := os.ReadDir(cmd.Dir)
		if err != nil || !want && len(left) > 0 {
			t.Errorf("%s: it left %v, %v", act, left, err)
		}
	}
}

// TestNobodyReads: another process of the same user reads neither memory nor
// environment of a hardened one.
func TestNobodyReads(t *testing.T) {
	read := func(pid int, file string) error {
		return child(t, fmt.Sprintf("read /proc/%d/%s", pid, file), true).Run()
	}
	plain, _ := started(t, "plain", true)
	if err := read(plain.Process.Pid, "environ"); err != nil {
		t.Errorf("a process that is not hardened: %v", err)
	}
	hardened, _ := started(t, "hardened", true)
	for _, file := range []string{"mem", "environ", "maps", "pagemap"} {
		if err := read(hardened.Process.Pid, file); err == nil {
			t.Errorf("another process opened %s", file)
		}
	}
}

// TestLockLimit: where little may be locked, what is over it works all the same
// and says so.
func TestLockLimit(t *testing.T) {
	cmd := child(t, "lock", true)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if os.Geteuid() == 0 && Lockable() != math.MaxInt64 {
		t.Errorf("root may lock %d bytes, want all", Lockable())
	}
}

func lockWithin() int {
	const limit = 64 << 10
	err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: limit, Max: limit})
	small, err1 := New(16 << 10)
	large, err2 := New(1 << 20)
	defer small.Destroy()
	defer large.Destroy()
	fmt.Println(err, err1, err2, small.Locked(), large.Locked(), Lockable())
	if !small.Locked() || large.Locked() || Lockable() != limit {
		return 1
	}
	large.Bytes()[1<<20-1] = 1
	return 0
}

// TestGuards: a byte too far, either way, ends the process.
func TestGuards(t *testing.T) {
	for place, want := range map[string]bool{"inside": true, "behind": false, "before": false} {
		if err := child(t, "touch "+place, false).Run(); (err == nil) != want {
			t.Errorf("touching %s: %v", place, err)
		}
	}
}

func touch(place string) int {
	b, err := New(100)
	if err != nil {
		return 0 // which is not what the guards are for
	}
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	at := map[string]int{"inside": 99, "behind": 100, "before": 99 - os.Getpagesize()}[place]
	*(*byte)(unsafe.Add(unsafe.Pointer(&b.Bytes()[0]), at)) = 1
	b.Destroy()
	return 0
}

// TestGarbageIsOverwritten: what a library left in the heap is gone with the
// next Collect of a hardened process, and would be there without Harden.
func TestGarbageIsOverwritten(t *testing.T) {
	for act, want := range map[string]string{"garbage": "500 left\n", "hardened-garbage": "0 left\n"} {
		out, err := child(t, act, false).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v", act, out, err)
		}
	}
}

// garbage forgets every second of many secrets and counts those that can still
// be read.
func garbage() string {
	const secret, many = "a secret of forty-eight bytes, as any other is.\n", 1000
	var kept [many]*[len(secret)]byte
	var places []uintptr
	for i := range kept {
		kept[i] = new([len(secret)]byte)
		copy(kept[i][:], secret)
		if i%2 == 1 {
			places = append(places, uintptr(unsafe.Pointer(kept[i])))
			kept[i] = nil
		}
	}
	Collect()
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = mem.Close() }()
	left := 0
	for _, at := range places {
		found := make([]byte, len(secret)+1) // of another size than what is looked for
		if _, err := mem.ReadAt(found, int64(at)); err == nil && string(found[:len(secret)]) == secret {
			left++
		}
	}
	runtime.KeepAlive(&kept)
	return fmt.Sprint(left, " left")
}
