"""The main job, from the outside: the command line, the files, the wheels."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import mcp_sdkgen
import pytest
from mcp_sdkgen import Snapshot, build, generate, pipeline, take_snapshot, take_snapshot_async
from mcp_sdkgen.cli.demo.four_servers import borrowing_environment, install
from mcp_sdkgen.cli.show_work import show_report
from mcp_sdkgen.package.verify import Failure
from mcp_sdkgen.package.wheel import wheel

from tests.codemode.executor.weather import BINDINGS, SERVERS
from tests.command_line import mcp_sdkgen as cli
from tests.patience import HANG_S

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
WEATHER = BINDINGS["weather"]
TOOLS: list[dict[str, Any]] = [
    {
        "name": "add",
        "description": "Add two numbers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
        "outputSchema": {
            "type": "object",
            "properties": {"sum": {"type": "number"}},
            "required": ["sum"],
        },
    },
    {"name": "get-pi", "inputSchema": {"type": "object"}},
]


def saved(path: Path, tools: list[dict[str, Any]] = TOOLS) -> Path:
    path.write_text(json.dumps({"tools": tools}))
    return path


def test_a_damaged_cache_of_the_type_check_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = ["build", "--name", "calc", "--out", tmp_path / "out", saved(tmp_path / "tools.json")]
    done = cli(*command)
    assert done.returncode == 0, done.stderr
    databases = sorted((tmp_path / "cache").rglob("mypy/*/*.db"))
    assert databases
    for database in databases:
        with closing(sqlite3.connect(database)) as opened, opened:
            opened.execute(
                "UPDATE files2 SET data = substr(data, 1, length(data) / 2)"
                " WHERE path LIKE '%.data.ff'"
            )
    (tmp_path / "tools.json").write_text(json.dumps({"tools": TOOLS[:1]}))
    done = cli(*command)
    assert done.returncode == 0, done.stderr
    assert not any(database.exists() for database in databases)


def test_a_stdio_server_becomes_a_typed_wheel_with_the_runtime_beside_it(tmp_path: Path) -> None:
    done = cli("build", "--name", "weather", "--out", tmp_path, "--", *WEATHER)
    assert done.returncode == 0, done.stderr
    wheels = sorted(path.name for path in (tmp_path / "dist").iterdir())
    assert [name.split("-")[0] for name in wheels] == ["mcp_sdkgen_runtime", "weather_sdk"]
    with zipfile.ZipFile(tmp_path / "dist" / wheels[1]) as archive:
        names = archive.namelist()
    for part in ("py.typed", "surface.pyi", "tools/get_forecast.py", "snapshot.json"):
        assert f"weather_sdk/{part}" in names
    assert "weather" in done.stdout


def test_a_wheel_works_in_an_environment_without_the_generator(tmp_path: Path) -> None:
    build([saved(tmp_path / "sums.json")], out=tmp_path / "out", run_check=False)
    python = borrowing_environment(tmp_path / "environment")
    install(python, tmp_path / "out" / "dist")
    program = (
        "import sys; import sums_sdk; from importlib.metadata import entry_points\n"
        "try:\n    import mcp_sdkgen.build\n    sys.exit('it is there')\n"
        "except ImportError:\n    pass\n"
        "assert 'mcp' not in sys.modules and 'pydantic' not in sys.modules\n"
        "from sums_sdk import AsyncSums, Sums, sums\n"
        "from sums_sdk.tools.add import TOOL, AddResult\n"
        "print(AddResult(sum=3.5).sum, TOOL.title, TOOL.input_schema['required'])\n"
        "print([e.value for e in entry_points(group='mcp_sdkgen.sdks') if e.name == 'sums'])"
    )
    done = subprocess.run([python, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["3.5", "['a',", "'b']", "['sums_sdk']"], done.stderr


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    source = CORPUS / "live" / "everything.json"
    for name in ("one", "two"):
        assert build([source], out=tmp_path / name, run_check=False).exit_code == 0
    for path in sorted((tmp_path / "one").rglob("*")):
        if path.is_file():
            twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert path.read_bytes() == twin.read_bytes(), path


def test_a_server_that_fails_costs_none_of_the_others(tmp_path: Path) -> None:
    broken = "import sys; print('no licence found', file=sys.stderr); sys.exit(3)"
    servers = {
        "weather": {"command": WEATHER[0], "args": WEATHER[1:]},
        "broken": {"command": sys.executable, "args": ["-c", broken]},
    }
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": servers}))
    done = cli("build", config, "--out", tmp_path / "out", "--no-check", "--report", tmp_path / "r")
    assert done.returncode == 1
    assert "no licence found" in done.stderr
    assert (tmp_path / "out" / "weather" / "weather_sdk" / "client.py").is_file()
    report = json.loads((tmp_path / "r").read_text())
    assert {s["server"]: s["status"] for s in report["servers"]} == {
        "weather": "built",
        "broken": "failed",
    }


def test_the_lock_is_used_until_an_update_is_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text((SERVERS / "weather.py").read_text())
    (tmp_path / "serving.py").write_text((SERVERS / "serving.py").read_text())
    arguments = ["build", "--name", "w", "--no-check", "--no-wheel", "--out", tmp_path / "out"]
    assert cli(*arguments, "--", sys.executable, script).returncode == 0
    script.unlink()
    assert cli(*arguments, "--", sys.executable, script).returncode == 0
    assert cli(*arguments, "--update", "--", sys.executable, script).returncode == 1


def test_the_version_and_the_changelog_follow_the_definitions(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    folder = out / "sums"
    versions = []
    words = [TOOLS[0] | {"description": "Add numbers."}, TOOLS[1]]
    more = [*words, {"name": "half", "inputSchema": {"type": "object"}}]
    less = more[1:]
    for tools in (TOOLS, TOOLS, words, more, less):
        saved(source, tools)
        report = build([source], out=out, run_check=False, make_wheels=False)
        versions.append(report.servers[0].version)
    assert versions == ["1.0.0", "1.0.0", "1.0.1", "1.1.0", "2.0.0"]
    assert 'version = "2.0.0"' in (folder / "pyproject.toml").read_text()
    changelog = (folder / "CHANGELOG.md").read_text()
    assert [line for line in changelog.splitlines() if line.startswith("## ")] == [
        "## 2.0.0", "## 1.1.0", "## 1.0.1", "## 1.0.0",
    ]  # fmt: skip
    assert not (folder / "sums_sdk" / "tools" / "add.py").exists()


def test_a_build_says_why_the_version_is_new(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    arguments = ("build", source, "--out", out, "--no-check", "--no-wheel")
    assert "because" not in cli(*arguments).stdout
    saved(source, [TOOLS[0] | {"description": "Add numbers."}, TOOLS[1]])
    said = "only words changed, because tool `add` `description`: "
    assert f"sums 1.0.1: {said}" in cli(*arguments).stdout
    saved(source, [TOOLS[1], *({"name": f"t{n}", "inputSchema": {}} for n in range(5))])
    gone = "breaking, because tool `add` is gone: code that calls it fails\n"
    assert f"sums 2.0.0: {gone}" in cli(*arguments).stdout
    saved(source, [TOOLS[1]])
    assert "`t2` is gone: code that calls it fails; and 2 more, which its CHANGELOG.md lists" in (
        cli(*arguments).stdout
    )


def test_a_newcomer_with_a_better_claim_renames_no_method(tmp_path: Path) -> None:
    source = saved(tmp_path / "pi.json", [TOOLS[1]])
    build([source], out=tmp_path / "out", run_check=False, make_wheels=False)
    saved(source, [TOOLS[1], {"name": "get_pi", "inputSchema": {"type": "object"}}])
    report = build([source], out=tmp_path / "out", run_check=False, make_wheels=False)
    methods = {tool.name: tool.method for tool in report.servers[0].tools}
    assert methods["get-pi"] == "get_pi"
    assert methods["get_pi"] != "get_pi"
    assert report.servers[0].version == "1.1.0"


def test_a_tool_that_fails_its_check_becomes_untyped_and_the_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [[Failure("sums_sdk", "add", "sums_sdk/tools/add.py:1: broken")], []]
    monkeypatch.setattr(pipeline, "check", lambda *_: answers.pop(0))
    report = build([saved(tmp_path / "sums.json")], out=tmp_path, make_wheels=False)
    assert report.exit_code == 0
    assert {t.method: t.result for t in report.servers[0].tools}["add"] == "Unstructured"
    assert "check-failed" in {d.code for d in report.servers[0].diagnostics}
    show_report(report)
    told = capsys.readouterr().err
    assert "warning: sums" in told and "error" not in told
    text = (tmp_path / "sums" / "sums_sdk" / "client.py").read_text()
    assert "def add(self, *, arguments: Mapping[str, Any] | None = None) -> Unstructured" in text


def test_diff_tells_the_same_from_drift_and_drift_from_an_error(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    no_lock = cli("diff", source, "--out", out)
    assert no_lock.returncode == 2
    assert "no lock" in no_lock.stderr
    assert cli("snapshot", source, "--out", out).returncode == 0
    assert cli("diff", source, "--out", out).returncode == 0
    saved(source, TOOLS[1:])
    drifted = cli("diff", source, "--out", out, "--json")
    assert drifted.returncode == 1
    data = json.loads(drifted.stdout)
    assert data["servers"][0]["severity"] == "breaking"
    assert "add" in cli("diff", source, "--out", out).stdout
    source.write_text("{")
    assert cli("diff", source, "--out", out).returncode == 2


def test_snapshot_prints_canonical_json_that_build_understands(tmp_path: Path) -> None:
    done = cli("snapshot", saved(tmp_path / "sums.json"), "--out", "-")
    again = Snapshot.loads(done.stdout)
    assert [tool.name for tool in again.tools] == ["add", "get-pi"]
    assert again.dumps() == done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "nowhere.json"], "no such file"),
        (["build"], "no configuration was found"),
        (["build", "--jobs", "0", "x"], "--jobs"),
        (["build", "--", "python"], "needs a name"),
        (["build", "--from", "emacs"], "emacs"),
    ],
)
def test_wrong_usage_says_what_to_do_and_ends_with_2(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_servers_whose_names_collide_are_told_apart_by_an_error(tmp_path: Path) -> None:
    server = {"command": WEATHER[0], "args": WEATHER[1:]}
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"my weather": server, "my-weather": server}}))
    report = build([config], out=tmp_path, run_check=False, make_wheels=False)
    assert [server.status for server in report.servers] == ["built", "failed"]
    assert "my-weather-sdk" in report.servers[1].error


def test_a_configuration_may_choose_the_import_name(tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")
    report = build([source], out=tmp_path, packages={"sums": "acme_sums"}, run_check=False)
    assert report.servers[0].package == "acme_sums"
    assert report.servers[0].wheel.startswith("acme_sums-1.0.0-")
    assert (tmp_path / "sums" / "acme_sums" / "client.py").is_file()


def test_a_company_may_give_all_its_sdks_a_prefix(tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")
    text = '[packages]\n"*" = "acme_*"\n[servers.weather]\n'
    text += f'command = "{WEATHER[0]}"\n'
    (tmp_path / "mcp-sdkgen.toml").write_text(f"{text}args = {json.dumps(WEATHER[1:])}\n")
    sources = [source, tmp_path / "mcp-sdkgen.toml"]
    report = build(sources, out=tmp_path / "out", run_check=False)
    assert [one.package for one in report.servers] == ["acme_sums_sdk", "acme_weather_sdk"]
    assert {one.wheel.split("-")[0] for one in report.servers} == {
        "acme_sums_sdk",
        "acme_weather_sdk",
    }


async def _built(source: Path, out: Path) -> int:
    report = await mcp_sdkgen.build_async([source], out=out, run_check=False, make_wheels=False)
    return report.exit_code


def test_the_python_api_works_with_and_without_an_event_loop(tmp_path: Path) -> None:
    import anyio

    source = saved(tmp_path / "sums.json")
    snapshot = take_snapshot(source)
    assert anyio.run(take_snapshot_async, source) == snapshot
    assert snapshot.server == "sums"
    assert dict(generate(snapshot).methods) == {"add": "add", "get-pi": "get_pi"}
    assert anyio.run(_built, source, tmp_path / "out") == 0


def test_the_wheels_of_mcp_sdkgen_work_without_the_checkout(tmp_path: Path) -> None:
    dist = tmp_path / "wheels"
    for folder in (ROOT, ROOT / "runtime" / "client", ROOT / "runtime" / "codemode"):
        wheel(folder, dist)
    python = borrowing_environment(tmp_path / "environment")
    install(python, dist)
    command = [python, "-m", "mcp_sdkgen", "build", ROOT / "generated" / "weather"]
    command += ["--out", tmp_path / "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode == 0, done.stderr
    where = subprocess.run(
        [python, "-c", "import mcp_sdkgen; print(mcp_sdkgen.__file__)"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert str(tmp_path / "environment") in where.stdout
    wheels = sorted(path.name.split("-")[0] for path in (tmp_path / "out" / "dist").iterdir())
    assert wheels == ["mcp_sdkgen_runtime", "weather_sdk"]
    shown = subprocess.run(
        [python, "-m", "mcp_sdkgen", "demo", "no_such_use_case"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert "there are data_analysis, devops, many_clouds" in shown.stderr
