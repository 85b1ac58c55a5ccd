"""What hosts and providers of models refuse in a tool list, or drop from it, each with its source.

Few of them say so in their documentation; most rules are what users reported, with the host's own
words of refusal, and are told as that.

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
    """What `host` refuses (`what` follows its name), and the page that says so.

    With `reported`, that page is no word of the host's own, but what users met.
    """

    host: str
    what: str
    source: str
    reported: bool = True

    @property
    def sentence(self) -> str:
        """The rule in words, as far as it is known."""
        return f"{'users report that ' if self.reported else ''}{self.host} {self.what}"


CLAUDE = "Claude"
OPENAI = "OpenAI"
STRICT = "OpenAI's strict mode"
GEMINI = "Gemini"
TYPESCRIPT = "MCP's TypeScript SDK"
_GITHUB = "https://github.com/"
_GENAI = "https://googleapis.github.io/java-genai/javadoc/google-genai/com.google.genai.types/"

HOST_RULES: dict[str, HostRule] = {
    "root-not-object": HostRule(
        TYPESCRIPT,
        "rejects the whole tool list if one input schema has no `type: object` at its root",
        _GITHUB + "zereight/gitlab-mcp/issues/286",
    ),
    "output-root-not-object": HostRule(
        TYPESCRIPT,
        "rejects the whole tool list if one output schema has no `type: object` at its root, in "
        "versions before SEP-2106",
        _GITHUB + "kenn-io/msgvault/issues/626",
    ),
    "root-combinator": HostRule(
        CLAUDE,
        "refuses `anyOf`, `oneOf` and `allOf` at the root of an input schema",
        _GITHUB + "anthropics/claude-code/issues/5973",
    ),
    "host-name": HostRule(
        "Claude and OpenAI",
        "refuse tool names with characters other than letters, digits, `_` and `-`",
        _GITHUB + "CherryHQ/cherry-studio/pull/2895",
    ),
    "openai-name": HostRule(
        OPENAI,
        "refuses tool names of more than 64 characters",
        _GITHUB + "mastra-ai/mastra/issues/6302",
    ),
    "claude-name": HostRule(
        CLAUDE,
        "refuses tool names of more than 128 characters",
        _GITHUB + "microsoft/wassette/issues/56",
    ),
    "host-argument-name": HostRule(
        CLAUDE,
        "refuses argument names with characters other than letters, digits, `_`, `.` and `-`, "
        "or with more than 64 characters",
        _GITHUB + "anthropics/claude-code/issues/79418",
    ),
    "openai-description": HostRule(
        OPENAI,
        "refuses tool descriptions of more than 1,024 characters with some models",
        _GITHUB + "modelcontextprotocol/servers/issues/799",
    ),
    "claude-code-description": HostRule(
        "Claude Code",
        "cuts tool descriptions after 2,048 characters",
        _GITHUB + "anthropics/claude-code/issues/41593",
    ),
    "openai-tools": HostRule(
        OPENAI,
        "refuses more than 128 tools in one request",
        _GITHUB + "zed-industries/zed/issues/32946",
    ),
    "vscode-tools": HostRule(
        "VS Code",
        "refuses more than 128 tools in one request",
        _GITHUB + "microsoft/vscode-copilot-release/issues/11653",
    ),
    "cursor-tools": HostRule(
        "Cursor",
        "warns when all servers together have more than 80 tools (older versions: 40)",
        _GITHUB + "Snowflake-Labs/mcp/issues/77",
    ),
    "codex-root": HostRule(
        "Codex",
        "refuses `oneOf`, `anyOf`, `allOf`, `enum` and `not` at the root of an input schema",
        _GITHUB + "dcc-mcp/dcc-mcp-blender/issues/64",
    ),
    "strict-root": HostRule(
        STRICT,
        "refuses an input schema with neither `type` nor `properties` at its root",
        _GITHUB + "softwaremill/sttp-ai/pull/521",
    ),
    "strict-closed": HostRule(
        STRICT,
        "refuses an object without `additionalProperties: false`",
        _GITHUB + "spring-projects/spring-ai/pull/6865",
    ),
    "strict-required": HostRule(
        STRICT,
        "refuses an object with a property that is not in `required`",
        _GITHUB + "RooCodeInc/Roo-Code/pull/10220",
    ),
    "strict-all-of": HostRule(
        STRICT, "refuses `allOf`", _GITHUB + "makenotion/notion-mcp-server/issues/117"
    ),
    "strict-one-of": HostRule(STRICT, "refuses `oneOf`", _GITHUB + "can1357/oh-my-pi/issues/920"),
    "gemini-name": HostRule(
        GEMINI,
        "accepts only tool names of at most 64 characters that begin with a letter or `_` and "
        "have no characters but letters, digits, `_`, `.`, `:` and `-`",
        _GENAI + "-function-declaration/-builder/name.html",
        reported=False,
    ),
    "gemini-enum": HostRule(
        GEMINI,
        "refuses an `enum` with values other than strings in `parameters`",
        _GITHUB + "microsoft/azure-devops-mcp/issues/145",
    ),
    "gemini-type-list": HostRule(
        GEMINI,
        "refuses a `type` that is a list in `parameters`",
        _GITHUB + "openclaw/openclaw/issues/137249",
    ),
    "gemini-properties": HostRule(
        GEMINI,
        "refuses `properties` or `required` beside a `type` other than `object` in `parameters`",
        _GITHUB + "anomalyco/opencode/issues/11889",
    ),
    "gemini-empty-object": HostRule(
        GEMINI,
        "refuses an object without `properties` in `parameters`",
        _GITHUB + "MarkusPfundstein/mcp-obsidian/issues/21",
    ),
}
"""By stable code."""

_LIMITS = {"cursor-tools": 40, "openai-tools": 128, "vscode-tools": 128}
_LONG_NAMES = {"openai-name": 64, "claude-name": 128}
_LONG_DESCRIPTIONS = {"openai-description": 1024, "claude-code-description": 2048}
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ARGUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_GEMINI_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_COMBINATORS = ("anyOf", "oneOf", "allOf")
_NOT_STRICT = {"allOf": "strict-all-of", "oneOf": "strict-one-of"}


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
            "message": self.rule.sentence,
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
    yield from ((code, "/name") for code, most in _LONG_NAMES.items() if len(name) > most)
    described = definition.get("description")
    length = len(described) if isinstance(described, str) else 0
    for code, most in _LONG_DESCRIPTIONS.items():
        if length > most:
            yield code, "/description"
    output = definition.get("outputSchema")
    if output is not None and not _is_object(output):
        yield "output-root-not-object", "/outputSchema"
    schema = definition.get("inputSchema")
    if not _is_object(schema):
        yield "root-not-object", "/inputSchema"
        if not isinstance(schema, dict) or not {"type", "properties"} & schema.keys():
            yield "strict-root", "/inputSchema"
    if not isinstance(schema, dict):
        return
    for key in _COMBINATORS:
        if key in schema:
            yield "root-combinator", f"/inputSchema/{key}"
    for key in (*_COMBINATORS, "enum", "not"):
        if key in schema:
            yield "codex-root", f"/inputSchema/{key}"
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
    yield from (code for keyword, code in _NOT_STRICT.items() if keyword in schema)
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
