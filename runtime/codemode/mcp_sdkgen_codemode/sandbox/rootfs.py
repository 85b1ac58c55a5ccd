"""The private copy of Python and of what programs may import: all that a sandbox can see.

Three layers, each a folder in a cache that is built once, under a name made from what is in it:
the base (interpreter, libraries, standard library, pydantic, our runtime, the boot code), a set of
SDKs, and a set of packages that the host allows. They are copies, not links, so that no other
process writes to what a sandbox reads, and no set-uid file is among them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
import sys
import sysconfig
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mcp_sdkgen_runtime.files import cache_folder, make_private

from ..host_only import HostOnly
from . import layer_index, seccomp
from .engines.engine import SandboxError, SandboxSpec
from .processes import LOOK_S, Work

PYTHON = "/runtime/bin/python"
SITE, SDKS, PACKAGES, GUEST = "/site", "/sdks", "/packages", "/guest"
_GUEST_NEEDS = ("pydantic", "uritemplate")
"""What our runtime needs of others inside a sandbox."""
LIBRARIES = "/runtime/libs"
_OURS = f"{SITE[1:]}/mcp_sdkgen_runtime/"
"""Inside the base; may be edited where it stands."""

_LAYOUT = "2"
"""Part of every name: change it when the same files are laid out in another way."""
_UNUSED_FOR_S = 30 * 24 * 3600
_NO_USE = {
    "test", "tests", "idlelib", "ensurepip", "tkinter", "turtledemo", "lib2to3", "pydoc_data",
    "site-packages", "dist-packages", "__pycache__", "venv", "turtle.py", "antigravity.py",
    "sitecustomize.py", "usercustomize.py", "distutils",
}  # fmt: skip
_NO_USE_STARTS = (
    "config-",
    "_tkinter",
    "_test",
    "_curses",
    "readline.",
    "_ctypes_test",
    "xxlimited",
    "nis.",
)
_EMPTY_FOLDERS = ("tmp", "dev", "proc", "sys", "etc", "run", "sdks", "packages")
_ZONES = Path("/usr/share/zoneinfo")
_NO_ZONES = {"posix", "right"}
_LOADED_LATE = ("libgcc_s.so.1",)
"""What the C library loads by itself when a thread ends early."""

Files = dict[str, Path]
"""Path inside the layer, without a leading slash → the file to copy."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The layers of one spec, on the host's disk. `digest` names their content."""

    base: Path
    sdks: Path | None
    packages: Path | None
    digest: str

    def mounts(self) -> Iterator[tuple[Path, str]]:
        """(folder of the host, place in the sandbox), all to be mounted read-only."""
        for entry in sorted(self.base.iterdir()):
            if entry.name not in _EMPTY_FOLDERS:
                yield entry, f"/{entry.name}"
        if self.sdks is not None:
            yield self.sdks, SDKS
        if self.packages is not None:
            yield self.packages, PACKAGES


def trees_folder() -> Path:
    """The folder of the built trees.

    For root it is under `/var/cache`: root's sandboxes run as another user, who must be able to
    read it.
    """
    if os.geteuid() == 0:
        return Path("/var/cache/mcp-sdkgen/sandboxes")
    return cache_folder() / "sandboxes"


async def prepare(spec: SandboxSpec, cache: Path | None = None) -> Tree:
    """The tree for a spec; builds what is missing, which takes seconds. Raises `SandboxError`.

    A caller that is cancelled ends a build at once.
    """
    work = Work()
    building = asyncio.get_running_loop().run_in_executor(None, _prepared, spec, cache, work)
    try:
        return await asyncio.shield(building)
    except asyncio.CancelledError:
        work.end()
        await asyncio.gather(building, return_exceptions=True)
        raise


def _prepared(spec: SandboxSpec, cache: Path | None, work: Work) -> Tree:
    folder = cache if cache is not None else trees_folder()
    base = _base(folder, work)
    sdks = _layer(folder, "sdks", _sdk_files(spec.sdks), work) if spec.sdks else None
    packages = None
    if spec.packages:
        packages = _layer(folder, "packages", _package_files(spec.packages), work)
    names = [layer.name for layer in (base, sdks, packages) if layer is not None]
    return Tree(base, sdks, packages, hashlib.sha256(" ".join(names).encode()).hexdigest())


