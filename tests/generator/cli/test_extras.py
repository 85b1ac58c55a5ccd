"""Packages that are missing are told with the command that installs them where this one runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen.cli.extras import how_to_install


@pytest.mark.parametrize(
    ("file", "command"),
    [
        (None, "pip install 'a[b]' c"),
        ("uv-receipt.toml", "uv tool install --with 'a[b]' --with c, beside what else"),
        ("pipx_metadata.json", "pipx inject mcp-sdkgen 'a[b]' c"),
    ],
)
def test_what_installs_a_package_is_told_as_this_command_was_installed(
    tmp_path: Path, file: str | None, command: str
) -> None:
    if file is not None:
        (tmp_path / file).touch()
    assert how_to_install("a[b]", "c", prefix=tmp_path).startswith(command)
