"""The IR → files, through the templates. The only importer of jinja2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..ir import Alias, Call, Code, Server, SurfaceMethod, Tool
from .line_breaks import LINE_LENGTH
from .package_data import data

_PAGES = ("__init__.py", "client.py", "aio.py", "aio.pyi", "surface.pyi")

Files = dict[str, str]
"""Path relative to the SDK's folder, with `/` between its parts → the text of the file."""


def render(server: Server) -> Files:
    """Every file of an SDK but its lock, not yet formatted. A pure function."""
    return dict(_rendered(server))


def _rendered(server: Server) -> Iterator[tuple[str, str]]:
    package = server.package
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        yield name, fill(f"sdk/{name}.jinja", server=server)
    yield f"{package}/py.typed", ""
    for name in (*_PAGES, "tools/__init__.py", "types/__init__.py"):
        yield f"{package}/{name}", fill(f"sdk/package/{name}.jinja", server=server)
    if server.prompts:
        yield f"{package}/prompts.py", fill("sdk/package/prompts.py.jinja", server=server)
    if server.has_resources:
        yield f"{package}/resources.py", fill("sdk/package/resources.py.jinja", server=server)
    for tool in server.tools:
        text = fill("sdk/package/tools/tool.py.jinja", server=server, tool=tool)
        yield f"{package}/tools/{tool.method}.py", text
    for module in server.modules:
        text = fill("sdk/package/types/type.py.jinja", server=server, module=module)
        yield f"{package}/types/{module.name}.py", text


def fill(template: str, **context: Any) -> str:
    """The text of one template, by its path below `templates/`."""
    return _environment().get_template(template).render(**context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(data("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # The output is Python and Markdown; `text.py` escapes for each of them.
        autoescape=False,  # noqa: S701
    )
    environment.globals.update(head=_head, body=_body, alias_line=_alias, fit=_fit)
    return environment


def _head(
    call: Tool | Call | SurfaceMethod, returns: Code, is_async: bool = False, end: str = ":"
) -> Code:
    """The `def` line of a method, broken as black would break it, which saves black the search."""
    parameters: list[Code] = []
    if isinstance(call, SurfaceMethod):
        parameters += call.parameters
    else:
        parameters += [argument.parameter for argument in call.arguments]
    if isinstance(call, Tool) and call.extra is not None:
        parameters.append(call.extra.parameter)
    opening = f"{'async ' if is_async else ''}def {call.method}("
    parts: list[str] = ["self", "*", *parameters] if parameters else ["self"]
    return _fit(opening, parts, f") -> {returns}{end}", 4)


def _body(call: Tool | Call, function: str, first: Code, is_async: bool = False) -> Code:
    """The one statement of a method."""
    items = [f"{a.wire}: {a.name}" for a in call.arguments]
    # One more for the comma that follows it where the call itself is broken.
    parts = [first, _fit("{", items, "}", 12, 1)]
    if isinstance(call, Tool) and call.extra is not None:
        parts.append(call.extra.name)
    return _fit(f"return {'await ' if is_async else ''}self.{function}(", parts, ")", 8)


def _alias(alias: Alias) -> Code:
    """The definition of a named `Literal`."""
    return _fit(f"{alias.name} = Literal[", alias.values, f"]{alias.rest}", 0)


def _fit(opening: str, parts: Sequence[str], closing: str, indent: int, after: int = 0) -> Code:
    line = f"{opening}{', '.join(parts)}{closing}"
    if indent + len(line) + after <= LINE_LENGTH and "\n" not in line:
        return Code(line)
    margin, inner = " " * indent, " " * (indent + 4)
    joined = ", ".join(parts)
    is_collection = opening.endswith(("{", "=("))
    if (
        len(parts) > 1
        and not is_collection
        and indent + 4 + len(joined) <= LINE_LENGTH
        and "\n" not in joined
    ):
        return Code(f"{opening}\n{inner}{joined}\n{margin}{closing}")
    body = "".join(f"{inner}{part},\n" for part in parts)
    return Code(f"{opening}\n{body}{margin}{closing}")
