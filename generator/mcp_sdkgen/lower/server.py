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
from .classes import shared_modules
from .describe import PLACEHOLDER
from .draft import Draft, draft, untyped_draft
from .name_scope import scope
from .prompts_resources import prompts, resources, templates
from .surface import surface
from .tool import index_line, marks_of, tool
from .typed import TypedDraft, typed

FIRST_VERSION = "1.0.0"


@dataclass(frozen=True)
class Lowered:
    """The IR of an SDK, the typed drafts it was made from, and the diagnostics."""

    server: Server
    tools: tuple[TypedDraft, ...]
    diagnostics: tuple[Diagnostic, ...]


def lower(snapshot: Snapshot, untyped: Collection[str] = ()) -> Lowered:
    """Decide everything about an SDK. A pure function of its arguments.

    `untyped` are the method names of tools to leave untyped, because a check of the finished
    package failed on them. Never raises for what a server says.
    """
    key = snapshot.server
    methods = names.method_names([t.name for t in snapshot.tools], snapshot.names)
    drafts = [
        untyped_draft(
            found, method, key, "check-failed", "the generated module did not pass the check"
        )
        if method in untyped
        else draft(found, method, key, snapshot.observation(found))
        for found, method in zip(snapshot.tools, methods, strict=True)
    ]
    tools = typed(drafts, key)
    client, instance = names.client_class(key), names.instance(key)
    scopes = [scope(one) for one in tools]
    lowered = tuple(tool(one, known, instance) for one, known in zip(tools, scopes, strict=True))
    index = [index_line(one, known) for one, known in zip(tools, scopes, strict=True)]
    prompt_calls, prompt_findings = prompts(snapshot.prompts, key)
    template_calls, template_findings = templates(snapshot.resource_templates, key)
    findings = [*snapshot.diagnostics, *_duplicates([t.draft for t in tools], key)]
    findings += _unused(snapshot)
    findings += [found for one in tools for found in one.draft.diagnostics]
    findings += [*prompt_findings, *template_findings]
    server = Server(
        wire=literal(key),
        title=markdown(one_line(_title(snapshot), 80)),
        doc=docstring(_doc(snapshot, index, instance), 0),
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
        modules=shared_modules(tools),
        prompts=prompt_calls,
        templates=template_calls,
        resources=resources(snapshot.resources),
        has_resources=bool(snapshot.resources or template_calls),
        surface=surface(tools, client),
        releases=tuple(
            Release(markdown(r.version), tuple(markdown(c) for c in r.changes))
            for r in snapshot.releases or (History(FIRST_VERSION, ("First version.",)),)
        ),
        example=_example(tools, lowered, names.package(key, snapshot.package), instance),
    )
    return Lowered(server, tuple(tools), tuple(findings))


def _title(snapshot: Snapshot) -> str:
    for key in ("title", "name"):
        if isinstance(snapshot.server_info.get(key), str) and snapshot.server_info[key].strip():
            return str(snapshot.server_info[key])
    return snapshot.server


def _doc(snapshot: Snapshot, index: list[str], instance: str) -> str:
    lines = [f"Typed SDK of the MCP server `{one_line(snapshot.server)}`.", ""]
    lines += [f"    from {names.package(snapshot.server, snapshot.package)} import {instance}", ""]
    lines += ["Tools. For one tool's arguments and result, read `tools/<tool>.py`.", ""]
    lines += [f"    {line}" for line in index]
    return "\n".join(lines)


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
            f"{count[name]} tools have this name; the server will choose one for all of "
            f"{', '.join(methods[name])}",
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
            "its observed type is not used: it belongs to another definition of the tool",
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
            lowered[i].page.example.count(PLACEHOLDER),
            tools[i].result is None,
            sum(argument.required for argument in tools[i].draft.arguments),
            i,
        ),
    )
    chosen = lowered[order[0]].page.example
    call = chosen.split("\n")[1]
    return fenced(f"from {package} import {instance}\n\n{call}\nprint(result)", "python")
