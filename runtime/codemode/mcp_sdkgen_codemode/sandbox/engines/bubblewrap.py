"""The default engine on Linux: bubblewrap, two seccomp filters, rlimits, and cgroups if we may."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import stat
import subprocess
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from ...host_only import HostOnly
from .. import processes, rootfs, seccomp
from ..cgroup import Cgroup
from ..diagnosis import INSTALL, refusal
from ..rootfs import Tree
from .engine import SandboxError, SandboxSpec

SANDBOX_UID = 65533
"""Whom sandboxes run as when root starts them: of the last ids before `nobody`, which systemd's
UIDS-GIDS.md leaves unused, so no file, no service and no other process has it."""

_OLDEST = (0, 5)
"""The first version with `--perms` and `--size`."""
_KNOWS_DISABLE_USERNS = (0, 8)
_DEVICES = ("null", "zero", "urandom")
STDIO = "stdio"
_START = "import sys; sys.path.insert(0, '/guest'); from mcp_sdkgen_guest.boot import main; main()"


class Bubblewrap:
    """Sandboxes made of namespaces by `bwrap`, which needs no privilege."""

    name = "bubblewrap"
    isolation_level = 2

    def __init__(
        self, *, uid: int = SANDBOX_UID, cache: Path | None = None, program: str | None = None
    ) -> None:
        """`uid` is whom sandboxes run as when root starts them. `cache` is where the private copies
        of Python are kept, and `program` the bwrap to use instead of that on the PATH.
        """
        self._uid = uid
        self.cache = cache
        self._program = program
        self._trees: dict[SandboxSpec, tuple[object, Tree]] = {}

    @cached_property
    def program(self) -> str:
        """The path of bwrap. Raises `SandboxError` when there is none that may be used."""
        found = self._program or shutil.which("bwrap")
        if found is None or not Path(found).is_file():
            raise SandboxError("bubblewrap (bwrap) is not installed", INSTALL)
        privileged = Path(found).stat().st_mode & (stat.S_ISUID | stat.S_ISGID)
        with suppress(OSError):
            privileged = privileged or bool(os.getxattr(found, "security.capability"))
        if privileged:
            raise SandboxError(
                "bwrap is set-uid, which would let a program in a sandbox attack root",
                "Let it run as a plain program: chmod u-s its file (needs user namespaces; on "
                "Debian 10 and older: sysctl -w kernel.unprivileged_userns_clone=1)",
                HostOnly(str(found)),
            )
        return found

    @cached_property
    def version(self) -> tuple[int, ...]:
        """The version of bwrap. Raises `SandboxError` when it is too old."""
        answer = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        found = tuple(map(int, re.findall(r"\d+", answer.stdout)[:3]))
        if found < _OLDEST:
            raise SandboxError(
                f"bwrap is version {'.'.join(map(str, found)) or 'unknown'}, which is too old",
                "Install bubblewrap 0.5 or newer.",
                HostOnly(self.program),
            )
        return found

    async def tree(self, spec: SandboxSpec) -> Tree:
        """The private copy for a spec, built if need be. Raises `SandboxError`."""
        mark = rootfs.fingerprint(spec)
        known = self._trees.get(spec)
        if known is None or known[0] != mark:
            made = await rootfs.prepare(spec, self.cache)
            known = self._trees[spec] = (mark, made)
        return known[1]

    async def start(self, spec: SandboxSpec) -> BubblewrapSandbox:
        """Start a sandbox. Raises `SandboxError`."""
        tree = await self.tree(spec)
        return await processes.in_spawner(lambda: self._spawn(spec, tree), _discard)

    def arguments(self, spec: SandboxSpec, tree: Tree) -> list[str]:
        """Everything that is asked of bwrap but the descriptors."""
        words = [
            "--unshare-user", "--unshare-all", "--uid", "65534", "--gid", "65534",
            "--hostname", "sandbox", "--clearenv", "--new-session", "--die-with-parent",
            "--cap-drop", "ALL",
        ]  # fmt: skip
        if self.version >= _KNOWS_DISABLE_USERNS:
            words.append("--disable-userns")
        for folder, place in tree.mounts():
            words += ["--ro-bind", str(folder), place]
        words += ["--dir", "/dev"]
        for device in _DEVICES:
            words += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
        words += ["--perms", "1777", "--size", str(spec.limits.tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108
        words += ["--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108
        for name, value in environment(spec).items():
            words += ["--setenv", name, value]
        return words

    def filter_path(self) -> Path:
        """The system call filter that bwrap loads."""
        return seccomp.filter_path(1)

    def _spawn(self, spec: SandboxSpec, tree: Tree) -> BubblewrapSandbox:
        words = self.arguments(spec, tree)
        try:
            filter_fd = os.open(self.filter_path(), os.O_RDONLY)
        except OSError as error:
            raise SandboxError(
                f"there is no system call filter for this machine ({seccomp.machine()})",
                f"Sandboxes run on {' and '.join(seccomp.MACHINES)}.",
            ) from error
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        info, info_end = os.pipe()
        block_end, block = os.pipe()
        tmp, tmp_end = socket.socketpair()
        passed = [theirs.fileno(), tmp_end.fileno(), filter_fd, info_end, block_end]
        words += ["--seccomp", str(filter_fd), "--info-fd", str(info_end)]
        words += ["--block-fd", str(block_end), "--"]
        words += command(theirs.fileno(), spec, tmp_end.fileno())
        try:
            process = subprocess.Popen(
                [self.program, *words],
                stdin=subprocess.DEVNULL, stdout=out_end, stderr=err_end, pass_fds=passed,
                env={}, cwd="/", start_new_session=True, **self._identity(),
            )  # fmt: skip
        except OSError as error:
            for fd in (out, err, info, block):
                os.close(fd)
            ours.close()
            tmp.close()
            raise SandboxError(
                f"bwrap cannot be started: {error.strerror}", "", HostOnly.of(error)
            ) from error
        finally:
            theirs.close()
            tmp_end.close()
            for fd in (filter_fd, out_end, err_end, info_end, block_end):
                os.close(fd)
        return _entered(process, ours, tmp, out, err, info, block, spec)

    def _identity(self) -> dict[str, Any]:
        """Whom bwrap runs as. `--uid` alone leaves root's sandbox the real uid 0 outside."""
        if os.geteuid() != 0 or not _is_mapped(self._uid):
            return {}
        return {"user": self._uid, "group": self._uid, "extra_groups": []}


