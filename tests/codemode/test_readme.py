"""The examples of code mode's README run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.codemode.executor.weather import BINDINGS, ROOT
from tests.patience import HANG_S
from tests.warm import PYTHON

README = ROOT / "runtime" / "codemode" / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
PRINTED = ["finished 3 cities\n {'Austin, TX': 'sunny'", "-2.0\n"]


@pytest.mark.parametrize(("example", "printed"), list(zip(EXAMPLES, PRINTED, strict=True)))
def test_an_example_prints_what_it_should(example: str, printed: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*PYTHON, "-c", example],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "generated" / "weather"),
            "MCP_BINDING_WEATHER": json.dumps(BINDINGS["weather"]),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(printed)
