"""What is told to who takes a client by another name than it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mcp_sdkgen.emit.generate import generate
from mcp_sdkgen.package.write import put
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen_codemode.catalog import at
from mcp_sdkgen_codemode.typecheck import Checker

UNDER_ANOTHER_NAME = {
    "from time_sdk import time": "the client with the tools is time_server",
    "from time_sdk import clock": "the client with the tools is time_server",
    "from time_sdk import get_time": "get_time is a method: from time_sdk import time_server, "
    "then time_server.get_time(…)",
    "from time_sdk import Time\nTime.get_time(zone='UTC')": "Time is a class: call its ready-made "
    "client, time_server.get_time(…), or an own one: with Time() as",
    "from time_sdk import Time\nTime.get_time('UTC')": "time_server.get_time(…)",
    "from time_sdk import AsyncTime\nawait AsyncTime.get_time(zone='UTC')": "AsyncTime is a class: "
    "call a client: async with AsyncTime() as",
}


@pytest.fixture(scope="module")
def time_checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    """A checker of an SDK whose ready-made client has another name than its server."""
    schema = {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}
    made = generate(Snapshot.of("time", [{"name": "get_time", "inputSchema": schema}]))
    folder = tmp_path_factory.mktemp("time")
    for path, text in made.files.items():
        put(folder, path, text)
    with Checker(sdks=[at(folder)]) as checker:
        yield checker


@pytest.mark.parametrize("program", UNDER_ANOTHER_NAME)
def test_a_client_under_another_name_than_its_server_is_told_by_its_name(
    time_checker: Checker, program: str
) -> None:
    found = time_checker.check(program)
    assert UNDER_ANOTHER_NAME[program] in "\n".join(each.hint for each in found), found


def test_an_undefined_name_is_an_sdks_client_or_one_that_is_really_near(
    time_checker: Checker,
) -> None:
    hints = {
        "time_server.get_time(zone='UTC')": "add: from time_sdk import time_server",
        "AsyncTime()": "add: from time_sdk import AsyncTime",
        "await foo()": "",
        "pritn(1)": "did you mean print?",
    }
    assert {program: time_checker.check(program)[0].hint for program in hints} == hints
