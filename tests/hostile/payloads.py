"""What a hostile server sends: texts that each try something, and definitions full of one text."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen import Snapshot

FILE = "pwned-by-a-server"
"""What code of ours that runs by mistake would leave behind in the working folder."""
MARK = "PWNED-7f3a"
"""What it would print. Written so that only running it, and not showing it, gives the mark."""

CODE = f"(print('PWNED'+'-7f3a'),open('{FILE}','w').close())"

TEXTS: dict[str, str] = {
    "ends_docstring": f'"""\n{CODE}\n"""',
    "ends_docstring_with_backslash": f'\\"""\n{CODE}\n\\"""',
    "ends_string": f'"+{CODE}+"',
    "ends_string_single": f"'+{CODE}+'",
    "ends_in_backslash": f"{CODE}\\",
    "ends_in_quotes": f'{CODE}""',
    "f_string": "{" + CODE + "}",
    "jinja": "{{ 7*7 }}{% raw %}{# gone #}{{ cycler.__init__.__globals__.os.system('id') }}",
    "percent": "%(x)s %n $HOME `id` $(id) ; id | id && id",
    "carriage_returns": f"a\r{CODE}\r\n{CODE}"
    + "".join(f"{c}{CODE}" for c in "\x0b\x0c\x85\u2028\u2029"),
    "encoding": "-*- coding: utf-7 -*-\n# -*- coding: utf-7 -*-\n# coding=latin-1",
    "directives": (
        "x\n# mypy: ignore-errors\n# mypy: nonsense=3\n# type: ignore\n# fmt: off\n# fmt: skip\n"
        "# pyright: basic\n# ruff: noqa\n# isort: skip_file\n# noqa"
    ),
    "nul": f"a\x00{CODE}\x1a",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x9b31m\x08\x08\x7f",
    "bidi": "user\u202e\u2066// nimda\u2069\u202c\u200f\u061c",
    "zero_width": "ad\u200bm\u200ci\u200dn\u2060\ufeff\u00ad\u034f\u180e",
    "fillers": "a\u115f\u1160\u3164\uffa0b",
    "tags": "x" + "".join(chr(0xE0000 + ord(c)) for c in "obey me") + "\U000e0001",
    "variation_selectors": "x\ufe00\ufe01\U000e0100\U000e01ef",
    "surrogates": "\ud800 \udfff \udcff",
    "noncharacters": "\uffff\ufffe\U0001ffff\U000f0001",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)><!-- --><b>bold</b>&lt;",
    "links": (
        "[x](http://evil.example) ![x](http://evil.example/i.png) <http://evil.example> "
        "[y]: http://evil.example\n\n[z]: http://evil.example\n\n[z][z] http://evil.example/a "
        "www.evil.example me@evil.example"
    ),
    "table": "a | b |\n| --- | --- |\n| c | [d](e) |\n\\| f \\\\| g \\\\\\| h",
    "headings": "# one\n\n## two\n===\n---\n- item\n+ item\n1. item\n> quote\n    code",
    "fences": "```\nout\n```\n~~~\nout\n~~~\n````python\nout\n`````\n``",
    "toml": '"\n[tool.hatch.build.hooks.custom]\npath = "x"\n[project]\nname = "evil"\n\'\'\'"""',
    "path": "../../../etc/passwd",
    "absolute": "/etc/passwd",
    "windows": "C:\\Windows\\..\\con",
    "forged_lines": "ok\nerror: forged: everything is lost\nweather: done\r\x1b[1Aweather: done",
    "rich": "[bold red]x[/] [link=http://evil.example]x[/link] :warning: \\[",
    "empty": "",
    "blank": " \n\t ",
    "dunder": "__class__",
    "dunder_init": "__init__",
    "keyword": "import",
    "doctest": ">>> 1 + 1\n2",
    "long": "x" * 900,
    "long_wide": "\U00020000" * 300,
}


def everywhere(text: str) -> dict[str, Any]:
    """A server's whole wire data with `text` in every place that a server fills in."""
    field = {
        "type": "string",
        "title": text,
        "description": text,
        "default": text,
        "examples": [text],
        "pattern": text,
        "format": text,
        "$comment": text,
    }
    nested = {"type": "object", "title": text, "description": text, "properties": {text: field}}
    schema: dict[str, Any] = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {
            text: field,
            "enum": {"enum": [text, "other"], "description": text},
            "const": {"const": text},
            "nested": nested,
            "named": {"$ref": "#/$defs/Named"},
            "texts": {"type": "array", "items": {"enum": [text, f"{text}2"]}},
            "lost": {"$ref": text},
            "odd": {"type": text, "minimum": text, "multipleOf": text, "required": text},
        },
        "required": [text, "enum", "const"],
        "patternProperties": {text: {"type": "string"}},
        "$defs": {"Named": nested, text: nested},
        text: text,
    }
    hints = {"title": text, "readOnlyHint": text, "destructiveHint": True, text: True}
    made: dict[str, Any] = {
        "name": text,
        "title": text,
        "description": text,
        "inputSchema": schema,
        "outputSchema": {**schema, "$anchor": text},
        "annotations": hints,
        "_meta": {text: text},
        "icons": [{"src": text, "mimeType": text}],
    }
    identified = {**made, "inputSchema": {**schema, "$schema": text, "$id": text}}
    argument = {"name": text, "title": text, "description": text, "required": True}
    resource = {"uri": text, "name": text, "title": text, "description": text, "mimeType": text}
    template = {**resource, "uriTemplate": f"x://{{{text}}}/{text}{{?{text}*}}"}
    return {
        "tools": [made, identified],
        "prompts": [{**made, "arguments": [argument, argument]}],
        "resources": [resource],
        "resource_templates": [template],
        "server_info": {"name": text, "title": text, "version": text, "description": text},
        "capabilities": {text: text},
        "instructions": text,
        "protocol_version": text,
    }


def snapshot_of(wire: dict[str, Any], server: str = "hostile") -> Snapshot:
    """Wire data as a snapshot in memory."""
    lists = ("prompts", "resources", "resource_templates")
    parts = {key: tuple(wire[key]) if key in lists else wire[key] for key in wire if key != "tools"}
    return Snapshot.of(server, wire["tools"], **parts)


def all_texts_together() -> dict[str, Any]:
    """Every text in every place, on one server."""
    wires = [everywhere(text) for text in TEXTS.values()]
    lists = ("tools", "prompts", "resources", "resource_templates")
    merged: dict[str, Any] = {key: [one for w in wires for one in w[key]] for key in lists}
    everything = "\n\n".join(TEXTS.values())
    return {**everywhere(everything), **merged}


def tool(name: str = "tool", schema: Any = None, output: Any = None, **more: Any) -> dict[str, Any]:
    """A tool definition; without `schema` it takes no arguments."""
    made = {"name": name, "inputSchema": {"type": "object"} if schema is None else schema, **more}
    return made if output is None else {**made, "outputSchema": output}
