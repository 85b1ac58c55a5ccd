"""Runs one program in a sandbox, behind the real broker with two small tools."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode.broker.broker import Broker, OutOfTime, Run
from mcp_sdkgen_codemode.broker.channel import ChannelClosed, HostChannel
from mcp_sdkgen_codemode.broker.framing import Violation
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_codemode.sandbox import Engine, Sandbox, SandboxSpec
from mcp_sdkgen_runtime.content.answer import read_answer
from mcp_sdkgen_runtime.content.results import RawResult

ROOT = Path(__file__).parents[3]
ATTACKS = ROOT / "tests" / "attacks"

LIMITS = Limits(
    time_s=8,
    cpu_s=2,
    memory_bytes=512 << 20,
    tmp_bytes=16 << 20,
    file_bytes=8 << 20,
    threads=32,
    open_files=64,
    output_bytes=64 << 10,
    calls=200,
)


class Calculator:
    """A session with an `add` that adds, an `echo`, and a tool nobody may call.

    What `echo` is given as `answer` is its answer as it came from a server.
    """

    DEFINITIONS: Mapping[str, Mapping[str, Any]] = {
        "add": {
            "name": "add",
            "inputSchema": {
                "type": "object",
                "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                "required": ["a", "b"],
            },
        },
        "echo": {"name": "echo", "inputSchema": {"type": "object"}},
        "delete_everything": {"name": "delete_everything", "inputSchema": {"type": "object"}},
    }

    async def call(self, tool: str, arguments: dict[str, Any], *, options: Any = None) -> RawResult:
        if tool == "delete_everything":
            raise AssertionError("the policy let it through")
        if "answer" in arguments:
            return read_answer(arguments["answer"])
        value = arguments["a"] + arguments["b"] if tool == "add" else arguments
        return RawResult([], {"result": value}, False)


POLICY = Policy.of(allow=["calc/add", "calc/echo"], deny=["calc/delete_everything"])


@dataclass
class Ran:
    """What became of a program, in the words of the attacks' check lines."""

    status: str
    value: Any = None
    error: str | None = None
    stdout: str = ""
    stderr: str = ""
    trunc: dict[int, bool] = field(default_factory=dict)
    killed: str | None = None
    calls: list[str] = field(default_factory=list)
    ending: str = ""
    line: int | None = None
    traceback: str = ""
    artifacts: dict[str, bytes] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def spec(**given: Any) -> SandboxSpec:
    """A spec with the attacks' small SDK."""
    given.setdefault("limits", LIMITS)
    return SandboxSpec(sdks=(ATTACKS / "sdk", *given.pop("sdks", ())), **given)


def run(engine: Engine, program: str, sandbox_spec: SandboxSpec | None = None) -> Ran:
    """Run a program in a sandbox of its own, to its end and the sandbox's."""
    return asyncio.run(run_in(engine, program, sandbox_spec or spec()))


async def run_in(engine: Engine, program: str, sandbox_spec: SandboxSpec) -> Ran:
    """Run a program in a sandbox of its own, to its end and the sandbox's."""
    sandbox = await engine.start(sandbox_spec)
    reading = [
        asyncio.create_task(_read(fd, sandbox, sandbox_spec.limits.output_bytes))
        for fd in (sandbox.stdout, sandbox.stderr)
        if fd is not None
    ]
    through_channel: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    try:
        ran = await _served(sandbox, program, sandbox_spec.limits, through_channel)
    finally:
        sandbox.kill()
        ending = await sandbox.wait()
    outputs = [await task for task in reading]
    sandbox.close()
    ran.ending = ending
    if ran.status == "died":
        ran.status = f"died {ending}"
    if outputs:
        (out, out_cut), (err, err_cut) = outputs
    else:
        (out, err), out_cut, err_cut = map(bytes, through_channel.values()), False, False
    if out_cut or err_cut:
        ran.killed = ran.killed or "killed: output"
    ran.stdout, ran.stderr = _printable(out), _printable(err)
    ran.trunc = {1: out_cut, 2: err_cut}
    return ran


async def _served(
    sandbox: Sandbox, program: str, limits: Limits, through_channel: dict[str, bytearray]
) -> Ran:
    channel = await HostChannel.of(sandbox.channel, limits)
    served = Run(
        Broker({"calc": Service.of("calc", Calculator(), Calculator.DEFINITIONS)}),
        limits=limits,
        policy=POLICY,
        on_output=lambda stream, data: through_channel[stream].extend(data),
    )
    try:
        await channel.ready()
        result = await served.serve(channel, program)
    except Violation as broken:
        ran = Ran(f"killed: {broken}", killed=str(broken))
    except OutOfTime:
        ran = Ran("killed: wall time", killed="wall time")
    except ChannelClosed:
        # It is ending, or has only closed its end; killed at once, it could not say how it ended.
        with suppress(TimeoutError):
            await asyncio.wait_for(sandbox.wait(), 1)
        ran = Ran("died")
    else:
        ran = Ran("ok" if result.status == "finished" else "error", result.value)
        if result.error is not None:
            ran.error = f"{result.error.type}: {result.error.message}"
            ran.line, ran.traceback = result.error.line, result.error.traceback
        ran.artifacts = {one.name: one.data for one in result.artifacts}
    finally:
        channel.close()
    ran.calls = [call.tool for call in served.calls]
    return ran


async def _read(fd: int, sandbox: Sandbox, keep: int) -> tuple[bytes, bool]:
    """Output to its end, or until far too much of it has come."""
    loop, kept, total = asyncio.get_running_loop(), bytearray(), 0
    while True:
        ready = asyncio.Event()
        loop.add_reader(fd, ready.set)
        await ready.wait()
        loop.remove_reader(fd)
        data = os.read(fd, 1 << 16)
        if not data:
            return bytes(kept), total > keep
        total += len(data)
        kept += data[: max(0, keep - len(kept))]
        if total > 16 * keep:
            sandbox.kill()


def _printable(data: bytes) -> str:
    from mcp_sdkgen_runtime.text import printable

    return printable(data.decode(errors="replace"))


def with_tools(program: str) -> str:
    """An attack as a program: with `tools`, and with `result` as its value."""
    return f"from sdk import tools; __file__ = 'x'\n{program}\nglobals().get('result')"
