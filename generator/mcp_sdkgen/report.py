"""What a build did: per server and per tool, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .diagnostic import Diagnostic, Level
from .ir import ListOf, MapOf, Plain, TypeRef, UnionOf
from .lower.annotations import Role, annotate

if TYPE_CHECKING:
    from .emit.generate import Generated
    from .lower import TypedDraft

FORMAT = "mcp-sdkgen/report/1"

_SAYS_A_TYPE = ("type", "$ref", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "items")


@dataclass(frozen=True)
class Loose:
    """A place that is typed `Any`, wholly or inside a collection, and why."""

    place: str
    type: str
    reason: str


@dataclass(frozen=True)
class ToolReport:
    """One tool: its names, its result type, how many fields it has, and which are loose.

    `observed` is the number of answers that the result type was inferred from, 0 where the server
    declares it.
    """

    name: str
    method: str
    result: str
    typed_result: bool
    arguments: int
    fields: int
    loose: tuple[Loose, ...]
    observed: int = 0


@dataclass(frozen=True)
class ServerReport:
    """One server: what was built, or the error that stopped it.

    `status` is `built` or `failed`. `seconds` has the time of each stage.
    """

    server: str
    status: str
    slug: str = ""
    package: str = ""
    version: str = ""
    folder: str = ""
    wheel: str = ""
    changed: tuple[str, ...] = ()
    drift: dict[str, Any] = field(default_factory=dict)
    tools: tuple[ToolReport, ...] = ()
    prompts: int = 0
    resource_templates: int = 0
    resources: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    error: str = ""
    hint: str = ""
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def typed_results(self) -> int:
        """How many tools return something better than `Unstructured` or `Any`."""
        return sum(tool.typed_result for tool in self.tools)

    def count(self, level: Level) -> int:
        """How many diagnostics are of this level."""
        return sum(found.level is level for found in self.diagnostics)


@dataclass(frozen=True)
class Report:
    """A whole build. `exit_code` is 0 when every server was built, 1 when some failed."""

    servers: tuple[ServerReport, ...] = ()
    notes: tuple[str, ...] = ()
    out: str = ""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 all built, 1 some failed."""
        return int(any(server.status != "built" for server in self.servers))

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON object; its keys are stable within one `format`."""
        servers = [
            {
                **asdict(server),
                "diagnostics": [found.to_json() for found in server.diagnostics],
                "typed_results": server.typed_results,
            }
            for server in self.servers
        ]
        return {
            "format": FORMAT,
            "exit_code": self.exit_code,
            "out": self.out,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "servers": servers,
        }


def tool_reports(generated: Generated) -> tuple[ToolReport, ...]:
    """What is to be said of every tool of a generated SDK."""
    return tuple(_tool(one, str(tool.result)) for one, tool in _pairs(generated))


def _pairs(generated: Generated) -> Iterable[tuple[TypedDraft, Any]]:
    return zip(generated.lowered.tools, generated.lowered.server.tools, strict=True)


def _tool(typed: TypedDraft, result: str) -> ToolReport:
    draft = typed.draft
    places = [
        (f"arguments.{argument.wire}", type_, argument.schema)
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
    ]
    places += [
        (f"{draft.models[key].name}.{p.wire}", p.type, p.schema)
        for key in typed.reachable(*typed.arguments, typed.extra, typed.result)
        for p in typed.models[key]
    ]
    if typed.result is not None:
        output = None if draft.observed else draft.tool.definition.get("outputSchema")
        places.append(("result", typed.result, output))
    return ToolReport(
        name=draft.tool.name,
        method=draft.method,
        result=result,
        typed_result=typed.result not in (None, Plain("Any")),
        arguments=len(draft.arguments),
        fields=len(places),
        loose=tuple(_loose(place, type_, schema) for place, type_, schema in places if _any(type_)),
        observed=draft.observed,
    )


def _loose(place: str, type_: TypeRef, schema: Any) -> Loose:
    says = isinstance(schema, dict) and any(key in schema for key in _SAYS_A_TYPE)
    if type_ != Plain("Any"):
        reason = "the schema leaves the contents open"
    elif says:
        reason = "the schema has no simpler common type"
    else:
        reason = "the schema gives no type"
    return Loose(place, annotate(type_, Role.RESULT, lambda key, _: key), reason)


def _any(type_: TypeRef) -> bool:
    match type_:
        case Plain(name):
            return name == "Any"
        case ListOf(part) | MapOf(part):
            return _any(part)
        case UnionOf(members):
            return any(map(_any, members))
    return False
