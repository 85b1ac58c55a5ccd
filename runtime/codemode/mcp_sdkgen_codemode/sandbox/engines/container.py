"""Sandboxes made by Podman or Docker, for machines without bubblewrap or user namespaces.

The same private copy of Python is the container's file system, so no image is fetched. The channel
is the client's stdin and stdout; what a program prints comes through the channel too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path

from ...host_only import HostOnly
from .. import processes, rootfs
from ..diagnosis import container_refusal, no_engine
from ..rootfs import Tree
from .bubblewrap import SANDBOX_UID, STDIO, command, environment
from .engine import SandboxError, SandboxSpec

_IMAGE = "localhost/mcp-sdkgen-sandbox"
_OVERHEAD_BYTES = 64 << 20
_OVERHEAD_TASKS = 8
_LONGEST_S = 24 * 3600
"""A sandbox whose host was killed ends by itself at last, where the client can see to it."""


class Container:
    """Sandboxes made by a container engine's client: `podman`, or `docker`, also with gVisor."""

    def __init__(
        self, client: str = "podman", *, runtime: str | None = None, cache: Path | None = None
    ) -> None:
        """`runtime` is the OCI runtime; `runsc` is gVisor, which isolates better."""
        self.client = client
        self.runtime = runtime
        self.cache = cache
        self.name = "gvisor" if runtime == "runsc" else client
        self.isolation_level = 3 if runtime == "runsc" else 2
        self._imported: set[str] = set()

    @property
    def program(self) -> str:
        """The client's path. Raises `SandboxError` when it is not installed."""
        found = shutil.which(self.client)
        if found is None:
            raise SandboxError(*no_engine(self.name, self.client))
        return found

    async def tree(self, spec: SandboxSpec) -> Tree:
        """The private copy for a spec, built if need be. Raises `SandboxError`."""
        return await rootfs.prepare(spec, self.cache)

    async def start(self, spec: SandboxSpec) -> ContainerSandbox:
        """Start a sandbox. Raises `SandboxError`."""
        tree = await self.tree(spec)
        if self.client != "podman":
            await asyncio.to_thread(self._import, tree)
        return await processes.in_spawner(lambda: self._spawn(spec, tree), _discard)

    def arguments(self, spec: SandboxSpec, tree: Tree, name: str) -> list[str]:
        """The whole command line of the client."""
        limits = spec.limits
        memory = limits.memory_bytes + limits.tmp_bytes + _OVERHEAD_BYTES
        words = [
            self.program, "run", "--rm", "--interactive", "--name", name, "--hostname", "sandbox",
            "--network", "none", "--read-only", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges", "--user", f"{SANDBOX_UID}:{SANDBOX_UID}",
            "--pids-limit", str(limits.threads + _OVERHEAD_TASKS),
            "--memory", str(memory), "--memory-swap", str(memory), "--cpus", "1",
            "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096", "--ulimit", "core=0:0",
            "--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.tmp_bytes},mode=1777",  # noqa: S108
            "--workdir", "/tmp", "--log-driver", "none", "--pull", "never",  # noqa: S108
        ]  # fmt: skip
        if (runtime := self._runtime()) is not None:
            words += ["--runtime", runtime]
        for variable, value in environment(spec).items():
            words += ["--env", f"{variable}={value}"]
        for folder, place in ((tree.sdks, "/sdks"), (tree.packages, "/packages")):
            if folder is not None:
                words += ["--volume", f"{folder}:{place}:ro"]
        if self.client == "podman":
            words += ["--timeout", str(_LONGEST_S), "--no-hosts", "--read-only-tmpfs=false"]
            words += ["--rootfs", f"{tree.base}:O"]
        else:
            words.append(f"{_IMAGE}:{tree.base.name}")
        return [*words, *command(STDIO, spec)]

    def _runtime(self) -> str | None:
        if self.runtime is not None or self.client != "podman":
            return self.runtime
        # Podman's usual crun refuses to work where control groups are not all of version 2.
        unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        return "runc" if not unified and shutil.which("runc") else None

    def _import(self, tree: Tree) -> None:
        """Give the base to Docker as an image; nothing is fetched."""
        image = f"{_IMAGE}:{tree.base.name}"
        if image in self._imported:
            return
        words = [self.program, "image", "inspect", image]
        if subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).returncode != 0:
            pack = ["tar", "-C", str(tree.base), "--owner=0", "--group=0", "-c", "."]
            with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
                made = subprocess.run(
                    [self.program, "import", "-", image], stdin=packed.stdout, capture_output=True
                )
                packed.kill()  # it waits for a reader, if there was none to the end
            if made.returncode != 0:
                complaint = made.stderr.decode(errors="replace")
                raise SandboxError(*container_refusal(self.client, complaint))
        self._imported.add(image)

    def _spawn(self, spec: SandboxSpec, tree: Tree) -> ContainerSandbox:
        name = f"mcp-sdkgen-{uuid.uuid4().hex}"
        words = self.arguments(spec, tree, name)
        ours, theirs = socket.socketpair()
        err, err_end = os.pipe()
        try:
            process = subprocess.Popen(
                words,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=err_end,
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            ours.close()
            os.close(err)
            raise SandboxError(
                f"{self.client} cannot be started: {error.strerror}", "", HostOnly.of(error)
            ) from error
        finally:
            theirs.close()
            os.close(err_end)
        ours.setblocking(False)
        os.set_blocking(err, False)
        return ContainerSandbox(self.program, name, process, ours, err)


async def _discard(sandbox: ContainerSandbox) -> None:
    sandbox.close()
    await sandbox.wait()


class ContainerSandbox:
    """One sandbox: a container, and the client that stands between it and us."""

    stdout: int | None = None
    stderr: int | None = None

    def __init__(
        self,
        program: str,
        name: str,
        process: subprocess.Popen[bytes],
        channel: socket.socket,
        err: int,
    ) -> None:
        self.channel = channel
        self.name = name
        self._program = program
        self._process = process
        self._outer = os.pidfd_open(process.pid)
        self._err = err
        self._ending: str | None = None
        self._killed = False
        self._killer: subprocess.Popen[bytes] | None = None
        self._waiting = asyncio.Lock()

    def files(self) -> int:
        """0: the container's memory is limited, and all that the kernel keeps counts."""
        return 0

    def kill(self) -> None:
        """End the container at once; `wait` makes sure of it."""
        if self._ending is None and not self._killed:
            self._killed = True
            with suppress(OSError):
                self._killer = self._remove()

    def _remove(self) -> subprocess.Popen[bytes]:
        at_once = ["--time", "0"] if Path(self._program).name == "podman" else []
        return subprocess.Popen(
            [self._program, "rm", "--force", *at_once, self.name],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    async def wait(self) -> str:
        """Wait until the container and its client are gone, and say how it ended."""
        async with self._waiting:
            if self._ending is None:
                while True:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(1 if self._killed else None):
                            await processes.gone(self._outer)
                        break
                    # Killed before it was there: the client must not make it after all.
                    processes.kill(self._outer)
                await asyncio.to_thread(self._settle)
                killed = self._killed and self._process.returncode != 0
                ending = processes.ending(self._process)
                self._ending = "signal SIGKILL" if killed else ending
                os.close(self._outer)
            return self._ending

    def _settle(self) -> None:
        if self._killer is not None:
            self._killer.wait()
        self._process.wait()
        if self._killed:
            self._remove().wait()

    def complaint(self) -> str:
        """What the client has printed."""
        with suppress(OSError):
            return os.read(self._err, 4096).decode(errors="replace").strip()
        return ""

    def close(self) -> None:
        """Kill the sandbox if it lives, and close the channel."""
        self.kill()
        self.channel.close()
        if self._err >= 0:
            os.close(self._err)
            self._err = -1
