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


def test_a_package_that_a_kill_caught_between_two_renames_is_put_back(
    tmp_path: Path, built: Path
) -> None:
    before = content(built)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(HANG_S)
    former = tmp_path / "out" / f".mcp-sdkgen-things-{dead.pid}-abc" / "former" / "things_sdk"
    former.parent.mkdir(parents=True)
    (built / "things_sdk").rename(former)
    done = mcp_sdkgen("build", tmp_path / "things.json", "--out", tmp_path / "out", *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert content(built) == before


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
