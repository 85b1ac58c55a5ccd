"""A checker whose host has gone, and one whose SDKs are not built yet."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.typecheck.checker import Checker

from tests.patience import HANG_S


def test_a_checker_whose_host_is_killed_removes_its_folder(tmp_path: Path) -> None:
    host = "import sys\nfrom mcp_sdkgen_codemode.typecheck.checker import Checker\n"
    host += "checker = Checker(sdks=[])\nchecker.warm()\n"
    host += "print(checker._process.pid, flush=True)\nsys.stdin.read()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", host],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with process:
        assert process.stdout is not None
        worker = os.pidfd_open(int(process.stdout.readline()))
        assert [path.name[:17] for path in tmp_path.iterdir()] == ["mcp-sdkgen-check-"]
        process.kill()
        ended, _, _ = select.select([worker], [], [], HANG_S)
        os.close(worker)
    assert ended
    assert not [*tmp_path.iterdir()]


def test_an_sdk_that_only_needs_to_be_built_is_told_with_its_server(tmp_path: Path) -> None:
    config = tmp_path / "mcp.json"
    config.write_text('{"mcpServers": {"typo": {"command": "nobody"}}}')
    done = subprocess.run(
        [sys.executable, "-m", "mcp_sdkgen", "check", "-"],
        input="from typo_sdk import typo\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
    )
    assert done.returncode == 3
    told = " ".join(done.stdout.split())
    assert "has the server 'typo', without an SDK: mcp-sdkgen build" in told


@pytest.mark.parametrize("damage", ["written over", "cut off"])
def test_a_damaged_cache_is_made_again(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for once in (False, True, False):
        with Checker(sdks=[], once=once) as checker:
            assert checker.check("print(1)\n") == []
            [wrong] = checker.check("len(1)\n")
        assert wrong.code == "arg-type"
        found = [path for path in tmp_path.rglob("*.db") if path.stat().st_size > 4096]
        assert found
        for path in found:
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size // 2)
                if damage == "written over":
                    file.seek(4096)
                    file.write(b"\0" * (path.stat().st_size - 4096))


def test_a_module_within_another_is_known_where_it_is_imported() -> None:
    dotted = (
        "import urllib.request\nimport xml.dom.minidom\nprint(urllib.request, xml.dom.minidom)\n"
    )
    with Checker(sdks=[]) as checker:
        for program in (dotted, "from urllib import request\nprint(request)\n", dotted):
            assert checker.check(program) == []
        [wrong] = checker.check("import urllib.request\nprint(urllib.ask)\n")
    assert wrong.code == "attr-defined"
