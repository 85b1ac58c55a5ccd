"""One tool definition → its arguments, result and models, still as normalised schemas."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mcp_sdkgen_runtime.schema.inputs import undescribed
from mcp_sdkgen_runtime.schema.validation import unread
from mcp_sdkgen_runtime.schema.wrapper import wrapper_key

from ..diagnostic import Diagnostic, Level
from ..json_io import Json
from ..names import argument_names, class_name
from ..schema import (
    Document,
    Node,
    NormalisedModel,
    NormalisedProperty,
    Normaliser,
    TooComplex,
    unresolved,
)
from ..schema.subset import ANY, Type
from ..snapshot import EDITION, Observation, ToolDefinition
from .describe import description, description_of, documented
from .sections import Words, sections


@dataclass(frozen=True)
class DraftArgument:
    """One keyword argument.

    `schema` is the original, for its documentation; its description has what the tool's own
    description says of the argument too.
    """

    name: str
    wire: str
    type: Type
    required: bool
    schema: Any


@dataclass(frozen=True)
class Draft:
    """One tool, understood. `result` is `None` when the tool declares no output schema.

    `extra` is the type of arguments that the schema allows without naming them, `None` if it
    names all. `unwrap` is the one property whose value is the result, for wrapped results.
    `is_text` says that the server declares a text, which may be JSON.
    `observed` is the number of answers that the type of the result was inferred from, 0 where the
    server declares it. `words` are the tool's description, and its title where there is none.
    """

    tool: ToolDefinition
    method: str
    arguments: tuple[DraftArgument, ...] = ()
    extra: Type | None = None
    extra_name: str = "extra"
    result: Type | None = None
    unwrap: str | None = None
    is_text: bool = False
    observed: int = 0
    models: dict[str, NormalisedModel] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def prefix(self) -> str:
        """What the names of the tool's own classes begin with."""
        return class_name(self.method)


def draft(
    tool: ToolDefinition,
    method: str,
    server: str,
    observation: Observation | None = None,
    edition: int = EDITION,
) -> Draft:
    """Read one definition, and what was observed where it declares no output schema.

    `edition` is that of the SDK (see `Snapshot.edition`). Never raises: a tool that cannot be typed
    gets an untyped draft, with a diagnostic.
    """
    try:
        return _strict(tool, method, server, observation, edition)
    except TooComplex as error:
        return untyped_draft(tool, method, server, "too-complex", str(error))
    except RecursionError:
        return untyped_draft(
            tool, method, server, "too-complex", "its schema refers to itself without end"
        )


def untyped_draft(tool: ToolDefinition, method: str, server: str, code: str, reason: str) -> Draft:
    """The tool with untyped arguments and result, and a diagnostic that says why."""
    finding = _untyped(tool, server, code, reason)
    words = sections(description_of(tool.definition), ())
    return Draft(
        tool, method, extra=ANY, extra_name="arguments", words=words, diagnostics=(finding,)
    )


def _untyped(tool: ToolDefinition, server: str, code: str, reason: str) -> Diagnostic:
    return Diagnostic(Level.ERROR, code, f"untyped: {reason}", server=server, tool=tool.name)


