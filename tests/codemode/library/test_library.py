"""Programs that are kept are imported by later ones, and stay true to the tools they use."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp_sdkgen_codemode import Executor, Limits, Sdk, prompt, search
from mcp_sdkgen_codemode.library.library import Library, ProgramSet
from mcp_sdkgen_codemode.library.program import SavedProgram
from mcp_sdkgen_codemode.library.resolver import ProgramResolver
from mcp_sdkgen_codemode.library.save import NotSaved, save

from tests.codemode.executor.weather import BINDINGS, ROOT, WEATHER
from tests.codemode.installing import made, tool
from tests.patience import HANG_S
from tests.warm import COMMAND

DATES = '''\
from weather_sdk import weather

def main(*, city: str, days: int = 2) -> list[str]:
    """The dates that a forecast for a city has."""
    return [day.date for day in weather.get_forecast(city=city, days=days).days]

if __name__ == "__main__":
    print(main(city="Oslo"))
'''
COUNT = '''\
import asyncio
from programs.forecast_dates import main as dates

async def main(*, cities: list[str]) -> int:
    """How many forecast days there are for all of some cities."""
    found = await asyncio.gather(*(asyncio.to_thread(dates, city=city) for city in cities))
    return sum(len(each) for each in found)
'''


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def keeper(library: Library) -> Iterator[Executor]:
    """An executor that keeps programs; what it keeps is there for the next one."""
    limits = Limits(time_s=HANG_S)
    with Executor(
        sdks=[WEATHER], bindings=BINDINGS, limits=limits, sandboxes=1, library=library
    ) as one:
        yield one


@pytest.fixture(scope="module")
def kept(keeper: Executor, library: Library) -> Iterator[Executor]:
    """An executor with two saved programs, one of which imports the other."""
    save("forecast_dates", DATES, keeper)
    options = {"bindings": BINDINGS, "limits": Limits(time_s=HANG_S), "sandboxes": 1}
    with Executor(sdks=[WEATHER], library=library, **options) as first:
        save("count_days", COUNT, first)
    with Executor(sdks=[WEATHER], library=library, **options) as second:
        yield second


def test_a_later_program_imports_kept_ones(kept: Executor) -> None:
    outcome = kept.run(
        "from programs import count_days, forecast_dates\n"
        "print(forecast_dates.main(city='Oslo', days=1))\n"
        "await count_days.main(cities=['Oslo', 'Paris'])\n"
    )
    assert outcome.status == "finished", outcome
    assert outcome.value == 4
    assert [call.tool for call in outcome.calls] == ["get_forecast"] * 3


def test_a_failure_in_a_saved_program_is_told_by_its_own_lines(
    kept: Executor, library: Library
) -> None:
    for name, arguments in (
        ("forecast_dates", {"city": "Oslo", "days": 99}),
        ("count_days", {"cities": [""]}),
    ):
        outcome = kept.run(library.load(name).calling(arguments), typecheck=False)
        assert outcome.error is not None, outcome
        assert outcome.error.line == 4, "the line of the program that was run"
        frames = re.findall(r'File "(.+)", line (\d+), in (\w+)\n    (.*)', outcome.error.traceback)
        last = ("programs/forecast_dates.py", "5", "main", DATES.split("\n")[4].strip())
        assert frames[-1] == last, outcome.error.traceback


def test_a_program_finds_kept_ones_with_the_catalog_of_its_sandbox(kept: Executor) -> None:
    outcome = kept.run(
        "from mcp_sdkgen_runtime import catalog\n"
        "[str(each) for each in catalog.search('dates of a forecast', limit=2)]\n"
    )
    assert isinstance(outcome.value, list), outcome
    assert outcome.value[0] == (
        "forecast_dates.main(*, city: str, days: int=2) -> list[str]"
        "  # programs: The dates that a forecast for a city has."
    )
    assert outcome.value[1].startswith("weather.get_forecast(")


def test_a_later_program_is_checked_against_kept_ones(kept: Executor) -> None:
    wrong = kept.run("from programs import forecast_dates\nforecast_dates.main(town='Oslo')\n")
    assert wrong.status == "rejected"
    assert "town" in wrong.diagnostics[0].message
    unknown = kept.run("from programs import forecast_days\n")
    assert unknown.status == "rejected"
    assert "forecast_days" in unknown.diagnostics[0].message


def test_what_is_kept_tells_of_arguments_and_tools(kept: Executor, library: Library) -> None:
    one = library.load("forecast_dates")
    assert one.description == "The dates that a forecast for a city has."
    assert one.signature == "forecast_dates.main(*, city: str, days: int=2) -> list[str]"
    assert one.arguments["required"] == ["city"]
    assert one.arguments["properties"]["days"]["default"] == 2
    assert [*one.tools["weather_sdk"]] == ["get_forecast"]
    other = library.load("count_days")
    assert other.signature.endswith("-> Awaitable[int]")
    assert other.programs == {"forecast_dates": one.digest}


def test_search_and_prompt_show_kept_programs(kept: Executor, library: Library) -> None:
    programs = library.program_set([WEATHER]).programs
    found = search("dates of a forecast", sdks=[WEATHER], programs=programs)
    assert [found[0].name, found[0].package] == ["forecast_dates.main", "programs"]
    assert found[1].package == "weather_sdk"
    text = prompt([WEATHER], programs=programs).text
    assert "count_days.main(*, cities: list[str]) -> Awaitable[int]" in text
    small = prompt([WEATHER], budget=1000, programs=programs)
    assert small.tokens <= 1000
    assert "from programs import NAME" not in prompt([WEATHER]).text


def test_a_program_whose_sdk_is_not_there_is_left_out_and_says_so(
    kept: Executor, library: Library
) -> None:
    saved = library.program_set([])
    assert not saved.programs
    assert "weather_sdk" in saved.left_out["forecast_dates"]
    assert "programs.forecast_dates" in saved.left_out["count_days"]


@pytest.mark.parametrize(
    "name", ["", "Report", "weekly-report", "../x", "class", "match", "_x", "json", "print", "é"]
)
def test_a_name_that_would_hide_something_is_refused(name: str, keeper: Executor) -> None:
    with pytest.raises(NotSaved, match="no name for a program"):
        save(name, DATES, keeper)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("print(1)", "has a function `main`"),
        ("def main(city: str) -> str:\n    'x'\n    return city", "keyword arguments"),
        ("def main(*, city) -> str:\n    'x'\n    return city", "'city' has no annotation"),
        ("def main(*, city: str):\n    'x'\n    return city", "what it returns"),
        ("def main(*, city: str) -> str:\n    return city", "no docstring"),
        ("await x\ndef main() -> None:\n    'x'", "line 1"),
        ("def main() -> None:\n    'x'\nimport programs.selfish", "import itself"),
        (DATES.replace("city=city", "town=city"), "the check found mistakes"),
        ("from weather_sdk import weather\nweather.get_forecast(city='Oslo')\n" + DATES, "calls a"),
        ("1 / 0\n" + DATES, "ZeroDivisionError"),
    ],
)
def test_a_program_that_is_not_fit_to_be_kept_is_refused(
    source: str, why: str, keeper: Executor, library: Library
) -> None:
    if "selfish" in source:
        save("selfish", "def main() -> None:\n    'x'", keeper)
    before = library.names
    with pytest.raises(NotSaved, match=why):
        save("selfish", source, keeper)
    assert library.names == before


def test_a_program_is_checked_again_when_a_tool_has_changed(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    source = (
        "from notes_sdk import notes\n\n"
        "def main(*, text: str) -> str:\n    '''Add a note.'''\n"
        "    return notes.add_note(text=text).text\n"
    )
    text = {"type": "string"}

    def sdk(description: str, **arguments: dict[str, str]) -> Sdk:
        shutil.rmtree(tmp_path / "site", ignore_errors=True)
        return made(tmp_path / "site", "notes", [tool("add_note", description, **arguments)])

    first = sdk("Adds a note.", text=text)
    with Executor(sdks=[first], sandboxes=1, library=library) as executor:
        save("jot", source, executor)
        user = "from programs import jot\ndef main() -> None:\n    '''x'''\n    jot.main(text='')\n"
    with Executor(sdks=[first], sandboxes=1, library=library) as executor:
        save("jot_empty", user, executor)
    old = library.load("jot").tools

    compatible = sdk("Adds a note to the list.", text=text)
    saved = _settled(library, compatible)
    assert [one.name for one in saved.programs] == ["jot", "jot_empty"]
    assert not saved.left_out
    assert library.load("jot").tools != old

    broken = sdk("Adds a note.", body=text)
    saved = _settled(library, broken)
    assert not saved.programs
    assert "notes_sdk.add_note has changed; line 5" in saved.left_out["jot"]
    assert "programs.jot" in saved.left_out["jot_empty"]
    with Executor(sdks=[broken], sandboxes=1, library=library) as executor:
        outcome = executor.run("from programs import jot\n")
    assert outcome.status == "rejected"
    assert outcome.notes[0].startswith("programs.jot is left out: notes_sdk.add_note has changed")


def test_a_file_that_was_changed_by_hand_is_left_out(
    kept: Executor, library: Library, tmp_path: Path
) -> None:
    copy = Library(shutil.copytree(library.own.path.parent, tmp_path / "copy"))
    (tmp_path / "copy" / "programs" / "forecast_dates.py").write_text("x = 1\n")
    (tmp_path / "copy" / "programs" / "odd.json").write_text("[]")
    (tmp_path / "copy" / "programs" / "odd.py").write_text("")
    saved = copy.program_set([WEATHER])
    assert "was changed" in saved.left_out["forecast_dates"]
    assert "cannot be read" in saved.left_out["odd"]


@pytest.mark.parametrize("place", ["programs", "programs/jot.py", "programs/jot.json"])
def test_a_program_that_others_could_have_saved_is_left_out(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    mine = Library()
    mine.own.write(SavedProgram("jot", "x = 1\n", "", "main()", {}, {}, {}, ()))
    assert mine.load("jot").source == "x = 1\n"
    (mine.own.path.parent / place).chmod(0o777)
    assert "can be written to by others" in mine.program_set([]).left_out["jot"]


def test_the_command_line_keeps_lists_runs_and_removes(tmp_path: Path) -> None:
    (tmp_path / "dates.py").write_text(DATES)
    (tmp_path / "use.py").write_text(
        "from programs import forecast_dates\nlen(forecast_dates.main(city='Oslo'))\n"
    )
    servers = {"weather": {"command": BINDINGS["weather"][0], "args": BINDINGS["weather"][1:]}}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    sdk = ("--sdk", str(ROOT / "generated" / "weather"))

    saved = _cli(tmp_path, "save", "forecast_dates", "dates.py", *sdk)
    assert saved.returncode == 0, saved.stderr
    assert "from programs import forecast_dates" in saved.stdout
    listed = _cli(tmp_path, "programs", "--json", *sdk)
    assert listed.returncode == 0, listed.stderr
    assert [each["name"] for each in json.loads(listed.stdout)["programs"]] == ["forecast_dates"]
    ran = _cli(tmp_path, "run", "use.py", *sdk)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "2"
    found = _cli(tmp_path, "search", "forecast dates", *sdk)
    assert "programs: The dates" in found.stdout
    assert _cli(tmp_path, "programs", "--remove", "forecast_dates").returncode == 0
    again = _cli(tmp_path, "programs", "--remove", "forecast_dates")
    assert again.returncode == 2
    assert "no program 'forecast_dates'" in again.stderr


def test_another_program_takes_a_saved_name_only_when_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "dates.py").write_text(DATES)
    changed = DATES.replace("days: int = 2", "days: int = 3")
    (tmp_path / "changed.py").write_text(changed)
    sdk = ("--sdk", str(ROOT / "generated" / "weather"))
    library = Library(tmp_path / "data" / "mcp-sdkgen")

    assert _cli(tmp_path, "save", "forecast_dates", "dates.py", *sdk).returncode == 0
    refused = _cli(tmp_path, "save", "forecast_dates", "changed.py", *sdk)
    assert refused.returncode == 2
    assert "another program is saved as 'forecast_dates'" in refused.stderr
    assert "--replace" in refused.stderr
    assert library.load("forecast_dates").source == DATES
    again = _cli(tmp_path, "save", "forecast_dates", "dates.py", *sdk)
    assert again.returncode == 0, again.stderr
    replaced = _cli(tmp_path, "save", "forecast_dates", "changed.py", "--replace", *sdk)
    assert replaced.returncode == 0, replaced.stderr
    assert library.load("forecast_dates").source == changed


@pytest.mark.parametrize(
    ("spoilt", "content", "why"),
    [
        ("py", b"\xff", "it cannot be read"),
        ("py", DATES.encode() + b"# by hand\n", "its file was changed since"),
        ("json", b"{", "it cannot be read"),
        ("py", None, "no program 'forecast_dates' is saved"),
    ],
)
def test_a_saved_program_that_cannot_be_used_is_replaced_only_when_that_is_asked_for(
    tmp_path: Path, keeper: Executor, spoilt: str, content: bytes | None, why: str
) -> None:
    library = Library(tmp_path / "data" / "mcp-sdkgen")
    library.own.write(save("forecast_dates", DATES, keeper))
    file = library.own.path / f"forecast_dates.{spoilt}"
    file.unlink() if content is None else file.write_bytes(content)
    (tmp_path / "dates.py").write_text(DATES)
    sdk = ("--sdk", str(ROOT / "generated" / "weather"))
    refused = _cli(tmp_path, "save", "forecast_dates", "dates.py", *sdk)
    assert refused.returncode == 2, refused.stderr
    assert f"a program that cannot be used is saved as 'forecast_dates': {why}" in refused.stderr
    assert "--replace" in refused.stderr
    replaced = _cli(tmp_path, "save", "forecast_dates", "dates.py", "--replace", *sdk)
    assert replaced.returncode == 0, replaced.stderr
    assert library.load("forecast_dates").source == DATES


def _settled(library: Library, sdk: Sdk) -> ProgramSet:
    kept = ProgramResolver(library, [sdk], ())
    try:
        return kept.settled()
    finally:
        kept.close()


def _cli(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=os.environ | {"XDG_DATA_HOME": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )


@pytest.mark.parametrize("suffix", [".py", ".json"])
@pytest.mark.parametrize("change", ["group", "world", "owner"])
def test_a_saved_program_is_this_users_alone(tmp_path: Path, suffix: str, change: str) -> None:
    library = Library(tmp_path)
    library.own.write(SavedProgram("one", "def main(): ...\n", "", "", {}, {}, {}, ()))
    assert library.load("one").name == "one"
    path = tmp_path / "programs" / f"one{suffix}"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    if change == "owner":
        if os.geteuid() != 0:
            pytest.skip("only root can give a file away")
        os.chown(path, 54_322, -1)
    else:
        path.chmod(0o660 if change == "group" else 0o666)
        if change == "group" and os.geteuid() == 0:
            os.chown(path, -1, 54_322)
    with pytest.raises(ValueError, match=r"written to by others") as found:
        library.load("one")
    assert str(tmp_path) not in str(found.value)
    assert list(library.program_set([]).left_out) == ["one"]
