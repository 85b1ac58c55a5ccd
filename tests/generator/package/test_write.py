"""A write that is cut off, by a full disk or a kill, leaves whole packages and whole locks."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.errors import BuildError
from mcp_sdkgen.package import write as writing
from mcp_sdkgen.package.wheel import wheel
from mcp_sdkgen_runtime.files import state_folder

from tests.command_line import mcp_sdkgen
from tests.patience import HANG_S

OPTIONS = ("--no-check", "--update")
MAX_FILE_BYTES = 64 * 1024


def tools(count: int, words: str) -> list[dict[str, Any]]:
    return [
        {"name": f"tool_{n}", "description": words, "inputSchema": {"type": "object"}}
        for n in range(count)
    ]


def save(folder: Path, listed: list[dict[str, Any]]) -> Path:
    path = folder / "things.json"
    path.write_text(json.dumps({"tools": listed}))
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def scratch_folders(folder: Path) -> list[Path]:
    return list(folder.rglob(".mcp-sdkgen-*"))


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of an SDK of two tools, below `tmp_path`/out."""
    source = save(tmp_path, tools(2, "It does a thing."))
    done = mcp_sdkgen("build", source, "--out", tmp_path / "out", *OPTIONS)
    assert done.returncode == 0, done.stderr
    return tmp_path / "out" / "things"


def limited_build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """A build in which no file may become large, as on a disk that is full."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))

    command = [sys.executable, "-m", "mcp_sdkgen", "build", str(source), "--out", str(out)]
    return subprocess.run(
        [*command, *OPTIONS], preexec_fn=limit, capture_output=True, text=True, timeout=HANG_S
    )


def test_a_full_disk_leaves_the_sdk_as_it_was_and_says_what_helps(
    tmp_path: Path, built: Path
) -> None:
    before = content(tmp_path / "out")
    source = save(tmp_path, tools(3, "It does quite another thing. " * 4000))
    done = limited_build(source, tmp_path / "out")
    assert done.returncode == 1
    assert "cannot write the SDK" in done.stderr
    assert "make room on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert content(tmp_path / "out") == before
    assert scratch_folders(tmp_path / "out") == []


def test_a_full_disk_leaves_nothing_of_a_first_build(tmp_path: Path) -> None:
    source = save(tmp_path, tools(3, "It does quite another thing. " * 4000))
    done = limited_build(source, tmp_path / "out")
    assert done.returncode == 1
    assert not (tmp_path / "out" / "things").exists()
    assert scratch_folders(tmp_path / "out") == []


def test_a_wheel_that_does_not_fit_leaves_the_one_of_before(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = {path.name for path in (tmp_path / "out" / "dist").iterdir()}

    def full(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BuildError, match="cannot write the wheel") as caught:
        wheel(built, tmp_path / "out" / "dist")
    assert "make room" in caught.value.hint
    assert {path.name for path in (tmp_path / "out" / "dist").iterdir()} == wheels


def test_a_kill_at_any_moment_leaves_the_old_package_or_the_new_one(
    tmp_path: Path, built: Path
) -> None:
    out = tmp_path / "out"
    package = built / "things_sdk"
    old = content(package)
    source = save(tmp_path, tools(40, "It does something new."))
    fresh = tmp_path / "fresh"
    shutil.copytree(out, fresh)
    assert mcp_sdkgen("build", source, "--out", fresh, *OPTIONS).returncode == 0
    new = content(fresh / "things" / "things_sdk")
    command = [sys.executable, "-m", "mcp_sdkgen", "build", str(source), "--out", str(out)]
    for files_first in (1, 10, 30):
        process = subprocess.Popen([*command, *OPTIONS], stderr=subprocess.DEVNULL)
        while process.poll() is None:
            # Unlike `rglob`, `walk` bears that what it looks at goes away.
            walks = [os.walk(path) for path in out.glob(".mcp-sdkgen-things-*")]
            if sum(len(files) for walk in walks for _, _, files in walk) >= files_first:
                process.send_signal(signal.SIGKILL)
                break
        process.wait(HANG_S)
        assert content(package) in (old, new)
    assert mcp_sdkgen("build", source, "--out", out, *OPTIONS).returncode == 0
    assert content(package) == new
    assert scratch_folders(out) == []


KILLED = """
import os, pathlib, signal, sys
from mcp_sdkgen.cli import main
from mcp_sdkgen.package import write

def rename(path, target):
    if path.parent.name == "new":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.rename(path, target)

