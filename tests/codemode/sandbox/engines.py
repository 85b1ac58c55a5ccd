"""The engines under test, and one that is deliberately no good."""

from __future__ import annotations

import asyncio
import os
import struct
from functools import cache
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.sandbox import Engine, SandboxError, SandboxSpec, choose
from mcp_sdkgen_codemode.sandbox.engines.bubblewrap import Bubblewrap, environment
from mcp_sdkgen_codemode.sandbox.rootfs import Tree


@cache
def _chosen(name: str) -> Engine | SandboxError:
    try:
        return asyncio.run(choose(name))
    except SandboxError as error:
        return error


def bubblewrap() -> Engine:
    """Bubblewrap; the test is skipped where this machine cannot make its sandboxes."""
    found = _chosen("bubblewrap")
    if isinstance(found, SandboxError):
        pytest.skip(str(found))
    return found


class Weakened(Bubblewrap):
    """A sandbox without filters, with files, network and variables of the host: no good at all."""

    name = "weakened"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._allow_all = folder / "allow_all.bpf"
        self._allow_all.write_bytes(struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000))
        self._allow_all.chmod(0o644)
        folder.chmod(0o755)

    def filter_path(self) -> Path:
        return self._allow_all

    def arguments(self, spec: SandboxSpec, tree: Tree) -> list[str]:
        words = ["--unshare-user", "--unshare-pid", "--die-with-parent"]
        for folder, place in tree.mounts():
            words += ["--ro-bind", str(folder), place]
        words += ["--ro-bind", str(self._allow_all), "/guest/stage2.bpf"]
        words += ["--ro-bind", "/etc", "/etc", "--ro-bind", "/var/tmp", "/var/tmp"]
        words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
        for name, value in {**environment(spec), "CANARY": os.environ.get("CANARY", "")}.items():
            words += ["--setenv", name, value]
        return words
