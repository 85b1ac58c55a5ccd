"""What hosts and providers of models refuse in a tool list, or drop from it, each with its source.

A finding that costs every user of such a host the tool is one of `RULES`, with points. What only
concerns a mode that callers choose, or how many tools there are, costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_sdkgen_runtime.schema.references import escape, subschemas

from ..json_io import Json
from ..snapshot import ToolDefinition


@dataclass(frozen=True, slots=True)
class HostRule:
    """What `host` refuses (`what` follows its name), and the page that says so."""

    host: str
    what: str
    source: str


CLAUDE = "Claude"
OPENAI = "OpenAI"
STRICT = "OpenAI strict mode"
GEMINI = "Gemini"
_CLAUDE_TOOLS = "https://platform.claude.com/docs/en/managed-agents/self-hosted-sandboxes"
_STRICT = "https://platform.openai.com/docs/guides/structured-outputs#supported-schemas"
_GEMINI = "https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/FunctionDeclaration"

HOST_RULES: dict[str, HostRule] = {
    "root-not-object": HostRule(
        "Clients on the official TypeScript SDK",
        "refuse a whole list with an input schema without `type: object` at its root",
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/1028",
    ),
    "output-root-not-object": HostRule(
        "Clients on the official TypeScript SDK",
        "refuse a whole list with an output schema without `type: object` at its root",
        "https://github.com/modelcontextprotocol/modelcontextprotocol/pull/519",
    ),
    "root-combinator": HostRule(
        CLAUDE,
        "refuses `anyOf`, `oneOf` and `allOf` at the root of an input schema",
        "https://github.com/anthropics/claude-code/issues/5973",
    ),
    "host-name": HostRule(
        "Claude and OpenAI",
        "refuse names with other than letters, digits, `_` and `-`, or of more than 64 characters",
        "https://apis.io/schemas/chatgpt/chatgpt-chat-completions-function-definition/",
    ),
    "host-argument-name": HostRule(
        CLAUDE,
        "refuses arguments' names with other than letters, digits, `_`, `.` and `-`, "
        "or of more than 64 characters",
        _CLAUDE_TOOLS,
    ),
    "host-reference": HostRule(
        "Claude's managed agents", "refuse `$ref` anywhere in an input schema", _CLAUDE_TOOLS
    ),
    "openai-tools": HostRule(
        OPENAI,
        "refuses more than 128 tools in one request",
        "https://github.com/zed-industries/zed/issues/42393",
    ),
    "vscode-tools": HostRule(
        "VS Code",
        "refuses more than 128 tools in one request",
        "https://www.mcpbundles.com/guides/how-many-tools",
    ),
    "cursor-tools": HostRule(
        "Cursor",
        "sends models the first 40 tools only (80 in later versions), of all servers together",
        "https://docs.cursor.com/context/model-context-protocol#limitations",
    ),
    "strict-root": HostRule(STRICT, "refuses a root that is no object, or has `anyOf`", _STRICT),
    "strict-closed": HostRule(
        STRICT, "refuses an object without `additionalProperties: false`", _STRICT
    ),
    "strict-required": HostRule(
        STRICT, "refuses an object with a property that is not in `required`", _STRICT
    ),
    "strict-keyword": HostRule(
        STRICT,
        "refuses `allOf`, `oneOf`, `not`, `if`, `then`, `else`, `dependentRequired` and "
        "`dependentSchemas`",
        _STRICT,
    ),
    "gemini-name": HostRule(
        GEMINI,
        "refuses names that do not begin with a letter or `_`, or have other than letters, digits, "
        "`_`, `.` and `-`, or more than 64 characters",
        _GEMINI,
    ),
    "gemini-enum": HostRule(
        GEMINI,
        "refuses an `enum` of other than strings in `parameters`",
        "https://github.com/nanbingxyz/5ire/issues/218",
    ),
    "gemini-type-list": HostRule(
        GEMINI,
        "refuses a list of types in `parameters`",
        "https://github.com/nanbingxyz/5ire/issues/218",
    ),
    "gemini-properties": HostRule(
        GEMINI,
        "refuses `properties` and `required` of what is no object, in `parameters`",
        "https://github.com/anomalyco/opencode/issues/11889",
    ),
    "gemini-empty-object": HostRule(
        GEMINI,
        "refuses an object without `properties` in `parameters`",
        "https://github.com/MarkusPfundstein/mcp-obsidian/issues/21",
    ),
}
"""By stable code."""

_LIMITS = {"cursor-tools": 40, "openai-tools": 128, "vscode-tools": 128}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ARGUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_GEMINI_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_COMBINATORS = ("anyOf", "oneOf", "allOf")
_NOT_STRICT = frozenset(
    {"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"}
)


@dataclass(frozen=True, slots=True)
class HostFinding:
    """That a host refuses something: of `tool` by its wire name, or of the list where it is empty.

    `pointer` is a JSON pointer into the tool's definition.
    """

    code: str
    tool: str = ""
    pointer: str = ""

    @property
    def rule(self) -> HostRule:
        """What is refused, by whom, and where that is said."""
        return HOST_RULES[self.code]

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object with stable keys."""
        return {
            "host": self.rule.host,
            "code": self.code,
            "tool": self.tool,
            "pointer": self.pointer,
            "message": f"{self.rule.host} {self.rule.what}",
            "source": self.rule.source,
        }


