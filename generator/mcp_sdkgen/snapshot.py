"""A server's tool definitions at one moment, as canonical JSON with digests.

A digest is `sha256:` and the SHA-256 of the definition as JSON with sorted keys, no white space
and UTF-8, so it does not depend on the order in which a server writes its keys. In the file the
server's own key order is kept, because the order of properties is what people read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.document import parse
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import read_regular
from mcp_sdkgen_runtime.schema.definitions import LOCK, digest

from .diagnostic import Diagnostic, Level
from .errors import SnapshotError
from .json_io import MAX_DEPTH, Json, is_deeper, json_text, parse_json, read_bounded

FORMAT = "mcp-sdkgen/snapshot/1"
EDITION = 3
"""The edition of an SDK that is built for the first time."""

_ANEW = "take a new one with `mcp-sdkgen build --update` or `mcp-sdkgen snapshot`"
_MAX_PROJECT_BYTES = 1024 * 1024
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}([-.+]?[a-z][a-z0-9.]{0,40})?", re.ASCII)


@dataclass(frozen=True)
class ToolDefinition:
    """One tool as the server sent it. `name` is the wire name."""

    name: str
    definition: Json

    @cached_property
    def digest(self) -> str:
        """`sha256:` and 64 hexadecimal digits over the canonical definition."""
        return digest(self.definition)


@dataclass(frozen=True)
class Observation:
    """What recorded answers of a tool have in common, where it declares no output schema.

    `schema` is a JSON Schema that `samples` answers fit. `digest` is that of the definition under
    which they were given: with another definition the observation says nothing.
    """

    digest: str
    samples: int
    schema: Json


@dataclass(frozen=True)
class Release:
    """One version of the generated SDK: a semantic version and its changes, a line each."""

    version: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Everything that generation reads. `tools` are sorted by wire name, duplicates in wire order.

    `server` is the name under which the user knows the server. `names` maps wire names to the
    Python method names that an earlier version of the SDK gave them, where today's rules would
    choose otherwise, and `classes` does that for classes, by tool and place (see
    `lower.type_names`). `edition` says by which rules classes and the ready-made client are named
    and results are unwrapped (2), and whether arrays with a type for each item are tuples, so that
    nothing else is called `tuple` (3): an SDK keeps the rules that it was first built by, and a
    file that names no edition has the first.
    `package` is the SDK's import name where it is not `<server>_sdk`. `observed` maps wire names to
    what answers had in common; it is no part of the digest, being none of the server's words.
    `releases` is the SDK's history, newest first.
    """

    server: str
    tools: tuple[ToolDefinition, ...] = ()
    prompts: tuple[Json, ...] = ()
    resources: tuple[Json, ...] = ()
    resource_templates: tuple[Json, ...] = ()
    server_info: Json = field(default_factory=dict)
    capabilities: Json = field(default_factory=dict)
    instructions: str = ""
    protocol_version: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    edition: int = EDITION
    package: str = ""
    observed: Mapping[str, Observation] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """`sha256:` and 64 hexadecimal digits over all definitions of the server."""
        return digest(self._facts())

    def observation(self, tool: ToolDefinition) -> Observation | None:
        """What was observed of this tool as it is defined now."""
        found = self.observed.get(tool.name)
        return found if found is not None and found.digest == tool.digest else None

    def _facts(self) -> Json:
        return {
            "server": self.server,
            "protocol_version": self.protocol_version,
            "server_info": self.server_info,
            "capabilities": self.capabilities,
            "instructions": self.instructions,
            "tools": [tool.definition for tool in self.tools],
            "prompts": list(self.prompts),
            "resources": list(self.resources),
            "resource_templates": list(self.resource_templates),
        }

    def dumps(self) -> str:
        """The snapshot as canonical text: the content of a `snapshot.json`."""
        facts = self._facts()
        facts["tools"] = [
            {"name": tool.name, "digest": tool.digest, "definition": tool.definition}
            for tool in self.tools
        ]
        sdk: Json = {"edition": self.edition} if self.edition > 1 else {}
        if self.package:
            sdk["package"] = self.package
        if self.names:
            sdk["names"] = dict(sorted(self.names.items()))
        if self.classes:
            sdk["classes"] = {
                tool: dict(sorted(pins.items())) for tool, pins in sorted(self.classes.items())
            }
        if self.observed:
            sdk["observed"] = {
                name: {"digest": o.digest, "samples": o.samples, "schema": o.schema}
                for name, o in sorted(self.observed.items())
            }
        if self.releases:
            sdk["releases"] = [
                {"version": r.version, "changes": list(r.changes)} for r in self.releases
            ]
        envelope = {
            "format": FORMAT,
            "digest": self.digest,
            **facts,
            **({"sdk": sdk} if sdk else {}),
        }
        return json_text(envelope)

    @classmethod
    def of(
        cls,
        server: str,
        tools: Iterable[Any],
        **parts: Any,
    ) -> Snapshot:
        """Make a snapshot from a server's wire objects.

        A tool that is no object or has no name cannot be called by anyone: it becomes a
        diagnostic. Raises `SnapshotError` when the definitions nest too deep.
        """
        found: list[ToolDefinition] = []
        diagnostics: list[Diagnostic] = list(parts.pop("diagnostics", ()))
        for index, tool in enumerate(tools):
            if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                found.append(ToolDefinition(tool["name"], tool))
            else:
                diagnostics.append(
                    Diagnostic(
                        Level.ERROR, "not-a-tool", "left out: it is no object with a string `name`",
                        server=server, pointer=f"/tools/{index}",
                    )
                )  # fmt: skip
        found.sort(key=lambda tool: tool.name)
        snapshot = cls(server, tuple(found), diagnostics=tuple(diagnostics), **parts)
        _bounded(snapshot._facts(), server)
        _bounded({"observed": [o.schema for o in snapshot.observed.values()]}, server)
        return snapshot

    @classmethod
    def loads(cls, text: str, *, where: str = "snapshot") -> Snapshot:
        """Read the text of a snapshot of ours. Raises `SnapshotError`."""
        try:
            data = parse_json(text, where)
        except SnapshotError as error:
            raise SnapshotError(str(error), hint=error.hint or _ANEW) from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise SnapshotError(
                f"{where}: not a snapshot of this version (`format` should be {FORMAT!r})",
                hint=_ANEW,
            )
        try:
            return cls._from_envelope(data)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise SnapshotError(
                f"{where}: damaged snapshot: {type(error).__name__}: {error}",
                hint=_ANEW,
            ) from error

    @classmethod
    def _from_envelope(cls, data: Json) -> Snapshot:
        server = str(data["server"])
        diagnostics = []
        for entry in data["tools"]:
            if digest(entry["definition"]) != entry.get("digest"):
                diagnostics.append(
                    Diagnostic(
                        Level.NOTE, "edited-snapshot",
                        "the snapshot was edited by hand: its digest is not that of the definition",
                        server=server, tool=str(entry["name"]),
                    )
                )  # fmt: skip
        sdk = data.get("sdk") or {}
        return cls.of(
            server,
            [entry["definition"] for entry in data["tools"]],
            prompts=tuple(data.get("prompts") or ()),
            resources=tuple(data.get("resources") or ()),
            resource_templates=tuple(data.get("resource_templates") or ()),
            server_info=dict(data.get("server_info") or {}),
            capabilities=dict(data.get("capabilities") or {}),
            instructions=str(data.get("instructions") or ""),
            protocol_version=str(data.get("protocol_version") or ""),
            names={str(k): str(v) for k, v in (sdk.get("names") or {}).items()},
            classes={
                str(tool): {str(k): str(v) for k, v in pins.items()}
                for tool, pins in (sdk.get("classes") or {}).items()
            },
            edition=_edition(sdk.get("edition", 1)),
            package=str(sdk.get("package") or ""),
            observed={
                str(name): _observation(entry)
                for name, entry in (sdk.get("observed") or {}).items()
            },
            releases=tuple(map(_release, sdk.get("releases") or ())),
            diagnostics=diagnostics,
        )

    @classmethod
    def load(cls, path: Path) -> Snapshot:
        """Read a snapshot file. Raises `SnapshotError`."""
        return cls.loads(read_bounded(path), where=str(path))


