from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from mcp_sdkgen_runtime import Arguments, Model, Tool, Unstructured

if TYPE_CHECKING:
    from typing import NotRequired, TypedDict

    class LabelParam(TypedDict):
        name: str
        priority: NotRequired[Literal["low", "high"]]


class SearchArguments(Arguments):
    """What `search` sends."""

    NULLABLE: ClassVar[frozenset[str]] = frozenset({"q", "cursor"})

    q: str | None
    cursor: str | None = None
    labels: list[Label] | None = None


class Label(Model):
    name: str
    priority: Literal["low", "high"] | None = None


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="search",
    arguments=SearchArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "search.json"),
    unwrap=None,
)
