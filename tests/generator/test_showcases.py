"""The SDKs under generated/ are exactly what the generator makes of their snapshots today."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.package.write import existing

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