def lock_in(folder: Path) -> Path | None:
    """The lock of the SDK in `folder`: what waits there for the next build, or else what the
    package was built from. None if there is neither."""
    places = (folder, *_packages(folder))
    return next((place / LOCK for place in places if (place / LOCK).is_file()), None)


def is_built(folder: Path) -> bool:
    """Whether the project in `folder` is an SDK that a build wrote, if its lock is lost too."""
    return "mcp-sdkgen-build" in _project_tools(folder)


def _packages(folder: Path) -> list[Path]:
    """The package of the SDK in `folder`; all that are there, where its project does not say."""
    try:
        names = list(_project_tools(folder)["hatch"]["build"]["targets"]["wheel"]["packages"])
    except (KeyError, TypeError):
        names = []
    if not names or not all(isinstance(name, str) and name.isidentifier() for name in names):
        return [path.parent for path in sorted(folder.glob("*/surface.pyi"))]
    return [folder / name for name in names]


def _project_tools(folder: Path) -> Json:
    try:
        text = read_regular(folder / "pyproject.toml", _MAX_PROJECT_BYTES).decode()
        found = parse(text, folder / "pyproject.toml")["tool"]
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError):
        return {}
    return found if isinstance(found, dict) else {}


def _release(entry: Json) -> Release:
    version = entry["version"]
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise ValueError("a release has no version of a package")
    return Release(version, tuple(str(change) for change in entry["changes"]))


def _edition(found: Any) -> int:
    if type(found) is not int or not 1 <= found <= EDITION:
        raise ValueError(f"its edition is none of 1 to {EDITION}: a newer mcp-sdkgen wrote it")
    return found


def _observation(entry: Json) -> Observation:
    samples, schema = entry["samples"], entry["schema"]
    if type(samples) is not int or samples < 1 or not isinstance(schema, dict):
        raise ValueError("an observed type has no number of samples, or no schema")
    return Observation(str(entry["digest"]), samples, schema)


def _bounded(facts: Json, server: str) -> None:
    if is_deeper(facts, MAX_DEPTH):
        raise SnapshotError(f"{server}: its definitions nest deeper than {MAX_DEPTH} levels")
