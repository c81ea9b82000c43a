//go:build linux && cgo

package worker

import (
	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// threadFlags are the flags with which the C library starts a thread
// (nptl/sysdeps/unix/sysv/linux, clone): shared memory, files and signal
// handlers, the same thread group, and nothing else. No process fits them.
const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND |
	unix.CLONE_THREAD | unix.CLONE_SYSVSEM | unix.CLONE_SETTLS |
	unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID

// policy is what the Go runtime and MuPDF call once the process is up: memory,
// threads, time, signals within the process, and bytes through the pipes that
// are open. Everything else answers EPERM.
func policy(pid int) seccomp.Policy {
	return seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // EPERM
		Syscalls: []seccomp.SyscallGroup{
			{
				// The C library then falls back to clone, whose flags can be read.
				Names:  []string{"clone3"},
				Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS),
			},
			{
				Names: []string{
					"read", "write", "writev", "close",
					"munmap", "mremap", "madvise", "brk",
					"futex", "sched_yield", "sched_getaffinity", "set_robust_list", "rseq", "membarrier",
					"nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "restart_syscall",
					"getpid", "gettid", "getrandom",
					"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
					"epoll_ctl", "epoll_pwait",
					"exit", "exit_group",
				},
				NamesWithCondtions: []seccomp.NameWithConditions{
					{Name: "mmap", Conditions: notExecutable()},
					{Name: "mprotect", Conditions: notExecutable()},
					{Name: "tgkill", Conditions: equal(0, uint64(pid))},
					{Name: "clone", Conditions: equal(0, threadFlags)},
				},
				Action: seccomp.ActionAllow,
			},
		},
	}
}

// notExecutable holds for protections without PROT_EXEC: no new code.
func notExecutable() seccomp.ArgumentConditions {
	return seccomp.ArgumentConditions{{Argument: 2, Operation: seccomp.BitsNotSet, Value: unix.PROT_EXEC}}
}

func equal(argument uint32, value uint64) seccomp.ArgumentConditions {
	return seccomp.ArgumentConditions{{Argument: argument, Operation: seccomp.Equal, Value: value}}
}
