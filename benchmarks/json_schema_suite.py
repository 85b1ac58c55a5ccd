"""JSON-Schema-Test-Suite through the check of arguments, with either validator.

    python -m benchmarks.json_schema_suite --suite FOLDER

FOLDER is a copy of https://github.com/json-schema-org/JSON-Schema-Test-Suite. The required tests of
draft-07 and 2020-12 are run, and the optional ones of the formats that are checked, in their exact
reading; those whose schema is `true` or `false` are no tool's.

The suite wants its `remotes` served at http://localhost:1234. Nothing is ever fetched here, so the
documents that a schema refers to are bundled into it, each under its `$id`, as 2020-12 Core section
9.3 has it; `--unbundled` leaves them out. The exit code is 1 if less than 99 % of the required
tests come out right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urljoin

from mcp_sdkgen_runtime.schema.formats import FORMATS
from mcp_sdkgen_runtime.schema.validation import Formats, compiled

DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}


SERVED_AT: Final = "http://localhost:1234/"
ACCEPTED: Final = 0.99


def bundled(schema: dict[str, Any], remotes: Path) -> dict[str, Any]:
    """`schema` with the documents of `remotes` that it refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    todo = list(_targets(schema, ""))
    while todo:
        uri = todo.pop()
        path = remotes / uri.removeprefix(SERVED_AT)
        if uri not in found and uri.startswith(SERVED_AT) and path.is_file():
            found[uri] = {"$id": uri, **json.loads(path.read_text())}
            todo += _targets(found[uri], uri)
    if not found:
        return schema
    if "$ref" in schema and "draft-07" in schema["$schema"]:
        # There, what stands beside a reference means nothing (Core section 8.3).
        schema = {"$schema": schema["$schema"], "allOf": [schema]}
    key = "definitions" if "draft-07" in schema["$schema"] else "$defs"
    return {**schema, key: {**schema.get(key, {}), **found}}


def _targets(node: Any, base: str) -> Iterator[str]:
    """The documents that a schema's references mean."""
    if isinstance(node, list):
        for item in node:
            yield from _targets(item, base)
    if isinstance(node, dict):
        if isinstance(identifier := node.get("$id"), str):
            base = urljoin(base, identifier)
        for key, value in node.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield urldefrag(urljoin(base, value)).url
            else:
                yield from _targets(value, base)


def judged(
    paths: Iterable[Path], dialect: str, formats: Formats, remotes: Path | None = None
) -> tuple[int, Counter[str]]:
    """How many tests of these files come out right, and how many do not, by group.

    With `remotes`, a folder of documents, those that a schema refers to are bundled into it.
    """
    right, wrong = 0, Counter[str]()
    for path in paths:
        for group in json.loads(path.read_text()):
            if not isinstance(group["schema"], dict):
                continue
            schema = {"$schema": dialect, **group["schema"]}
            check = compiled(bundled(schema, remotes) if remotes else schema, formats=formats)
            for test in group["tests"]:
                if check is not None and (check(test["data"]) is None) == test["valid"]:
                    right += 1
                else:
                    wrong[f"{path.name}: {group['description']}"] += 1
    return right, wrong


def _tell(what: str, right: int, wrong: Counter[str]) -> bool:
    """Print one row and what is wrong. Returns whether enough is right."""
    whole = right + wrong.total()
    print(f"{what}: {right} of {whole} ({right / whole:.2%})")
    for group, number in wrong.items():
        print(f"    {number} wrong in {group}")
    return right >= ACCEPTED * whole


def main() -> int:
    """Judge the suite with both validators, and print what is wrong. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--suite", type=Path, required=True, help="the suite's folder")
    parser.add_argument("--unbundled", action="store_true", help="leave out what is referred to")
    given = parser.parse_args()
    remotes = None if given.unbundled else given.suite / "remotes"
    modules: dict[str, Any] = sys.modules
    enough = True
    for validator in ("jsonschema-rs", "jsonschema"):
        if validator == "jsonschema":
            modules["jsonschema_rs"] = None
        for draft, dialect in DRAFTS.items():
            folder = given.suite / "tests" / draft
            required = sorted(folder.glob("*.json"))
            row = judged(required, dialect, "ignored", remotes)
            enough &= _tell(f"{validator}, {draft}", *row)
            of_formats = [folder / "optional" / "format" / f"{name}.json" for name in FORMATS]
            there = [path for path in of_formats if path.exists()]
            _tell(f"{validator}, {draft}, formats", *judged(there, dialect, "exact"))
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
