"""The SDKs under generated/ are exactly what the generator makes of their snapshots today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.package.write import existing

MOST_TIMES = 4
"""How many times the size of what a server said its package may have."""

GENERATED = Path(__file__).parents[2] / "generated"
SHOWCASES = sorted(path.name for path in GENERATED.iterdir() if path.is_dir())


def test_there_is_a_small_an_odd_and_a_large_showcase() -> None:
    assert {"weather", "everything", "github"} <= set(SHOWCASES)
    assert len(Snapshot.load(GENERATED / "github" / "github_sdk" / "snapshot.json").tools) > 100


@pytest.mark.parametrize("name", SHOWCASES)
def test_a_showcase_is_what_the_generator_makes_today(name: str) -> None:
    folder = GENERATED / name
    made = generate(Snapshot.load(next(folder.glob("*/snapshot.json"))))
    assert sorted(made.files) == existing(folder, made.package)
    stale = [path for path, text in made.files.items() if (folder / path).read_text() != text]
    assert not stale, "run `make showcases` and read the diff"


@pytest.mark.parametrize("name", SHOWCASES)
def test_a_package_is_at_most_four_times_what_the_server_said(name: str) -> None:
    path = next((GENERATED / name).glob("*/snapshot.json"))
    lock = json.loads(path.read_text(encoding="utf-8"))
    said = {
        "tools": [tool["definition"] for tool in lock["tools"]],
        **{part: lock[part] for part in ("prompts", "resources", "resource_templates")},
        **{part: lock[part] for part in ("server_info", "capabilities", "instructions")},
    }
    files = existing(GENERATED / name, path.parent.name)
    package = [file for file in files if file.startswith(f"{path.parent.name}/")]
    size = sum((GENERATED / name / file).stat().st_size for file in package)
    assert size <= MOST_TIMES * len(json.dumps(said))


@pytest.mark.parametrize(
    "name",
    [
        name if name == "weather" else pytest.param(name, marks=pytest.mark.slow)
        for name in SHOWCASES
    ],
)
def test_the_types_of_an_async_client_are_those_of_the_methods_that_it_has(name: str) -> None:
    package = next((GENERATED / name).glob("*/aio.pyi")).parent
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", f"{package.name}.aio"],
        cwd=package.parent, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
