"""The pins fit every Python that we say we run on. They are resolved; nothing is installed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

uv = pytest.importorskip("uv", reason="needs uv: make setup")

ROOT = Path(__file__).parents[2]
PROJECTS = ("runtime/client", "runtime/codemode", ".")
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
PIN = re.compile(r"[A-Za-z0-9][\w.-]*==[\w.]+")
UNREACHABLE = re.compile(r"error sending request|failed to fetch|dns error", re.IGNORECASE)


def project(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    return found


def pins() -> list[str]:
    return (ROOT / "constraints.txt").read_text().splitlines()


def resolved(requirements: list[str], *options: str) -> set[str]:
    """Names of the packages that come from an index. Skips the test where no index answers."""
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--no-annotate", "--no-header"]
    # Who only has Debian's packages has no compiler.
    command += ["--only-binary", ":all:", "--constraint", "constraints.txt", *options, "-"]
    done = subprocess.run(
        command, cwd=ROOT, input="\n".join(requirements), capture_output=True, text=True
    )
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"needs a package index: {done.stderr.strip().splitlines()[0]}")
    assert not done.returncode, done.stderr
    return {name(line) for line in done.stdout.splitlines() if "==" in line}


def name(pin: str) -> str:
    return canonicalize_name(pin.split("==")[0])


def with_all_extras(folder: str) -> str:
    return f"./{folder}[{','.join(project(folder)['optional-dependencies'])}]"


@pytest.mark.parametrize("python", PYTHONS)
def test_every_extra_can_be_installed_with_the_pins(python: str) -> None:
    found = resolved([with_all_extras(folder) for folder in PROJECTS], "--python-version", python)
    assert {"mcp", "zensical", "sentence-transformers"} <= found


def test_pinned_is_what_developers_need_on_any_platform_and_python() -> None:
    development = ["./runtime/client", "./runtime/codemode", ".[dev]"]
    needed = resolved(development, "--python-version", PYTHONS[0], "--universal")
    assert needed == {name(pin) for pin in pins()}


def test_pins_are_names_and_versions_and_nothing_else() -> None:
    names = [name(pin) for pin in pins()]
    assert [pin for pin in pins() if not PIN.fullmatch(pin)] == []
    assert len(names) == len(set(names))


def test_the_pythons_that_are_resolved_for_are_those_that_we_claim() -> None:
    for folder in PROJECTS:
        claimed = SpecifierSet(project(folder)["requires-python"])
        assert all(claimed.contains(python) for python in PYTHONS)
        assert not claimed.contains("3.10.99")
    prefix = "Programming Language :: Python :: "
    classifiers = [c.removeprefix(prefix) for c in project(".")["classifiers"] if prefix in c]
    assert classifiers == [python.removesuffix(".0") for python in PYTHONS]
