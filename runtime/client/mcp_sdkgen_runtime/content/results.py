"""What servers send back, as Python values: raw answers, content blocks, resources, prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import ResultError
from ..text import shortened, shown
from ..types import OMIT
from .html import html_of
from .json_text import json_readings, texts_of
from .media import Media, Resource, ResourceLink

if TYPE_CHECKING:
    from ..observability.secret_set import SecretSet

Block = dict[str, Any]
DataT = TypeVar("DataT")


@dataclass(frozen=True, slots=True)
class RawResult:
    """A tool's answer before typing.

    `content` are the MCP content blocks with their wire keys. `structured` is the structured
    content, `OMIT` when the server sent none (`null` is a value).
    """

    content: list[Block] = field(default_factory=list)
    structured: Any = OMIT
    is_error: bool = False

    @classmethod
    def of(cls, answer: dict[str, Any]) -> RawResult:
        """Read the wire form of a `tools/call` result."""
        structured = answer.get("structuredContent", OMIT)
        return cls(answer.get("content", []), structured, answer.get("isError", False))

    def as_json(self) -> dict[str, Any]:
        """Its wire form."""
        found: dict[str, Any] = {"content": self.content, "isError": self.is_error}
        if self.structured is not OMIT:
            found["structuredContent"] = self.structured
        return found

    @property
    def text(self) -> str:
        """All text blocks, joined by newlines."""
        return joined_text(self.content)


def without_secrets(raw: RawResult, secrets: SecretSet) -> RawResult:
    """An answer that, where it tells what went wrong, has no secrets; data stays as it is."""
    if not raw.is_error:
        return raw
    content, structured = secrets.cleaned([raw.content, raw.structured])
    return RawResult(content, structured, is_error=True)


def joined_text(blocks: Iterable[Block]) -> str:
    """The text of all text blocks, joined by newlines."""
    return "\n".join(texts_of(blocks))


class _Readable:
    """Ways to read a list of content blocks."""

    __slots__ = ()

    def _blocks(self) -> list[Block]:
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All text blocks, joined by newlines. Empty when there are none."""
        return joined_text(self._blocks())

    @property
    def images(self) -> list[Media]:
        """All images: `.data` (bytes), `.mime_type`, `.save(path)`."""
        return [Media.of(block) for block in self._blocks() if block.get("type") == "image"]

    @property
    def audio(self) -> list[Media]:
        """All sounds: `.data` (bytes), `.mime_type`, `.save(path)`."""
        return [Media.of(block) for block in self._blocks() if block.get("type") == "audio"]

    @property
    def resources(self) -> list[Resource]:
        """All embedded resources: `.uri`, `.mime_type`, `.text` or `.data`."""
        return [
            Resource.of(block["resource"])
            for block in self._blocks()
            if block.get("type") == "resource" and isinstance(block.get("resource"), dict)
        ]

    @property
    def links(self) -> list[ResourceLink]:
        """All links to resources: `.uri`, `.name`, `.title`, `.description`, `.mime_type`."""
        return [
            ResourceLink.of(block)
            for block in self._blocks()
            if block.get("type") == "resource_link"
        ]

    def _summary(self) -> str:
        parts = [f"text={shortened(self.text, 200)}"] if self.text else []
        counts: dict[str, int] = {}
        for block in self._blocks():
            kind = str(block.get("type"))
            if kind != "text":
                counts[kind] = counts.get(kind, 0) + 1
        parts += [f"{shortened(kind)}: {count}" for kind, count in counts.items()]
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._summary()})"

    def _repr_html_(self) -> str:
        return html_of(self._blocks())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


