"""RFC 6570 URI templates: putting values in. (`mcp` has a parser too, but costs a second.)"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_EXPRESSION = re.compile(r"\{([+#./;?&]?)([^{}]*)\}")
_RESERVED = ":/?#[]@!$&'()*+,;="

# operator: (first, separator, with names, sign after a name without a value, kept characters)
_OPERATORS: dict[str, tuple[str, str, bool, str, str]] = {
    "": ("", ",", False, "", ""),
    "+": ("", ",", False, "", _RESERVED),
    "#": ("#", ",", False, "", _RESERVED),
    ".": (".", ".", False, "", ""),
    "/": ("/", "/", False, "", ""),
    ";": (";", ";", True, "", ""),
    "?": ("?", "&", True, "=", ""),
    "&": ("&", "&", True, "=", ""),
}


def expand(template: str, values: Mapping[str, Any]) -> str:
    """The URI with `values` put in; names without a value, or with None, are left out."""
    return _EXPRESSION.sub(lambda match: _expression(match[1], match[2], values), template)


def variables(template: str) -> tuple[str, ...]:
    """The names a template asks for, in order, each once."""
    found = [
        spec.strip().rstrip("*").split(":")[0]
        for match in _EXPRESSION.finditer(template)
        for spec in match[2].split(",")
    ]
    return tuple(dict.fromkeys(found))


def _expression(operator: str, specs: str, values: Mapping[str, Any]) -> str:
    first, separator, named, empty_sign, kept = _OPERATORS[operator]
    parts: list[str] = []
    for spec in specs.split(","):
        spec = spec.strip()
        explode = spec.endswith("*")
        name, _, length = spec.rstrip("*").partition(":")
        value = values.get(name)
        if value is None:
            continue
        many = not isinstance(value, str) and isinstance(value, Sequence)
        texts = [_text(item) for item in (value if many else [value])]
        if length.isdigit():
            texts = [text[: int(length)] for text in texts]
        encoded = [quote(text, safe="-._~" + kept) for text in texts]
        groups = encoded if explode else [",".join(encoded)]
        parts += [_with_name(name, group, empty_sign) if named else group for group in groups]
    return first + separator.join(parts) if parts else ""


def _with_name(name: str, text: str, empty_sign: str) -> str:
    return f"{name}={text}" if text else name + empty_sign


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
