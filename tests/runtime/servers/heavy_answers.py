"""Answers of many parts, as JSON, by the names of the tools that give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

ROW = '{"id":%d,"name":"row %d","a":0,"b":0.5,"c":true,"d":null,"e":"x","f":"y","g":"z","h":"\\\\"}'


def _text(text: str) -> str:
    return json.dumps({"content": [{"type": "text", "text": text}]})


def _data(members: str) -> str:
    return _text("data").removesuffix("}") + f',"structuredContent":{{{members}}}}}'


def _rows() -> str:
    return ",".join(ROW % (number, number) for number in range(200_000))


HEAVY: dict[str, Callable[[], str]] = {
    "objects": lambda: _data('"x":[' + ",".join(["{}"] * 1_100_000) + "]"),
    "values": lambda: _data('"x":[' + ",".join("0" * 5_100_000) + "]"),
    "names": lambda: _data(",".join(f'"{number}":0' for number in range(1_000_000))),
    "a table": lambda: _data(f'"rows":[{_rows()}]'),
    "a table as text": lambda: _text(f"[{_rows()}]"),
    "braces in text": lambda: _text('{"\\":[,' * 2_000_000),
}


def heavy(tool: str, request_id: Any) -> str:
    """The message that answers a call."""
    return f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{HEAVY[tool]()}}}'
