"""The distributions are whole, and what the pages tell about installing them is so.

What needs the wheels alone is tested always. What resolves and downloads is slow: the commands of
the pages, run as they stand there, and an installation for each Python of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_sdkgen.cli.demo.four_servers import borrowing_environment, install

from tests.docs.pages import ROOT, blocks
from tests.patience import HANG_S
from tools.interpreters import interpreters
from tools.wheels import wheels

PAGES = (ROOT / "README.md", ROOT / "docs" / "install.md")
LINES = dict.fromkeys(
    re.sub(r"\s+#.*", "", line)
    for page in PAGES
    for block in blocks(page.read_text())
    for line in block.text.splitlines()
    if "dist/wheels.txt" in line
)
PROGRAM = "from weather_sdk import weather\nprint(weather.get_weather(location='Oslo').condition)\n"


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distributions, built and checked."""
    folder = tmp_path_factory.mktemp("wheels") / "dist"
    found = [file.name.partition("-")[0] for file in wheels(folder)]
    assert found == ["mcp_sdkgen", "mcp_sdkgen_codemode", "mcp_sdkgen_runtime"]
    return folder


@pytest.fixture
def desk(tmp_path: Path, dist: Path) -> Path:
    """A folder with the wheels, and a configuration of one server: nothing of the checkout."""
    shutil.copytree(dist, tmp_path / "dist")
    servers = shutil.copytree(ROOT / "examples" / "servers", tmp_path / "servers")
    weather = {"command": sys.executable, "args": [str(servers / "weather.py")]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": weather}}))
    return tmp_path


def variables(desk: Path) -> dict[str, str]:
    """A user's environment, whose programs and caches are all within the folder."""
    uncommon = ("PYTHON", "PIP_TARGET", "PIPX_", "VIRTUAL_ENV", "UV_TOOL", "XDG_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(uncommon)}
    tools = {name: str(desk / "tools") for name in ("UV_TOOL_DIR", "PIPX_HOME")}
    bins = {name: str(desk / "bin") for name in ("UV_TOOL_BIN_DIR", "PIPX_BIN_DIR")}
    # `uv` and `pip` are those of the tests; `bin` is where commands are installed.
    path = [desk / "bin", desk / "venv" / "bin", Path(sys.executable).parent]
    path_of_all = os.pathsep.join([*map(str, path), os.environ["PATH"]])
    return {**kept, **tools, **bins, "PATH": path_of_all, "XDG_STATE_HOME": str(desk / "state")}


def done(desk: Path, *command: str) -> str:
    """What a command prints, which has to end well."""
    ran = subprocess.run(
        command, cwd=desk, env=variables(desk), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=HANG_S,
    )  # fmt: skip
    assert ran.returncode == 0, f"{shlex.join(command)}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def test_wheels_alone_build_an_sdk(desk: Path) -> None:
    python = borrowing_environment(desk / "venv")
    install(python, desk / "dist")
    command = str(desk / "venv" / "bin" / "mcp-sdkgen")
    where = done(desk, python, "-c", "import mcp_sdkgen; print(mcp_sdkgen.__file__)")
    assert Path(where.strip()).is_relative_to(desk / "venv")
    assert "0.1.0" in done(desk, command, "--version")
    done(desk, command, "build", "mcp.json")
    assert (desk / "generated" / "weather" / "weather_sdk" / "__init__.py").is_file()
    done(desk, command, "demo", "--help")


def test_the_pages_tell_how_to_install_with_every_tool() -> None:
    told = {tuple(shlex.split(line)[:2]) for line in LINES}
    assert {
        ("uv", "tool"),
        ("uvx", "--with-requirements"),
        ("pipx", "install"),
        ("pip", "install"),
    } <= told


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_a_line_that_installs_from_wheels_does_so(line: str, desk: Path) -> None:
    tool, *_ = words = shlex.split(line)
    if tool == "pip":
        done(desk, sys.executable, "-m", "venv", "venv")
        words = [str(desk / "venv" / "bin" / "pip"), *words[1:]]
    elif tool == "pipx":
        done(desk, "uv", "tool", "install", "pipx")
    printed = done(desk, *words)
    if tool == "uvx" and words[-1] == "demo":
        assert "Austin is warmer by 34.0 degrees F" in printed
        return
    if tool != "uvx":
        folder = "venv/bin" if tool == "pip" else "bin"
        done(desk, str(desk / folder / "mcp-sdkgen"), "build", "mcp.json")
    assert (desk / "generated" / "weather" / "weather_sdk" / "snapshot.json").is_file()


@pytest.mark.slow
def test_a_command_of_its_own_runs_programs_with_the_servers_of_a_configuration(desk: Path) -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt install bubblewrap")
    done(desk, "uv", "tool", "install", "--with-requirements", "dist/wheels.txt", "mcp-sdkgen")
    (desk / "program.py").write_text(PROGRAM)
    command = str(desk / "bin" / "mcp-sdkgen")
    assert done(desk, command, "run", "--config", "mcp.json", "program.py") == "snowy\n"


@pytest.mark.slow
def test_a_demonstration_without_its_servers_says_which_extra_has_them(desk: Path) -> None:
    done(desk, "uv", "tool", "install", "--with-requirements", "dist/wheels.txt", "mcp-sdkgen")
    command = [str(desk / "bin" / "mcp-sdkgen"), "demo"]
    ran = subprocess.run(command, cwd=desk, env=variables(desk), capture_output=True, text=True)
    assert ran.returncode == 2
    assert "not installed: pip, mcp-server-time, mcp-server-git" in ran.stderr
    assert "install them into the environment of mcp-sdkgen" in ran.stderr


@pytest.mark.slow
def test_wheels_install_for_every_python_of_this_machine(
    desk: Path, subtests: pytest.Subtests
) -> None:
    install = [
        "uv",
        "tool",
        "install",
        "--reinstall",
        "--with-requirements",
        "dist/wheels.txt",
        "mcp-sdkgen",
    ]
    for version, path in interpreters().items():
        with subtests.test(version):
            done(desk, *install, "--python", path)
            own = desk / "tools" / "mcp-sdkgen" / "bin" / "python"
            assert done(desk, str(own), "--version").strip() == f"Python {version}"
            out = f"for-{version}"
            done(desk, str(desk / "bin" / "mcp-sdkgen"), "build", "mcp.json", "--out", out)
            assert (desk / out / "weather" / "weather_sdk" / "snapshot.json").is_file()
