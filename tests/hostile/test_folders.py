"""Links, settings and files that lie around an output folder change nothing and run nothing."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from mcp_sdkgen import Snapshot, build
from mcp_sdkgen.report import ServerReport

from tests.hostile.payloads import FILE, tool

SNAPSHOT = Snapshot.of("weather", [tool("look", description="Look.")])


def mark(out: Path) -> None:
    """Make what lies in the SDK's folder pass for an earlier SDK: without a lock it is refused."""
    lock = out / "weather" / "snapshot.json"
    if lock.parent.is_dir() and not lock.exists():
        lock.write_text(SNAPSHOT.dumps())


def made(out: Path, *, wheels: bool = False) -> ServerReport:
    mark(out)
    done = build([SNAPSHOT], out=out, make_wheels=wheels, run_check=False, jobs=1)
    return done.servers[0]


def members(out: Path, wheel: str) -> list[str]:
    with zipfile.ZipFile(out / "dist" / wheel) as archive:
        return archive.namelist()


@pytest.mark.parametrize("is_relative", [True, False], ids=["relative", "absolute"])
@pytest.mark.parametrize(
    "place",
    (
        *("README.md", "pyproject.toml", "snapshot.json", "weather_sdk/snapshot.json"),
        *("weather_sdk/client.py", "weather_sdk/tools/look.py"),
        *("weather_sdk", "weather_sdk/tools", "weather_sdk/types"),
    ),
)
def test_a_planted_link_is_replaced_and_never_followed(
    place: str, is_relative: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = Path("out") if is_relative else tmp_path / "out"
    is_folder = "." not in place
    victim = tmp_path / "victim"
    if is_folder:
        victim.mkdir()
        (victim / "precious.txt").write_text("precious")
    else:
        # What was there before a build is kept when it follows the lock.
        victim.write_text(SNAPSHOT.dumps())
    link = tmp_path / "out" / "weather" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    report = made(out)
    assert report.status == "built", report.error
    assert not link.is_symlink()
    if is_folder:
        assert [p.name for p in victim.iterdir()] == ["precious.txt"]
    else:
        assert victim.read_text() == SNAPSHOT.dumps()


@pytest.mark.parametrize("target", ["folder", "file", "nothing", "loop"])
def test_a_planted_link_inside_the_package_is_removed_and_not_packed(
    target: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.pem").write_text("secret")
    (secret / "cached.pyc").write_text("kept")
    package = tmp_path / "out" / "weather" / "weather_sdk"
    (package / "tools").mkdir(parents=True)
    meant = {
        "folder": secret,
        "file": secret / "key.pem",
        "nothing": tmp_path / "x",
        "loop": package,
    }
    (package / "tools" / "extra").symlink_to(meant[target])
    (package / "__pycache__").symlink_to(secret)
    report = made(tmp_path / "out", wheels=True)
    assert report.status == "built", report.error
    assert not [p for p in package.rglob("*") if p.is_symlink()]
    assert not [m for m in members(tmp_path / "out", report.wheel) if "extra" in m or "key" in m]
    assert sorted(p.name for p in secret.iterdir()) == ["cached.pyc", "key.pem"]


def test_files_planted_in_the_package_are_removed_and_others_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "weather"
    for place in ("weather_sdk/evil.py", "weather_sdk/tools/sub/evil.pth", "mine.txt"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("import os")
    report = made(tmp_path / "out", wheels=True)
    assert not [m for m in members(tmp_path / "out", report.wheel) if "evil" in m or "mine" in m]
    assert (folder / "mine.txt").is_file()
    assert not (folder / "weather_sdk" / "tools" / "sub").exists()


def test_settings_in_and_above_the_output_folder_do_not_reach_the_wheel(tmp_path: Path) -> None:
    clean = made(tmp_path / "clean", wheels=True)
    out = tmp_path / "dirty" / "out"
    hook = '[tool.hatch.build.hooks.custom]\npath = "hatch_build.py"\n'
    code = f"open({str(tmp_path / FILE)!r}, 'w').close()\n"
    for folder in (tmp_path / "dirty", out, out / "weather"):
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        (folder / ".git").mkdir()
        (folder / "pyproject.toml").write_text(hook)
        for name in (
            "hatch_build.py",
            "conftest.py",
            "setup.py",
            "sitecustomize.py",
            "usercustomize.py",
        ):
            (folder / name).write_text(code)
        (folder / "setup.cfg").write_text("[mypy]\nplugins = conftest\n")
        (folder / "mypy.ini").write_text("[mypy]\nplugins = conftest\n")
    mark(out)
    found = build([SNAPSHOT], out=out, jobs=1).servers[0]
    assert found.status == "built", found.error
    assert not list(tmp_path.rglob(FILE))
    one, two = tmp_path / "clean" / "dist" / clean.wheel, out / "dist" / found.wheel
    assert one.read_bytes() == two.read_bytes()


def test_a_hatch_file_that_could_run_programs_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "weather"
    folder.mkdir(parents=True)
    (folder / "hatch.toml").write_text('[build.hooks.custom]\npath = "hatch_build.py"\n')
    code = f"open({str(tmp_path / FILE)!r}, 'w').close()\n"
    (folder / "hatch_build.py").write_text(code)
    report = made(tmp_path / "out", wheels=True)
    assert report.status == "failed" and "hatch.toml" in report.error
    assert not (tmp_path / FILE).exists()


def test_a_folder_in_the_place_of_a_file_is_an_error_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "out" / "weather" / "README.md").mkdir(parents=True)
    report = made(tmp_path / "out")
    assert report.status == "failed" and "cannot write the SDK" in report.error


def test_modules_in_the_working_folder_are_not_imported_by_the_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"open({str(tmp_path / FILE)!r}, 'w').close()\n"
    for name in ("mypy", "pydantic", "json", "sitecustomize", "weather_sdk", "hatchling"):
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    report = build([SNAPSHOT], out=tmp_path / "out", jobs=1).servers[0]
    assert report.status == "built", report.error
    assert not (tmp_path / FILE).exists()
    assert os.fspath(tmp_path / FILE) not in report.detail
