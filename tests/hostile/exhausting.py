"""Run as a program: build the SDK of one server that tries to use up time or memory.

`python -m tests.hostile.exhausting NAME` prints what came of it as JSON. The limits of the process
are hard, so that an attack that succeeds ends it.
"""

import json
import resource
import sys
from typing import Any

from tests.hostile.payloads import tool

REF = "#/$defs/"
LEAF = {"type": "object", "properties": {"a": {"type": "string"}}}
TYPED = "def honest(self, *, a: str | None = None) -> _types."
"""What the client says of a tool that takes and returns `LEAF`, with nothing lost."""


def chain(length: int, step: Any) -> dict[str, Any]:
    """`L0` to `L<length>`, each made by `step` from a reference to the next."""
    levels = {f"L{i}": step({"$ref": f"{REF}L{i + 1}"}) for i in range(length)}
    return {**levels, f"L{length}": LEAF}


def takes(schema: Any, **defs: Any) -> dict[str, Any]:
    return tool(schema={"type": "object", "properties": {"x": schema}, "$defs": defs})


def nested(depth: int, wrap: Any) -> Any:
    made: Any = LEAF
    for _ in range(depth):
        made = wrap(made)
    return made


def each_needs_all(count: int) -> dict[str, Any]:
    names = [f"a{i}" for i in range(count)]
    return {
        "type": "object",
        "properties": {n: {"$ref": f"{REF}A"} for n in names},
        "required": names,
    }


def star(count: int) -> dict[str, Any]:
    points = {
        f"D{i}": {"properties": {"b": {"$ref": f"{REF}D0"}, f"k{i}": {}}} for i in range(count)
    }
    return points | {"D0": {"properties": {f"d{i}": {"$ref": f"{REF}D{i}"} for i in range(count)}}}


WIDE = {"type": "object", "properties": {f"p{i}": {} for i in range(20_000)}}
FOOS = [{"title": "Foo", "type": "object", "properties": {f"p{i}": {}}} for i in range(8_000)]
LISTS = [{"type": "array", "items": {"enum": [f"v{i}", f"w{i}"]}} for i in range(5_000)]
L0 = {"$ref": f"{REF}L0"}

ATTACKS: dict[str, Any] = {
    "allOf that doubles": lambda: [takes(L0, **chain(40, lambda r: {"allOf": [r, r]}))],
    "anyOf that doubles": lambda: [
        takes(L0, **chain(50, lambda r: {"anyOf": [r, {"type": "array", "items": r}]}))
    ],
    "anyOf at the root that doubles": lambda: [
        tool(schema={"anyOf": [L0, L0], "$defs": chain(50, lambda r: {"anyOf": [r, r]})})
    ],
    "many tools that double": lambda: [
        {**takes(L0, **chain(18, lambda r: {"prefixItems": [r, {"items": r}]})), "name": f"t{i}"}
        for i in range(40)
    ],
    "allOf of itself": lambda: [tool(schema={"type": "object", "allOf": [{"$ref": "#"}] * 3})],
    "a circle of allOf": lambda: [
        takes(
            {"$ref": f"{REF}a"},
            a={"allOf": [{"$ref": f"{REF}b"}, {"$ref": f"{REF}c"}]},
            b={"allOf": [{"$ref": f"{REF}c"}, {"$ref": f"{REF}a"}]},
            c={"allOf": [{"$ref": f"{REF}a"}, {"$ref": f"{REF}b"}]},
        )
    ],
    "a wide schema met many times": lambda: [
        takes({"allOf": [{"$ref": f"{REF}W"}] * 20_000}, W=WIDE)
    ],
    "many models of one name": lambda: [takes({"anyOf": FOOS})],
    "many alternatives": lambda: [takes({"anyOf": LISTS})],
    "models that all reach each other": lambda: [takes({"$ref": f"{REF}D0"}, **star(3_000))],
    "an example that explodes": lambda: [
        tool(
            schema={
                "properties": {"x": {"$ref": f"{REF}A"}},
                "required": ["x"],
                "$defs": {"A": each_needs_all(250)},
            }
        )
    ],
    "many arguments": lambda: [tool(schema={"type": "object", **WIDE})],
    "many required names": lambda: [tool(schema={"required": [f"r{i}" for i in range(50_000)]})],
    "a huge enum": lambda: [takes({"enum": [f"v{i}" for i in range(50_000)]})],
    "a huge enum used often": lambda: [
        tool(schema={
            "properties": {f"p{i}": {"$ref": f"{REF}E"} for i in range(2_000)},
            "$defs": {"E": {"enum": [f"v{i}" for i in range(20_000)]}},
        })
    ],
    "enums that no source can hold": lambda: [
        {**takes({"enum": [f"\ud800{i}", "\udfff"]}), "name": f"t{i}"} for i in range(300)
    ],
    "deep properties": lambda: [takes(nested(90, lambda s: {"properties": {"a": s}}))],
    "deep items": lambda: [takes(nested(150, lambda s: {"items": s}))],
    "a deep default": lambda: [takes({"default": nested(150, lambda s: [s])})],
    "names that are all the same": lambda: [tool("same") for _ in range(1_500)],
    "a huge name": lambda: [tool("\U00020000" * 100_000), tool("x" * 100_000)],
    "a pattern that never ends": lambda: [
        takes({"type": "string", "pattern": "^(a|a?)+$", "patternProperties": {"(x+x+)+y": {}}})
    ],
    "a long word": lambda: [tool(description="x" * 500_000)],
    "many quotes": lambda: [tool(description='"' * 500_000)],
    "many backslashes": lambda: [tool(description="\\" * 500_000)],
    "many back quotes": lambda: [tool(description="`" * 500_000)],
    "many line ends": lambda: [tool(description=". " + " \n" * 250_000 + "a")],
    "many hash signs": lambda: [tool(description="\n\t#" * 150_000)],
    "many controls": lambda: [tool(description="\x1b" * 80_000)],
}  # fmt: skip
PARTS: dict[str, Any] = {
    "a template with many variables": lambda: {
        "resource_templates": ({"uriTemplate": "".join(f"{{v{i}}}" for i in range(20_000))},)
    },
    "a template that never closes": lambda: {
        "resource_templates": ({"uriTemplate": "{a" * 50_000},)
    },
    "a prompt with many arguments": lambda: {
        "prompts": ({"name": "p", "arguments": [{"name": f"a{i}"} for i in range(20_000)]},)
    },
}  # fmt: skip


def main(name: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    from mcp_sdkgen import Snapshot, generate

    honest = tool("honest", LEAF, LEAF)
    if name in ATTACKS:
        snapshot = Snapshot.of("srv", [*ATTACKS[name](), honest])
    else:
        snapshot = Snapshot.of("srv", [honest], **PARTS[name]())
    made = generate(snapshot)
    facts = {
        "input": len(snapshot.dumps()),
        "output": sum(map(len, made.files.values())),
        "tools": len(made.methods),
        "honest": TYPED in made.files["srv_sdk/client.py"],
        "codes": sorted({found.code for found in made.diagnostics}),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1])
