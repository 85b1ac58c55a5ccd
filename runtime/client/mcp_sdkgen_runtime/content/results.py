"""What servers send back, as Python values: raw answers, content blocks, resources, prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from ..errors import ResultError
from ..text import shortened, shown
from ..types import OMIT
from .blocks import Block as Block
from .blocks import Notes, block_of, blocks_of, kind_of, look_at_contents
from .html import html_of
from .json_text import json_readings, texts_of
from .media import Media, Resource, ResourceLink

DataT = TypeVar("DataT")

BARE: Final = "mcp-sdkgen/result"
"""The key of the object that stands for a result which is no object, where it is passed on."""


@dataclass(frozen=True, slots=True)
class RawResult:
    """A tool's answer before typing.

    `content` are the MCP content blocks with their wire keys. `structured` is the structured
    content, `OMIT` when the server sent none (`null` is a value). `notes` say what of the answer
    is not as the protocol has it, a line for each place; then `sent` is all of it as it came.
    `fault` says, where it is no answer to a call at all, why; the rest is the best made of it.
    """

    content: list[Block] = field(default_factory=list)
    structured: Any = OMIT
    is_error: bool = False
    notes: tuple[str, ...] = ()
    fault: str = ""
    sent: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Its wire form, for `read_answer` to read: all of it as it came, if that was odd."""
        if self.sent is not None:
            return self.sent
        plain: dict[str, Any] = {"content": self.content, "isError": self.is_error}
        return plain if self.structured is OMIT else {**plain, "structuredContent": self.structured}

    @property
    def answer(self) -> Any:
        """The answer as the server sent it."""
        sent = self.as_json()
        return sent[BARE] if set(sent) == {BARE} else sent

    @property
    def text(self) -> str:
        """All text blocks, joined by newlines."""
        return joined_text(self.content)


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
    declaring it, else None. `notes` say what of the answer was not as the protocol has it, such as
    a block of an unknown type: a line for each place, and none for an answer without a fault.
    """

    content: list[Block]
    structured: Any = None
    server: str = ""
    tool: str = ""
    notes: tuple[str, ...] = ()

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
            "the answer does not fit the type that was inferred from recorded answers",
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
    """A prompt filled in by the server: its messages, ready to be sent to a model.

    `notes` say what of the answer was not as the protocol has it, a line for each place.
    """

    messages: list[PromptMessage]
    description: str = ""
    notes: tuple[str, ...] = ()
    _sent: dict[str, Any] | None = None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> PromptResult:
        """Read the wire form of a `prompts/get` result, as far as it can be read.

        A message with several blocks becomes one for each. Raises `ResultError` when there is
        nothing like messages in it.
        """
        notes = Notes()
        given = answer.get("messages")
        if not isinstance(given, list):
            if not isinstance(given, dict | str):
                raise _no_list("messages", given, answer)
            notes.add("messages", f"{kind_of(given)} in place of a list")
            given = [given]
        messages = [
            message
            for index, item in enumerate(given)
            for message in _messages(item, f"messages[{index}]", notes)
        ]
        description = answer.get("description")
        if not isinstance(description, str | None):
            notes.add("description", f"{kind_of(description)} in place of a text")
            description = ""
        lines = notes.lines
        return cls(messages, description or "", lines, answer if lines else None)

    def as_json(self) -> dict[str, Any]:
        """Its wire form: all of it as it came, if that was odd."""
        if self._sent is not None:
            return self._sent
        messages = [{"role": one.role, "content": one.content} for one in self.messages]
        return {"messages": messages, "description": self.description}

    def _blocks(self) -> list[Block]:
        return [message.content for message in self.messages]


def _messages(item: Any, place: str, notes: Notes) -> list[PromptMessage]:
    if not isinstance(item, dict):
        notes.add(place, f"{kind_of(item)} in place of a message; read as its content")
        return [PromptMessage("user", block_of(item, place, notes))]
    role, content = item.get("role"), item.get("content")
    if role not in ("user", "assistant"):
        notes.add(f"{place}.role", f"{shortened(role)} in place of user or assistant")
    role = role if isinstance(role, str) else ""
    where = f"{place}.content"
    if isinstance(content, list):
        notes.add(where, "a list in place of one block")
        return [PromptMessage(role, block) for block in blocks_of(content, where, notes)]
    return [PromptMessage(role, block_of(content, where, notes))]


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What reading a resource gave: usually one item, several for folders and the like.

    `notes` say what of the answer was not as the protocol has it, a line for each place.
    """

    items: list[Resource]
    notes: tuple[str, ...] = ()
    _sent: dict[str, Any] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, answer: dict[str, Any]) -> ResourceResult:
        """Read the wire form of a `resources/read` result, as far as it can be read.

        Raises `ResultError` when there is nothing like contents in it.
        """
        notes = Notes()
        given = answer.get("contents")
        if not isinstance(given, list):
            if not isinstance(given, dict | str):
                raise _no_list("contents", given, answer)
            notes.add("contents", f"{kind_of(given)} in place of a list")
            given = [given]
        items = [_item(item, f"contents[{index}]", notes) for index, item in enumerate(given)]
        lines = notes.lines
        return cls(items, lines, answer if lines else None)

    def as_json(self) -> dict[str, Any]:
        """Its wire form: all of it as it came, if that was odd."""
        if self._sent is not None:
            return self._sent
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


def _item(item: Any, place: str, notes: Notes) -> Resource:
    if isinstance(item, dict):
        look_at_contents(item, place, notes)
        return Resource.of(item)
    notes.add(place, f"{kind_of(item)} in place of an object")
    return Resource.of({"text": item if isinstance(item, str) else json.dumps(item)})


def _no_list(key: str, found: Any, answer: dict[str, Any]) -> ResultError:
    what = "is missing" if key not in answer else f"{kind_of(found)} in place of a list"
    return ResultError(
        f"the answer breaks the protocol: {key}: {what}", data=answer, place=key, answer=answer
    )


def _no_json(text: str, server: str = "", tool: str | None = None) -> ResultError:
    what = f"the answer is not JSON: {shortened(text)}"
    return ResultError(what, server=server, tool=tool, data=text)