def _base(cache: Path, work: Work) -> Path:
    """The layer that all sandboxes have. Whether it is up to date is seen by an index."""
    places = (sys.prefix, __file__, *map(_package_folder, ("pydantic", "mcp_sdkgen_runtime")))
    index = layer_index.index_path(cache, _LAYOUT, sys.version, *map(str, places))
    name = layer_index.indexed(index)
    if name is not None and (cache / name).is_dir():
        return _used(cache / name)
    files = _base_files()
    installed = (f"runtime/{sys.platlibdir}/", f"{str(_ZONES)[1:]}/", f"{SITE[1:]}/")
    seen = layer_index.watched(files, installed)
    seen |= {path for name, path in files.items() if name.startswith(_OURS)}
    looks = layer_index.looks(seen)
    base = _layer(cache, "base", files, work)
    layer_index.note(index, base.name, looks)
    return base


def fingerprint(spec: SandboxSpec) -> tuple[object, ...]:
    """Changes when a file of the spec's SDKs does; much cheaper than `prepare`."""
    return tuple(
        (name, found.st_size, found.st_mtime_ns)
        for name, path in _sdk_files(spec.sdks).items()
        for found in (path.stat(),)
    )


def _base_files() -> Files:
    # Deferred, here and below: most starts find what was built before.
    from . import distributions

    found: Files = {}
    interpreter = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    found[PYTHON[1:]] = interpreter
    stdlib = Path(sysconfig.get_path("stdlib"))
    dynamic = Path(sysconfig.get_path("platstdlib").replace(sys.prefix, sys.base_prefix, 1))
    inside = f"runtime/{sys.platlibdir}/{stdlib.name}"
    for folder in dict.fromkeys((stdlib, dynamic)):
        found |= _walked(folder, inside, trimmed=True)
    wanted = distributions.closure(_GUEST_NEEDS)
    with suppress(SandboxError):
        wanted += distributions.closure(["jsonschema-rs"])
    if _ZONES.is_dir():
        found |= {
            name: path
            for name, path in _walked(_ZONES, str(_ZONES)[1:]).items()
            if Path(name).parts[3] not in _NO_ZONES
        }
    else:
        with suppress(SandboxError):
            wanted += distributions.closure(["tzdata"])
    for distribution in wanted:
        found |= {f"{SITE[1:]}/{n}": p for n, p in distributions.files(distribution).items()}
    found |= _walked(_package_folder("mcp_sdkgen_runtime"), f"{SITE[1:]}/mcp_sdkgen_runtime")
    found |= _walked(Path(__file__).parent / "guest", f"{GUEST[1:]}/mcp_sdkgen_guest")
    with suppress(OSError):
        found[f"{GUEST[1:]}/stage2.bpf"] = seccomp.filter_path(2)
    return found | _shared(found, _LOADED_LATE)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _shared(found: Files, extra: tuple[str, ...] = ()) -> Files:
    """The shared libraries that the files need and do not bring themselves, and the loader."""
    from . import elf

    programs = [path for name, path in found.items() if ".so" in path.name or name == PYTHON[1:]]
    own = {os.path.realpath(path) for path in programs}
    needed, loader = elf.libraries(programs, extra)
    shared: Files = {
        f"{LIBRARIES[1:]}/{name}": path
        for name, path in needed.items()
        if os.path.realpath(path) not in own
    }
    if loader:
        shared[loader[1:]] = Path(loader)
    return shared


def _sdk_files(sdks: tuple[Path, ...]) -> Files:
    found: Files = {}
    for folder in sdks:
        if not (folder / "__init__.py").is_file():
            raise SandboxError(
                f"the folder {folder.name} is no package of an SDK",
                "Give the folder with its __init__.py; `mcp-sdkgen build` makes one.",
                HostOnly(str(folder)),
            )
        if any(name.startswith(f"{folder.name}/") for name in found):
            raise SandboxError(f"two SDKs have the import name {folder.name}", "Leave one out.")
        found |= _walked(folder, folder.name)
    return found


def _package_files(names: tuple[str, ...]) -> Files:
    from . import distributions

    present = [distribution.name for distribution in distributions.closure(_GUEST_NEEDS)]
    found: Files = {}
    for distribution in distributions.closure(names, without=present):
        found |= distributions.files(distribution)
    return found | {
        f"libs/{Path(name).name}": path
        for name, path in _shared(found).items()
        if name.startswith(LIBRARIES[1:])
    }


