"""JSON-Schema-Test-Suite through the check of arguments, with either validator.

    python -m benchmarks.json_schema_suite --suite FOLDER

FOLDER is a copy of https://github.com/json-schema-org/JSON-Schema-Test-Suite. The required tests of
draft-07 and 2020-12 are run, and the optional ones of the formats that are checked, in their exact
reading; those whose schema is `true` or `false` are no tool's. Tests that fetch other documents
fail by design: nothing is ever fetched.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.schema.formats import FORMATS
from mcp_sdkgen_runtime.schema.validation import Formats, compiled

DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}


def judged(paths: Iterable[Path], dialect: str, formats: Formats) -> tuple[int, Counter[str]]:
    """How many tests of these files come out right, and how many do not, by group."""
    right, wrong = 0, Counter[str]()
    for path in paths:
        for group in json.loads(path.read_text()):
            if not isinstance(group["schema"], dict):
                continue
            check = compiled({"$schema": dialect, **group["schema"]}, formats=formats)
            for test in group["tests"]:
                if check is not None and (check(test["data"]) is None) == test["valid"]:
                    right += 1
                else:
                    wrong[f"{path.name}: {group['description']}"] += 1
    return right, wrong


def _tell(what: str, right: int, wrong: Counter[str]) -> None:
    whole = right + wrong.total()
    print(f"{what}: {right} of {whole} ({right / whole:.2%})")
    for group, number in wrong.items():
        print(f"    {number} wrong in {group}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--suite", type=Path, required=True, help="the suite's folder")
    suite: Path = parser.parse_args().suite
    modules: dict[str, Any] = sys.modules
    for validator in ("jsonschema-rs", "jsonschema"):
        if validator == "jsonschema":
            modules["jsonschema_rs"] = None
        for draft, dialect in DRAFTS.items():
            folder = suite / "tests" / draft
            of_formats = [folder / "optional" / "format" / f"{name}.json" for name in FORMATS]
            _tell(
                f"{validator}, {draft}", *judged(sorted(folder.glob("*.json")), dialect, "ignored")
            )
            there = [path for path in of_formats if path.exists()]
            _tell(f"{validator}, {draft}, formats", *judged(there, dialect, "exact"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
