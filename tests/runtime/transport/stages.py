"""Everything servers made with several libraries, reached over every transport there is.

A new transport is a row of `PLACES`, what it offers in `OFFERS`, and a function in `OPENERS` that
gives its `Stage`; all scenarios that it offers enough for then run over it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_runtime import Elicitation, LogMessage, Sampling, SessionOptions, cassette

from tests.codemode.broker.guests import through_broker
from tests.runtime.direct import directly
from tests.runtime.peers import PeerMissing, everything_script, python_with_mcp1

HERE = Path(__file__).parents[1]
SERVER = HERE / "servers" / "everything_server.py"
sys.path[:0] = [str(HERE.parents[1] / "generated" / "everything"), str(HERE / "servers")]

from everything_sdk import Everything  # noqa: E402

ROOT_URI = "file:///music"

# The server is the process that the runtime starts: its number is noted, then it takes over.
NOTED = (
    "import os, sys; file = open(sys.argv[1], 'a'); print(os.getpid(), file=file); file.close(); "
    "os.execvp(sys.argv[2], sys.argv[2:])"
)


@dataclass(frozen=True)
class Place:
    """A server made with one library, reached over one transport."""

    maker: str
    transport: str
    open: Callable[[Place, Path], AbstractContextManager[Stage]] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.maker}-{self.transport}"


OFFERS = {
    "memory": {"live", "resources", "server"},
    "stdio": {"live", "resources", "server", "process"},
    "http": {"live", "resources", "server", "process"},
    "sse": {"live", "resources", "server", "process"},
    "stdio-direct": {"live", "process"},
    "http-direct": {"live", "process"},
    "cassette": {"resources"},
    "broker": {"live"},
}
"""`live`: calls take their time and can be left; `resources`: there are such, and prompts;
`server`: somebody is there who can ask back and be left; `process`: and can die."""


@dataclass
class Stage:
    """A place where scenarios are played: how to reach the server, and what came from it."""

    binding: Any
    cancelled: Path | None = None
    kill: Callable[[], None] = lambda: None
    """End the server at once. One that the runtime did not start is started again."""
    pids: Callable[[], list[int]] = list
    """Servers that the runtime has started, so far."""
    tapes: Path | None = None
    heard: list[LogMessage] = field(default_factory=list)
    log_came: threading.Event = field(default_factory=threading.Event)

    def client(self, binding: Any = None, **further: Any) -> Everything:
        """A client that answers whatever a server asks."""
        options = SessionOptions(
            on_elicit=answer, on_sample=complete, roots=[ROOT_URI],
            on_log=self._hear, log_level="debug", **further,
        )  # fmt: skip
        return Everything(self.binding if binding is None else binding, options=options)

    def performances(self, scenario: str) -> Iterator[Everything]:
        """The clients that a scenario is played with, one after the other."""
        if self.tapes is None:
            yield self._lasting
            return
        tape = self.tapes / f"{scenario}.ndjson"
        with self.client(cassette(tape, mode="record", binding=self.binding)) as recorded:
            yield recorded
        with self.client(cassette(tape, mode="replay")) as replayed:
            yield replayed

    def __post_init__(self) -> None:
        self._lasting = self.client()

    def close(self) -> None:
        """Close the client that lasted for all scenarios."""
        self._lasting.close()

    def _hear(self, message: LogMessage) -> None:
        self.heard.append(message)
        self.log_came.set()


def answer(question: Elicitation) -> dict[str, Any]:
    return {"name": "Ada"}


def complete(asked: Sampling) -> str:
    return f"at most {asked.max_tokens} tokens"


@contextmanager
def opened(place: Place, folder: Path) -> Iterator[Stage]:
    """A stage at a place. Skips the test where its server cannot be installed."""
    with place.open(place, folder) as stage:
        try:
            yield stage
        finally:
            stage.close()


@contextmanager
def _memory(place: Place, folder: Path) -> Iterator[Stage]:
    from everything_on_mcp2 import make_server

    cancelled = folder / "cancelled"
    yield Stage(make_server(cancelled), cancelled)


@contextmanager
def _cassette(place: Place, folder: Path) -> Iterator[Stage]:
    from everything_on_mcp2 import make_server

    yield Stage(make_server(), tapes=folder)


@contextmanager
def _broker(place: Place, folder: Path) -> Iterator[Stage]:
    from everything_on_mcp2 import make_server

    cancelled = folder / "cancelled"

    def services() -> dict[str, Service]:
        server = make_server(cancelled)
        return {"everything": Service.of_package("everything", "everything_sdk", server)}

    limits = Limits(time_s=3600)
    with through_broker(services, limits=limits, policy=Policy.of(allow=["*"])) as session:
        yield Stage(session("everything"), cancelled)


@contextmanager
def _stdio(place: Place, folder: Path) -> Iterator[Stage]:
    noted = folder / "pids"

    def pids() -> list[int]:
        return [int(line) for line in noted.read_text().splitlines()]

    def kill() -> None:
        os.kill(pids()[-1], signal.SIGKILL)

    command = [sys.executable, "-c", NOTED, str(noted), *_command(place, folder, "stdio")]
    yield Stage(command, _note_of_cancelling(place, folder), kill, pids)


@contextmanager
def _http(place: Place, folder: Path) -> Iterator[Stage]:
    port = _free_port()
    command = _command(place, folder, {"http": "streamableHttp"}.get(place.transport, "sse"), port)
    running = [_started(command, port)]

    def restart() -> None:
        running[-1].kill()
        running[-1].wait()
        running.append(_started(command, port))

    url = f"http://127.0.0.1:{port}/{'mcp' if place.transport == 'http' else 'sse'}"
    entry = {"url": url, "type": place.transport}
    try:
        yield Stage(entry, _note_of_cancelling(place, folder), restart)
    finally:
        running[-1].kill()
        running[-1].wait()


@contextmanager
def _direct(place: Place, folder: Path) -> Iterator[Stage]:
    """A session without `mcp`, to the end."""
    transport = place.transport.removesuffix("-direct")
    opener = {"stdio": _stdio, "http": _http}[transport]
    with (
        opener(replace(place, transport=transport), folder) as stage,
        directly("everything", stage.binding) as session,
    ):
        yield Stage(session, stage.cancelled, stage.kill, stage.pids)


PLACES = (
    Place("mcp2", "memory", _memory),
    Place("mcp2", "stdio", _stdio),
    Place("mcp2", "http", _http),
    Place("mcp2", "sse", _http),
    Place("mcp2", "cassette", _cassette),
    Place("mcp2", "broker", _broker),
    Place("mcp1", "stdio", _stdio),
    Place("mcp1", "http", _http),
    Place("mcp1", "sse", _http),
    Place("typescript", "stdio", _stdio),
    Place("typescript", "http", _http),
    Place("mcp2", "stdio-direct", _direct),
    Place("mcp2", "http-direct", _direct),
    Place("mcp1", "stdio-direct", _direct),
    Place("mcp1", "http-direct", _direct),
    Place("typescript", "stdio-direct", _direct),
    Place("typescript", "http-direct", _direct),
)


def _command(place: Place, folder: Path, kind: str, port: int = 0) -> list[str]:
    try:
        if place.maker == "typescript":
            return [shutil.which("node") or "node", str(everything_script()), kind]
        python = sys.executable if place.maker == "mcp2" else str(python_with_mcp1())
    except PeerMissing as missing:
        pytest.skip(f"{place.maker}: {missing}, and run `make peers`")
    kind = "http" if kind == "streamableHttp" else kind
    return [python, str(SERVER), str(folder / "cancelled"), kind, str(port)]


def _note_of_cancelling(place: Place, folder: Path) -> Path | None:
    # The TypeScript server works on, and throws its answer away.
    return None if place.maker == "typescript" else folder / "cancelled"


def _started(command: list[str], port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = process.stdout
    assert said is not None
    lines = []
    for line in said:
        lines.append(line)
        if line.startswith("READY") or "listening on port" in line:
            break
    else:
        raise AssertionError("".join(lines))
    # What it says later must not fill the pipe.
    threading.Thread(target=lambda: [None for _ in said], daemon=True).start()
    return process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
