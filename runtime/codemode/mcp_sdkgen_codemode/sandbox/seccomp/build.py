"""Makes the filters from their lists. Run at release time: `python -m ….sandbox.seccomp.build`.

Needs pyseccomp and libseccomp, which nothing needs at run time: the result is committed.

Both stages are allow-lists; everything else fails with EPERM, and another ABI than the machine's
own (i386, x32, 32-bit ARM) ends the process.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

STAGE_2 = """
read write readv writev pread64 pwrite64 preadv pwritev
open openat openat2 close close_range lseek getdents getdents64 getcwd chdir fchdir
stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs fstatfs
flock fsync fdatasync ftruncate truncate fallocate fadvise64 dup dup2 dup3 pipe pipe2
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 symlink symlinkat
utime utimes utimensat futimesat umask
mmap munmap mprotect mremap madvise brk msync membarrier
futex futex_waitv set_robust_list get_robust_list set_tid_address rseq arch_prctl
gettid getpid getppid getuid geteuid getgid getegid getgroups getresuid getresgid
getpgrp getpgid getsid capget
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait sigaltstack
kill tkill tgkill pause alarm setitimer getitimer
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
timer_create timer_settime timer_gettime timer_delete timer_getoverrun
timerfd_create timerfd_settime timerfd_gettime
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
eventfd eventfd2 signalfd signalfd4
sendto recvfrom shutdown getsockname getpeername
getrandom sysinfo uname getrlimit getrusage sched_yield
sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
getpriority getcpu wait4 waitid exit exit_group restart_syscall
"""
"""What a program may call in any form. What it may call in some forms only is in `_forms`.

Left out on purpose, beyond the obvious: memfd and System V memory (no limit but the cgroup's),
sendmsg and recvmsg (descriptors in flight escape the limit of open files), links and modes of
files, mincore (tells what the host reads), every way to make a process.
"""

STAGE_1_ONLY = """
execve setrlimit prlimit64 setsid setpgid seccomp prctl fork vfork socketpair chmod fchmod
memfd_create mincore sendmsg recvmsg fcntl preadv2 pwritev2 getsockopt setsockopt
"""
"""What bubblewrap's own pid 1, the loader and the boot code need besides."""

_CLONE_THREAD = 0x10000
_CLONE_NEW = 0x7E020080
"""CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_IOCTLS = {
    "TCGETS": 0x5401,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
}
_PRCTLS = {"PR_SET_NAME": 15, "PR_GET_NAME": 16, "PR_SET_VMA": 0x53564D41}
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032)
"""F_DUPFD, F_GETFD … F_SETFL, locks of both kinds, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ.

Not F_SETLEASE: opening a leased file waits, in other sandboxes as well. Not F_NOTIFY: it tells when
the host or another sandbox reads a folder.
"""
_SOL_SOCKET = 1
_SOCKET_OPTIONS = {"getsockopt": (3, 4, 7, 8, 30, 38, 39), "setsockopt": (7, 8)}
"""SO_TYPE, SO_ERROR, SO_SNDBUF, SO_RCVBUF, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN.

Not SO_PEERPIDFD, which gives a descriptor of the host's process, nor SO_ATTACH_FILTER, which has
the kernel compile a program.
"""
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE_MASK = 1, 1, 0xF


def build(stage: int, machine: str) -> bytes:
    """The filter of a stage for a machine, as the array of instructions the kernel takes."""
    import tempfile

    import pyseccomp as sc  # type: ignore[import-untyped,import-not-found,unused-ignore]

    made = sc.SyscallFilter(sc.ERRNO(errno.EPERM))
    made.set_attr(sc.Attr.ACT_BADARCH, sc.KILL_PROCESS)
    wanted = {"x86_64": sc.Arch.X86_64, "aarch64": sc.Arch.AARCH64}[machine]
    if wanted != sc.system_arch():
        made.add_arch(wanted)
        made.remove_arch(sc.system_arch())
    for name in STAGE_2.split() + (STAGE_1_ONLY.split() if stage == 1 else []):
        made.add_rule(sc.ALLOW, name)
    _forms(made, sc, stage)
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def _forms(made: Any, sc: Any, stage: int) -> None:
    whole = 0xFFFFFFFF
    thread = 0 if stage == 1 else _CLONE_THREAD
    made.add_rule(sc.ALLOW, "clone", sc.Arg(0, sc.MASKED_EQ, _CLONE_NEW | thread, thread))
    # Its flags are in memory, where no filter can look; the C library falls back to clone.
    made.add_rule(sc.ERRNO(errno.ENOSYS), "clone3")
    for number in _IOCTLS.values():
        made.add_rule(sc.ALLOW, "ioctl", sc.Arg(1, sc.MASKED_EQ, whole, number))
    if stage == 1:
        return
    for number in _PRCTLS.values():
        made.add_rule(sc.ALLOW, "prctl", sc.Arg(0, sc.MASKED_EQ, whole, number))
    # Limits may be read, never set.
    made.add_rule(sc.ALLOW, "prlimit64", sc.Arg(2, sc.EQ, 0))
    for number in _FCNTLS:
        made.add_rule(sc.ALLOW, "fcntl", sc.Arg(1, sc.MASKED_EQ, whole, number))
    # With RWF_NOWAIT, a read would tell what the host has read before, as mincore does.
    for name in ("preadv2", "pwritev2"):
        made.add_rule(sc.ALLOW, name, sc.Arg(5, sc.MASKED_EQ, whole, 0))
    for name, options in _SOCKET_OPTIONS.items():
        for number in options:
            made.add_rule(
                sc.ALLOW,
                name,
                sc.Arg(1, sc.MASKED_EQ, whole, _SOL_SOCKET),
                sc.Arg(2, sc.MASKED_EQ, whole, number),
            )
    # asyncio wakes itself through one. A datagram end could send to other sockets by name.
    made.add_rule(
        sc.ALLOW,
        "socketpair",
        sc.Arg(0, sc.MASKED_EQ, whole, _AF_UNIX),
        sc.Arg(1, sc.MASKED_EQ, _SOCK_TYPE_MASK, _SOCK_STREAM),
    )


def main() -> None:
    """Write all filters beside this file."""
    from . import MACHINES, STAGES, filter_path

    for machine in MACHINES:
        for stage in STAGES:
            path: Path = filter_path(stage, machine)  # type: ignore[arg-type]
            path.write_bytes(build(stage, machine))


if __name__ == "__main__":
    main()
