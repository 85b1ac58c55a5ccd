"""The tools of the server, as the SDK's own client sees them, over stdio and HTTP."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import anyio
import mcp
import pytest

from tests.codemode.serve.driving import ERAS, Home, call, client, data, text, with_client
from tests.patience import HANG_S

FORECAST = """\
from mcp_sdkgen_runtime import report_progress
from weather_sdk import weather
report_progress(1, 2, "half")
days = weather.get_forecast(city="Oslo", days=2).days
print(len(days), "days")
max(day.high for day in days) >= min(day.low for day in days)
"""


@pytest.mark.parametrize("era", ERAS)
def test_a_client_over_stdio_lists_searches_reads_checks_and_runs(place: Home, era: str) -> None:
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message)

    async def use(connected: mcp.Client) -> None:
        listed = (await connected.list_tools()).tools
        assert [tool.name for tool in listed] == ["search", "read", "check", "run", "read_output"]
        assert all(tool.description and tool.output_schema for tool in listed)
        hints = {tool.name: tool.annotations for tool in listed}
        assert hints["search"] and hints["search"].read_only_hint
        assert hints["run"] and hints["run"].destructive_hint
        found = data(await connected.call_tool("search", {"query": "daily forecast of a city"}))
        assert found["tools"][0]["name"] == "weather.get_forecast"
        page = data(await connected.call_tool("read", {"name": "weather.get_forecast"}))
        assert "## Arguments" in page["text"]
        model = data(await connected.call_tool("read", {"name": "weather.Day"}))
        assert "high: float" in model["text"]
        wrong = "from weather_sdk import weather\nweather.get_forecst(city='Oslo')\n"
        checked = data(await connected.call_tool("check", {"program": wrong}))
        assert (checked["ok"], checked["diagnostics"][0]["line"]) == (False, 2)
        ran = await connected.call_tool("run", {"program": FORECAST}, progress_callback=hear)
        assert (data(ran)["status"], data(ran)["value"], ran.is_error) == ("finished", True, False)
        assert "<stdout>\n2 days\n</stdout>" in text(ran)
        assert "calling weather/get_forecast" in heard
        rejected = await connected.call_tool("run", {"program": wrong})
        assert (data(rejected)["status"], rejected.is_error) == ("rejected", True)
        assert "did you mean get_forecast?" in text(rejected)

    with_client(place.stdio(), use, era)


def test_instructions_hold_the_rules_and_name_the_servers(url: str) -> None:
    async def use(connected: mcp.Client) -> str:
        return connected.instructions or ""

    told = with_client(url, use, "legacy")
    assert "`search`" in told
    assert "<servers>\nweather, hostile\n</servers>" in told


def test_names_that_do_not_exist_get_the_nearest_that_do(url: str) -> None:
    assert "did you mean 'weather.get_forecast'?" in text(
        call(url, "read", name="weather.get_forcast")
    )
    assert "there are: weather, hostile" in text(call(url, "read", name="wether"))
    assert "weather: 4 tools, in weather_sdk" in text(call(url, "read"))
    assert "No tool fits" in text(call(url, "search", query="zzzzzz"))


def test_variables_last_in_a_session_and_nowhere_else(url: str) -> None:
    begun = data(call(url, "run", program="x = 41", session="new"))
    session = begun["session"]
    assert data(call(url, "run", program="x + 1", session=session))["value"] == 42
    assert data(call(url, "run", program="x + 1"))["status"] == "rejected"
    assert "no session 'mine'" in text(call(url, "run", program="1", session="mine"))


def test_what_is_too_long_is_cut_and_read_on_by_its_handle(url: str) -> None:
    ran = data(call(url, "run", program="for n in range(5000): print(n)\n'v' * 20000"))
    assert len(ran["stdout"]) < 13_000
    assert ran["value"] is None
    handles = {each["what"]: each["output"] for each in ran["cut"]}
    whole, offset = "", 0
    while offset is not None:
        part = data(call(url, "read_output", output=handles["stdout"], offset=offset))
        whole, offset = whole + part["text"], part["next_offset"]
    assert whole.split() == [str(n) for n in range(5000)]
    value = data(call(url, "read_output", output=handles["value"], length=5))
    assert (value["text"], value["characters"]) == ('"vvvv', 20_002)
    assert "no such output" in text(call(url, "read_output", output="out-0000"))


FILES = """\
from pathlib import Path
Path("plot.png").write_bytes(bytes.fromhex("89504e470d0a1a0a") + b"pixels")
Path("false.png").write_text("no image")
Path("notes").mkdir()
Path("notes/a.csv").write_text("a,b\\n1,2\\n")
Path("large.txt").write_text("line\\n" * 10_000)
Path("data.bin").write_bytes(bytes(range(256)) * 8192)
"""


def test_files_come_back_as_images_resources_and_links(url: str) -> None:
    async def use(connected: mcp.Client) -> None:
        result = await connected.call_tool("run", {"program": FILES})
        left = {each["name"]: each for each in data(result)["files"]}
        kinds = {name: each["mime_type"] for name, each in left.items()}
        assert kinds == {
            "plot.png": "image/png",
            "false.png": "text/plain",
            "notes/a.csv": "text/csv",
            "large.txt": "text/plain",
            "data.bin": "application/octet-stream",
        }
        blocks: dict[str, Any] = {}
        for block in result.content[1:]:
            blocks.setdefault(block.type, []).append(block)
        assert base64.b64decode(blocks["image"][0].data).endswith(b"pixels")
        embedded = {block.resource.uri: block.resource for block in blocks["resource"]}
        assert embedded[left["notes/a.csv"]["uri"]].text == "<file>\na,b\n1,2\n\n</file>"
        links = {block.name: block.uri for block in blocks["resource_link"]}
        assert links.keys() == {"large.txt", "data.bin"}
        [whole] = (await connected.read_resource(links["data.bin"])).contents
        assert base64.b64decode(whole.blob) == bytes(range(256)) * 8192  # type: ignore[union-attr]
        handle = left["data.bin"]["output"]
        refused = await connected.call_tool("read_output", {"output": handle})
        assert "is no text" in text(refused)

    with_client(url, use)


@pytest.mark.parametrize("era", ERAS)
def test_a_cancelled_request_ends_the_sandbox(served: tuple[str, int], era: str) -> None:
    url, server = served
    program = "data = b'x' * (400 << 20)\nprint('begun', flush=True)\nimport time\ntime.sleep(600)"

    async def main() -> None:
        async with client(url, era) as connected:
            with anyio.CancelScope() as scope:

                async def hear(_: float, __: float | None, message: str | None) -> None:
                    if message == "begun":
                        scope.cancel()

                await connected.call_tool("run", {"program": program}, progress_callback=hear)
            assert scope.cancelled_caught
            # A sandbox that were not ended would be there for ten minutes.
            with anyio.fail_after(HANG_S):
                while _large(server):  # noqa: ASYNC110  # nothing tells of another process
                    await anyio.sleep(0.05)
            assert data(await connected.call_tool("run", {"program": "1 + 1"}))["value"] == 2

    anyio.run(main)


def _large(server: int) -> list[int]:
    """The processes below `server` that hold more than 400 MB."""
    parents, sizes = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            found = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
        except (OSError, ValueError):
            continue
        pid = int(found["Pid"])
        parents[pid] = int(found["PPid"])
        sizes[pid] = int(found.get("VmRSS", "0").split()[0])
    below = {server}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    assert os.getpid() not in below
    return [pid for pid in below if sizes.get(pid, 0) > 400 << 10]


def test_a_file_that_serve_is_started_with_is_there_for_every_program(
    place: Home, tmp_path: Path
) -> None:
    (tmp_path / "limits.csv").write_text("oslo,3\n")

    async def use(connected: mcp.Client) -> None:
        program = "open('given.csv').read()"
        for _ in range(2):
            ran = data(await connected.call_tool("run", {"program": program}))
            assert (ran["status"], ran["value"]) == ("finished", "oslo,3\n")

    with_client(place.stdio("--in", f"{tmp_path / 'limits.csv'}:given.csv"), use)
