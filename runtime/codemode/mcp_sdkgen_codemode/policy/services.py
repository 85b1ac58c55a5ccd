"""What stands behind the broker: servers, each with a session of the host's and what it offers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args
from urllib.request import getproxies

from mcp_sdkgen_runtime import BindingError, LazySession, SessionOptions
from mcp_sdkgen_runtime.config.environment import connecting, redirecting
from mcp_sdkgen_runtime.config.targets import MemoryTarget, StdioTarget
from mcp_sdkgen_runtime.schema.definitions import (
    ShippedLists,
    digest,
    is_repeatable,
    only_reads,
    shipped_lists,
)
from mcp_sdkgen_runtime.schema.inputs import arguments_check
from mcp_sdkgen_runtime.schema.validation import Check, compiled

from .approval_record import ApprovalKey
from .resource_uris import Templates, is_plain

Definition = Mapping[str, Any]
Offered: TypeAlias = Literal["tool", "prompt", "resource"]
"""What a server offers to be called, got and read."""


_OFFERED: Final[tuple[Offered, ...]] = get_args(Offered)


def labelled(name: str, offered: Offered) -> str:
    """What records call a tool, a prompt or a resource. No two of a server are called alike."""
    is_plain = offered == "tool" and name.rpartition("@")[2] not in _OFFERED
    return name if is_plain else f"{name}@{offered}"


def named(label: str) -> tuple[str, Offered]:
    """The name and what is offered by it: the reverse of `labelled`."""
    name, _, end = label.rpartition("@")
    for offered in _OFFERED:
        if name and end == offered:
            return name, offered
    return label, "tool"


class PinnedTool:
    """A tool as its SDK knows it: what policy and the check of arguments go by.

    What the live server says now counts only where it is worse (`live_annotations`), so that it
    cannot talk itself into more.
    """

    offered: ClassVar[Offered] = "tool"

    def __init__(self, server: str, definition: Definition, *, check_formats: bool = True) -> None:
        self.server = server
        self.check_formats = check_formats
        self.name = str(definition["name"])
        self.definition = definition
        self.live_annotations: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """What records call it: its name, and what is offered by it where that is not plain."""
        return labelled(self.name, self.offered)

    @property
    def arguments(self) -> Collection[str] | None:
        """The names of its arguments; None where its schema does not tell all of them."""
        schema = self.definition.get("inputSchema")
        if not isinstance(schema, Mapping):
            return None
        found = schema.get("properties")
        if isinstance(found, Mapping) and (found or schema.get("additionalProperties") is False):
            return found
        return None

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The server's hints under their wire keys: the worse of those at the time of the snapshot
        and those of now."""
        pinned = _hints(self.definition)
        return pinned if self.live_annotations is None else worse(pinned, self.live_annotations)

    def hear(self, live: Definition) -> bool:
        """Take note of what the live server says of the tool. Whether that is worse."""
        self.live_annotations = _hints(live)
        return self.annotations != _hints(self.definition)

    @property
    def repeatable(self) -> bool:
        """Whether calling twice does no more than calling once, by its annotations."""
        return is_repeatable(self.annotations)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition."""
        return digest(self.definition)

    @property
    def judged_digest(self) -> str:
        """The same with the hints that it is judged by: an approval is for this very tool, and for
        nothing worse."""
        hints = self.annotations
        if hints == _hints(self.definition):
            return self.digest
        return digest({**self.definition, "annotations": hints})

    @cached_property
    def check(self) -> Check | None:
        """The exact check of arguments. None when no validator can be made of the schema.

        It raises where the validator cannot judge.
        """
        schema = self.definition.get("inputSchema")
        return arguments_check(schema, certain=True, formats=self.check_formats)


class PinnedPrompt(PinnedTool):
    """A prompt as its SDK knows it. To get one only reads, and its arguments are texts."""

    offered: ClassVar[Offered] = "prompt"

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The hints of a tool that does what the protocol says of prompts and resources."""
        return _READS

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition, which no tool has."""
        return digest({self.offered: self.definition})

    @property
    def judged_digest(self) -> str:
        """The same."""
        return self.digest

    @property
    def arguments(self) -> Collection[str]:
        """The names of its arguments."""
        return [one["name"] for one in self.definition.get("arguments") or () if "name" in one]

    @cached_property
    def check(self) -> Check | None:
        """The check of its arguments."""
        given = self.definition.get("arguments") or ()
        required = [one["name"] for one in given if "name" in one and one.get("required") is True]
        return compiled(_of_texts(self.arguments, required), certain=True)


class PinnedResource(PinnedPrompt):
    """A resource that is read by its URI, which is its name here.

    `known` says whether the SDK's lock lists it, or a template that it follows; `is_plain` whether
    patterns can judge it (see `resource_uris`), as they can what is listed.
    """

    offered: ClassVar[Offered] = "resource"

    def __init__(self, server: str, uri: str, definition: Definition | None) -> None:
        super().__init__(server, {**(definition or {}), "name": uri})
        self.known = definition is not None
        self.is_plain = self.known or is_plain(uri)

    @property
    def arguments(self) -> Collection[str]:
        """The name of its only argument."""
        return ["uri"]

    @cached_property
    def check(self) -> Check | None:
        """The check of its only argument, the URI."""
        return compiled(_of_texts(["uri"], ["uri"]), certain=True)


_READS: Mapping[str, Any] = {"readOnlyHint": True}


def _of_texts(names: Collection[str], required: Sequence[str]) -> Mapping[str, Any]:
    return {
        "type": "object", "properties": {name: {"type": "string"} for name in names},
        "required": list(required), "additionalProperties": False,
    }  # fmt: skip


def _started(target: StdioTarget, folder: Path) -> Mapping[str, str | None]:
    """What a command means here and now, in its working folder: the file that is found for it, the
    one that this leads to, and all of the host's variables that can lead it elsewhere."""
    environ = {**redirecting(), **target.env}
    # Of PATH only what is found counts: the rest of it differs from one terminal to the next.
    places = environ.pop("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(str(folder / place) for place in places)
    is_path = Path(target.command).name != target.command
    program = shutil.which(str(folder / target.command) if is_path else target.command, path=path)
    real = None if program is None else os.path.realpath(program)
    return {"program": program, "real": real, **{f"${name}": environ[name] for name in environ}}


def _hints(definition: Definition) -> Mapping[str, Any]:
    found = definition.get("annotations")
    return found if isinstance(found, Mapping) else {}


def worse(pinned: Mapping[str, Any], live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pinned hints, made worse where the live ones are, by the defaults of the specification.

    They are the pinned ones, unchanged, where the live ones are no worse.
    """
    found = dict(pinned)
    was_reading, is_reading = only_reads(pinned), only_reads(live)
    if was_reading and not is_reading:
        found["readOnlyHint"] = False
        found["destructiveHint"] = live.get("destructiveHint") is not False
        found["idempotentHint"] = live.get("idempotentHint") is True
    elif not is_reading:
        if live.get("destructiveHint") is not False and pinned.get("destructiveHint") is False:
            found["destructiveHint"] = True
        if live.get("idempotentHint") is not True and pinned.get("idempotentHint") is True:
            found["idempotentHint"] = False
    if live.get("openWorldHint") is not False and pinned.get("openWorldHint") is False:
        found["openWorldHint"] = True
    return found


@dataclass(frozen=True)
class Service:
    """One server behind the broker: the session that reaches it, and what its SDK knows of it.

    Tools and prompts stand by their names, resources by URI, their templates as a list.
    """

    session: Any
    tools: Mapping[str, PinnedTool] = field(default_factory=dict)
    prompts: Mapping[str, PinnedPrompt] = field(default_factory=dict)
    resources: Mapping[str, Definition] = field(default_factory=dict)
    templates: Sequence[Definition] = ()

    @property
    def offered(self) -> Iterator[PinnedTool]:
        """All its tools and prompts, and the resources that are listed."""
        yield from self.tools.values()
        yield from self.prompts.values()

    def resource(self, server: str, uri: str) -> PinnedResource:
        """What policy judges when a program wants to read `uri`, which may be unknown."""
        definition = self.resources.get(uri)
        if definition is None:
            place = self._templates.first(uri)
            definition = None if place is None else self.templates[place]
        return PinnedResource(server, uri, definition)

    @cached_property
    def _templates(self) -> Templates:
        return Templates(str(one["uriTemplate"]) for one in self.templates)

    @property
    def untrusted(self) -> str:
        """The file that says where the server is, if that was found and nobody has trusted it."""
        try:
            target = self.session.bound()
        except (AttributeError, BindingError):  # a host's own object; or nothing can be sent
            return ""
        return "" if isinstance(target, MemoryTarget) else str(target.untrusted)

    def binding(self, key: ApprovalKey) -> str:
        """A digest of where the server is: what is started or asked, and with what credentials. Of
        a command, also which program that is now, for which user, and what else can lead it
        elsewhere: Docker's host, a package manager's index, a proxy. Of an address, also by which
        proxies, of this process and the system, it is reached, and whose certificates count.

        A session without a target, which is a host's own object, is known by its type.
        """
        try:
            target = self.session.bound()
        except AttributeError:
            return key.digest(type(self.session).__qualname__)
        except BindingError:
            return key.digest(None)  # nothing can be sent, except by a cassette
        if isinstance(target, MemoryTarget):
            return key.digest(type(target.server).__qualname__)
        facts = {**asdict(target), "kind": type(target).__name__}
        facts.pop("untrusted")  # an approval is for the server, whoever says where it is
        del facts["connect_timeout_s"]  # which changes nothing of what is called
        if isinstance(target, StdioTarget):
            folder = Path(target.cwd or "").absolute()
            facts |= {"cwd": str(folder), "started": _started(target, folder)}
        else:
            facts["reached"] = {"variables": connecting(), "proxies": getproxies()}
        return key.digest(json.loads(json.dumps(facts, default=repr)))

    @classmethod
    def of(
        cls,
        server: str,
        session: Any,
        shipped: ShippedLists | Mapping[str, Definition],
        *,
        check_formats: bool = True,
    ) -> Service:
        """A service from a session with an async `call`, and what its SDK was generated from; or
        definitions of tools alone, by wire name. `check_formats` is that of `SessionOptions`."""
        lists = shipped if isinstance(shipped, ShippedLists) else ShippedLists(dict(shipped))
        return cls(
            session,
            {
                name: PinnedTool(server, one, check_formats=check_formats)
                for name, one in lists.tools.items()
            },
            {name: PinnedPrompt(server, one) for name, one in lists.prompts.items()},
            lists.resources,
            lists.templates,
        )

    @classmethod
    def of_package(
        cls, server: str, package: str, binding: Any = None, options: SessionOptions | None = None
    ) -> Service:
        """The service for an importable SDK. It connects at its first call, with all the host has:
        bindings, secrets, logins. `options` are the host's; nothing of them reaches a guest.
        """
        session = LazySession(server, binding, options, package)
        checked = options is None or options.check_formats
        return cls.of(server, session, shipped_lists(package), check_formats=checked)
