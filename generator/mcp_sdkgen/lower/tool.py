"""One typed draft → the IR of one tool."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, count
from typing import Any

from ..diagnostic import Diagnostic
from ..ir import Argument, Code, Import, Literals, Model, ModelPage, Page, Prose, Tool, TypeRef
from ..json_io import escape
from ..names import field_names
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
from .annotations import AliasNames, ModelNames, Role, accepts_none, annotate, model_keys, optional
from .classes import aliases_of, doc_of, import_lines, model
from .describe import (
    MAX_DOC,
    answers,
    description,
    example,
    method_doc,
    row,
    sentence,
    title_of,
)
from .draft import Draft, DraftArgument
from .name_scope import Scope
from .sections import Words
from .typed import TypedDraft, TypedProperty

UNSTRUCTURED = Code("Unstructured")
MAX_HEADLINE = 400
"""Characters for the names of parameters, where only their names are shown."""
MAX_EXAMPLE_MODELS = 30
"""Objects written out in an example call; models that need each other would make it explode."""


def tool(typed: TypedDraft, names: Scope, instance: str) -> Tool:
    """Decide everything about one tool. `instance` is the name of the SDK's ready-made client."""
    draft = typed.draft
    definition = draft.tool.definition
    arguments = tuple(
        _argument(argument, type_, draft.method, names)
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
    )
    extra = _extra(typed, names)
    result = _result(typed, names, qualified=False)
    words = draft.words.prose
    marks = "".join(f" [{mark}]" for mark in marks_of(definition))
    every = [*arguments, extra] if extra else list(arguments)
    optional_names = {a.name for a in draft.arguments if not a.required} | {draft.extra_name}
    short = [a.name + ("=…" if a.name in optional_names else "") for a in every]
    headline = f"{instance}.{draft.method}({_parameters(short)}) -> {result}"
    return Tool(
        method=identifier(draft.method),
        wire=literal(draft.tool.name),
        digest=literal(draft.tool.digest),
        descriptor=Code(f"_tools.{identifier(draft.method)}.TOOL"),
        summary=docstring(_summary(draft, marks, every), 8),
        description=docstring(_module_doc(headline, marks, draft), 0),
        arguments=arguments,
        extra=extra,
        arguments_model=_arguments_model(typed, names),
        returns=_result(typed, names, qualified=True),
        result=result,
        unwrap=literal(draft.unwrap),
        imports=_imports(names),
        aliases=aliases_of(names.aliases),
        models=_models(typed, names),
        definition=Code(escape(json.dumps(definition, separators=(",", ":"), ensure_ascii=False))),
        table_signature=code_span(f"{draft.method}({_parameters([a.name for a in every])})"),
        table_returns=code_span(one_line(result, 60)),
        table_doc=markdown(first_sentence(words) + marks),
        page=_page(typed, names, instance),
    )


def marks_of(definition: Mapping[str, Any]) -> list[str]:
    """`writes` or `destroys`, as far as the server's annotations say so in words of their own."""
    hints = definition.get("annotations")
    if not isinstance(hints, Mapping) or hints.get("readOnlyHint") is True:
        return []
    if hints.get("destructiveHint") is True:
        return ["destroys"]
    return ["writes"] if hints.get("readOnlyHint") is False else []


def returned(draft: Draft, result: Code) -> Code:
    """What the method returns: the result, or what holds it where nobody promised its type."""
    return Code(f"Observed[{result}]") if draft.observed else result


def observed_note(draft: Draft) -> str:
    """That the type of the result is not the server's, and what that means for callers."""
    return (
        f"The server declares no result type: this one was observed in "
        f"{counted_answers(draft.observed)}. `.data` is None for an answer that does not fit; "
        "`.text` and `.json()` read any."
    )


def counted_answers(number: int) -> str:
    """`1 recorded answer`, `2 recorded answers`."""
    return f"{number} recorded answer{'s' if number != 1 else ''}"


def index_line(found: TypedDraft, scope: Scope) -> str:
    """One line of the index: the method with its parameters and its result, and what it does."""
    names = [argument.name for argument in found.draft.arguments]
    names += [found.draft.extra_name] if found.extra is not None else []
    result = one_line(_result(found, scope, qualified=False), 60)
    definition = found.draft.tool.definition
    words = first_sentence(found.draft.words.prose, 80)
    marks = "".join(f" [{mark}]" for mark in marks_of(definition))
    return f"{found.draft.method}({_parameters(names)}) -> {result}  {words}{marks}"


def _argument(argument: DraftArgument, type_: TypeRef, method: str, names: Scope) -> Argument:
    annotation = annotate(type_, Role.ARGUMENT, *_named(names, f"_tools.{method}."))
    default = ""
    if not argument.required:
        default = " = OMIT" if accepts_none(type_) else " = None"
        annotation = Code(f"{annotation} | Omit") if accepts_none(type_) else optional(annotation)
    local = annotate(type_, Role.ARGUMENT, _named(names)[0])
    return Argument(
        name=identifier(argument.name),
        wire=literal(argument.wire),
        parameter=Code(f"{argument.name}: {annotation}{default}"),
        doc=Code(sentence(argument.schema, MAX_DOC)),
        page=row(argument.name, argument.wire, local, argument.required, argument.schema),
    )