def _strict(
    tool: ToolDefinition, method: str, server: str, observation: Observation | None, edition: int
) -> Draft:
    definition = tool.definition
    normaliser = Normaliser(class_name(method), edition)
    input_schema = definition.get("inputSchema", definition.get("input_schema"))
    reason = undescribed(input_schema) or _leads_out(input_schema)
    if reason:
        properties: list[NormalisedProperty] = []
        extra: Type | None = ANY
        diagnostics = [_untyped(tool, server, "bad-input-schema", reason)]
    else:
        properties, extra = normaliser.arguments(normaliser.document(input_schema))
        diagnostics = [_finding(server, tool.name, "/inputSchema", *m) for m in normaliser.messages]
        diagnostics += _validity(input_schema, server, tool.name, "/inputSchema")
    words = sections(description_of(definition), [p.wire for p in properties])
    declared = _arguments(properties, words)
    result: Type | None = None
    unwrap: str | None = None
    output, place = definition.get("outputSchema"), "/outputSchema"
    is_text = declares_text(definition, edition)
    unwrapped = wrapper_key(output, edition) if is_text else None
    if observation is not None and not declares_shape(definition, edition):
        # Nobody promised that the next answer will have one property only.
        output, place, edition = observation.schema, "/observed", 1
    if output is not None:
        normaliser.messages.clear()
        result, unwrap = _result(output, normaliser, method, edition)
        if unwrap is not None:
            value = documented(output["properties"][unwrap], words.returns)
            words = replace(words, returns=description(value))
        if place == "/observed" and is_text:
            unwrap = unwrapped
        diagnostics += [_finding(server, tool.name, place, *m) for m in normaliser.messages]
        diagnostics += _validity(output, server, tool.name, place)
    extra_name = "arguments" if reason else "extra"
    while extra_name in {argument.name for argument in declared}:
        extra_name += "_"
    return Draft(
        tool,
        method,
        declared,
        extra,
        extra_name,
        result=result,
        unwrap=unwrap,
        is_text=is_text,
        observed=observation.samples if place == "/observed" and observation is not None else 0,
        models=normaliser.models,
        words=words,
        diagnostics=tuple(diagnostics),
    )


def declares_text(definition: Json, edition: int) -> bool:
    """Whether the server says that the tool answers a text, and not which ones: FastMCP does for
    each function that returns a `str`, and what is in it is often JSON."""
    output = definition.get("outputSchema")
    key = wrapper_key(output, edition)
    value: Any = output
    if key is not None and output is not None:
        value = output["properties"][key]
    if not isinstance(value, dict) or value.get("type") != "string":
        return False
    return not {"enum", "const"} & value.keys()


def declares_shape(definition: Json, edition: int) -> bool:
    """Whether the server declares what the tool answers: more than that it is some text."""
    return definition.get("outputSchema") is not None and not declares_text(definition, edition)


def _leads_out(input_schema: Any) -> str:
    if unresolved(Node(input_schema, ""), Document(input_schema)):
        return "its input schema is a reference that leads to nothing in it"
    return ""


def _arguments(properties: list[NormalisedProperty], words: Words) -> tuple[DraftArgument, ...]:
    names = argument_names([p.wire for p in properties])
    arguments = [
        DraftArgument(
            name,
            p.wire,
            p.type,
            p.required,
            documented(p.schema, words.arguments.get(p.wire, "")),
        )
        for name, p in zip(names, properties, strict=True)
    ]
    return tuple(sorted(arguments, key=lambda argument: not argument.required))


def _result(
    output: Any, normaliser: Normaliser, method: str, edition: int
) -> tuple[Type, str | None]:
    document = normaliser.document(output)
    path = (class_name(method), "Result")
    if (key := wrapper_key(output, edition)) is not None:
        value = Node(output["properties"][key], Node(output, "").child("properties", key))
        return normaliser.type_of(value, document, path), key
    return normaliser.type_of(Node(output, ""), document, path, title_names=True), None


def unwrapped_key(definition: Json, edition: int) -> str | None:
    """The key of structured content whose value is the result, where it is wrapped."""
    return wrapper_key(definition.get("outputSchema"), edition)


def _validity(schema: Any, server: str, tool: str, pointer: str) -> list[Diagnostic]:
    try:
        # References to nowhere are told where they are typed.
        found = [(u.pointer, u.reason) for u in unread(schema) if not u.pointer.endswith("/$ref")]
    except ValueError as error:
        found = [("", str(error))]
    return [
        Diagnostic(
            Level.WARNING,
            "invalid-schema",
            f"not valid JSON Schema, so it is not checked: {reason}",
            server=server,
            tool=tool,
            pointer=pointer + at,
        )
        for at, reason in found
    ]


def _finding(
    server: str, tool: str, base: str, code: str, pointer: str, message: str
) -> Diagnostic:
    return Diagnostic(
        Level.WARNING, code, message, server=server, tool=tool, pointer=base + pointer
    )
