"""What tests of several parts of code mode need: installed SDKs, a checker and an executor."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp_sdkgen.package.wheel import wheel
from mcp_sdkgen_codemode import Executor, Limits
from mcp_sdkgen_codemode.typecheck import Checker

from tests.codemode.executor.weather import BINDINGS, WEATHER
from tests.patience import HANG_S

GENERATED = Path(__file__).parents[2] / "generated"


@pytest.fixture(scope="session")
def sdk_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like site-packages with the wheels of all showcase SDKs in it."""
    root = tmp_path_factory.mktemp("sdks")
    wheels = []
    for project in sorted(GENERATED.glob("*/pyproject.toml")):
        source = root / "source" / project.parent.name
        shutil.copytree(project.parent, source)
        wheels.append(wheel(source, root / "wheels"))
    site = root / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(site), *map(str, wheels)], check=True)
    return site


@pytest.fixture(scope="session")
def checker(sdk_site: Path) -> Iterator[Checker]:
    """A warm checker of all showcase SDKs."""
    with Checker(sdk_paths=[sdk_site]) as warm:
        yield warm


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    """An executor over the weather SDK and its real server, one for all tests of a worker."""
    with Executor(
        sdks=[WEATHER], bindings=BINDINGS, limits=Limits(time_s=HANG_S), sandboxes=2
    ) as made:
        yield made