def _extra(typed: TypedDraft, names: Scope) -> Argument | None:
    if typed.extra is None:
        return None
    draft = typed.draft
    doc = "Further arguments by wire name, which the server takes without naming them."
    value = annotate(typed.extra, Role.ARGUMENT, *_named(names, f"_tools.{draft.method}."))
    annotation = Code(f"Mapping[str, {value}] | None")
    schema = {"description": doc}
    local = annotate(typed.extra, Role.ARGUMENT, *_named(names))
    return Argument(
        name=identifier(draft.extra_name),
        wire=literal(None),
        parameter=Code(f"{draft.extra_name}: {annotation} = None"),
        doc=Code(doc),
        page=row(draft.extra_name, draft.extra_name, Code(f"Mapping[str, {local}]"), False, schema),
    )


def _named(names: Scope, before: str = "") -> tuple[ModelNames, AliasNames]:
    def model_name(key: str, param: bool) -> str:
        return f"{before}{names.names[key]}{'Param' if param else ''}"

    def alias_name(found: Literals) -> str | None:
        return before + names.aliases[found] if found in names.aliases else None

    return model_name, alias_name


def _result(typed: TypedDraft, names: Scope, *, qualified: bool) -> Code:
    if typed.result is None:
        return UNSTRUCTURED
    before = f"_tools.{typed.draft.method}." if qualified else ""
    return returned(typed.draft, annotate(typed.result, Role.RESULT, *_named(names, before)))


def _arguments_model(typed: TypedDraft, names: Scope) -> Model:
    properties = [
        TypedProperty(argument.wire, type_, argument.required, argument.schema)
        for argument, type_ in zip(typed.draft.arguments, typed.arguments, strict=True)
    ]
    doc = f"What `{typed.draft.method}` sends."
    return model(names.arguments, doc, properties, *_named(names))


def _models(typed: TypedDraft, names: Scope) -> tuple[Model, ...]:
    made = []
    for key in names.local:
        name = names.names[key]
        param = f"{name}Param" if key in names.inputs else ""
        doc = doc_of(typed.draft.models[key].description, _role(key, typed, names))
        properties = typed.models[key]
        made.append(model(name, doc, properties, *_named(names), param=param))
    return tuple(made)


def _role(key: str, typed: TypedDraft, names: Scope) -> str:
    method = typed.draft.method
    if typed.result is not None and key in model_keys(typed.result):
        if typed.draft.observed:
            return f"What `{method}` returned in {counted_answers(typed.draft.observed)}."
        return f"What `{method}` returns."
    return f"Part of what `{method}` {'takes' if key in names.inputs else 'returns'}."


def _imports(names: Scope) -> tuple[Import, ...]:
    found = {m.digest: m for m in names.shared.values()}
    by_digest = {m.digest: names.names[key] for key, m in names.shared.items()}
    given = {m.digest for key, m in names.shared.items() if key in names.inputs}
    return import_lines(found.values(), by_digest, ".._models.", given)


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
        whole=f"docs/{draft.method}.md",
    )


def _module_doc(headline: str, marks: str, draft: Draft) -> str:
    head = f"`{headline}`{marks}{_observed(draft)}"
    return "\n\n".join(filter(None, [head, _told(draft.words)]))


def _observed(draft: Draft) -> str:
    return f"\n\n{observed_note(draft)}" if draft.observed else ""


def _page(typed: TypedDraft, names: Scope, instance: str) -> Page:
    draft = typed.draft
    definition = draft.tool.definition
    hints = definition.get("annotations")
    facts = [Prose(f"Wire name {code_span(draft.tool.name)}")]
    if isinstance(hints, Mapping):
        facts += [
            Prose(f"{code_span(str(key))} {code_span(json.dumps(value))}")
            for key, value in hints.items()
            if isinstance(value, bool)
        ]
    if draft.observed:
        facts.append(markdown(observed_note(draft)))
    return Page(
        title=markdown(title_of(definition) or draft.method),
        description=fenced(_told(draft.words)) if _told(draft.words) else Prose(""),
        facts=tuple(facts),
        example=fenced(_example(typed, instance), "python"),
        models=tuple(_model_pages(typed, names)),
        returns=code_span(_result(typed, names, qualified=False)),
        findings=tuple(_finding(found) for found in draft.diagnostics),
    )


def _told(words: Words) -> str:
    """The server's words without those that stand in the table of arguments."""
    return "\n\n".join(filter(None, [words.prose, *answers(words)]))


def _example(typed: TypedDraft, instance: str) -> str:
    written = count(1)

    def members(key: str) -> list[tuple[str, TypeRef, Any]]:
        if next(written) > MAX_EXAMPLE_MODELS:
            return []
        fields = typed.models[key]
        named = zip(field_names([p.wire for p in fields]), fields, strict=True)
        return [(name, p.type, p.schema) for name, p in named if p.required]

    draft = typed.draft
    given = ", ".join(
        f"{argument.name}={example(type_, argument.schema, members)}"
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
        if argument.required
    )
    return f"result = {instance}.{draft.method}({given})"


def _model_pages(typed: TypedDraft, names: Scope) -> Iterable[ModelPage]:
    for key in typed.reachable(typed.result, *typed.arguments, typed.extra):
        fields = typed.models[key]
        rows = tuple(
            row(name, p.wire, annotate(p.type, Role.RESULT, _named(names)[0]), p.required, p.schema)
            for name, p in zip(field_names([p.wire for p in fields]), fields, strict=True)
        )
        doc = markdown(description({"description": typed.draft.models[key].description}))
        yield ModelPage(code_span(names.names[key]), doc, rows)


def _finding(found: Diagnostic) -> Prose:
    place = f" {code_span(found.pointer)}" if found.pointer else ""
    return Prose(f"{found.level}{place}: {markdown(found.message)}")
