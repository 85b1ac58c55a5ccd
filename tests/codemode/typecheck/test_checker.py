"""The check lets correct programs pass, and says of wrong ones what would be right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.typecheck import Checker, typecheck

from benchmarks.composed_programs import composed
from tests.codemode.executor.weather import ROOT
from tests.warm import COMMAND

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
HURRIED = sorted((Path(__file__).parent / "hurried").glob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_correct_program_has_no_diagnostics(checker: Checker, path: Path) -> None:
    assert checker.check(path.read_text(encoding="utf-8")) == []


def test_ways_to_get_results_go_with_all_ways_to_use_them(checker: Checker) -> None:
    assert {name: found for name, text in composed() if (found := checker.check(text))} == {}


@pytest.mark.parametrize("path", HURRIED, ids=lambda path: path.stem)
def test_what_models_write_in_a_hurry_is_told_with_what_to_write(
    checker: Checker, path: Path
) -> None:
    program = path.read_text(encoding="utf-8")
    found = checker.check(program)

    assert found
    hint = program.split("\n")[0].removeprefix("# hint:").strip()
    assert hint in "\n".join(map(str, found))


RIGHT_AFTER_ALL = {
    "a name that holds a dump later": (
        "import json\nresult = weather.get_forecast(city='a')\nresult = result.model_dump()\n"
        "print(json.dumps(result))"
    ),
    "calls that are printed as a number": (
        "import asyncio\nasync with AsyncWeather() as w:\n"
        "    calls = []\n    calls.append(w.get_weather(location='a'))\n"
        "    print(f'{len(calls)} calls')\n    print(await asyncio.gather(*calls))"
    ),
    "a record whose call is awaited": (
        "async with AsyncWeather() as w:\n"
        "    row = {'city': 'a', 'call': w.get_weather(location='a')}\n"
        "    print(row['city'], await row['call'])"
    ),
    "a task of a group": (
        "import asyncio\nasync with AsyncWeather() as w, asyncio.TaskGroup() as group:\n"
        "    group.create_task(w.get_weather(location='a'))"
    ),
    "an own task in the background": (
        "import asyncio\nasync def tick():\n    await asyncio.sleep(1)\n"
        "asyncio.create_task(tick())\nprint(await AsyncWeather().get_weather(location='a'))"
    ),
    "a model that may be None": (
        "found = None\nfor city in 'ab':\n    found = weather.get_forecast(city=city)\n"
        "print('some' if found else 'none')"
    ),
    "a dict that is asked for": (
        "result = weather.get_forecast(city='a')\n"
        "data = result if isinstance(result, dict) else result.model_dump()\nprint(data['city'])"
    ),
    "pairs of a model": "for name, value in weather.get_weather(location='a'):\n    print(name)",
    "methods of what JSON holds": (
        "data = weather.resources.climate_of(city='a').json()\n"
        "print(data['name'].title(), *map(str.upper, data.keys()), data.get('a', {}).items())"
    ),
}


@pytest.mark.parametrize("name", RIGHT_AFTER_ALL)
def test_what_only_looks_wrong_passes(checker: Checker, name: str) -> None:
    program = f"from weather_sdk import AsyncWeather, weather\n{RIGHT_AFTER_ALL[name]}\n"

    assert checker.check(program) == []


def test_a_call_is_seen_in_an_f_string_beyond_ascii(checker: Checker) -> None:
    program = (
        "from weather_sdk import AsyncWeather\nw = AsyncWeather()\n"
        "been = 'Tromsø'; now = w.get_weather(location=been); print(f'日😀 {been}: {now}')\n"
    )
    [found] = checker.check(program)

    assert (found.line, found.code) == (3, "unused-awaitable")
    assert program.split("\n")[2][found.column - 1 :].startswith("now}")


WRONG = {
    "weather.get_forcast(city='Oslo')": ("attr-defined", "get_forecast(city: str, days: int = …"),
    "weather.get_forecast(city='Oslo', day=2)": ("call-arg", "did you mean days?"),
    "weather.get_forecast(days=2)": ("call-arg", "get_forecast(city: str"),
    "weather.get_forecast('Oslo')": ("call-arg", "get_forecast(city: str"),
    "weather.get_forecast(city='Oslo', units='kelvin')": ("arg-type", "Literal['metric'"),
    "weather.get_forecast(city=['Oslo'])": ("arg-type", "get_forecast(city: str"),
    "weather.get_forecast(city='Oslo').dayz": ("attr-defined", "did you mean days?"),
    "weather.get_forecast(city='Oslo')['days']": ("index", "city, units, days"),
    "weather.get_forecast(city='Oslo').days.high": ("attr-defined", "loop over it"),
    "weather.report_observation(station='a', celsius=1).temp": ("attr-defined", ".json()"),
    "weather.report_observation(station='a', celsius=1)['temp']": ("index", ".json()"),
    "weather.report_observation(station='a', celsius=1, position={'latitude': 1})": (
        "arg-type",
        "missing key longitude",
    ),
    "weather.report_observation(station='a', celsius=1, position={'latitude': 1, 'long': 2})": (
        "arg-type",
        "unknown key 'long': did you mean longitude?",
    ),
    "weathr.get_forecast(city='Oslo')": ("name-defined", "did you mean weather?"),
    "from weather_sdk import wether": ("attr-defined", "did you mean weather?"),
    "from weathr_sdk import weather": ("import-not-found", "did you mean weather_sdk?"),
    "from weather_sdk.tools.get_forcast import TOOL": (
        "import-not-found",
        "did you mean weather_sdk.tools.get_forecast?",
    ),
    "from weather_sdk.types import Dey": ("attr-defined", "did you mean Day?"),
    "from weather_sdk.tools.get_forecast import Day": (
        "attr-defined",
        "did you mean from weather_sdk.types import Day?",
    ),
    "import numpi": ("import-not-found", "weather_sdk"),
    "import asyncoi": ("import-not-found", "did you mean asyncio?"),
    "from . import other": ("import-not-found", ""),
    "AsyncWeather().get_forecast(city='Oslo').days": ("attr-defined", "await"),
    "AsyncWeather().get_forecast(city='Oslo')": ("unused-coroutine", "await"),
    "def f():\n    await AsyncWeather().get_forecast(city='Oslo')": ("syntax", "async def"),
    "def f(:": ("syntax", "def f(:"),
    "units = 'kelvin'\nweather.get_forecast(city='Oslo', units=units)": ("arg-type", "get_f"),
    "for u in ('metric', 'kelvin'): weather.get_forecast(city='a', units=u)": ("arg-type", "get_f"),
    "p = {'lat': 1}\nweather.report_observation(station='a', celsius=1, position=p)": (
        "arg-type",
        "PositionParam is",
    ),
    "def f(client):\n    client.get_forcast(city='a')\nf(weather)": (
        "attr-defined",
        "get_forecast(",
    ),
    "def f(c):\n    return weather.get_forecast(city=c)\nf('a').dayz": ("attr-defined", "days?"),
    "if weather.get_forecast(city='a').units == 'kelvin': pass": ("comparison-overlap", ""),
    "import re\nre.search('a', 'b').group()": ("union-attr", "check for None first"),
    "best = None\nfor day in weather.get_forecast(city='a').days:\n"
    "    if day.high > 30: best = day\nprint(best.date)": ("union-attr", "check for None first"),
    "for day in weather.get_forecast(city='a'): print(day.high)": ("attr-defined", "as pairs"),
    "await weather.get_weather(location='a')": ("misc", "leave out `await`"),
    "async with weather as w: pass": ("attr-defined", "AsyncWeather()"),
    "import weather_sdk\nweather_sdk.get_weather(location='a')": (
        "attr-defined",
        "from weather_sdk import weather",
    ),
    "weather.get_forecast(city='a').text": ("attr-defined", "read attributes of Forecast: city"),
    "import json\nfrom weather_sdk import weather as json\njson.loads('1')": (
        "attr-defined",
        "Weather has: get_forecast",
    ),
    "import asyncio\nasync with AsyncWeather() as w:\n"
    "    for day in asyncio.gather(w.get_forecast(city='a')): print(day)": (
        "unused-awaitable",
        "await asyncio.gather",
    ),
    "import asyncio\nasync with AsyncWeather() as w:\n"
    "    print([day for day in asyncio.gather(w.get_forecast(city='a'))])": (
        "unused-awaitable",
        "await asyncio.gather",
    ),
    "```python": ("syntax", "leave out the Markdown"),
}


@pytest.mark.parametrize("program", WRONG)
def test_a_mistake_is_told_with_what_would_be_right(checker: Checker, program: str) -> None:
    code, hint = WRONG[program]
    found = checker.check(f"from weather_sdk import AsyncWeather, weather\n{program}\n")

    assert {each.code for each in found} == {code}
    assert hint in found[0].hint
    assert found[0].line == program.count("\n") + 2 or code in ("attr-defined", "syntax")


def test_a_place_is_right_on_lines_with_letters_beyond_ascii(checker: Checker) -> None:
    program = "from weather_sdk import weather\nx = 'Tromsø 日😀'; weather.get_forcast(city=x)\n"
    [found] = checker.check(program)

    assert (found.line, found.column) == (2, program.split("\n")[1].index("weather.") + 1)


def test_directives_in_comments_do_not_switch_the_check_off(checker: Checker) -> None:
    lines = [
        "# mypy: ignore-errors",
        "# mypy: disable-error-code=attr-defined",
        "# type: ignore",
        "from weather_sdk import weather",
        "weather.get_forcast(city='a')  # type: ignore",
        "text = '# type: ignore'; weather.nope()  # type: ignore[attr-defined]",
    ]
    found = checker.check("\n".join(lines))

    assert [each.line for each in found] == [5, 6]


def test_many_mistakes_are_no_wall_of_text(checker: Checker) -> None:
    lines = [f"weather.nothing_{number}(x={'y' * 2000!r})" for number in range(50)]
    found = checker.check("\n".join(["from weather_sdk import weather", *lines]))

    assert len(found) == 11
    assert found[-1].message == "and 40 more mistakes, from line 12 on"
    assert max(len(str(each)) for each in found) < 1000
    assert (
        len(checker.check("\n".join(["from weather_sdk import weather", *lines]), most=100)) == 50
    )


def test_no_hint_ends_in_a_semicolon(checker: Checker) -> None:
    report = "weather.report_observation(station='a', celsius=1, position="
    wrong = [f"{report}{value})" for value in ("3", "{'lat': 'x', 'lon': 1}", "{'lat': 1}")]
    found = checker.check("\n".join(["from weather_sdk import weather", *wrong]))
    assert [each.line for each in found] == [2, 3, 4]
    assert not [each.hint for each in found if each.hint.endswith(";")]


def test_a_session_knows_what_its_earlier_programs_defined(checker: Checker) -> None:
    earlier = [
        "from __future__ import annotations\nfrom weather_sdk import weather\ncity = 'Oslo'",
        "broken = (",
        "def look():\n    return weather.get_forecast(city=city)\nforecast = look()",
    ]
    good = "from __future__ import annotations\nprint(forecast.days[0].high, look().units)"
    bad = "print(forecast.dayz)\nprint(nowhere)"
    again = "def look(place, days):\n    return place * days\nprint(look('a', 2).upper())"

    assert checker.check(good, earlier=earlier) == []
    assert checker.check(again, earlier=earlier) == []
    assert [each.line for each in checker.check(bad, earlier=earlier)] == [1, 2]
    assert [each.code for each in checker.check(good)] == ["name-defined"] * 2


def test_a_program_may_use_only_the_sdks_of_its_run(sdk_site: Path) -> None:
    with Checker(sdks=["weather_sdk"], sdk_paths=[sdk_site], packages=["pydantic"]) as checker:
        assert checker.check("import weather_sdk, pydantic") == []
        [found] = checker.check("from github_sdk import github")
        assert found.code == "import-not-found"
        [found] = checker.check("import rich")  # it is installed here, but not in a sandbox
        assert found.code == "import-not-found"
    with pytest.raises(ValueError, match="no SDK 'wether'"):
        Checker(sdks=["wether"], sdk_paths=[sdk_site])


def test_packages_that_the_host_allows_may_be_imported_with_what_they_need(sdk_site: Path) -> None:
    with Checker(sdks=[], sdk_paths=[sdk_site], packages=["rich"]) as checker:
        assert checker.check("import rich.table, markdown_it\nrich.print('a')") == []
        assert [each.code for each in checker.check("import rich.tabel")] == ["import-not-found"]


HOSTILE = {
    "null byte": "x = 1\0\n",
    "lone surrogate": "x = '\ud800'\n",
    "too long": "x = 1\n" * 60_000,
    "deep parentheses": "(" * 5000 + ")" * 5000,
    "deep operators": "-" * 30_000 + "1",
    "long sum": "x = " + "+".join(["1"] * 50_000),
    "calls of calls": "x = 0\nx" + "()" * 20_000,
    "deep blocks": "\n".join(" " * n + "if 1:" for n in range(150)),
    "bad escape": "x = '\\N{no such name}'",
    "other encoding": "# coding: utf-7\nx = +AGE-\n(",
}


def test_a_package_may_be_named_as_it_is_installed(sdk_site: Path) -> None:
    with Checker(sdk_paths=[sdk_site], packages=["markdown-it-py", "../no name"]) as checker:
        assert checker.check("import markdown_it\nprint(markdown_it.__name__)\n") == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_with_one_diagnostic(checker: Checker, name: str) -> None:
    [found] = checker.check(HOSTILE[name])

    assert found.code in ("syntax", "check-failed")
    assert len(str(found)) < 1000
    assert str(found).isascii()
    assert checker.check("print(1)") == []


def test_a_program_that_takes_too_long_is_refused_and_the_next_one_is_checked(
    sdk_site: Path,
) -> None:
    lines = "".join(f"x{n} = [{{'a': n, 'b': [n]}} for n in 'ab']\n" for n in range(4000))
    with Checker(sdk_paths=[sdk_site], check_s=0.3) as checker:
        [found] = checker.check(lines)
        assert (found.code, found.hint) == ("check-failed", "make it shorter and simpler")
    with Checker(sdk_paths=[sdk_site]) as checker:
        assert checker.check("print(1)") == []


def test_what_the_check_tells_cannot_steer_a_terminal(checker: Checker) -> None:
    found = checker.check("x = 'a\x1b]0;owned\x07'.nope\nimport a\x1b")

    assert "\x1b" not in "".join(map(str, found))


def test_typecheck_needs_no_checker() -> None:
    assert typecheck("print(1)", sdks=[]) == []
    assert [each.code for each in typecheck("print(y)", sdks=[])] == ["name-defined"]


def test_the_command_prints_diagnostics_and_ends_with_3(sdk_site: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from weather_sdk import weather\nweather.get_forcast(city='a')\n")

    done = run(sdk_site, str(program))
    assert done.returncode == 3
    assert f"{program}:2:1:" in done.stdout
    assert done.stderr.splitlines()[-1] == "1 mistake"
    assert "did you mean get_forecast?" in done.stdout

    done = run(sdk_site, "-", "--json", given="from weather_sdk import weathr\n")
    data = json.loads(done.stdout)
    assert (done.returncode, data["format"]) == (3, "mcp-sdkgen/check/1")
    assert data["diagnostics"][0]["code"] == "attr-defined"

    done = run(sdk_site, "-", given="from weather_sdk import weather\n")
    assert (done.returncode, done.stdout) == (0, "")


def test_files_and_folders_are_checked_together(sdk_site: Path, tmp_path: Path) -> None:
    wrong = "from weather_sdk import weather\nweather.nothing()\nweather.no()\n"
    (tmp_path / "a.py").write_text("print(1)\n")
    (tmp_path / "folder" / ".venv").mkdir(parents=True)
    (tmp_path / "folder" / "b.py").write_text(wrong)
    (tmp_path / "folder" / ".venv" / "c.py").write_text(wrong)
    sdk = tmp_path / "folder" / "generated" / "weather" / "weather_sdk"
    shutil.copytree(ROOT / "generated" / "weather" / "weather_sdk", sdk)
    (sdk.parent / "mine.py").write_text(wrong)
    b = tmp_path / "folder" / "b.py"

    done = run(sdk_site, str(tmp_path / "a.py"), str(tmp_path / "folder"), str(b))
    assert done.returncode == 3
    assert [line.split(": ")[0] for line in done.stdout.splitlines() if line[0] == "/"] == [
        f"{b}:2:1",
        f"{b}:3:1",
        f"{sdk.parent / 'mine.py'}:2:1",
        f"{sdk.parent / 'mine.py'}:3:1",
    ]
    assert "4 mistakes in 2 of 3 programs" in done.stderr
    assert f"2 folders skipped in {tmp_path / 'folder'}: {b.parent / '.venv'}, {sdk}" in done.stderr

    done = run(sdk_site, str(tmp_path / "folder"), "--json")
    told = {each["file"] for each in json.loads(done.stdout)["diagnostics"]}
    assert told == {str(b), str(sdk.parent / "mine.py")}


def test_a_package_that_is_not_installed_or_not_allowed_is_told(sdk_site: Path) -> None:
    done = run(sdk_site, "-", "--with", "no_such_package_here", given="1")
    assert done.returncode == 2
    assert "--with no_such_package_here: this package is not installed here" in done.stderr
    done = run(sdk_site, "-", given="import pytest\n")
    assert done.returncode == 3
    assert "it is installed: allow it with --with pytest" in done.stdout


def test_positional_arguments_are_named_in_the_hint(sdk_site: Path) -> None:
    program = "from weather_sdk import weather\nweather.get_weather('Oslo')\n"
    done = run(sdk_site, "-", given=program)
    assert "name the argument: get_weather(location=…)" in done.stdout


def test_a_wrong_use_of_the_command_ends_with_2(sdk_site: Path, tmp_path: Path) -> None:
    assert run(sdk_site, str(tmp_path / "none.py")).returncode == 2
    done = run(sdk_site, "-", "--sdk", "wether")
    assert done.returncode == 2
    assert "weather" in done.stderr


def run(site: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "check", *arguments],
        input=given,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
