"""One typed draft → the IR of one tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, count
from typing import Any

from mcp_sdkgen_runtime.schema.definitions import LOCK, only_reads
from mcp_sdkgen_runtime.schema.inputs import arguments_check

from ..ir import Argument, Code, Import, Model, Tool, TypeRef
from ..names import class_names, field_names
from ..text import (
    code_span,
    docstring,
    fenced,
    first_sentence,
    identifier,
    literal,
    markdown,
    one_line,
)
from .annotations import Role, accepts_none, optional
from .classes import model
from .describe import (
    MAX_DOC,
    example,
    method_doc,
    sentence,
)
from .draft import Draft, DraftArgument
from .type_modules import counted_answers, import_lines, mentioned
from .type_names import TypeNames
from .typed import TypedDraft, TypedProperty

UNSTRUCTURED = Code("Unstructured")
MAX_HEADLINE = 400
"""Characters for the names of parameters, where only their names are shown."""
MAX_EXAMPLE_MODELS = 30
"""Objects written out in an example call; models that need each other would make it explode."""


@dataclass(frozen=True)
class Types:
    """The names of the classes of a server, and the module of each name."""

    names: TypeNames
    homes: Mapping[str, str]


def tool(one: TypedDraft, number: int, types: Types, instance: str) -> Tool:
    """Decide everything about one tool. `instance` is the name of the SDK's ready-made client."""
    draft = one.draft
    definition = draft.tool.definition
    arguments = tuple(
        _argument(argument, type_, number, types.names)
        for argument, type_ in zip(draft.arguments, one.arguments, strict=True)
    )
    extra = _extra(one, number, types.names)
    result = _result(one, number, types.names, Role.DECODED)
    returns = _result(one, number, types.names, Role.RESULT)
    words = draft.words.prose
    marks = "".join(f" [{mark}]" for mark in marks_of(definition))
    every = [*arguments, extra] if extra else list(arguments)
    checked = _checked(one, number, types.names)
    return Tool(
        method=identifier(draft.method),
        wire=literal(draft.tool.name),
        digest=literal(draft.tool.digest),
        descriptor=Code(f"_tools.{identifier(draft.method)}.TOOL"),
        summary=docstring(_summary(draft, marks, every), 8),
        arguments=arguments,
        extra=extra,
        names=tuple(
            Code(f"{literal(argument.name)}: {literal(argument.wire)}")
            for argument in draft.arguments
            if argument.name != argument.wire
        ),
        nullable=tuple(
            literal(argument.name)
            for argument, type_ in zip(draft.arguments, one.arguments, strict=True)
            if accepts_none(type_)
        ),
        checked=checked,
        returns=_result(one, number, types.names, Role.RESULT, "_types."),
        result=result,
        unwrap=literal(draft.unwrap) if draft.unwrap else Code(""),
        imports=_imports(one, number, types, checked is not None),
        table_signature=code_span(f"{draft.method}({_parameters([a.name for a in every])})"),
        table_returns=code_span(one_line(returns, 60)),
        table_doc=markdown(first_sentence(words) + marks),
        example=fenced(_example(one, instance, types.names.edition), "python"),
    )


def marks_of(definition: Mapping[str, Any]) -> list[str]:
    """`writes` or `destroys`, as far as the server's annotations say so in words of their own."""
    hints = definition.get("annotations")
    if not isinstance(hints, Mapping) or only_reads(hints):
        return []
    if hints.get("destructiveHint") is True:
        return ["destroys"]
    return ["writes"] if hints.get("readOnlyHint") is False else []


def returned(draft: Draft, result: Code) -> Code:
    """What the method returns: the result, or what holds it where nobody promised its type."""
    if draft.observed:
        return Code(f"ObservedText[{result}]" if draft.is_text else f"Observed[{result}]")
    return Code("ResultText") if draft.is_text else result


def observed_note(draft: Draft) -> str:
    """That the type of the result is not the server's, and what that means for callers."""
    declares = "only a text" if draft.is_text else "no result type"
    reads = "`.json()` reads" if draft.is_text else "`.text` and `.json()` read"
    return (
        f"The server declares {declares}: this one was observed in "
        f"{counted_answers(draft.observed)}. `.data` is None for an answer that does not fit; "
        f"{reads} any."
    )


