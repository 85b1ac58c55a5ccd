"""The self-test of an engine: a sandbox that tries what a sandbox must not be able to do."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import Any

from ..limits import Limits
from .diagnosis import container_refusal, refusal
from .engines.container import ContainerSandbox
from .engines.engine import Engine, Sandbox, SandboxError, SandboxSpec

SPEC = SandboxSpec(limits=Limits(memory_bytes=512 << 20, tmp_bytes=8 << 20, threads=16, cpu_s=20))
_BARE = "HIDDEN, ALLOWED_DESCRIPTORS = ('/etc/passwd', '/proc/self', '/sys/kernel'), 1\n"
_CONTAINER = "HIDDEN, ALLOWED_DESCRIPTORS = (), 2\n"
"""A container has a /proc, a /sys and an /etc of its own, and two pipes for a channel."""
_READY_S, _ANSWER_S, _GONE_S = 60.0, 30.0, 10.0

_ATTEMPTS = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
found = []

def denied(name, attempt):
    try:
        attempt()
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.EACCES):
            found.append(f"{name} failed with {error}, and should be denied")
    else:
        found.append(f"{name} is possible")

def call(function, *arguments):
    def attempt():
        if function(*arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")
    return attempt

denied("opening a socket", lambda: socket.socket(socket.AF_INET))
denied("opening a local socket", lambda: socket.socket(socket.AF_UNIX))
denied("forking", lambda: os.fork() or os._exit(0))
denied("running a program", lambda: os.execv("/nonexistent", ["x"]))
denied("making a user namespace", call(libc.unshare, 0x10000000))
denied("setting a system call filter", call(libc.prctl, 22, 0, 0, 0, 0))
denied("making memory files", lambda: os.memfd_create("x"))

header = (ctypes.c_uint32 * 2)(0x20080522, 0)
caps = (ctypes.c_uint32 * 6)()
if libc.capget(header, caps) or any(caps):
    found.append("capabilities are left")
for path in ("/root", "/home", "/var/tmp", "/usr/bin", "/boot", "/opt", *HIDDEN):
    if os.path.exists(path):
        found.append(f"{path} can be seen")
for path in ("/x", "/runtime/x", "/site/x", "/guest/x", "/usr/x", "/dev/x"):
    with_mode = os.O_CREAT | os.O_WRONLY
    try:
        os.close(os.open(path, with_mode))
        found.append(f"{path} can be written")
    except OSError:
        pass
if os.getuid() == 0:
    found.append("programs run as root")
inherited = []
for number in range(3, 1024):
    try:
        os.fstat(number)
        inherited.append(number)
    except OSError:
        pass
if len(inherited) > ALLOWED_DESCRIPTORS:
    found.append(f"descriptors {inherited} are open, and only the channel should be")
try:
    bytearray(2 << 30)
    found.append("memory is not limited")
except MemoryError:
    pass
found
"""


async def examine(engine: Engine) -> list[str]:
    """What a sandbox of the engine fails to promise; nothing, if it is a good one.

    Raises `SandboxError` when there is no sandbox at all.
    """
    sandbox = await engine.start(SPEC)
    try:
        return await _examined(sandbox, engine.name)
    finally:
        sandbox.close()
        await sandbox.wait()


async def _examined(sandbox: Sandbox, engine_name: str) -> list[str]:
    talk, contained = ProbeClient(sandbox), isinstance(sandbox, ContainerSandbox)
    try:
        await asyncio.wait_for(talk.until("sandbox/ready"), _READY_S)
    except (EOFError, TimeoutError) as error:
        sandbox.kill()
        ending = await sandbox.wait()
        said = complaint(sandbox) or f"the probe never became ready; its end: {ending}"
        reason_and_fix = container_refusal(engine_name, said) if contained else refusal(said)
        raise SandboxError(*reason_and_fix) from error
    try:
        await talk.run((_CONTAINER if contained else _BARE) + _ATTEMPTS, keep=True)
        answer = await asyncio.wait_for(talk.until("sandbox/result"), _ANSWER_S)
    except (EOFError, TimeoutError) as error:
        raise SandboxError(f"the probe gave no answer ({type(error).__name__})") from error
    found = answer["params"].get("value")
    if not isinstance(found, list):
        return [f"the probe failed: {answer['params'].get('error')}"]
    await talk.run("while True: pass", keep=False)
    sandbox.kill()
    try:
        await asyncio.wait_for(sandbox.wait(), _GONE_S)
    except TimeoutError:
        return [*map(str, found), "a sandbox did not end when it was killed"]
    return list(map(str, found))


class ProbeClient:
    """The least that is needed to run our own programs in a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._channel = sandbox.channel
        self._buffer = b""

    async def run(self, program: str, *, keep: bool) -> None:
        """Send a program."""
        params = {
            "program": program,
            "token": "probe",
            "limits": SPEC.limits.as_json(),
            "filename": "<program>",
            "keep": keep,
        }
        frame = {"jsonrpc": "2.0", "method": "sandbox/run", "params": params}
        line = json.dumps(frame).encode() + b"\n"
        await asyncio.get_running_loop().sock_sendall(self._channel, line)

    async def until(self, method: str) -> dict[str, Any]:
        """The next frame of a method. Raises `EOFError` when the sandbox ends before."""
        loop = asyncio.get_running_loop()
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if end:
                self._buffer = rest
                frame: dict[str, Any] = json.loads(line)
                if frame.get("method") == method:
                    return frame
                continue
            try:
                data = await loop.sock_recv(self._channel, 1 << 16)
            except OSError:
                data = b""
            if not data:
                raise EOFError(method)
            self._buffer += data


def complaint(sandbox: Sandbox) -> str:
    """What a sandbox that failed has printed on stderr, or its client."""
    if isinstance(sandbox, ContainerSandbox):
        return sandbox.complaint()
    if sandbox.stderr is not None:
        with suppress(OSError):
            return os.read(sandbox.stderr, 4096).decode(errors="replace").strip()
    return ""
