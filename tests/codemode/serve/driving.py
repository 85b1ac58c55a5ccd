"""The server of code mode as hosts have it: a process with configuration and folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import anyio
import httpx2
import mcp
from mcp.client.session import ElicitationFnT
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from tests.codemode.executor.weather import BINDINGS
from tests.patience import HANG_S
from tests.warm import COMMAND, PYTHON
from tests.warm_caches import share

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
ERAS = ("legacy", "auto")
"""Up to 2025-11-25 the server asks the client; from 2026-07-28 on it answers with a question."""

TOKEN = "correct-horse-battery-staple"
"""Of the servers over HTTP, unless a test gives another or none."""
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}

REPORT = """\
from weather_sdk import weather
answer = weather.report_observation(station="01492", celsius=3)
print(answer.text)
"""

T = TypeVar("T")


@dataclass(frozen=True)
class Home:
    """Folders for one server process, and the configuration that it serves."""

    folder: Path
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables, with which nothing of the user's is read or written."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        names = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
        return kept | {name: str(self.folder / name.lower()) for name in names}

    def command(self, *arguments: str) -> list[str]:
        """The command line of `serve`."""
        return [
            *COMMAND,
            *("serve", "--config", str(self.config)),
            *arguments,
        ]

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another verb, as the same user."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=HANG_S,
        )

    def stdio(self, *arguments: str) -> StdioServerParameters:
        """For a client that starts it."""
        command, *rest = self.command(*arguments)
        return StdioServerParameters(command=command, args=rest, env=self.environment)


def home(folder: Path, servers: Mapping[str, list[str]], config: Path | None = None) -> Home:
    """A home whose configuration has these stdio servers."""
    config = config or folder / "mcp.json"
    entries = {name: {"command": c, "args": args} for name, (c, *args) in servers.items()}
    config.write_text(json.dumps({"mcpServers": entries}))
    share(folder / "xdg_cache_home")
    return Home(folder, config)


def usual(folder: Path) -> Home:
    """The weather, and a hostile server."""
    return home(
        folder,
        {
            "weather": BINDINGS["weather"],
            "hostile": [*PYTHON, str(HERE / "servers" / "hostile.py")],
        },
    )


@dataclass(frozen=True)
class Bearer:
    """A server over HTTP, as whoever has a token reaches it."""

    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The header of its requests."""
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def over_http(
    where: Home,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    way: tuple[str, ...] = ("--http", "0"),
    told: list[str] | None = None,
) -> Iterator[tuple[str, int]]:
    """The URL and the process id of a server over HTTP. What it said is added to `told`."""
    process = subprocess.Popen(
        where.command(*way, *arguments),
        env=where.environment | {"MCP_SDKGEN_SERVE_TOKEN": TOKEN} | dict(environment or {}),
        cwd=where.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = [] if told is None else told
        for line in process.stderr:
            lines.append(line)
            if "serving at" in line:
                # Nobody reads further: what it says fits into the pipe.
                yield line.split()[-1], process.pid
                return
        raise AssertionError("".join(lines))
    finally:
        process.terminate()
        process.wait(HANG_S)
        process.stderr.close()


@dataclass
class Person:
    """Who is asked. Gives the answers in turn, and remembers the questions."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)
    offered: list[list[str]] = field(default_factory=list)

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        """The next answer; "decline" is none."""
        self.asked.append(params.message)
        assert isinstance(params, ElicitRequestFormParams)
        self.offered.append(params.requested_schema["properties"]["answer"]["enum"])
        answer = self.answers.pop(0)
        if answer == "decline":
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"answer": answer})


@asynccontextmanager
async def authorized(url: str, token: str = TOKEN) -> AsyncIterator[Any]:
    """The SDK's transport over HTTP, whose requests bear a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=HANG_S) as http,
        streamable_http_client(url, http_client=http) as streams,
    ):
        yield streams


Target: TypeAlias = str | Bearer | StdioServerParameters
"""A URL means a server with the usual token."""


def client(target: Target, era: str = "auto", person: ElicitationFnT | None = None) -> mcp.Client:
    """The SDK's own client."""
    if isinstance(target, str):
        target = Bearer(target, TOKEN)
    transport: Any = (
        authorized(target.url, target.token) if isinstance(target, Bearer) else stdio_client(target)
    )
    return mcp.Client(transport, mode=era, elicitation_callback=person)


def with_client(
    target: Target,
    use: Callable[[mcp.Client], Awaitable[T]],
    era: str = "auto",
    person: ElicitationFnT | None = None,
) -> T:
    """What `use` gives, called with a connected client."""

    async def main() -> T:
        async with client(target, era, person) as connected:
            return await use(connected)

    return anyio.run(main)


def call(
    target: Target,
    tool: str,
    *,
    era: str = "auto",
    person: ElicitationFnT | None = None,
    **arguments: Any,
) -> CallToolResult:
    """One call of one tool, by a client of its own."""
    return with_client(target, partial(patient, tool=tool, arguments=arguments), era, person)


async def patient(
    connected: mcp.Client, tool: str, arguments: dict[str, Any], **options: Any
) -> CallToolResult:
    """A call that is made again as long as the SDKs are being built: a machine may be busy."""
    while True:
        result = await connected.call_tool(tool, arguments, **options)
        if "the SDKs are still being built" not in text(result):
            return result


def data(result: CallToolResult) -> dict[str, Any]:
    """What a tool answered, as data; of an error, its text is in the message."""
    found = result.structured_content
    assert isinstance(found, dict), text(result)
    return found


def text(result: CallToolResult) -> str:
    """The text of an answer."""
    return "\n".join(block.text for block in result.content if block.type == "text")