def of_hosts(tools: Sequence[ToolDefinition]) -> Iterator[HostFinding]:
    """What hosts refuse of a list, each rule once for a tool."""
    for code, most in _LIMITS.items():
        if len(tools) > most:
            yield HostFinding(code)
    for tool in tools:
        found: dict[str, str] = {}
        for code, pointer in _of_tool(tool.name, tool.definition):
            found.setdefault(code, pointer)
        yield from (HostFinding(code, tool.name, pointer) for code, pointer in found.items())


def _of_tool(name: str, definition: Json) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(name):
        yield "host-name", "/name"
    if not _GEMINI_NAME.fullmatch(name):
        yield "gemini-name", "/name"
    output = definition.get("outputSchema")
    if output is not None and not _is_object(output):
        yield "output-root-not-object", "/outputSchema"
    schema = definition.get("inputSchema")
    if not _is_object(schema):
        yield "root-not-object", "/inputSchema"
        yield "strict-root", "/inputSchema"
    if not isinstance(schema, dict):
        return
    for key in _COMBINATORS:
        if key in schema:
            yield "root-combinator", f"/inputSchema/{key}"
    if "anyOf" in schema:
        yield "strict-root", "/inputSchema/anyOf"
    properties = schema.get("properties")
    for argument in properties if isinstance(properties, dict) else ():
        if not _ARGUMENT.fullmatch(argument):
            yield "host-argument-name", f"/inputSchema/properties/{escape(argument)}"
    for inner in subschemas(schema):
        yield from ((code, "/inputSchema") for code in _of_schema(inner, inner is schema))


def _is_object(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "object"


def _of_schema(schema: Json, is_root: bool) -> Iterator[str]:
    """What is refused of one subschema, whatever stands in it."""
    if isinstance(schema.get("$ref"), str):
        yield "host-reference"
    if _NOT_STRICT & schema.keys():
        yield "strict-keyword"
    listed = schema.get("properties")
    names = list(listed) if isinstance(listed, dict) else []
    types = schema.get("type")
    if isinstance(types, list):
        yield "gemini-type-list"
    elif (
        isinstance(types, str) and types != "object" and {"properties", "required"} & schema.keys()
    ):
        yield "gemini-properties"
    if types == "object" or names:
        if schema.get("additionalProperties") is not False:
            yield "strict-closed"
        required = schema.get("required")
        if set(names) - set(required if isinstance(required, list) else []):
            yield "strict-required"
        if not names and not is_root:
            yield "gemini-empty-object"
    values = schema.get("enum")
    if isinstance(values, list) and not all(isinstance(value, str) for value in values):
        yield "gemini-enum"
