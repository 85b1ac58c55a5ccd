"""The page of types, schema by schema, made from the golden cases of the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from mcp_sdkgen_runtime.text import fenced

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
MAX_LINES = 120
"""Cases about size, such as enums of hundreds of values, are too long for a page."""


def types_page() -> str:
    """Each case: the schemas of its tools, and the surface that is made of them."""
    parts = [
        "# Types, schema by schema\n\nMade from the cases that the tests compare with what the"
        " generator makes. Each shows the tools of a server, and the SDK's surface: what a model,"
        " an editor and a type checker see. The first lines, imports, are left out.\n"
    ]
    for case in sorted(CASES.iterdir()):
        parts += _case(case)
    return "\n".join(parts)


def _case(case: Path) -> Iterator[str]:
    surface = case / "expected" / "surface.pyi"
    if not surface.exists():
        return
    tools = json.loads((case / "snapshot.json").read_text())["tools"]
    shown = "\n".join(_definition(tool["definition"]) for tool in tools)
    text = surface.read_text()
    api = text[text.find("\nclass ") + 1 :].rstrip()
    if len(shown.splitlines()) + len(api.splitlines()) > MAX_LINES:
        return
    count = "1 tool" if len(tools) == 1 else f"{len(tools)} tools"
    yield f"## {case.name.replace('_', ' ').capitalize()}\n"
    # Folded: open, they are fifty screens.
    yield f'??? abstract "{count}, and the SDK"\n'
    yield indent(f"{fenced(shown, 'json')}\n\n{fenced(api, 'python')}\n", "    ")


def _definition(tool: dict[str, object]) -> str:
    schemas = {key: tool[key] for key in ("name", "inputSchema", "outputSchema") if key in tool}
    return _laid_out(schemas, "")


def _laid_out(value: object, indent: str) -> str:
    """JSON with every value that fits a line on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(indent) <= 88 or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(k)}: {_laid_out(v, deeper)}" for k, v in value.items()]
        signs = "{}"
    else:
        parts, signs = [_laid_out(item, deeper) for item in value], "[]"
    inner = f",\n{deeper}".join(parts)
    return f"{signs[0]}\n{deeper}{inner}\n{indent}{signs[1]}"