@dataclass(frozen=True, slots=True, repr=False)
class Unstructured(_Readable):
    """The result of a tool that declares no output schema.

    Read it through `.text`, `.json()`, `.images`, `.audio`, `.resources` and `.links`. `content`
    has the blocks as they came; `structured` the structured content that some servers send without
    declaring it, else None.
    """

    content: list[Block]
    structured: Any = None
    server: str = ""
    tool: str = ""

    def _blocks(self) -> list[Block]:
        return self.content

    def json(self) -> Any:
        """The answer as JSON data: the structured content, or the text read as JSON.

        Where it is not, but each of several texts is, as some servers send the rows of a table, it
        is the list of them. JSON in a Markdown fence or an embedded resource is read too, and lists
        and dicts as Python writes them. Raises `ResultError` when there is no JSON.
        """
        if self.structured is not None:
            return self.structured
        for _, found in json_readings(self.content):
            return found
        raise _no_json(self.text, self.server, self.tool or None)

    def _summary(self) -> str:
        shown = _Readable._summary(self)
        if self.structured is None:
            return shown
        return ", ".join(filter(None, [shown, f"structured={shortened(self.structured, 200)}"]))

    def __str__(self) -> str:
        return shown(self.text) or repr(self)


@dataclass(frozen=True, slots=True, repr=False)
class Observed(Unstructured, Generic[DataT]):
    """The result of a tool that declares no output schema, with a type inferred from its answers.

    `data` is the answer as that type, and None when it does not fit, since nobody promised that it
    would; `fault` then says where. Whatever came, `.text`, `.json()` and the rest read it as they
    do an `Unstructured`. Where code is to stop at an answer that does not fit, `require()` does.
    """

    data: DataT | None = None
    fault: ResultError | None = None

    def require(self) -> DataT:
        """`data`. Raises `ResultError`, with the place and the raw data, when there is none."""
        return required(self.data, self.fault, self.server, self.tool, self.content)

    def _summary(self) -> str:
        if self.data is None:
            return ", ".join(filter(None, ["data=None", Unstructured._summary(self)]))
        return f"data={shortened(self.data, 400)}"


def required(
    data: DataT | None, fault: ResultError | None, server: str, tool: str, raw: Any
) -> DataT:
    """`data` of an observed type. Raises `fault`, or a `ResultError` with the `raw` answer."""
    if data is None:
        raise fault or ResultError(
            "the answer does not fit its observed type",
            server=server, tool=tool or None, data=raw,
        )  # fmt: skip
    return data


@dataclass(frozen=True, slots=True, repr=False)
class PromptMessage(_Readable):
    """One message of a prompt: who says it, and one content block."""

    role: str
    content: Block

    def _blocks(self) -> list[Block]:
        return [self.content]


@dataclass(frozen=True, slots=True, repr=False)
class PromptResult(_Readable):
    """A prompt filled in by the server: its messages, ready to be sent to a model."""

    messages: list[PromptMessage]
    description: str = ""

    @classmethod
    def of(cls, answer: dict[str, Any]) -> PromptResult:
        """Read the wire form of a `prompts/get` result."""
        messages = [
            PromptMessage(str(message.get("role", "")), message.get("content") or {})
            for message in answer.get("messages") or ()
        ]
        return cls(messages, answer.get("description") or "")

    def as_json(self) -> dict[str, Any]:
        """Its wire form."""
        messages = [{"role": one.role, "content": one.content} for one in self.messages]
        return {"messages": messages, "description": self.description}

    def _blocks(self) -> list[Block]:
        return [message.content for message in self.messages]


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What reading a resource gave: usually one item, several for folders and the like."""

    items: list[Resource]

    @classmethod
    def of(cls, answer: dict[str, Any]) -> ResourceResult:
        """Read the wire form of a `resources/read` result."""
        return cls([Resource.of(item) for item in answer.get("contents") or ()])

    def as_json(self) -> dict[str, Any]:
        """Its wire form."""
        return {"contents": [item.wire for item in self.items]}

    @property
    def text(self) -> str:
        """The text of all textual items, joined by newlines."""
        return "\n".join(item.text for item in self.items if item.text is not None)

    @property
    def data(self) -> bytes:
        """The bytes of the first item (its text in UTF-8). Empty when there is none."""
        return self.items[0].data if self.items else b""

    def json(self) -> Any:
        """The text read as JSON. Raises `ResultError` when it is not JSON."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise _no_json(self.text) from error

    def _repr_html_(self) -> str:
        return html_of({"type": "resource", "resource": item.wire} for item in self.items)


def _no_json(text: str, server: str = "", tool: str | None = None) -> ResultError:
    what = f"the answer is not JSON: {shortened(text)}"
    return ResultError(what, server=server, tool=tool, data=text)
