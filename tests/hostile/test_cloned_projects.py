"""What a project brings along, links above all, has nothing outside of it read, written or removed.

Each project here has a configuration, the lock of its server, and an SDK, as one that was cloned.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from mcp_sdkgen.observed.collect import FILE_NAME

from tests.command_line import mcp_sdkgen

TOOL = {"name": "look", "description": "Look.", "inputSchema": {"type": "object"}}
FAST = ("--no-check", "--no-wheel")
HUGE = 3 * 1024**3


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose SDK somebody else built, and beside it folders and files of the user's."""
    for kind in ("DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "of another" / kind))
    folder = tmp_path / "project"
    folder.mkdir()
    entry = {"command": "python", "args": ["/nonexistent.py"]}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"lookout": entry}}))
    (tmp_path / "lookout.json").write_text(json.dumps({"tools": [TOOL]}))
    done = mcp_sdkgen("build", tmp_path / "lookout.json", *FAST, cwd=folder)
    assert done.returncode == 0, done.stderr
    for kind in ("DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.txt").write_text("mine")
    return folder


def outside(project: Path) -> list[str]:
    """What is in the user's folder beside the project."""
    folder = project.parent / "outside"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["pyproject.toml", "lookout_sdk/surface.pyi", "lookout_sdk/x.py"])
@pytest.mark.parametrize("kind", ["a pipe", "huge"])
def test_no_verb_waits_for_a_pipe_or_reads_a_huge_file(project: Path, name: str, kind: str) -> None:
    path = project / "generated" / "lookout" / name
    assert mcp_sdkgen("trust", "generated", cwd=project).returncode == 0
    path.unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(path)
    else:
        path.touch()
        os.truncate(path, HUGE)
    (project / "program.py").write_text("from lookout_sdk import lookout\n")
    # Other SDKs are searched, where some are installed.
    assert mcp_sdkgen("search", "look", cwd=project).returncode in (0, 2, 3)
    for words in (("trust", "generated"), ("run", "program.py")):
        assert mcp_sdkgen(*words, cwd=project).returncode in (2, 3), words
    listed = mcp_sdkgen("trust", "--list", cwd=project)
    assert (", but has changed or is gone" in listed.stdout) == (name != "pyproject.toml")
    assert mcp_sdkgen("build", *FAST, cwd=project).returncode == 0
    assert mcp_sdkgen("search", "look", cwd=project).returncode == 0


def test_the_name_of_a_package_is_no_path(project: Path) -> None:
    theirs = shutil.copytree(
        project / "generated" / "lookout" / "lookout_sdk", project.parent / "outside" / "sdk"
    )
    (theirs / "__pycache__").mkdir()
    file = project / "generated" / "lookout" / "pyproject.toml"
    text = file.read_text()
    line = next(line for line in text.splitlines() if line == 'lookout = "lookout_sdk"')
    for package in (str(theirs), "../../../outside/sdk", ""):
        file.write_text(text.replace(line, f"lookout = {json.dumps(package)}"))
        done = mcp_sdkgen("trust", "generated", cwd=project)
        assert done.returncode == 2
        assert "holds no SDKs" in done.stderr
    assert (theirs / "__pycache__").is_dir()


@pytest.mark.parametrize("place", ["lookout", "lookout/lookout_sdk"])
def test_what_a_link_leads_to_is_not_trusted_through_it(project: Path, place: str) -> None:
    link = project / "generated" / place
    theirs = link.rename(project.parent / "outside" / "theirs")
    link.symlink_to(theirs)
    caches = theirs / "__pycache__"
    caches.mkdir()
    done = mcp_sdkgen("trust", "generated", cwd=project)
    assert done.returncode == 2
    assert f"generated/{place}: is a link" in done.stderr
    assert str(theirs) in done.stderr
    assert caches.is_dir()
    assert "trusted" not in mcp_sdkgen("trust", "--list").stdout


@pytest.mark.parametrize("verb", ["build", "snapshot", "infer", "observe"])
@pytest.mark.parametrize("below", ["", "src"])
def test_sdks_go_through_no_link_that_nobody_named(project: Path, verb: str, below: str) -> None:
    shutil.rmtree(project / "generated")
    (project / "generated").symlink_to("../outside")
    (project / "src").mkdir()
    done = mcp_sdkgen(verb, *(FAST if verb == "build" else ()), cwd=project / below)
    assert done.returncode == 2
    assert "generated: is a link out of its folder" in done.stderr
    assert str(project.parent / "outside") in done.stderr
    assert outside(project) == ["mine.txt"]


def test_sdks_of_named_sources_go_through_no_such_link_either(project: Path) -> None:
    shutil.rmtree(project / "generated")
    (project / "generated").symlink_to("../outside")
    source = project.parent / "lookout.json"
    assert mcp_sdkgen("build", source, *FAST, cwd=project).returncode == 2
    assert outside(project) == ["mine.txt"]


def test_a_folder_that_a_person_types_may_be_a_link_and_so_may_one_within_the_project(
    project: Path,
) -> None:
    generated = project / "generated"
    generated.rename(project / "sdks")
    generated.symlink_to("sdks")
    assert mcp_sdkgen("build", *FAST, cwd=project).returncode == 0
    generated.unlink()
    generated.symlink_to("../outside")
    shutil.move(project / "sdks" / "lookout", project.parent / "outside")
    done = mcp_sdkgen("build", *FAST, "--out", "generated", cwd=project)
    assert done.returncode == 0, done.stderr