def command(channel: int | str, spec: SandboxSpec, tmp: int | None = None) -> list[str]:
    """What runs in a sandbox: our boot code, with the number of the channel's descriptor or
    `STDIO`.

    `tmp` is the descriptor of a socket through which it gives the host its writable folder.
    """
    python = [rootfs.PYTHON, "-I", "-S", "-B", "-u", "-X", "utf8", "-c", _START]
    where = str(channel) if tmp is None else f"{channel},{tmp}"
    return [*python, where, *spec.preimport]


def environment(spec: SandboxSpec) -> dict[str, str]:
    """The variables of a sandbox; the boot code takes away those that only the loader needs."""
    found = {
        "LANG": "C.UTF-8",
        "HOME": "/tmp",  # noqa: S108
        "PATH": "/nonexistent",
        "LD_LIBRARY_PATH": f"{rootfs.LIBRARIES}:{rootfs.PACKAGES}/libs",
        # Each arena of glibc's allocator reserves 64 MB of the address space that is limited.
        "MALLOC_ARENA_MAX": "2",
    }
    if spec.packages:
        # Numeric libraries start a thread for each processor; threads are limited.
        found["OMP_NUM_THREADS"] = "1"
    return found


async def _discard(sandbox: BubblewrapSandbox) -> None:
    sandbox.close()
    await sandbox.wait()


def _is_mapped(uid: int) -> bool:
    """Whether a uid exists in our user namespace; in a rootless container few do."""
    with suppress(OSError):
        for line in Path("/proc/self/uid_map").read_text().splitlines():
            first, _, count = map(int, line.split())
            if first <= uid < first + count:
                return True
        return False
    return True