def _argument(argument: DraftArgument, type_: TypeRef, number: int, names: TypeNames) -> Argument:
    annotation = names.annotate(type_, Role.ARGUMENT, number, "_types.")
    default = ""
    if not argument.required:
        default = " = OMIT" if accepts_none(type_) else " = None"
        annotation = Code(f"{annotation} | Omit") if accepts_none(type_) else optional(annotation)
    return Argument(
        name=identifier(argument.name),
        wire=literal(argument.wire),
        parameter=Code(f"{argument.name}: {annotation}{default}"),
        doc=Code(sentence(argument.schema, MAX_DOC)),
    )


def _extra(one: TypedDraft, number: int, names: TypeNames) -> Argument | None:
    if one.extra is None:
        return None
    draft = one.draft
    doc = "Further arguments by wire name, which the server takes without naming them."
    value = names.annotate(one.extra, Role.ARGUMENT, number, "_types.")
    annotation = Code(f"Mapping[str, {value}] | None")
    return Argument(
        name=identifier(draft.extra_name),
        wire=literal(None),
        parameter=Code(f"{draft.extra_name}: {annotation} = None"),
        doc=Code(doc),
    )


def _result(one: TypedDraft, number: int, names: TypeNames, role: Role, before: str = "") -> Code:
    if one.result is None:
        return UNSTRUCTURED
    return returned(one.draft, names.annotate(one.result, role, number, before))


def _checked(one: TypedDraft, number: int, names: TypeNames) -> Model | None:
    """The class that checks the arguments, for a schema of which no validator can be made."""
    draft = one.draft
    if not draft.arguments or arguments_check(draft.tool.definition.get("inputSchema")) is not None:
        return None
    properties = [
        TypedProperty(argument.wire, type_, argument.required, argument.schema)
        for argument, type_ in zip(draft.arguments, one.arguments, strict=True)
    ]
    doc = f"What `{draft.method}` takes: its schema cannot be checked as it is."
    name = class_names([(name, "") for name in names.every] + [(f"{draft.prefix}Arguments", "")])
    annotate = partial(names.annotate, tool=number)
    return model(name[-1], doc, properties, annotate, brief=True, edition=names.edition)


def _imports(
    one: TypedDraft, number: int, types: Types, with_arguments: bool
) -> tuple[Import, ...]:
    inputs = [*one.arguments, one.extra] if with_arguments else []
    needed = [type_ for type_ in (one.result, *inputs) if type_ is not None]
    used = {name for type_ in needed for name in mentioned(type_, number, types.names)}
    return import_lines(used, types.homes, "..types.")


def _parameters(names: Sequence[str]) -> str:
    shown = ["*", *names] if names else []
    if len(", ".join(shown)) > MAX_HEADLINE:
        lengths = accumulate(len(name) + 2 for name in shown)
        fitting = sum(length <= MAX_HEADLINE for length in lengths)
        shown[fitting:] = [f"and {len(shown) - fitting} more"]
    return ", ".join(shown)


def _summary(draft: Draft, marks: str, arguments: list[Argument]) -> str:
    note = observed_note(draft) if draft.observed else ""
    documented = [(argument.name, argument.doc) for argument in arguments]
    return method_doc(
        draft.words,
        documented,
        fallback=f"Call `{draft.method}`.",
        marks=marks,
        note=note,
        whole=LOCK,
    )


def _observed(draft: Draft) -> str:
    return f"\n\n{observed_note(draft)}" if draft.observed else ""


def _example(typed: TypedDraft, instance: str, edition: int) -> str:
    written = count(1)

    def members(key: str) -> list[tuple[str, TypeRef, Any]]:
        if next(written) > MAX_EXAMPLE_MODELS:
            return []
        fields = typed.models[key]
        named = zip(field_names([p.wire for p in fields], edition), fields, strict=True)
        return [(name, p.type, p.schema) for name, p in named if p.required]

    draft = typed.draft
    arguments = ", ".join(
        f"{argument.name}={example(type_, argument.schema, members)}"
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
        if argument.required
    )
    return f"result = {instance}.{draft.method}({arguments})"