def test_wheels_go_through_no_link_and_none_is_removed_behind_one(project: Path) -> None:
    theirs = project.parent / "outside" / "lookout_sdk-0.0.1-py3-none-any.whl"
    theirs.write_bytes(b"theirs")
    (project / "generated" / "dist").symlink_to("../../outside")
    for more in ((), ("--out", "generated")):
        done = mcp_sdkgen("build", "--no-check", *more, cwd=project)
        assert done.returncode == 2
        assert "dist: is a link" in done.stderr
        assert outside(project) == [theirs.name, "mine.txt"]
    assert mcp_sdkgen("build", *FAST, cwd=project).returncode == 0


def test_only_older_wheels_of_the_same_sdk_are_removed(project: Path) -> None:
    dist = project / "generated" / "dist"
    dist.mkdir()
    older = "lookout_sdk-0.0.1-py3-none-any.whl"
    others = [
        "lookout_sdk-0.0.2-cp311-cp311-linux_x86_64.whl",
        "lookout_sdk-notes.whl",
        "lookout_sdk_more-0.0.1-py3-none-any.whl",
        "lookout_sdk-0.0.3-py3-none-any.whl",
        "lookout_sdk-0.0.4-py3-none-any.whl",
    ]
    for name in (older, *others[:3]):
        (dist / name).write_bytes(b"")
    (dist / others[3]).symlink_to(project.parent / "outside" / "mine.txt")
    (dist / others[4]).mkdir()
    assert mcp_sdkgen("build", "--no-check", cwd=project).returncode == 0
    there = {path.name for path in dist.iterdir()}
    assert there >= set(others)
    assert older not in there


def test_no_wheel_holds_what_a_link_beside_the_package_leads_to(project: Path) -> None:
    (project / "generated" / "lookout" / "LICENSE").symlink_to(project.parent / "outside/mine.txt")
    done = mcp_sdkgen("build", "--no-check", cwd=project)
    assert done.returncode == 1
    assert "LICENSE: refused: is a link" in done.stderr


@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_shapes_of_answers_are_written_to_no_link_or_pipe(project: Path, kind: str) -> None:
    place = project / "generated" / "lookout" / FILE_NAME
    if kind == "a link":
        place.symlink_to(project.parent / "outside" / "mine.txt")
    else:
        os.mkfifo(place)
    for words in (("observe", "--call", "look {}"), ("infer",)):
        done = mcp_sdkgen(*words, cwd=project)
        assert done.returncode == 2
        assert f"{FILE_NAME}: is " in done.stderr
    assert (project.parent / "outside" / "mine.txt").read_text() == "mine"


def test_shapes_of_answers_are_not_written_beside_an_sdk_that_a_link_leads_to(
    project: Path,
) -> None:
    place = project / "generated" / "lookout"
    place.symlink_to(place.rename(project.parent / "outside" / "lookout"))
    before = outside(project)
    done = mcp_sdkgen("observe", "--call", "look {}", cwd=project)
    assert done.returncode == 2
    assert "generated/lookout: is a link" in done.stderr
    assert outside(project) == before


@pytest.mark.parametrize(
    ("link", "content"),
    [
        ("mcp.json", '{"mcpServers": {"mine": {"command": "x"}}}'),
        ("mcp.json", "{}"),
        ("mcp.json", None),
        (".vscode", '{"servers": {"mine": {"command": "x"}}}'),
    ],
)
def test_add_and_remove_change_no_file_that_a_link_leads_to(
    project: Path, link: str, content: str | None
) -> None:
    theirs = project.parent / "outside" / "mcp.json"
    (project / "mcp.json").unlink()
    if content is not None:
        theirs.write_text(content)
    (project / link).symlink_to(theirs if link == theirs.name else theirs.parent)
    for words in (("add", "evil", "--", "echo", "hi"), ("remove", "mine")):
        done = mcp_sdkgen(*words, cwd=project)
        assert done.returncode == 2
        assert "mcp.json: is a link out of its folder" in done.stderr
        assert f"--config {theirs}" in done.stderr
        assert (theirs.read_text() if theirs.exists() else None) == content
    named = mcp_sdkgen("add", "good", "--config", theirs, "--", "echo", "hi", cwd=project)
    assert named.returncode == 0, named.stderr


def test_trust_waits_for_no_pipe(project: Path) -> None:
    os.mkfifo(project / "mcp-sdkgen.toml")
    done = mcp_sdkgen("trust", "mcp-sdkgen.toml", cwd=project)
    assert done.returncode == 2
    assert "mcp-sdkgen.toml: not a file" in done.stderr


def test_add_waits_for_no_pipe(project: Path) -> None:
    (project / "mcp.json").unlink()
    os.mkfifo(project / "mcp.json")
    done = mcp_sdkgen("add", "good", "--", "echo", "hi", cwd=project)
    assert done.returncode == 2
    assert "mcp.json: is no regular file" in done.stderr
