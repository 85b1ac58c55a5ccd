"""The whole SDK on one page, in stub syntax: what an LLM is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..ir import Code, Surface, SurfaceMethod, TypeRef
from ..text import docstring, first_sentence, identifier
from .annotations import Role, accepts_none, optional
from .classes import aliases_of, model
from .tool import UNSTRUCTURED, marks_of, returned
from .type_modules import counted_answers
from .type_names import TypeNames
from .typed import TypedDraft


def surface(tools: Sequence[TypedDraft], names: TypeNames) -> Surface:
    """Every model and every method, each once, with first sentences only."""
    models = []
    for identity, (first, *_) in names.places.items():
        name = names.classes[identity]
        models.append(
            model(
                name if identity in names.results else "",
                "",
                tools[first.tool].models[first.key],
                partial(names.annotate, tool=first.tool),
                param=f"{name}Param" if identity in names.inputs else "",
                role=Role.DICT,
                received=Role.RESULT,
                brief=True,
                further=names.further(identity, tools),
                edition=names.edition,
            )
        )
    methods = [_method(typed, number, names) for number, typed in enumerate(tools)]
    return Surface(aliases_of(names.aliases), tuple(models), tuple(methods))


def _method(typed: TypedDraft, number: int, names: TypeNames) -> SurfaceMethod:
    draft = typed.draft
    parts = [
        Code(f"{argument.name}: {_parameter(type_, argument.required, number, names)}")
        for argument, type_ in zip(draft.arguments, typed.arguments, strict=True)
    ]
    if typed.extra is not None:
        value = names.annotate(typed.extra, Role.DICT, number)
        parts.append(Code(f"{draft.extra_name}: Mapping[str, {value}] | None = None"))
    returns = UNSTRUCTURED
    if typed.result is not None:
        returns = returned(draft, names.annotate(typed.result, Role.RESULT, number))
    marks = "".join(f" [{mark}]" for mark in marks_of(draft.tool.definition))
    if draft.observed:
        marks += f" [observed in {counted_answers(draft.observed)}: `.data` may be None]"
    return SurfaceMethod(
        method=identifier(draft.method),
        parameters=tuple(parts),
        returns=returns,
        doc=docstring(first_sentence(draft.words.prose) + marks, 8),
    )


def _parameter(type_: TypeRef, required: bool, number: int, names: TypeNames) -> Code:
    annotation = names.annotate(type_, Role.DICT, number)
    if required:
        return annotation
    if accepts_none(type_):
        return Code(f"{annotation} | Omit = OMIT")
    return Code(f"{optional(annotation)} = None")
