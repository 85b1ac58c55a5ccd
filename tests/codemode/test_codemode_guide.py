"""The guide's examples run, and print what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.codemode.installing import ROOT, cli, run, showcase

GUIDE = (ROOT / "docs" / "guides" / "prompts-and-search.md").read_text()
EXAMPLES = re.findall(
    r"^```(python|sh)\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", GUIDE, re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("language", "code", "output"), EXAMPLES)
def test_an_example_prints_what_the_guide_says(
    tmp_path: Path, language: str, code: str, output: str
) -> None:
    showcase(tmp_path, "weather")
    if language == "python":
        done = run(tmp_path, "-c", code)
    else:
        program, *arguments = shlex.split(code)
        assert program == "mcp-sdkgen"
        done = cli(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert not output or done.stdout == output


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 5
