"""The servers of the tasks: started, put into a task's first state, and asked for its last.

Both kinds run in the benchmark's own environment, as processes that speak MCP.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from .tasks import SERVER_OF_CLASS, TAU2, Call, Task

HERE = Path(__file__).resolve().parent


class World(Protocol):
    """The servers of one kind of task. They run as long as the benchmark does."""

    bindings: Mapping[str, Any]
    """How to reach each of them."""

    def begin(self, task: Task) -> Call | None:
        """Put the servers into the task's first state; or the call that does it."""
        ...

    def state(self, task: Task) -> Any:
        """The servers' state as JSON data that can be compared."""
        ...


class Bfcl:
    """The simulators of `bfcl-eval`, over HTTP. One process serves all tasks."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.bindings: Mapping[str, Any] = {
            name: f"{address}/{name}/mcp" for name in SERVER_OF_CLASS.values()
        }

    def begin(self, task: Task) -> None:
        """Load the task's scenario."""
        self._ask("/scenario", json.dumps(dict(task.scenario)).encode())

    def state(self, _: Task) -> Any:
        """The public attributes of all simulators."""
        return self._ask("/state")

    def _ask(self, path: str, data: bytes | None = None) -> Any:
        with urllib.request.urlopen(self._address + path, data, timeout=30) as answer:
            return json.load(answer)


@contextlib.contextmanager
def bfcl(python: Path) -> Iterator[Bfcl]:
    """The simulators, run by the interpreter `python`. Raises `RuntimeError` if they cannot be."""
    command = [str(python), str(HERE / "bfcl_server.py")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            if not line.startswith("ready "):
                raise RuntimeError(f"the simulators did not start: {line}{process.stderr.read()}")
            yield Bfcl(line.split()[1])
        finally:
            process.terminate()


class Tau2:
    """The tau2 servers, over stdio. They keep their state in files below `folder`."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._folder = folder
        self.bindings: Mapping[str, Any] = {
            domain: {
                "command": str(python),
                "args": ["-m", f"tau2_{domain}_mcp.server"],
                "env": {f"TAU2_{domain.upper()}_MCP_STATE_DIR": str(folder / domain)},
            }
            for domain in TAU2
        }

    def begin(self, task: Task) -> Call:
        """The call that puts the server's database into its first state."""
        return Call(task.servers[0], "reset_state", {"domain": task.servers[0]})

    def state(self, task: Task) -> Any:
        """The database."""
        (file,) = (self._folder / task.servers[0]).glob("*.json")
        state = json.loads(file.read_text(encoding="utf-8"))
        # The log of calls tells which way was taken, not where it led.
        del state["calls"]
        return state
