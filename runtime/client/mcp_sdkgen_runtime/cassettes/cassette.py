"""Cassettes: a client's calls recorded in a file, and answered from it without a server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from ..config.targets import BindingWrapper
from ..errors import CassetteError
from ..text import shortened

if TYPE_CHECKING:
    from .file import CassetteFile, Mode

FILE_VARIABLE: Final = "MCP_SDKGEN_CASSETTE"
MODE_VARIABLE: Final = "MCP_SDKGEN_CASSETTE_MODE"
REDACT_VARIABLE: Final = "MCP_SDKGEN_CASSETTE_REDACT"
MODES: Final[tuple[Mode, ...]] = ("auto", "record", "replay")


class SdkClient(Protocol):
    """The client class of a generated SDK."""

    PACKAGE: ClassVar[str]
    SERVER: ClassVar[str]


class Cassette(BindingWrapper):
    """A binding that answers from a file, and records what is not in it.

    `path` and `mode` say what it is; `binding` where the server is when it is needed. One cassette
    may serve any number of clients: they share the order of its answers.
    """

    def __init__(self, file: CassetteFile, binding: Any = None) -> None:
        """Use `cassette` to make one."""
        super().__init__(binding)
        self.file = file

    @property
    def tape(self) -> CassetteFile:
        """The earlier name of `file`."""
        return self.file

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    @property
    def mode(self) -> Mode:
        """`auto`, `record` or `replay`."""
        return self.file.mode

    def __repr__(self) -> str:
        return f"cassette({os.fspath(self.path)!r}, mode={self.mode!r})"

    def misfits(self, client: type[SdkClient]) -> list[str]:
        """What was recorded of this client's server and no longer fits its SDK, a line for each.

        Empty when every recorded call could be replayed: `assert not recorded.misfits(Weather)`.
        """
        from .validation import definitions, misfit

        known = definitions(client.PACKAGE)
        found = []
        for interaction in self.file.interactions():
            call = interaction.call
            if call.server == client.SERVER and call.kind == "tool" and known:
                wrong = misfit(interaction, known.get(call.name))
                if wrong:
                    found.append(f"{self.path}, line {interaction.line}: {call.name}: {wrong}")
        return found


def cassette(
    path: str | os.PathLike[str],
    *,
    mode: Mode | None = None,
    binding: Any = None,
    redact: Iterable[str] = (),
) -> Cassette:
    """A binding that replays and records calls: `Weather(cassette("weather.ndjson"))`.

    `mode` is `replay` (nothing is ever sent), `record` (everything is sent, and the file starts
    anew) or `auto` (what is recorded is replayed, the rest is sent and added); None takes it from
    `MCP_SDKGEN_CASSETTE_MODE`, else `auto`. `binding` says where the server is when it is needed;
    without it the usual places do. `redact` are further names of arguments and fields whose values
    are secrets, besides those of `MCP_SDKGEN_CASSETTE_REDACT` and the well-known ones.
    """
    named = mode or os.environ.get(MODE_VARIABLE) or "auto"
    names = [*_names(os.environ.get(REDACT_VARIABLE, "")), *redact]
    return Cassette(_file(Path(path).absolute(), named, names), binding)


def active_cassette(binding: Any) -> CassetteFile | None:
    """The file that calls go through: that of `binding`, else that of the environment."""
    if isinstance(binding, Cassette):
        return binding.file
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return None
    named = os.environ.get(MODE_VARIABLE) or "auto"
    further = os.environ.get(REDACT_VARIABLE, "")
    key = (Path(path).absolute(), named, further)
    with _lock:
        file = _files.get(key)
        if file is None:
            file = _files[key] = _file(key[0], named, _names(further))
        return file


def rewind(path: Path) -> None:
    """Let the next call through the environment's cassette begin the file from its start."""
    with _lock:
        for key in [key for key in _files if key[0] == path.absolute()]:
            del _files[key]


_files: dict[tuple[Path, str, str], CassetteFile] = {}
_lock = threading.Lock()


def _file(path: Path, named: str, names: Iterable[str]) -> CassetteFile:
    # Most programs have no cassette, and those that do not should not wait for its imports.
    from ..observability.redaction import Redaction
    from .file import CassetteFile

    for mode in MODES:
        if mode == named:
            return CassetteFile(path, mode, Redaction(names))
    raise CassetteError(f"a cassette's mode is auto, record or replay, not {shortened(named)}")


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
