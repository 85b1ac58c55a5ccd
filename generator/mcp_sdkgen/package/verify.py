"""Is a generated package what it claims: does it import, and is it clean under `mypy --strict`?

Both questions are asked in a scratch folder and in processes of their own.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mcp_sdkgen_runtime.files import cache_folder

from ..emit.generate import Generated
from ..errors import BuildError

TIME_LIMIT_S = 1800
FOLLOWED = ("mcp_sdkgen_runtime", "pydantic", "pydantic_core", "annotated_types")
"""The packages that the code of an SDK takes types from."""

_LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+)(?::\d+)?: error: (?P<message>.*)$")
_PROBE = """
import importlib, json, sys, typing
sys.path.insert(0, sys.argv[1])
found = {}
for package, (tools, types) in json.loads(sys.stdin.read()).items():
    for name in (f"{package}.client", f"{package}.aio"):
        try:
            importlib.import_module(name)
        except Exception as error:
            found[f"{package}/{name.split('.')[1]}.py"] = f"{type(error).__name__}: {error}"
    for tool in tools:
        try:
            module = importlib.import_module(f"{package}.tools.{tool}")
            module.TOOL.result_adapter, module.TOOL.definition
        except Exception as error:
            found[f"{package}/tools/{tool}.py"] = f"{type(error).__name__}: {error}"
    for name, module in types.items():
        try:
            value = getattr(importlib.import_module(f"{package}.types"), name)
            if hasattr(value, "model_rebuild"):
                value.model_rebuild()
            elif isinstance(value, type):
                typing.get_type_hints(value, include_extras=True)
        except Exception as error:
            found[f"{package}/types/{module}.py"] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Failure:
    """One thing that a check found. `method` is the tool to blame, empty if that is unclear."""

    package: str
    method: str
    message: str


def check(sdks: Sequence[Generated], cache: Path | None = None) -> list[Failure]:
    """Import every module and type-check every package; an empty list means all is well.

    `cache` is where mypy keeps what it learnt of pydantic and the runtime, so that the next check
    takes seconds. Raises `BuildError` when a check itself cannot be made.
    """
    if not sdks:
        return []
    try:
        found = _found(sdks, cache)
    except OSError as error:
        hint = "make room in the folder for temporary files, or set TMPDIR to another"
        raise BuildError(f"a check could not be made: {error}", hint=hint) from error
    by_package = {sdk.package: sdk for sdk in sdks}
    failures = []
    for (path, line), message in sorted(found.items()):
        sdk = by_package[path.split("/")[0]]
        methods = _blamed(sdk, path, line)
        failures += [
            Failure(sdk.package, method, f"{path}:{line}: {message}") for method in methods
        ]
    return failures


def _found(sdks: Sequence[Generated], cache: Path | None) -> dict[tuple[str, int], str]:
    """What is wrong, by file and line. Raises `OSError` where no files can be written."""
    with tempfile.TemporaryDirectory(prefix="mcp-sdkgen-") as scratch:
        root = Path(scratch)
        for sdk in sdks:
            for path, text in sdk.files.items():
                if path.startswith(f"{sdk.package}/"):
                    target = root / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(text.encode())
        return {**_imports(sdks, root), **_types(sdks, root, cache)}


def mypy_command(packages: Iterable[str], folder: Path, cache: Path | None = None) -> list[str]:
    """How `mypy --strict` is called on what needs no types but those of `packages`, of SDKs and of
    the standard library. Its configuration is written into `folder`.

    What else the runtime imports (`mcp`, and with it servers, cryptography and consoles) is three
    quarters of all modules, and no SDK sees a type of it.
    """
    config = folder / "mypy.ini"
    followed = ",".join(f"{name},{name}.*" for name in (*FOLLOWED, *packages))
    config.write_text(
        f"[mypy]\nfollow_imports = skip\n[mypy-{followed}]\nfollow_imports = normal\n"
    )
    command = [sys.executable, "-P", "-m", "mypy", "--strict", "--config-file", str(config)]
    return [*command, "--no-color-output", "--cache-dir", str(cache or cache_folder() / "mypy")]


def _imports(sdks: Sequence[Generated], root: Path) -> dict[tuple[str, int], str]:
    expected = {
        sdk.package: (
            [method for _, method in sdk.methods],
            {export.name: export.module for export in sdk.lowered.server.exports},
        )
        for sdk in sdks
    }
    done = _run([sys.executable, "-I", "-B", "-c", _PROBE, str(root)], root, json.dumps(expected))
    try:
        found: Mapping[str, str] = json.loads(done.stdout.strip().split("\n")[-1])
    except ValueError:
        raise BuildError(
            "the import check ended without a result", detail=done.stderr[-2000:]
        ) from None
    return {(path, 1): message for path, message in found.items()}


def _types(sdks: Sequence[Generated], root: Path, cache: Path | None) -> dict[tuple[str, int], str]:
    packages = [sdk.package for sdk in sdks]
    cache = cache or cache_folder() / "mypy"
    done = _mypy(packages, root, cache)
    if done.returncode not in (0, 1):
        # mypy breaks off at a cache that is damaged, in this build and in all later ones.
        shutil.rmtree(cache / ".".join(map(str, sys.version_info[:2])), ignore_errors=True)
        done = _mypy(packages, root, root / ".mypy_cache")
    if done.returncode not in (0, 1):
        raise BuildError("mypy ended without a result", detail=(done.stdout + done.stderr)[-2000:])
    found = {}
    for line in done.stdout.splitlines():
        if match := _LINE.match(line):
            found[(match["path"].replace(os.sep, "/"), int(match["line"]))] = match["message"]
    return found


def _mypy(packages: Sequence[str], root: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    options = ["--no-error-summary", "--hide-error-context"]
    return _run([*mypy_command(packages, root, cache), *options, *packages], root, "")


def _run(command: list[str], folder: Path, given: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_S,
            env={**os.environ, "PYTHONHASHSEED": "0", "MYPY_FORCE_COLOR": "0"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"a check could not be made: {error}") from error


def _blamed(sdk: Generated, path: str, line: int) -> list[str]:
    parts = path.split("/")
    methods = [method for _, method in sdk.methods]
    if parts[1] == "tools" and parts[2].removesuffix(".py") in methods:
        return [parts[2].removesuffix(".py")]
    if parts[1] == "types":
        return _users(sdk, parts[2].removesuffix(".py")) or [""]
    for node in ast.walk(ast.parse(sdk.files.get(path, ""))):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name in methods
            and node.lineno <= line <= (node.end_lineno or node.lineno)
        ):
            return [node.name]
    return [""]


def _users(sdk: Generated, module: str) -> list[str]:
    """The methods that need what a module of `<package>.types` defines."""
    defined = {export.name for export in sdk.lowered.server.exports if export.module == module}
    places = sdk.lowered.names.pins
    return [m for wire, m in sdk.methods if not defined.isdisjoint(places.get(wire, {}).values())]