def _walked(folder: Path, inside: str, *, trimmed: bool = False) -> Files:
    found: Files = {}
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _useless(name, trimmed))
        within = Path(here).relative_to(folder)
        for name in sorted(names):
            path = Path(here, name)
            if _useless(name, trimmed) or path.suffix in (".pyc", ".a"):
                continue
            # A link out of the folder would carry a file into the sandbox that nobody meant.
            if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
                continue
            if stat.S_ISREG(path.stat().st_mode):
                found[str(Path(inside, within, name))] = path
    return found


def _useless(name: str, trimmed: bool) -> bool:
    if name == "__pycache__":
        return True
    return trimmed and (name in _NO_USE or name.startswith(_NO_USE_STARTS))


def _layer(cache: Path, kind: str, files: Mapping[str, Path], work: Work) -> Path:
    """The folder of a layer, built if it is not there. Builders of the same layer take turns."""
    final = cache / f"{kind}-{_digest(kind, files)[:24]}"
    if final.is_dir():
        return _used(final)
    try:
        make_private(cache, enterable=os.geteuid() == 0)  # they run as another user
        _check_reachable(cache)
        with _turn(cache / f"{final.name}.lock", work):
            if not final.is_dir():
                _build(cache, final, kind, files, work)
                _prune(cache)
    except OSError as error:
        raise SandboxError(
            f"the private copy of Python cannot be written: {error.strerror}",
            "Make its folder writable, or free some space (100 MB).",
            HostOnly(f"{cache}: {error}"),
        ) from error
    return final


def _used(layer: Path) -> Path:
    with suppress(OSError):
        os.utime(layer)
    return layer


@contextmanager
def _turn(lock: Path, work: Work) -> Iterator[None]:
    from filelock import FileLock, Timeout

    mine = FileLock(lock)
    while True:
        work.check()
        with suppress(Timeout):
            mine.acquire(timeout=LOOK_S)
            break
    try:
        yield
    finally:
        mine.release()


def _digest(kind: str, files: Mapping[str, Path]) -> str:
    made = hashlib.sha256(f"{_LAYOUT} {kind} {sys.version}".encode())
    for name, path in sorted(files.items()):
        made.update(f"\0{name}\0".encode())
        if kind == "sdks":
            made.update(hashlib.sha256(path.read_bytes()).digest())
        else:
            found = path.stat()
            made.update(f"{path} {found.st_size} {found.st_mtime_ns}".encode())
    return made.hexdigest()


def _build(cache: Path, final: Path, kind: str, files: Mapping[str, Path], work: Work) -> None:
    building = cache / f".building-{uuid.uuid4().hex}"
    try:
        building.mkdir()
        for name, path in files.items():
            work.check()
            target = building / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o555 if os.access(path, os.X_OK) else 0o444)
        if kind == "base":
            for folder in _EMPTY_FOLDERS:
                (building / folder).mkdir(exist_ok=True)
        _compile(building, work)
        for here, folders, names in os.walk(building):
            Path(here).chmod(0o755)
            for name in names:
                path = Path(here, name)
                path.chmod(0o555 if path.stat().st_mode & 0o100 else 0o444)
            assert not any(Path(here, name).is_symlink() for name in [*folders, *names])
        if kind == "base":
            # runc gives what it mounts there this mode. Sandboxes never see the folder itself.
            (building / "tmp").chmod(0o1777)
        building.rename(final)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _compile(folder: Path, work: Work) -> None:
    """Byte code beside every module, naming it as it is called in the sandbox."""
    # In a process of its own: it takes seconds, and would hold back the caller's event loop.
    work.run(
        [
            sys.executable, "-I", "-m", "compileall", "-q", "-q", "-j", "2", "-s", str(folder),
            "-p", "/", "--invalidation-mode", "unchecked-hash", str(folder),
        ]
    )  # fmt: skip


def _prune(cache: Path) -> None:
    """Remove what no sandbox has used for a month, and what a killed builder left."""
    for path in cache.iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime <= _UNUSED_FOR_S:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix == layer_index.ENDING:
                path.unlink()


def _check_reachable(cache: Path) -> None:
    if os.geteuid() != 0:
        return
    for folder in (cache, *cache.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise SandboxError(
                "sandboxes do not run as root, and no other user can enter a folder of their files",
                "Keep the copies elsewhere, or allow entering it.",
                HostOnly(f"chmod o+x {folder}"),
            )
