from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp_sdkgen import Snapshot, build
from mcp_sdkgen.report import ServerReport


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Snapshot], ServerReport]:
    """Builds and checks one SDK under `tmp_path / "out"`, its wheel unpacked at `wheel`."""
    monkeypatch.chdir(tmp_path)

    def make(snapshot: Snapshot) -> ServerReport:
        report = build([snapshot], out=tmp_path / "out", jobs=1).servers[0]
        assert report.status == "built", (report.error, report.detail)
        with zipfile.ZipFile(tmp_path / "out" / "dist" / report.wheel) as archive:
            archive.extractall(tmp_path / "wheel")
        return report

    return make
