"""What is installed and how a reader finds it: the same catalog that a guest can import.

It stands in the runtime, because a program in a sandbox has that and not this package. Here is what
only a host needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mcp_sdkgen_runtime.catalog.index import GROUP as GROUP
from mcp_sdkgen_runtime.catalog.index import Entry as Entry
from mcp_sdkgen_runtime.catalog.index import Sdk as Sdk
from mcp_sdkgen_runtime.catalog.index import index as index
from mcp_sdkgen_runtime.catalog.index import installed as installed
from mcp_sdkgen_runtime.catalog.index import model as model
from mcp_sdkgen_runtime.catalog.index import page as page
from mcp_sdkgen_runtime.config.document import parse
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import read_regular

_MAX_PROJECT_BYTES = 1024 * 1024


def at(folder: Path) -> Sdk:
    """The SDK in the source folder that `mcp-sdkgen build` made, installed or not.

    Raises `ValueError` when the folder holds none.
    """
    try:
        text = read_regular(folder / "pyproject.toml", _MAX_PROJECT_BYTES).decode()
        project = parse(text, folder / "pyproject.toml")["project"]
        [(server, package)] = project["entry-points"][GROUP].items()
        name, version = project["name"], project["version"]
        if not all(isinstance(one, str) for one in (package, name, version)):
            raise ValueError("its names are no texts")
        if not package.isidentifier():  # it could be a path
            raise ValueError("its package has no name of Python's")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigurationError) as error:
        raise ValueError(f"{folder}: no SDK made by mcp-sdkgen: {error}") from None
    return Sdk(server, package, name, version, folder / package)


def chosen(names: Iterable[str], among: Iterable[Sdk]) -> tuple[Sdk, ...]:
    """The SDKs that `names` mean: a server, a package, a distribution, or the folder of an SDK.

    Raises `ValueError` that tells what there is.
    """
    known = tuple(among)
    found: dict[str, Sdk] = {}
    for name in names:
        of_name = [s for s in known if name in (s.server, s.key, s.package, s.distribution)]
        if not of_name and (Path(name) / "pyproject.toml").is_file():
            of_name = [at(Path(name).resolve())]
        if not of_name:
            there = ", ".join(sdk.server for sdk in known) or "none"
            raise ValueError(f"no SDK {name!r}; installed are: {there}")
        found.update({sdk.package: sdk for sdk in of_name})
    return tuple(found.values())


def check_keys(sdks: Iterable[Sdk]) -> None:
    """See that each server key has one meaning: calls are judged by the key and by nothing else.

    SDKs of one key are right together where they pin the same tools. Raises `ValueError` that
    names two that do not.
    """
    first: dict[str, Sdk] = {}
    for sdk in sdks:
        other = first.setdefault(sdk.key, sdk)
        if other is not sdk and other.definitions != sdk.definitions:
            raise ValueError(
                f"{_named(other)} and {_named(sdk)} are both SDKs of the server {sdk.key!r}, and "
                f"their tools differ; choose one, with --sdk {other.package} or --sdk "
                f"{sdk.package} on a command line, with sdks=[...] of an Executor"
            )


def _named(sdk: Sdk) -> str:
    return f"{sdk.package} ({sdk.distribution} {sdk.version}".rstrip() + ")"
