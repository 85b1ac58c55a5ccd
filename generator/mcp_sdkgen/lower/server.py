"""A snapshot → the IR of a whole SDK, with every finding on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version

from .. import names
from ..diagnostic import Diagnostic, Level
from ..ir import Code, Prose, Release, Server, Tool
from ..snapshot import Release as History
from ..snapshot import Snapshot
from ..text import clean, docstring, fenced, identifier, literal, markdown, one_line
from .describe import PLACEHOLDER
from .draft import Draft, draft, untyped_draft
from .prompts_resources import prompts, resources, templates
from .surface import surface
from .tool import Types, marks_of, tool
from .type_modules import exports, home_of, type_modules
from .type_names import Pins, TypeNames, type_names
from .typed import TypedDraft, typed

FIRST_VERSION = "1.0.0"


@dataclass(frozen=True)
class Lowered:
    """The IR of an SDK, the typed drafts and names it was made from, and the diagnostics."""

    server: Server
    tools: tuple[TypedDraft, ...]
    names: TypeNames
    diagnostics: tuple[Diagnostic, ...]


def lower(snapshot: Snapshot, untyped: Collection[str] = ()) -> Lowered:
    """Decide everything about an SDK. A pure function of its arguments.

    `untyped` are the method names of tools to leave untyped, because a check of the finished
    package failed on them. Never raises for what a server says.
    """
    key = snapshot.server
    tools = typed_drafts(snapshot, untyped)
    client, instance = names.client_class(key), names.instance(key, snapshot.edition)
    called = type_names(tools, client, snapshot.edition, snapshot.classes)
    types = Types(called, home_of(tools, called))
    lowered = tuple(tool(one, i, types, instance) for i, one in enumerate(tools))
    modules = type_modules(tools, called, types.homes)
    prompt_calls, prompt_findings = prompts(snapshot.prompts, key)
    template_calls, template_findings = templates(snapshot.resource_templates, key)
    findings = [*snapshot.diagnostics, *_duplicates([t.draft for t in tools], key)]
    findings += _unused(snapshot)
    findings += [finding for one in tools for finding in one.draft.diagnostics]
    findings += [*prompt_findings, *template_findings]
    server = Server(
        wire=literal(key),
        title=markdown(one_line(_title(snapshot), 80)),
        doc=docstring(_doc(snapshot, instance), 0),
        slug=Code(names.slug(key)),
        distribution=Code(names.distribution(key, snapshot.package)),
        wheel=Code(names.distribution(key, snapshot.package).replace("-", "_")),
        package=identifier(names.package(key, snapshot.package)),
        class_name=identifier(client),
        instance=identifier(instance),
        version=literal(snapshot.releases[0].version if snapshot.releases else FIRST_VERSION),
        generator=literal(version("mcp-sdkgen")),
        runtime=literal(_compatible(version("mcp-sdkgen"))),
        binding=Code(names.slug(key).replace("-", "_").upper()),
        digest=literal(snapshot.digest),
        description=_description(snapshot),
        tools=lowered,
        modules=modules,
        exports=exports(modules),
        prompts=prompt_calls,
        templates=template_calls,
        resources=resources(snapshot.resources),
        has_resources=bool(snapshot.resources or template_calls),
        surface=surface(tools, called),
        releases=tuple(
            Release(markdown(r.version), tuple(markdown(c) for c in r.changes))
            for r in snapshot.releases or (History(FIRST_VERSION, ("First version.",)),)
        ),
        example=_example(tools, lowered, names.package(key, snapshot.package), instance),
    )
    return Lowered(server, tuple(tools), called, tuple(findings))


def typed_drafts(snapshot: Snapshot, untyped: Collection[str] = ()) -> list[TypedDraft]:
    """The tools of a snapshot, understood and with Python types; `untyped` as in `lower`."""
    key = snapshot.server
    methods = names.method_names([t.name for t in snapshot.tools], snapshot.names, snapshot.edition)
    drafts = [
        untyped_draft(
            tool, method, key, "check-failed", "its generated module does not import or pass mypy"
        )
        if method in untyped
        else draft(tool, method, key, snapshot.observation(tool), snapshot.edition)
        for tool, method in zip(snapshot.tools, methods, strict=True)
    ]
    return typed(drafts, key)


def pinned_classes(before: Snapshot, now: Snapshot) -> Pins:
    """What is called in `before` as the rules would not call it in `now`, by tool and place.

    With these as `now.classes`, nothing that both have is renamed.
    """
    if before.tools == now.tools and before.observed == now.observed:
        return before.classes
    client = names.client_class(now.server)
    tools = typed_drafts(now)
    had = type_names(typed_drafts(before), client, before.edition, before.classes).pins
    pins: dict[str, dict[str, str]] = {}
    while True:
        have = type_names(tools, client, now.edition, pins).pins
        renamed = [
            (wire, place, name)
            for wire, places in had.items()
            for place, name in places.items()
            if have.get(wire, {}).get(place, name) != name and place not in pins.get(wire, {})
        ]
        for wire, place, name in renamed:
            pins.setdefault(wire, {})[place] = name
        if not renamed:
            return pins


def _title(snapshot: Snapshot) -> str:
    for key in ("title", "name"):
        if isinstance(snapshot.server_info.get(key), str) and snapshot.server_info[key].strip():
            return str(snapshot.server_info[key])
    return snapshot.server


def _doc(snapshot: Snapshot, instance: str) -> str:
    return "\n".join(
        [
            f"Typed SDK of the MCP server `{one_line(snapshot.server)}`.",
            "",
            f"    from {names.package(snapshot.server, snapshot.package)} import {instance}",
            "",
            f"Its methods are the server's tools: `help({instance})` lists them, `surface.pyi` has",
            "them on one page with every class, and `mcp_sdkgen_runtime.catalog` finds one.",
        ]
    )


def _description(snapshot: Snapshot) -> Prose:
    parts = [snapshot.server_info.get("description"), snapshot.instructions]
    text = "\n\n".join(clean(part).strip() for part in parts if isinstance(part, str) and part)
    return fenced(text) if text.strip() else Prose("")


def _duplicates(drafts: list[Draft], server: str) -> list[Diagnostic]:
    count = Counter(one.tool.name for one in drafts)
    methods: dict[str, list[str]] = {}
    for one in drafts:
        methods.setdefault(one.tool.name, []).append(one.method)
    return [
        Diagnostic(
            Level.WARNING,
            "duplicate-tool-name",
            f"{count[name]} tools have this name, and {', '.join(methods[name])} all call it: the "
            "server decides which tool answers",
            server=server,
            tool=name,
        )
        for name in count
        if count[name] > 1
    ]


def _unused(snapshot: Snapshot) -> list[Diagnostic]:
    used = {tool.name for tool in snapshot.tools if snapshot.observation(tool) is not None}
    return [
        Diagnostic(
            Level.WARNING,
            "observed-type-unused",
            "its observed type is not used: it was observed of another definition of the tool",
            server=snapshot.server,
            tool=name,
        )
        for name in sorted(snapshot.observed.keys() - used)
    ]


def _compatible(generator: str) -> str:
    major, minor, *_ = generator.split(".")
    upper = f"0.{int(minor) + 1}" if major == "0" else str(int(major) + 1)
    return f"mcp-sdkgen-runtime>={major}.{minor},<{upper}"


def _example(
    tools: list[TypedDraft], lowered: tuple[Tool, ...], package: str, instance: str
) -> Prose:
    if not tools:
        return Prose("")
    order = sorted(
        range(len(tools)),
        key=lambda i: (
            bool(marks_of(tools[i].draft.tool.definition)),
            lowered[i].example.count(PLACEHOLDER),
            tools[i].result is None,
            sum(argument.required for argument in tools[i].draft.arguments),
            i,
        ),
    )
    chosen = lowered[order[0]].example
    call = chosen.split("\n")[1]
    return fenced(f"from {package} import {instance}\n\n{call}\nprint(result)", "python")
