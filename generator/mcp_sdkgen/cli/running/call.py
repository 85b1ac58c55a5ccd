"""`mcp-sdkgen call`"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode import Policy
from mcp_sdkgen_codemode.broker.replies import Refusal
from mcp_sdkgen_codemode.policy.approval import Approvals
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover
from mcp_sdkgen_runtime.config.command_line import shown_args
from mcp_sdkgen_runtime.errors import BindingError, CallTimeout, ConfigurationError, SdkError
from mcp_sdkgen_runtime.files import data_folder

from ...errors import ConfigError, SdkgenError
from ...live.arguments import read_arguments
from ...live.code import python_code
from ...live.server import LiveServer, Tools, checked, connected
from ...lower.draft import Draft
from ...names import chosen_package
from ...snapshot import Snapshot
from ...source import Resolved, SavedSource, ServerSource, run_sync
from .. import options
from ..found_policy import check_policy, policy_in_force, tell_unmatched
from ..show import note, print_json, safe, show_error, stderr, stdout, waiting
from ..usage import taken_apart
from . import answer
from .artifacts import check_out
from .one_server import one_server, other_servers, pinned_tools

TIMED_OUT, REFUSED = 4, 5

Server = Annotated[
    str,
    typer.Argument(
        metavar="SERVER",
        help="A server of the configuration, or a URL; or a name for the stdio server whose "
        "command follows --. SERVER.TOOL names the tool too.",
    ),
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TOOL [ARGUMENT]…",
        help="The tool's name, on the server or in Python, unless it stands after the server's; "
        "then its arguments: name=value, name:=JSON, name=@FILE, outer.inner=value, "
        "or one JSON object; - reads that from stdin.",
        show_default=False,
    ),
]
NoCheckFormats = Annotated[
    bool,
    typer.Option(
        "--no-check-formats", help="Do not check values against the `format` of the schema."
    ),
]


def call(
    context: typer.Context,
    server: Server,
    words: Words = None,
    config: options.Config = None,
    from_client: options.From = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Save images, sounds and other data in this folder; replaces no file."),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Print the call as Python, without calling.")
    ] = False,
    allow: options.Allow = None,
    ask: options.Ask = None,
    deny: options.Deny = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="Seconds to connect, and again to answer; 60 if unset, and longer while a "
            "server is installed.",
        ),
    ] = None,
    no_check_formats: NoCheckFormats = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Call one tool of a server, without building an SDK first.

    Values are read as the tool's schema says. Read-only tools may be called; about all others a
    person is asked at the terminal. Exit code 0: answered. 1: the tool failed, or no answer came.
    2: wrong usage, arguments or configuration. 4: no answer in time. 5: refused.
    """
    if not words and not re.search(r"[./]", server):
        raise _no_tool(server)
    one = one_server(context, server, config, from_client)
    source, found = one.source, one.found
    tool, *given_words = [*filter(None, [one.tool]), *(words or ())] or [""]
    if not tool:
        raise _no_tool(server)
    given = _Given(
        tool, tuple(given_words), out, timeout, code, as_json,
        check_formats=not no_check_formats, allow=tuple(allow or ()),
    )  # fmt: skip
    pinned = pinned_tools(found, source.name)
    if isinstance(source, SavedSource):
        return _of_saved(source, found, given, pinned)
    assert isinstance(source, ServerSource)
    if out is not None:
        check_out(out)
    policy = Policy()
    if not code:
        policy = policy_in_force(
            found.policy if config is not None else None,
            allow=allow or (), ask=ask or (), deny=deny or (), may_ask=True,
        )  # fmt: skip
    with _errors() as ended:
        ended.code = run_sync(partial(_live, source, found, given, pinned, policy))
    return ended.code


def _no_tool(server: str) -> ConfigError:
    hint = f"its tools: {shlex.join(['mcp-sdkgen', 'tools', server])}"
    return ConfigError(f"{server}: no tool was named", hint=hint)


def usage_hint(words: Sequence[str], command: Any) -> str:
    """How an argument is written, for a command line that has it as an option."""
    options, others = taken_apart(words, command)
    before = next((place for place, word in enumerate(others) if word.startswith("-")), 0)
    is_dotted = bool(others) and ("." in others[0] or "/" in others[0])
    start = min(before, 2)
    if start < 2 - is_dotted or not any(map(_is_option, others)):
        return ""
    arguments = shown_args(_as_arguments(others[start:]))
    line = shlex.join(["mcp-sdkgen", "call", *others[:start], *arguments, *shown_args(options)])
    return f"an argument of a tool is written NAME=VALUE: {line}"


def _as_arguments(words: Sequence[str]) -> list[str]:
    """`--name value` and `--name=value` as `name=value`."""
    found: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        name, sign, value = word.partition("=")
        if _is_option(word) and not sign:
            is_alone = not left or left[0].startswith("-") or "=" in left[0]
            value = "true" if is_alone else left.pop(0)
        found.append(f"{name[2:]}={value}" if _is_option(word) else word)
    return found


