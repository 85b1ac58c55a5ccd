"""The example of docs/guides/observed-types.md runs, and prints what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from mcp_sdkgen.check import cache_folder

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "observed-types.md"


def test_the_guide_records_infers_and_runs_typed(run: Any, sdkgen: Any, tmp_path: Path) -> None:
    text = GUIDE.read_text()
    blocks = re.findall(r"```(sh|python|json)\n(.*?)```", text, re.DOTALL)
    for kind, block in blocks:
        if kind == "python":
            (tmp_path / block.split()[1]).write_text(block)
    for line in [line for kind, block in blocks if kind == "sh" for line in block.splitlines()]:
        words = shlex.split(line)
        variables = dict(word.split("=", 1) for word in words if re.match(r"MCP_\w+=", word))
        command = [word for word in words if word.partition("=")[0] not in variables]
        sdkgen(*command[1:]) if command[0] == "mcp-sdkgen" else run(*command, **variables)
    said = json.loads(next(block for kind, block in blocks if kind == "json"))
    path = tmp_path / "generated" / "library" / "observed.ndjson"
    assert json.loads(path.read_text().splitlines()[0])["shape"] == said["shape"]
    assert run("python", "typed.py").stdout.splitlines() == [
        "Barnaby 0.0 []",
        "1928",
        "None There is no member m-0000.",
    ]
    cache = str(cache_folder() / "mypy")
    checked = run("python", "-m", "mypy", "--strict", "--cache-dir", cache, "typed.py")
    assert "Success" in checked.stdout