def _entered(
    process: subprocess.Popen[bytes],
    channel: socket.socket,
    tmp: socket.socket,
    out: int,
    err: int,
    info: int,
    block: int,
    spec: SandboxSpec,
) -> BubblewrapSandbox:
    """The sandbox, when its first process is there and held; then that is let go."""
    cgroup = None
    try:
        pid = _first_pid(info)
        first = _pidfd(pid, process.pid)
        if pid is None or first is None:
            process.kill()
            process.wait()
            raise SandboxError(*refusal(_complaint(err)))
        with suppress(OSError):
            # Where the machine's memory ends, sandboxes end first, and not their host.
            Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
        cgroup = Cgroup.made(spec.limits)
        if cgroup is not None:
            cgroup.add(pid)
        for end in (out, err):
            os.set_blocking(end, False)
        channel.setblocking(False)
        tmp.setblocking(False)
        return BubblewrapSandbox(process, first, channel, tmp, out, err, cgroup)
    except BaseException:
        channel.close()
        tmp.close()
        os.close(out)
        os.close(err)
        if cgroup is not None:
            cgroup.remove()
        raise
    finally:
        os.close(info)
        os.close(block)  # the first process was waiting for this


def _first_pid(info: int) -> int | None:
    """The number, outside, of the sandbox's first process; None when bwrap ended without one."""
    said = b""
    while not said.rstrip().endswith(b"}") and (more := os.read(info, 4096)):
        said += more
    with suppress(ValueError, KeyError):
        return int(json.loads(said)["child-pid"])
    return None


def _pidfd(pid: int | None, parent: int) -> int | None:
    """A descriptor of the first process; None when it has ended already."""
    if pid is None:
        return None
    try:
        found = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    with suppress(OSError, IndexError):
        # It is held unless it failed; then its number may be another's by now.
        stat_fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if int(stat_fields[1]) == parent:
            return found
    os.close(found)
    return None


def _complaint(err: int) -> str:
    os.set_blocking(err, False)
    with suppress(BlockingIOError):
        return os.read(err, 4096).decode(errors="replace").strip()
    return ""


class BubblewrapSandbox:
    """One sandbox: bwrap itself outside, and the first process of the namespaces that it made."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        first: int,
        channel: socket.socket,
        tmp: socket.socket,
        out: int,
        err: int,
        cgroup: Cgroup | None,
    ) -> None:
        self.channel = channel
        self._tmp_from = tmp
        self._tmp: int | None = None
        self.stdout: int | None = out
        self.stderr: int | None = err
        self._process = process
        self._first = first
        self._outer = os.pidfd_open(process.pid)
        self._cgroup = cgroup
        self._ending: str | None = None
        self._waiting = asyncio.Lock()

    @property
    def pid(self) -> int:
        """The process id of bwrap."""
        return self._process.pid

    def files(self) -> int:
        """How many files and folders are in the sandbox's writable folder; 0 before it is ready."""
        # Its size is limited, but of a file without content only the kernel's memory is used.
        if self._tmp is None:
            with suppress(OSError):
                self._tmp = next(iter(socket.recv_fds(self._tmp_from, 1, 1)[1]), None)
        if self._tmp is None:
            return 0
        found = os.fstatvfs(self._tmp)
        return found.f_files - found.f_ffree

    def kill(self) -> None:
        """End the whole sandbox at once: its first process takes all others with it."""
        # Not bwrap: killed, it would leave the first process to whoever reaps orphans, if anyone
        # does. It ends by itself when the first process has.
        if self._ending is None:
            processes.kill(self._first)

    async def wait(self) -> str:
        """Wait until nothing of the sandbox is left, and say how it ended."""
        async with self._waiting:
            if self._ending is None:
                await processes.gone(self._first)
                await processes.gone(self._outer)
                ending = processes.ending(self._process)
                if self._cgroup is not None:
                    if self._cgroup.ran_out_of_memory():
                        ending = "oom"
                    self._cgroup.remove()
                self._ending = ending
                os.close(self._first)
                os.close(self._outer)
            return self._ending

    def close(self) -> None:
        """Kill the sandbox if it lives, and close the channel and the read ends."""
        self.kill()
        self.channel.close()
        self._tmp_from.close()
        for fd in (self.stdout, self.stderr, self._tmp):
            if fd is not None:
                os.close(fd)
        self.stdout = self.stderr = self._tmp = None
