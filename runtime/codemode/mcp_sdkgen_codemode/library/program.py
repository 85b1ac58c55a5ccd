"""What is known of one saved program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mcp_sdkgen_runtime.text import printable

from ..catalog import Entry
from .analysis import PACKAGE

FORMAT = "mcp-sdkgen/program/1"


@dataclass(frozen=True)
class SavedProgram:
    """A saved program and what was found out about it.

    `description` is the docstring of its `main`, `signature` how it is called, `arguments` their
    JSON Schema. `tools` are the digests of the tools it uses, by SDK package and method name;
    `programs` those of the saved programs it imports; `packages` what else it imports that a
    sandbox has only where the host allows it. All of it but the digests is untrusted text.
    """

    name: str
    source: str
    description: str
    signature: str
    arguments: Mapping[str, Any]
    tools: Mapping[str, Mapping[str, str]]
    programs: Mapping[str, str]
    packages: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the source."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def summary(self) -> str:
        """The first line of the description."""
        return printable(self.description.partition("\n")[0])

    @property
    def entry(self) -> Entry:
        """Its line of the catalog."""
        signature = printable(self.signature)
        return Entry(f"{self.name}.main", signature, self.summary, PACKAGE, PACKAGE)

    def calling(self, arguments: Mapping[str, Any]) -> str:
        """A program that calls this one, and whose value is what that returns."""
        waiting = "await " if "-> Awaitable[" in self.signature else ""
        return (
            f"import json\nfrom {PACKAGE}.{self.name} import main\n"
            "from pydantic import validate_call\n"
            # In a sandbox, the types of its arguments are made of what JSON has for them.
            f"{waiting}validate_call(main)(**json.loads({json.dumps(arguments)!r}))\n"
        )

    def as_json(self) -> dict[str, Any]:
        """Everything but the source, with stable keys."""
        facts = {key: value for key, value in asdict(self).items() if key != "source"}
        return {"format": FORMAT, **facts, "packages": list(self.packages), "sha256": self.digest}
