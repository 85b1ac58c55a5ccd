"""A folder with an SDK → its wheel, through hatchling's own builder; and the runtime's beside it.

Both are reproducible: the same input gives the same bytes. No network is used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import BuildError
from .scratch import scratch
from .write import check_folder, write_error

RUNTIME = "mcp-sdkgen-runtime"

_EPOCH = (2020, 2, 2, 0, 0, 0)
_LOCAL = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


def check_dist(dist: Path) -> None:
    """Raise `BuildError` unless wheels can be put into a folder and older ones removed there: a
    link could have come with a project, and lead anywhere."""
    check_folder(dist)
    if dist.is_symlink():
        raise BuildError(
            f"{dist}: is a link, and wheels go into no other folder",
            hint="remove the link, or build no wheels, with --no-wheel",
        )


def remove_older(kept: Path) -> None:
    """Leave one wheel of each SDK, so that `pip install dist/*.whl` installs what was built.

    Only regular files of exactly the names that builds of this SDK have are removed.
    """
    distribution = re.escape(kept.name.partition("-")[0])
    for path in sorted(kept.parent.iterdir()):
        is_built = re.fullmatch(rf"{distribution}-[^-]+-py3-none-any\.whl", path.name)
        if is_built and path != kept and not path.is_symlink() and path.is_file():
            path.unlink()


def wheel(folder: Path, dist: Path) -> Path:
    """Build the wheel of the project in `folder` into `dist`; returns its path.

    Raises `BuildError`.
    """
    # Deferred: verbs that build no wheel need not pay for it.
    from hatchling.builders.wheel import WheelBuilder

    if (folder / "hatch.toml").exists():
        # It may name build hooks, which are programs, and none of ours is ever there.
        raise BuildError(f"{folder}: refused: hatch.toml says how to build it", hint="remove it")
    for path in sorted(folder.iterdir()):
        if path.is_symlink():  # hatchling would pack what a LICENSE leads to
            raise BuildError(f"{path}: refused: is a link", hint="remove it, or copy the file")
    try:
        with scratch(dist / folder.name) as made:
            built = WheelBuilder(str(folder)).build(directory=str(made), versions=["standard"])
            new = Path(next(iter(built)))
            return new.replace(dist / new.name)
    except OSError as error:
        raise write_error("the wheel", error) from error
    except Exception as error:  # hatchling raises whatever its plugins do
        raise BuildError(f"{folder}: hatchling could not build the wheel: {error}") from error


def runtime_wheel(dist: Path) -> Path:
    """Put the wheel of the installed runtime into `dist`; returns its path.

    A runtime installed from a checkout is built from its source; an installed one is packed again
    from its own files. Raises `BuildError`.
    """
    try:
        found = distribution(RUNTIME)
    except PackageNotFoundError:
        raise BuildError(f"{RUNTIME} is not installed", hint="install its wheel, by file") from None
    source = _checkout(found)
    return wheel(source, dist) if source else _repacked(found, dist)


def _checkout(found: Distribution) -> Path | None:
    text = found.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlsplit(origin["url"]).path))


def _repacked(found: Distribution, dist: Path) -> Path:
    name = f"{RUNTIME.replace('-', '_')}-{found.version}"
    info = f"{name}.dist-info/"
    members: dict[str, bytes] = {}
    for path in found.files or ():
        member = path.as_posix()
        local = member.startswith(info) and path.name in _LOCAL
        if local or member.startswith("..") or path.suffix == ".pyc":
            continue
        members[member] = path.read_binary()
    if f"{info}METADATA" not in members:
        raise BuildError(
            f"the installed {RUNTIME} is incomplete", hint="install its wheel anew, by file"
        )
    record = "".join(
        f"{path},{_hash(data)},{len(data)}\n" for path, data in sorted(members.items())
    )
    members[f"{info}RECORD"] = f"{record}{info}RECORD,,\n".encode()
    target = dist / f"{name}-py3-none-any.whl"
    try:
        with scratch(target) as made:
            new = made / target.name
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, data in sorted(members.items()):
                    entry = zipfile.ZipInfo(member, _EPOCH)
                    entry.external_attr = 0o644 << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, data)
            return new.replace(target)
    except OSError as error:
        raise write_error("the wheel", error) from error


def _hash(data: bytes) -> str:
    value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={value}"