def _is_option(word: str) -> bool:
    return word.startswith("--")


@dataclass(frozen=True)
class _Given:
    """What the command line says of the call."""

    tool: str
    words: tuple[str, ...]
    out: Path | None
    timeout_s: float | None
    code: bool
    as_json: bool
    check_formats: bool
    allow: tuple[str, ...]

    def arguments(self, one: Draft, server: str) -> dict[str, Any]:
        """The arguments to send. Raises `ConfigError`."""
        words = read_arguments(self.words, one)
        return checked(one, server, words, check_formats=self.check_formats)


@dataclass
class _Ended:
    code: int = 1


@contextmanager
def _errors() -> Iterator[_Ended]:
    """Shows what went wrong with a call. Raises `ConfigError` where the user can put it right."""
    ended = _Ended()
    try:
        yield ended
    except ConfigurationError:
        raise
    except BindingError as error:
        raise ConfigError(str(error)) from None
    except CallTimeout as error:
        ended.code = TIMED_OUT
        show_error(SdkgenError(str(error), hint="--timeout SECONDS waits longer"))
    except Refusal as refusal:
        timed_out = refusal.reason == "timeout"
        codes = {"refused": REFUSED, "invalid": 2}
        ended.code = TIMED_OUT if timed_out else codes.get(refusal.status, 1)
        show_error(SdkgenError(refusal.message, detail=refusal.detail.for_host()))
    except SdkError as error:
        what, _, detail = str(error).partition("\n")
        raise SdkgenError(what, detail=detail) from None


def _of_saved(source: SavedSource, found: Resolved, given: _Given, pinned: Snapshot | None) -> int:
    """A saved list of tools says how to call them, and cannot be called."""
    if not given.code:
        raise ConfigError(
            f"{source.name}: a saved list of tools, not a server",
            hint="--code prints the Python that calls it",
        )
    definitions = {tool.name: tool.definition for tool in source.snapshot.tools}
    tools = Tools(source.name, definitions, pinned or source.snapshot)
    return _print_code(tools, found, given)


def _print_code(tools: Tools, found: Resolved, given: _Given) -> int:
    one = tools.find(given.tool)
    arguments = given.arguments(one, tools.server)
    package = chosen_package(found.packages, tools.server)
    stdout.file.write(python_code(tools.server, one, arguments, tools.pinned, package))
    return 0


async def _live(
    source: ServerSource,
    found: Resolved,
    given: _Given,
    pinned: Snapshot | None,
    policy: Policy,
) -> int:
    async with connected(source, pinned, given.timeout_s, waiting) as live:
        tools = await live.tools()
        if given.code:
            return _print_code(tools, found, given)
        return await _called(live, tools, found, given, policy)


async def _called(
    live: LiveServer, tools: Tools, found: Resolved, given: _Given, policy: Policy
) -> int:
    one = tools.find(given.tool)
    wire = one.tool.name
    arguments = given.arguments(one, tools.server)
    judged = {
        name: tools.judged(name, check_formats=given.check_formats) for name in tools.definitions
    }
    check_policy(policy, judged.values(), other_servers(found, tools.server))
    unmatched = Policy.of(allow=given.allow).unmatched(judged.values())
    tell_unmatched(unmatched, [f"{tools.server}/{name}" for name in judged])
    approver = None
    with suppress(OSError):  # there is no terminal, so there is nobody to ask
        approver = TerminalApprover(single=True)
    approvals = Approvals(approver, ApprovalStore(data_folder() / "approvals.json"))
    raw = await live.call(judged[wire], arguments, policy, approvals, _tell)
    odd = [f"the answer is not as the protocol has it: {each}" for each in raw.notes]
    for words in (*live.notes, *odd):
        note(words)
    files = answer.media(raw)
    saved, not_saved = answer.save(files, given.out)
    data = answer.data_of(raw, one.unwrap)
    if given.as_json:
        print_json(answer.as_json(tools.server, wire, arguments, raw, data, saved))
    elif raw.is_error:
        said = answer.words(raw, data)
        what = f"{tools.server}/{wire} failed: the tool reported an error"
        show_error(SdkgenError(what if said else f"{what} without a message", detail=said))
    else:
        answer.show(raw, data)
        if raw.fault:
            what = f"{tools.server}/{wire}: the answer breaks the protocol: {raw.fault}"
            show_error(SdkgenError(what, hint="shown is what can be read of it"))
    if given.out is None and not given.as_json:
        answer.offer(files)
    for path in saved:
        stderr.print(safe(f"saved: {path}"), soft_wrap=True)
    if not_saved is not None:
        raise not_saved
    return int(answer.status(raw) != "ok")


def _tell(progress: float, total: float | None, message: str | None) -> None:
    if stderr.is_terminal:
        of = "" if total is None else f" of {total:g}"
        stderr.print(safe(f"{progress:g}{of} {message or ''}".rstrip(), "dim"), soft_wrap=True)
