"""Which shared libraries a program needs, read from its ELF headers as the loader would."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 1, 5, 15, 29
_USUAL_FOLDERS = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")


@dataclass(frozen=True, slots=True)
class Elf:
    """The dynamic section of a 64-bit little-endian ELF file."""

    path: Path
    machine: int
    interpreter: str | None
    needed: tuple[str, ...]
    search: tuple[str, ...]


def read(path: Path) -> Elf | None:
    """The ELF facts of a file, or None when it is no 64-bit little-endian ELF file."""
    with path.open("rb") as file:
        head = file.read(64)
        if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":
            return None
        machine = struct.unpack_from("<H", head, 18)[0]
        offset, size, count = struct.unpack_from("<Q14xHH", head, 32)

        def at(place: int, length: int) -> bytes:
            file.seek(place)
            return file.read(length)

        segments = [
            struct.unpack_from("<IIQQQQQQ", at(offset + i * size, 56)) for i in range(count)
        ]
        interpreter, needed, search = None, [], []
        for kind, _, place, _, _, length, _, _ in segments:
            if kind == _PT_INTERP:
                interpreter = at(place, length).rstrip(b"\0").decode()
            elif kind == _PT_DYNAMIC:
                entries = list(struct.iter_unpack("<qQ", at(place, length // 16 * 16)))
                table = next((value for tag, value in entries if tag == _DT_STRTAB), 0)
                start = _file_offset(segments, table)
                for tag, value in entries:
                    if tag == _DT_NEEDED:
                        needed.append(_text(at(start + value, 4096)))
                    elif tag in (_DT_RPATH, _DT_RUNPATH):
                        search += _text(at(start + value, 4096)).split(":")
    return Elf(path, machine, interpreter, tuple(needed), tuple(search))


def _file_offset(segments: list[tuple[int, ...]], address: int) -> int:
    for kind, _, place, start, _, length, _, _ in segments:
        if kind == _PT_LOAD and start <= address < start + length:
            return place + address - start
    return address


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode(errors="replace")


def libraries(programs: Iterable[Path], extra: Iterable[str] = ()) -> tuple[dict[str, Path], str]:
    """Every library that the programs load, by the name they ask for, and their loader's path.

    `extra` names libraries wanted if they exist. What is not found is left out: then it would
    not load on the host either. The loader's path is empty for static programs.
    """
    found: dict[str, Path] = {}
    loader, machine, inherited = "", 0, []
    queue: list[Elf] = []
    for program in programs:
        if (elf := read(program)) is not None:
            queue.append(elf)
            if elf.interpreter and not loader:
                loader, machine = elf.interpreter, elf.machine
                inherited = list(_folders(elf))
    queue += [elf for name in extra if (elf := _extra(name, machine, inherited, found)) is not None]
    while queue:
        elf = queue.pop()
        for name in elf.needed:
            if name not in found and (path := _resolve(name, elf, inherited)) is not None:
                found[name] = path
                if (inner := read(path)) is not None:
                    queue.append(inner)
    return found, loader


def _extra(name: str, machine: int, inherited: list[Path], found: dict[str, Path]) -> Elf | None:
    path = _resolve(name, Elf(Path(), machine, None, (), ()), inherited)
    if path is None:
        return None
    found[name] = path
    return read(path)


def _resolve(name: str, asker: Elf, inherited: list[Path]) -> Path | None:
    if "/" in name:
        return Path(name) if Path(name).is_file() else None
    folders = [*_folders(asker), *inherited]
    candidates: list[Path] = [folder / name for folder in folders]
    candidates += _cached().get(name, [])
    candidates += [Path(folder, name) for folder in _USUAL_FOLDERS]
    for path in candidates:
        if path.is_file() and (elf := read(path)) is not None and elf.machine == asker.machine:
            return path
    return None


def _folders(elf: Elf) -> Iterator[Path]:
    origin = str(elf.path.resolve().parent)
    for folder in elf.search:
        folder = folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
        if folder.startswith("/"):
            yield Path(os.path.normpath(folder))


@cache
def _cached() -> dict[str, list[Path]]:
    """What `ldconfig` knows. musl has none; there the usual folders are all."""
    found: dict[str, list[Path]] = {}
    for tool in ("/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"):
        try:
            answer = subprocess.run([tool, "-p"], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        for line in answer.stdout.splitlines():
            name, arrow, path = line.partition(" => ")
            if arrow:
                found.setdefault(name.split()[0], []).append(Path(path.strip()))
        break
    return found
