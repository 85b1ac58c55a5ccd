"""One program over three real servers: Python on stdio, Node on stdio, streamable HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mcp_sdkgen.provision.provision import Provisioned, supply
from mcp_sdkgen.source import resolve
from mcp_sdkgen_codemode import Executor, Limits

from tests.codemode.executor.weather import SERVERS
from tests.patience import HANG_S
from tests.runtime.peers import PeerMissing, everything_script

PROGRAM = """\
import asyncio

from calculator_sdk import calculator
from everything_sdk import AsyncEverything
from mcp_sdkgen_runtime import ToolError
from weather_sdk import weather

cities = ["Austin, TX", "London, UK", "Atlantis", "Oslo"]
found = {}
missing = []
for city in cities:
    try:
        found[city] = weather.get_weather(location=city)
    except ToolError:
        missing.append(city)
degrees = [round(one.temperature) for one in found.values()]
total = 0.0
for value in degrees:
    total = calculator.calculate(operation="add", a=total, b=value).result


async def echoes(words):
    async with AsyncEverything() as everything:
        answers = await asyncio.gather(*(everything.echo(message=word) for word in words))
    return [answer.text for answer in answers]


said = asyncio.run(echoes(missing + list(found)))
print(total == sum(degrees), len(found), missing)
for line in said:
    print(line)
"""
EXPECTED = """\
True 3 ['Atlantis']
Echo: Atlantis
Echo: Austin, TX
Echo: London, UK
Echo: Oslo
"""


@dataclass(frozen=True)
class Servers:
    config: Path
    supply: Provisioned
    folder: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    try:
        script = everything_script()
    except PeerMissing as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("servers")
    http = subprocess.Popen(
        [sys.executable, str(SERVERS / "calculator.py"), "--http", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert http.stderr is not None
    try:
        url = next(line for line in http.stderr if line.startswith("ready ")).split()[1]
        entries = {
            "weather": {"command": sys.executable, "args": [str(SERVERS / "weather.py")]},
            "everything": {"command": "node", "args": [str(script), "stdio"]},
            "calculator": {"type": "http", "url": url},
        }
        config = folder / "mcp.json"
        config.write_text(json.dumps({"mcpServers": entries}))
        made = supply(resolve([str(config)]).sources, cache=folder / "sdks")
        assert not made.failed
        yield Servers(config, made, folder)
    finally:
        http.terminate()
        http.wait(HANG_S)
        http.stderr.close()


def test_a_program_over_three_servers_gives_the_right_answer_in_a_sandbox(servers: Servers) -> None:
    given = servers.supply
    with Executor(
        sdks=given.sdks, bindings=given.bindings, limits=Limits(time_s=HANG_S)
    ) as executor:
        outcome = executor.run(PROGRAM)
    assert outcome.status == "finished", outcome
    assert outcome.stdout == EXPECTED
    assert {call.server for call in outcome.calls} == {"weather", "everything", "calculator"}


def test_the_same_program_gives_the_same_answer_outside_of_the_sandbox(servers: Servers) -> None:
    program = servers.folder / "program.py"
    program.write_text(PROGRAM)
    path = os.pathsep.join(str(sdk.folder.parent) for sdk in servers.supply.sdks)
    done = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": path, "MCP_SDKGEN_CONFIG": str(servers.config)},
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == EXPECTED
