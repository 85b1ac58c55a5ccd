"""Prompts and resource templates → methods; resources → a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..diagnostic import Diagnostic, Level
from ..ir import Argument, Call, Code, Prose, Row
from ..names import argument_names, group_names
from ..text import (
    code_span,
    docstring,
    first_sentence,
    identifier,
    literal,
    markdown,
    one_line,
)
from .describe import MAX_DOC, documented, method_doc, sentence
from .sections import sections
from .uri_templates import Variable, variables

MAX_ARGUMENTS = 300
"""Of one prompt or resource template; what has more could not be called by anyone."""


def prompts(defined: Sequence[Any], server: str) -> tuple[tuple[Call, ...], list[Diagnostic]]:
    """One method for each prompt; its arguments are strings, as the protocol has it."""
    usable, findings = _usable(defined, "name", "prompt", server)
    names = group_names([prompt["name"] for prompt in usable], "prompt")
    calls = []
    for prompt, name in zip(usable, names, strict=True):
        listed = prompt.get("arguments")
        arguments = [a for a in listed if _named(a)] if isinstance(listed, list) else []
        specs = [(a["name"], a.get("required") is True, Code("str"), a) for a in arguments]
        calls.append(_call(name, prompt["name"], prompt, specs))
    return tuple(calls), findings


def templates(defined: Sequence[Any], server: str) -> tuple[tuple[Call, ...], list[Diagnostic]]:
    """One method for each resource template; its arguments are the variables (RFC 6570)."""
    usable, findings = _usable(defined, "uriTemplate", "resource template", server)
    wires = [_label(template) for template in usable]
    calls = []
    for template, name in zip(usable, group_names(wires, "resource"), strict=True):
        uri = template["uriTemplate"]
        try:
            specs = [_spec(variable) for variable in variables(uri)]
        except ValueError as error:
            what = f"{one_line(uri, 80)} left out: not a URI template (RFC 6570): {error}"
            findings.append(Diagnostic(Level.ERROR, "not-a-resource-template", what, server))
        else:
            calls.append(_call(name, uri, template, specs))
    return tuple(calls), findings


def resources(defined: Sequence[Any]) -> tuple[Row, ...]:
    """A table line for each resource that the server listed."""
    return tuple(
        Row(
            name=code_span(resource["uri"]),
            type=markdown(str(resource.get("mimeType") or "")),
            required=Prose(""),
            limits=markdown(_label(resource)),
            doc=markdown(first_sentence(_text(resource))),
        )
        for resource in defined
        if isinstance(resource, Mapping) and isinstance(resource.get("uri"), str)
    )


def _call(
    name: str, wire: str, definition: Mapping[str, Any], specs: list[tuple[str, bool, Code, Any]]
) -> Call:
    documentation = sections(_text(definition), [spec[0] for spec in specs])
    ordered = sorted(specs, key=lambda spec: not spec[1])
    names = argument_names([spec[0] for spec in ordered])
    arguments = []
    for python, (variable, required, annotation, schema) in zip(names, ordered, strict=True):
        text = annotation if required else Code(f"{annotation} | None")
        schema = documented(schema, documentation.arguments.get(variable, ""))
        arguments.append(
            Argument(
                name=identifier(python),
                wire=literal(variable),
                parameter=Code(f"{python}: {text}{'' if required else ' = None'}"),
                doc=Code(sentence(schema, MAX_DOC)),
            )
        )
    fallback = f"`{one_line(wire)}`, without a description."
    documented_arguments = [(argument.name, argument.doc) for argument in arguments]
    return Call(
        method=identifier(name),
        wire=literal(wire),
        summary=docstring(first_sentence(documentation.prose) or one_line(fallback, 160), 8),
        doc=docstring(method_doc(documentation, documented_arguments, fallback=fallback), 8),
        arguments=tuple(arguments),
        table_doc=markdown(first_sentence(documentation.prose)),
        table_wire=code_span(wire),
    )


def _spec(variable: Variable) -> tuple[str, bool, Code, Any]:
    annotation = "str | SequenceNotStr[str]" if variable.is_list else "str"
    return variable.name, not variable.is_optional, Code(annotation), {}


def _usable(
    listed: Sequence[Any], key: str, kind: str, server: str
) -> tuple[list[Mapping[str, Any]], list[Diagnostic]]:
    named = [one for one in listed if isinstance(one, Mapping) and isinstance(one.get(key), str)]
    usable = [one for one in named if _width(one, key) <= MAX_ARGUMENTS]
    reasons = {
        f"not an object with a string `{key}`": len(listed) - len(named),
        f"more than {MAX_ARGUMENTS} arguments": len(named) - len(usable),
    }
    return usable, [
        Diagnostic(
            Level.ERROR,
            f"not-a-{kind.replace(' ', '-')}",
            f"{count} {kind}(s) left out: {reason}",
            server,
        )
        for reason, count in reasons.items()
        if count
    ]


def _width(definition: Mapping[str, Any], key: str) -> int:
    listed = definition.get("arguments")
    if key == "uriTemplate":
        return int(definition[key].count("{") + definition[key].count(","))
    return len(listed) if isinstance(listed, list) else 0


def _named(argument: Any) -> bool:
    return isinstance(argument, Mapping) and isinstance(argument.get("name"), str)


def _label(definition: Mapping[str, Any]) -> str:
    for key in ("name", "title", "uriTemplate", "uri"):
        if isinstance(definition.get(key), str) and definition[key].strip():
            return str(definition[key])
    return ""


def _text(definition: Mapping[str, Any]) -> str:
    for key in ("description", "title"):
        if isinstance(definition.get(key), str) and definition[key].strip():
            return str(definition[key])
    return ""
