"""An SDK that meets another package in the place of its runtime says so, and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GENERATED = Path(__file__).parents[3] / "generated"


@pytest.mark.parametrize("has_stranger", [True, False])
def test_a_stranger_called_like_the_runtime_is_no_riddle(
    has_stranger: bool, tmp_path: Path
) -> None:
    if has_stranger:
        stranger = tmp_path / "mcp_sdkgen_runtime" / "__init__.py"
        stranger.parent.mkdir()
        stranger.write_text("def __getattr__(name): return name\n")
    script = (
        f"import sys; sys.path = [{str(tmp_path)!r}, {str(GENERATED / 'weather')!r},"
        " *(path for path in sys.path if 'python3' in path and 'packages' not in path)]\n"
        "import weather_sdk\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: the runtime of mcp-sdkgen is not installed; a package")
    assert "pip install dist/mcp_sdkgen_runtime-*.whl" in last
