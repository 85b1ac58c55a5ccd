"""What a user may count on beside the main job: nothing lost, nothing guessed, clear words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_sdkgen import ConfigError, Snapshot, build, take_snapshot

from tests.codemode.executor.weather import BINDINGS
from tests.command_line import mcp_sdkgen as cli
from tests.generator.test_build import TOOLS, saved
from tests.patience import HANG_S


def test_a_snapshot_of_its_own_keeps_the_history(tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")
    assert cli("build", source, "--no-check", "--no-wheel", cwd=tmp_path).returncode == 0
    saved(source, TOOLS[1:])
    assert cli("build", source, "--no-check", "--no-wheel", cwd=tmp_path).returncode == 0
    assert cli("snapshot", source, cwd=tmp_path).returncode == 0
    lock = Snapshot.load(tmp_path / "generated" / "sums" / "snapshot.json")
    assert [release.version for release in lock.releases] == ["2.0.0", "1.0.0"]


def test_a_lock_beside_the_package_waits_for_a_build_and_is_moved_into_it(tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")
    folder = tmp_path / "generated" / "sums"
    quick = ("--no-check", "--no-wheel")
    assert cli("build", source, *quick, cwd=tmp_path).returncode == 0
    built = (folder / "sums_sdk" / "snapshot.json").read_text()
    saved(source, TOOLS[1:])
    assert cli("snapshot", source, cwd=tmp_path).returncode == 0
    assert (folder / "sums_sdk" / "snapshot.json").read_text() == built
    waiting = (folder / "snapshot.json").read_text()
    assert cli("build", folder, *quick, cwd=tmp_path).returncode == 0
    assert (folder / "sums_sdk" / "snapshot.json").read_text() == waiting
    assert not (folder / "snapshot.json").exists()


def test_a_package_that_is_renamed_takes_its_history_along(tmp_path: Path) -> None:
    source = tmp_path / "sums.json"
    for name, count in (("aaa", 1), ("zzz", 2), ("mmm", 1)):
        saved(source, TOOLS[:count])
        report = build([source], out=tmp_path, packages={"sums": name}, run_check=False)
        assert report.exit_code == 0
    lock = Snapshot.load(tmp_path / "sums" / "mmm" / "snapshot.json")
    assert [release.version for release in lock.releases] == ["2.0.0", "1.1.0", "1.0.0"]


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "out" / "sums" / "sums_sdk" / "mine.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    report = build([saved(tmp_path / "sums.json")], out=tmp_path / "out", run_check=False)
    assert report.exit_code == 1
    assert "so mcp-sdkgen did not build it" in report.servers[0].error
    assert mine.read_text() == "mine"


def test_an_sdk_that_lost_its_lock_is_built_again(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    build([source], out=out, run_check=False, make_wheels=False)
    lock = out / "sums" / "sums_sdk" / "snapshot.json"
    whole = lock.read_bytes()
    lock.unlink()
    (out / "sums" / "NOTES.md").write_text("mine")
    assert build([source], out=out, run_check=False, make_wheels=False).exit_code == 0
    assert lock.read_bytes() == whole
    assert (out / "sums" / "NOTES.md").read_text() == "mine"


def test_a_damaged_lock_is_told_with_how_to_have_another(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    build([source], out=out, run_check=False, make_wheels=False)
    lock = out / "sums" / "sums_sdk" / "snapshot.json"
    lock.write_text("garbage")
    [report] = build([source], out=out, run_check=False, make_wheels=False).servers
    assert "not JSON" in report.error
    assert "mcp-sdkgen build --update" in report.hint
    again = build([source], out=out, run_check=False, make_wheels=False, update=True)
    assert again.exit_code == 0
    assert "garbage" not in lock.read_text()


def test_other_files_beside_an_sdk_of_ours_stay(tmp_path: Path) -> None:
    source, out = saved(tmp_path / "sums.json"), tmp_path / "out"
    build([source], out=out, run_check=False, make_wheels=False)
    (out / "sums" / "NOTES.md").write_text("mine")
    saved(source, TOOLS[1:])
    assert build([source], out=out, run_check=False, make_wheels=False).exit_code == 0
    assert (out / "sums" / "NOTES.md").read_text() == "mine"


def test_one_source_need_not_be_in_a_list(tmp_path: Path) -> None:
    source = str(saved(tmp_path / "sums.json"))
    assert build(source, out=tmp_path, run_check=False, make_wheels=False).exit_code == 0


@pytest.mark.parametrize("call", [build, take_snapshot])
def test_a_blocking_call_in_an_event_loop_names_its_twin(call: Any, tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")

    async def inside() -> None:
        with pytest.raises(ConfigError) as caught:
            call(source)
        assert "_async" in caught.value.hint

    anyio.run(inside)


def test_a_report_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    source = saved(tmp_path / "sums.json")
    done = cli("build", source, "--report", tmp_path / "no" / "r.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "its folder does not exist" in done.stderr
    assert not (tmp_path / "generated").exists()


def test_sdks_go_beside_the_configuration_that_was_found(tmp_path: Path) -> None:
    command, *args = BINDINGS["weather"]
    config = {"mcpServers": {"weather": {"command": command, "args": args}}}
    (tmp_path / "mcp.json").write_text(json.dumps(config))
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    first = cli("build", "--no-check", "--no-wheel", cwd=below)
    assert first.returncode == 0, first.stderr
    assert (tmp_path / "generated" / "weather" / "weather_sdk" / "snapshot.json").is_file()
    again = cli("build", "--no-check", "--no-wheel", cwd=below)
    assert "using its lock" in again.stderr


def test_a_toml_file_of_any_name_is_ours(tmp_path: Path) -> None:
    config = tmp_path / "servers.toml"
    config.write_text('out = "x"\ntypo = 1\n[servers.w]\ncommand = "w"\n')
    done = cli("build", config, cwd=tmp_path)
    assert done.returncode == 2
    assert "typo" in done.stderr


def test_a_whole_schema_elsewhere_makes_a_loose_tool_with_a_diagnostic(tmp_path: Path) -> None:
    tool = {"name": "far", "inputSchema": {"$ref": "https://example.invalid/x.json"}}
    source = saved(tmp_path / "far.json", [tool])
    report = build(source, out=tmp_path, run_check=False, make_wheels=False)
    assert [found.code for found in report.servers[0].diagnostics] == ["bad-input-schema"]
    assert report.servers[0].tools[0].arguments == 0


def test_the_demonstration_compares_and_calculates(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mcp_sdkgen", "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line in (
        "  Austin: 93 degrees fahrenheit - sunny",
        "  London: 15 degrees celsius - rainy",
        "  -> Austin is warmer by 34.0 degrees F",
        "  Final: 135",
    ):
        assert line in lines
