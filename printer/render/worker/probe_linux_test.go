package worker

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// probes try what a subverted worker would. Each returns the errno, 0 when it
// had its way. landlock and seccomp say which layer alone must stop it.
var probes = []struct {
	name              string
	landlock, seccomp bool
	try               func() syscall.Errno
}{
	{"read a file", true, true, func() syscall.Errno { return opens("/etc/passwd", unix.O_RDONLY) }},
	{"read the program", true, true, func() syscall.Errno { return opens("/proc/self/exe", unix.O_RDONLY) }},
	{"write a file", true, true, func() syscall.Errno { return opens("/tmp/printroom-probe", unix.O_WRONLY|unix.O_CREAT) }},
	{"write a device", true, true, func() syscall.Errno { return opens("/dev/null", unix.O_WRONLY) }},
	{"list a directory", true, true, func() syscall.Errno { return opens("/tmp", unix.O_RDONLY|unix.O_DIRECTORY) }},
	{"make a directory", true, true, func() syscall.Errno { return number(unix.Mkdir("/tmp/printroom-probe-d", 0o700)) }},
	{"remove a file", true, true, func() syscall.Errno { return number(unix.Unlink("/tmp/printroom-probe-unlink")) }},
	{"truncate a file", true, true, func() syscall.Errno { return number(unix.Truncate("/tmp/printroom-probe-unlink", 0)) }},
	{"connect by TCP", true, true, func() syscall.Errno { return connects(unix.SOCK_STREAM, 0) }},
	{"send by UDP", false, true, func() syscall.Errno { return connects(unix.SOCK_DGRAM, 0) }},
	{"connect by MPTCP", false, true, func() syscall.Errno { return connects(unix.SOCK_STREAM, unix.IPPROTO_MPTCP) }},
	{"unix socket", false, true, func() syscall.Errno { return socket(unix.AF_UNIX, unix.SOCK_STREAM) }},
	{"netlink socket", false, true, func() syscall.Errno { return socket(unix.AF_NETLINK, unix.SOCK_RAW) }},
	{"socket pair", false, true, func() syscall.Errno { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return number(err) }},
	{"io_uring", false, true, func() syscall.Errno {
		var params [120]byte
		return raw(unix.SYS_IO_URING_SETUP, 4, uintptr(unsafe.Pointer(&params)), 0)
	}},
	{"memory file", false, true, func() syscall.Errno { _, err := unix.MemfdCreate("x", 0); return number(err) }},
	{"run a program", true, true, func() syscall.Errno {
		err := syscall.Exec("/bin/true", []string{"true"}, nil)
		return number(err)
	}},
	{"new process", false, true, func() syscall.Errno { return forks() }},
	{"trace its parent", false, true, func() syscall.Errno { return raw(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(os.Getppid()), 0) }},
	{"read its parent's memory", false, true, func() syscall.Errno {
		var b [8]byte
		local, remote := unix.Iovec{Base: &b[0], Len: 8}, unix.RemoteIovec{Base: 0x400000, Len: 8}
		_, err := unix.ProcessVMReadv(os.Getppid(), []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
		return number(err)
	}},
	{"signal its parent", false, true, func() syscall.Errno { return number(unix.Kill(os.Getppid(), 0)) }},
	{"signal its parent's thread", false, true, func() syscall.Errno { return number(unix.Tgkill(os.Getppid(), os.Getppid(), 0)) }},
	{"executable memory", false, true, func() syscall.Errno {
		_, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
		return number(err)
	}},
	{"new namespace", false, true, func() syscall.Errno { return number(unix.Unshare(unix.CLONE_NEWUSER)) }},
	{"program the kernel", false, true, func() syscall.Errno { return raw(unix.SYS_BPF, 0, 0, 0) }},
	{"read keys", false, true, func() syscall.Errno { return raw(unix.SYS_KEYCTL, unix.KEYCTL_GET_KEYRING_ID, ^uintptr(2), 0) }},
	{"read from another thread", true, true, func() (e syscall.Errno) {
		var wg sync.WaitGroup
		wg.Go(func() {
			runtime.LockOSThread() // ends with its thread: a new one for the next
			e = opens("/etc/passwd", unix.O_RDONLY)
		})
		wg.Wait()
		return e
	}},
	{"raise its limits", false, true, func() syscall.Errno {
		return number(unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 9, Max: 9}, nil))
	}},
}

