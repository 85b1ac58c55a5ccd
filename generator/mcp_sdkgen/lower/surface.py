"""The whole SDK on one page, in stub syntax: what an LLM is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..ir import Code, Surface, SurfaceMethod, TypeRef
from ..names import class_name, class_names
from ..text import docstring, first_sentence, identifier
from .annotations import Role, accepts_none, annotate, optional
from .classes import aliases_of, model
from .name_scope import long_literals
from .sharing import shared_models
from .tool import UNSTRUCTURED, counted_answers, marks_of, returned
from .typed import TypedDraft


class _Names:
    """Names on the surface: one for each distinct model and long literal of the whole server."""

    def __init__(self, tools: Sequence[TypedDraft], client: str) -> None:
        self.identity: list[dict[str, str]] = []
        wanted: dict[str, str] = {}
        self.example: dict[str, tuple[int, str]] = {}
        self.inputs: set[str] = set()
        self.results: set[str] = set()
        for number, typed in enumerate(tools):
            draft = typed.draft
            shared = shared_models(draft.models)
            identity = {
                key: shared[key].digest if key in shared else f"{draft.method}/{key}"
                for key in draft.models
            }
            self.identity.append(identity)
            given = typed.reachable(*typed.arguments, typed.extra)
            received = typed.reachable(typed.result)
            self.inputs |= {identity[key] for key in given}
            self.results |= {identity[key] for key in received}
            for key in dict.fromkeys((*given, *received)):
                name = shared[key].name if key in shared else draft.models[key].name
                wanted.setdefault(identity[key], name)
                self.example.setdefault(identity[key], (number, key))
        taken = [(client, ""), (f"Async{client}", "")]
        pairs = [(name, identity) for identity, name in wanted.items()]
        settled = class_names([*taken, *pairs])
        self.name = dict(zip(wanted, settled[len(taken) :], strict=True))
        self.aliases = long_literals(list(self._fields(tools)), settled)

    def _fields(self, tools: Sequence[TypedDraft]) -> Iterator[tuple[str, TypeRef]]:
        for typed in tools:
            draft = typed.draft
            for argument, type_ in zip(draft.arguments, typed.arguments, strict=True):
                yield draft.prefix + class_name(argument.wire), type_
            for part, type_or_none in (("Value", typed.extra), ("Result", typed.result)):
                if type_or_none is not None:
                    yield draft.prefix + part, type_or_none
        for identity, (number, key) in self.example.items():
            for p in tools[number].models[key]:
                yield self.name[identity] + class_name(p.wire), p.type

    def annotate(self, type_: TypeRef, role: Role, number: int) -> Code:
        """The type, of the tool with that number, as Python source."""
        return annotate(
            type_, role, lambda key, param: self.of(number, key, param), self.aliases.get
        )

    def of(self, number: int, key: str, param: bool) -> str:
        identity = self.identity[number][key]
        return self.name[identity] + ("Param" if param else "")


def surface(tools: Sequence[TypedDraft], client: str) -> Surface:
    """Every model and every method, each once, with first sentences only.

    `client` is the name of the class that has the methods.
    """
    names = _Names(tools, client)
    models = []
    for identity, (number, key) in names.example.items():
        typed = tools[number]
        name = names.name[identity]
        received = identity in names.results
        given = identity in names.inputs
        models.append(
            model(
                name if received else "",
                "",
                typed.models[key],
                lambda key, param, number=number: names.of(number, key, param),  # type: ignore[misc]
                names.aliases.get,
                param=names.of(number, key, True) if given else "",
                role=Role.DICT,
                brief=True,
            )
        )
    methods = [_method(typed, number, names) for number, typed in enumerate(tools)]
    return Surface(aliases_of(names.aliases), tuple(models), tuple(methods))


def _method(typed: TypedDraft, number: int, names: _Names) -> SurfaceMethod:
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


def _parameter(type_: TypeRef, required: bool, number: int, names: _Names) -> Code:
    annotation = names.annotate(type_, Role.DICT, number)
    if required:
        return annotation
    if accepts_none(type_):
        return Code(f"{annotation} | Omit = OMIT")
    return Code(f"{optional(annotation)} = None")
