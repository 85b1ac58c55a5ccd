"""URI templates (RFC 6570), read by the library that fills them in at run time."""

from __future__ import annotations

from dataclasses import dataclass

from uritemplate import URITemplate
from uritemplate.variable import Operator

MAX_CHARACTERS = 4096
_QUERY = (Operator.form_style_query, Operator.form_style_query_continuation)


@dataclass(frozen=True, slots=True)
class Variable:
    """One name in a template: whether it may be left out, and whether it takes several values."""

    name: str
    is_optional: bool
    is_list: bool


def variables(template: str) -> tuple[Variable, ...]:
    """The names a template asks for, in order, each once. Raises `ValueError` when it is none."""
    variables: dict[str, Variable] = {}
    for expression in _parsed(template).variables:
        is_optional = expression.operator in _QUERY
        for name, options in expression.variables:
            if name:
                variables.setdefault(name, Variable(name, is_optional, bool(options["explode"])))
    return tuple(variables.values())


def without_queries(template: str) -> str:
    """A template without its `{?x}` and `{&x}`. Raises `ValueError` when it is none."""
    for expression in _parsed(template).variables:
        if expression.operator in _QUERY:
            template = template.replace(f"{{{expression.original}}}", "")
    return template


def _parsed(template: str) -> URITemplate:
    # The library looks through the rest of the text at each brace.
    if len(template) > MAX_CHARACTERS:
        raise ValueError(f"longer than {MAX_CHARACTERS} characters")
    return URITemplate(template)
