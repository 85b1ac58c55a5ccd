"""Tests of programs against SDKs, without the servers: the `mcp_cassette` fixture.

A test that uses it gets every MCP call answered from a file next to it,
`cassettes/<test module>/<test>.ndjson`, and never reaches a server, unless
`--mcp-record=auto` or `record` says so.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .cassette import Cassette

_begun = pytest.StashKey[set[Path]]()
_LONGEST_NAME = 150


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mcp-record`."""
    parser.getgroup("mcp").addoption(
        "--mcp-record",
        choices=("replay", "auto", "record"),
        default=os.environ.get("MCP_SDKGEN_CASSETTE_MODE") or "replay",
        help="what the mcp_cassette fixture does: replay sends nothing (default), auto records "
        "what is missing, record records everything anew",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "mcp_cassette(path): the file of the mcp_cassette fixture, relative to the test's folder",
    )


@pytest.fixture
def mcp_cassette(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cassette]:
    """Answers every MCP call of the test from its cassette, that of child processes included."""
    from .cassette import FILE_VARIABLE, MODE_VARIABLE, cassette, rewind

    path = _file(request)
    mode = request.config.getoption("--mcp-record")
    with ExitStack() as stack:
        if mode == "record":
            # Emptied once a run: other tests and child processes may add to the same file.
            if path not in request.config.stash.setdefault(_begun, set()):
                request.config.stash[_begun].add(path)
                stack.enter_context(_put_aside(path))
            mode = "auto"
        monkeypatch.setenv(FILE_VARIABLE, str(path))
        monkeypatch.setenv(MODE_VARIABLE, mode)
        rewind(path)
        yield cassette(path)
        rewind(path)


@contextmanager
def _put_aside(path: Path) -> Iterator[None]:
    """Move a file away, and back again if nothing takes its place."""
    aside = path.with_name(f"{path.name}.old")
    if path.exists():
        path.replace(aside)
    yield
    if aside.exists():
        if path.exists():
            aside.unlink()
        else:
            aside.replace(path)


def _file(request: pytest.FixtureRequest) -> Path:
    folder = request.path.parent
    marker = request.node.get_closest_marker("mcp_cassette")
    if marker is not None and marker.args:
        return folder / str(marker.args[0])
    # `Class.test[parameters]`, as a file name on any system.
    parts = request.node.nodeid.split("::")[1:]
    name = re.sub(r"[^\w.\[\]=,-]+", "_", ".".join(parts))
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}_{zlib.crc32(name.encode()):08x}"
    return folder / "cassettes" / request.path.stem / f"{name}.ndjson"
