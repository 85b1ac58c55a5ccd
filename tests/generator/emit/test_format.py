"""Generated modules are laid out as black would lay them out."""

from __future__ import annotations

from pathlib import Path

import black
import pytest
from mcp_sdkgen import generate, take_snapshot
from mcp_sdkgen.emit.format import PYTHON, STUB
from mcp_sdkgen.emit.generate import Generated

from tests.casebook import Case, cases

ROOT = Path(__file__).parents[3]
LISTS = [
    *sorted((ROOT / "tests" / "corpus").rglob("*.json")),
    *sorted((ROOT / "generated").glob("*/*/snapshot.json")),
]


def changed_by_black(made: Generated) -> list[str]:
    """The files that black would lay out in another way."""
    modes = {".py": PYTHON, ".pyi": STUB}
    sources = {name: text for name, text in made.files.items() if Path(name).suffix in modes}
    return [
        name
        for name, text in sources.items()
        if black.format_str(text, mode=modes[Path(name).suffix]) != text
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_module_of_a_case_is_as_black_would_have_it(case: Case) -> None:
    assert changed_by_black(case.generated) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", LISTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_module_of_a_real_server_is_as_black_would_have_it(path: Path) -> None:
    assert changed_by_black(generate(take_snapshot(path))) == []
