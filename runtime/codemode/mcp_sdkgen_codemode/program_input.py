"""What a program is started with beside its text: arguments, standard input and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from .limits import Limits

ReadStdin: TypeAlias = Callable[[int], Awaitable[bytes]]
"""Reads at most so many bytes; none at the end."""

MAX_NAME: Final = 240
FILE_BYTES: Final = 4096
"""What a file counts at least towards `Limits.tmp_bytes`: about what the kernel keeps of it."""
_CHUNK_BYTES: Final = 192 << 10


@dataclass(frozen=True, slots=True)
class ProgramInput:
    """`argv` is `sys.argv[1:]`. `files` stand in the program's working folder under their
    names, read-only, and do not come back. What reads `stdin` is asked only when the program is.
    """

    argv: Sequence[str] = ()
    stdin: bytes | ReadStdin = b""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def check(self, limits: Limits) -> None:
        """Raises `ValueError` for a name that no file of a program may have, and for too much."""
        for argument in self.argv:
            if "\0" in argument or not _is_text(argument):
                raise ValueError(f"argument {argument!r}: not text that a program can be given")
        size = sum(len(argument.encode()) for argument in self.argv)
        if size > limits.arguments_bytes:
            raise ValueError(
                f"the arguments have {size:,} bytes; {limits.arguments_bytes:,} may be"
            )
        for name, data in self.files.items():
            if not is_safe_name(name):
                raise ValueError(f"file {name!r}: not a name in the program's folder")
            for above in map(str, PurePosixPath(name).parents):
                if above in self.files:
                    raise ValueError(f"file {name!r}: {above!r} is a file, not a folder")
            if len(data) > limits.file_bytes:
                raise ValueError(
                    f"file {name!r}: {len(data):,} bytes; one file may have {limits.file_bytes:,}"
                )
        total = sum(max(len(data), FILE_BYTES) for data in self.files.values())
        most = min(limits.input_bytes, limits.tmp_bytes)
        if total > most:
            raise ValueError(f"the files have {total:,} bytes together; they may have {most:,}")

    def chunks(self) -> Iterator[bytes]:
        """The content of all files, in their order."""
        for data in self.files.values():
            for start in range(0, len(data), _CHUNK_BYTES):
                yield data[start : start + _CHUNK_BYTES]

    def order(self) -> dict[str, object]:
        """What a sandbox is told of it when the program begins."""
        return {
            "argv": list(self.argv),
            "stdin": bool(self.stdin),
            "files": [[name, len(data)] for name, data in self.files.items()],
        }

    def reader(self) -> ReadStdin:
        """What reads its standard input."""
        return _read_from(self.stdin) if isinstance(self.stdin, bytes) else self.stdin


def is_safe_name(name: str) -> bool:
    """Whether a file of a program may have this name: relative, portable, and not hidden."""
    return not (
        len(name) > MAX_NAME
        or PurePosixPath(name).is_absolute()
        or not name.isprintable()
        or any(part.startswith(".") or not part for part in name.split("/"))
        or "\\" in name
        or ":" in name
    )


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_from(data: bytes) -> ReadStdin:
    left = memoryview(data)

    async def read(most: int) -> bytes:
        nonlocal left
        found, left = bytes(left[:most]), left[most:]
        return found

    return read