write._exchanged = lambda first, second: False
pathlib.Path.rename = rename
sys.exit(main())
"""


def killed_build(source: Path, out: Path) -> Path:
    """A build that is killed between its two renames; returns its scratch folder."""
    command = [sys.executable, "-c", KILLED, "build", str(source), "--out", str(out), *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode == -signal.SIGKILL, done.stderr
    [left] = scratch_folders(out)
    return left


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return mcp_sdkgen("build", source, "--out", out, *OPTIONS)


def test_a_package_that_a_kill_caught_between_two_renames_is_put_back(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = content(built)
    out, same = tmp_path / "out", tmp_path / "same.json"
    shutil.copy(tmp_path / "things.json", same)
    left = killed_build(save(tmp_path, tools(3, "It does another thing.")), out)
    assert (left / "former" / "things_sdk").is_dir()
    assert not (built / "things_sdk").exists()
    same.replace(tmp_path / "things.json")
    done = build(tmp_path / "things.json", out)
    assert done.returncode == 0, done.stderr
    assert content(built) == before
    assert scratch_folders(out) == []
    assert list((state_folder() / "builds").iterdir()) == []


@pytest.mark.parametrize("package", ["things_sdk", "private"])
def test_a_scratch_folder_that_came_with_a_project_is_left_alone(
    tmp_path: Path, built: Path, package: str
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(HANG_S)
    victim = tmp_path / "victim"
    (victim / package).mkdir(parents=True)
    (victim / package / "snapshot.json").write_text("{}")
    planted = tmp_path / "out" / f".mcp-sdkgen-things-{dead.pid}-{'0' * 16}"
    planted.mkdir()
    (planted / "former").symlink_to(victim)
    (built / "things_sdk" / "snapshot.json").rename(built / "snapshot.json")
    shutil.rmtree(built / "things_sdk")
    for verb in ("build", "snapshot"):
        done = mcp_sdkgen(verb, tmp_path / "things.json", "--out", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        assert content(victim) == {f"{package}/snapshot.json": b"{}"}
        assert (planted / "former").is_symlink()
        assert not (built / "private").exists()


@pytest.mark.parametrize("level", ["former", "former/things_sdk", "."])
def test_no_link_is_followed_in_a_scratch_folder_that_a_kill_left(
    tmp_path: Path, built: Path, level: str
) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    left = killed_build(save(tmp_path, tools(3, "It does another thing.")), out)
    (left / level).rename(victim)
    (left / level).symlink_to(victim)
    before = content(victim)
    assert before
    shutil.copy(next(victim.rglob("snapshot.json")), built)
    done = build(tmp_path / "things.json", out)
    assert done.returncode == 0, done.stderr
    assert content(victim) == before
    assert not (built / "things_sdk").is_symlink()


def test_what_is_in_a_scratch_folder_besides_the_package_is_not_put_back(
    tmp_path: Path, built: Path
) -> None:
    left = killed_build(save(tmp_path, tools(3, "It does another thing.")), tmp_path / "out")
    shutil.copytree(left / "former" / "things_sdk", left / "former" / "other_sdk")
    assert build(tmp_path / "things.json", tmp_path / "out").returncode == 0
    assert not (built / "other_sdk").exists()


def test_what_lies_in_the_place_of_generated_files_is_replaced_and_never_waited_for(
    tmp_path: Path, built: Path
) -> None:
    before = content(built)
    for name in ("README.md", "things_sdk/surface.pyi", "things_sdk/more"):
        (built / name).unlink(missing_ok=True)
        os.mkfifo(built / name)
    (built / "things_sdk" / "tools" / "__pycache__").symlink_to(tmp_path)
    done = build(tmp_path / "things.json", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert content(built) == before
    assert not (built / "things_sdk" / "more").exists()
    assert not (built / "things_sdk" / "tools" / "__pycache__").is_symlink()


def test_where_two_folders_cannot_be_exchanged_they_are_renamed(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_exchanged", lambda first, second: False)
    source = save(tmp_path, tools(3, "It does another thing."))
    assert mcp_sdkgen("build", source, "--out", tmp_path / "out", *OPTIONS).returncode == 0
    assert (built / "things_sdk" / "tools" / "tool_2.py").is_file()
    assert scratch_folders(tmp_path / "out") == []


def test_what_does_not_change_is_not_touched(tmp_path: Path, built: Path) -> None:
    same = built / "things_sdk" / "tools" / "tool_0.py"
    before = same.stat().st_mtime_ns
    source = save(tmp_path, tools(3, "It does a thing."))
    assert mcp_sdkgen("build", source, "--out", tmp_path / "out", *OPTIONS).returncode == 0
    assert same.stat().st_mtime_ns == before


def test_a_configuration_without_servers_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    for text, what in (
        ('{"mcpServers": {}}', "no servers in it"),
        (
            '{"mcpServers": {"a": {"command": "x", "disabled": true}}}',
            "all servers in it are disabled",
        ),
    ):
        path.write_text(text)
        for words in (("build",), ("build", "mcp.json"), ("search", "x", "--config", "mcp.json")):
            done = mcp_sdkgen(*words, cwd=tmp_path)
            assert done.returncode == 2, words
            assert f"mcp.json: {what}" in done.stderr
            assert "mcp-sdkgen add NAME" in done.stderr
