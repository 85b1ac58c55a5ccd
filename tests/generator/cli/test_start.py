"""The first second of a process: little is imported, and an interruption is quiet."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.terminals import interruptible

ROOT = Path(__file__).parents[3]
LOOK = """\
import importlib, sys
package = importlib.import_module({package!r})
slow = [*{{"pydantic", "black", "typer", "rich", "jinja2", "anyio"}} & sys.modules.keys()]
for name in {names!r}:
    if {package!r} + "." + name in {modules!r}:
        importlib.import_module({package!r} + "." + name)
    found = getattr(package, name)
    assert type(found) is not type(sys), name
    assert getattr(package, name) is found, name
print(slow)
"""


@pytest.mark.parametrize(
    "folder",
    ["generator/mcp_sdkgen", "runtime/codemode/mcp_sdkgen_codemode"],
    ids=["generator", "codemode"],
)
def test_a_package_imports_nothing_slow_and_exports_all_that_it_promises(folder: str) -> None:
    package = ROOT / folder
    names = [
        alias.asname
        for node in ast.walk(ast.parse((package / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    ]
    modules = [f"{package.name}.{path.stem}" for path in package.glob("*.py")]
    program = LOOK.format(package=package.name, names=names, modules=modules)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_an_interruption_while_it_is_being_imported_is_quiet() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "mcp_sdkgen", "run", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=interruptible,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        # The verb's own imports come after typer's, and take longest.
        assert any(line.endswith(" typer\n") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "mcp_sdkgen.cli.running.run\n" not in rest


WORK = {"mypy", "black", "jinja2", "datamodel_code_generator", "mcp_sdkgen.lower.draft"}
"""What builds SDKs, or belongs into another process."""
LOADED = """
import sys
from mcp_sdkgen.cli import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("words", "code", "never"),
    [
        (["--version"], 0, {"pydantic", "anyio", "rich", "mcp", "mcp_sdkgen_codemode", *WORK}),
        (["--help"], 0, {"pydantic", "anyio", "mcp", "mcp_sdkgen_codemode", *WORK}),
        (
            ["check", "right.py"],
            0,
            {
                "anyio", "asyncio", "mcp", "tomlkit", "packaging", "urllib.request",
                "mcp_sdkgen_codemode.executor.executor", "mcp_sdkgen_codemode.policy.services",
                "mcp_sdkgen.lock.lock", "mcp_sdkgen.source.fetch", *WORK,
            },
        ),
        (
            ["run", "wrong.py"],
            3,
            {
                "mcp", "mcp_types", "httpx2", "tomlkit", "mcp_sdkgen.source.fetch",
                "mcp_sdkgen.provision.provision", "mcp_sdkgen_codemode.executor.trace", *WORK,
            },
        ),
        (["run", "right.py"], 0, {"mcp", "mcp_types", "httpx2", "mcp_sdkgen.lock.lock", *WORK}),
    ],
    ids=["version", "help", "check", "run, rejected", "run"],
)  # fmt: skip
def test_a_command_imports_nothing_that_it_does_not_need(
    words: list[str], code: int, never: set[str], tmp_path: Path
) -> None:
    (tmp_path / "right.py").write_text("print(1)\n")
    (tmp_path / "wrong.py").write_text("print(1 + '1')\n")
    sdk = ["--sdk", str(ROOT / "generated" / "weather")] if words[0] == "run" else []
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words, *sdk], cwd=tmp_path, capture_output=True, text=True
    )
    *told, loaded = done.stderr.splitlines()
    assert done.returncode == code, told
    assert never & set(loaded.split()) == set()


def test_the_version_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mcp_sdkgen", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, version("mcp-sdkgen")), done.stderr