func number(err error) syscall.Errno {
	e, _ := err.(syscall.Errno)
	return e
}

func raw(call, a, b, c uintptr) syscall.Errno {
	_, _, e := unix.RawSyscall(call, a, b, c)
	return e
}

func opens(path string, flags int) syscall.Errno {
	_, err := unix.Open(path, flags, 0o600)
	return number(err)
}

func socket(family, kind int) syscall.Errno {
	_, err := unix.Socket(family, kind, 0)
	return number(err)
}

// connects tries a loopback port. ECONNREFUSED means that the network was
// reached; UDP and MPTCP count as reached the same way.
func connects(kind, protocol int) syscall.Errno {
	fd, err := unix.Socket(unix.AF_INET, kind, protocol)
	if err != nil {
		return number(err)
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}})
	if err == unix.ECONNREFUSED {
		return 0
	}
	return number(err)
}

// forks makes a process as fork(2) does; a child that comes to be ends at once.
func forks() syscall.Errno {
	pid, _, e := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e == 0 && pid == 0 {
		_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	return e
}

// answers runs the probes in a process confined in one way.
func answers(t *testing.T, mode string) map[string]string {
	t.Helper()
	if err := os.WriteFile("/tmp/printroom-probe-unlink", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range []string{"/tmp/printroom-probe", "/tmp/printroom-probe-d", "/tmp/printroom-probe-unlink"} {
			_ = os.Remove(f) // most were never made
		}
	})
	out, err := exec.Command("/proc/self/exe", mode).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", mode, err, out)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			t.Fatalf("%s: %q", mode, line)
		}
		found[name] = value
	}
	return found
}

// TestProbes: everything is denied in the sandbox, and by the layer that is
// there for it even if the other were missing.
func TestProbes(t *testing.T) {
	all, files, calls := answers(t, "probe-all"), answers(t, "probe-landlock"), answers(t, "probe-seccomp")
	for _, p := range probes {
		if all[p.name] == "" || all[p.name] == "0" {
			t.Errorf("%s: allowed in the sandbox (%q)", p.name, all[p.name])
		}
		if p.landlock && files[p.name] != "13" {
			t.Errorf("%s: Landlock alone answered %q, want EACCES", p.name, files[p.name])
		}
		if p.seccomp && calls[p.name] != "1" {
			t.Errorf("%s: seccomp alone answered %q, want EPERM", p.name, calls[p.name])
		}
	}
}

// TestProbesWork: without a sandbox what the probes try succeeds, so that their
// failure in it means something.
func TestProbesWork(t *testing.T) {
	free := answers(t, "probe-none")
	for _, name := range []string{
		"read a file", "write a file", "list a directory", "make a directory", "remove a file",
		"connect by TCP", "send by UDP", "unix socket", "socket pair", "memory file",
	} {
		if free[name] != "0" {
			t.Errorf("%s: answered %s without a sandbox", name, free[name])
		}
	}
}

// deny makes the kernel look older: the calls named answer ENOSYS.
func deny(group seccomp.SyscallGroup) error {
	group.Action = seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true, Flag: seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{group}},
	})
}

func without(call string) int {
	if deny(seccomp.SyscallGroup{Names: []string{call}}) != nil {
		return 99
	}
	return Main()
}

// withoutThreadSync runs Main while another thread has a filter of its own, so
// that the sandbox cannot reach it.
func withoutThreadSync() int {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- seccomp.LoadFilter(seccomp.Filter{
			NoNewPrivs: true,
			Policy: seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{
				{Names: []string{"acct"}, Action: seccomp.ActionErrno},
			}},
		})
		select {}
	}()
	if <-done != nil {
		return 99
	}
	return Main()
}

// TestRefuses: a kernel that lacks a part of the sandbox renders nothing.
func TestRefuses(t *testing.T) {
	for _, mode := range []string{"without-landlock", "without-seccomp", "without-threadsync"} {
		cmd := exec.Command("/proc/self/exe", mode)
		out, err := cmd.Output()
		if cmd.ProcessState.ExitCode() != exitSandbox {
			t.Errorf("%s: %v, %x", mode, err, out)
		}
	}
}
