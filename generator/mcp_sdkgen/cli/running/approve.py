"""`mcp-sdkgen approve`: a person's word on calls of suspended runs."""

from __future__ import annotations

import asyncio
import secrets
import shlex
from pathlib import Path
from typing import Annotated, Final

import typer
from mcp_sdkgen_codemode.broker.journal import Entry, Journal, JournalError, journal_path
from mcp_sdkgen_codemode.broker.journal import suspended_folders as of_all_principals
from mcp_sdkgen_codemode.broker.replies import refused_by_person
from mcp_sdkgen_codemode.policy.approval import ApprovalRequest
from mcp_sdkgen_codemode.policy.approval_record import record, user_key
from mcp_sdkgen_codemode.policy.question_text import call_name, request_text
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover
from mcp_sdkgen_runtime.files import state_folder

from ...errors import ConfigError
from ..show import lines, safe, stderr, stdout
from .always import forget_always, list_always

_WHY: Final = "a suspended run waits for this"
HOW_NAMED: Final = (
    "`mcp-sdkgen approve` lists the suspended runs of `serve`; the journal of another is named by "
    "its path"
)


def suspended_folder() -> Path:
    """Where `serve --suspend` keeps the runs that wait for a person."""
    return state_folder() / "suspended"


def suspended_folders() -> tuple[Path, ...]:
    """The folders with suspended runs, of all principals and versions."""
    return (*of_all_principals(suspended_folder()), *older_folders())


def older_folders() -> tuple[Path, ...]:
    """Where earlier versions kept them, which may still wait there."""
    return (state_folder() / "parked",)


def approve(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="The name of a run that `serve` suspended, or the path of a journal. Without one, "
            "the runs of `serve` are listed. With --forget: SERVER/TOOL.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Approve what the run waits for, without asking.")
    ] = False,
    no: Annotated[bool, typer.Option("--no", help="Refuse it, without asking.")] = False,
    is_list: Annotated[
        bool, typer.Option("--list", help="Show the tools that were approved for ever.")
    ] = False,
    is_forgotten: Annotated[
        bool,
        typer.Option("--forget", help="Take back the approval for ever of the tool SERVER/TOOL."),
    ] = False,
) -> int:
    """Approve or refuse the calls that a suspended run waits for.

    Its host then resumes it, or you do with `mcp-sdkgen resume`. An approval holds only for the
    call that is shown. Exit code 0: every call was decided. 1: some were not. 2: wrong usage, or
    the run waits for nothing.
    """
    if yes + no + is_list + is_forgotten > 1:
        raise ConfigError("--yes, --no, --list and --forget exclude each other")
    if is_list:
        if run is not None:
            raise ConfigError("--list goes with nothing else")
        return list_always()
    if is_forgotten:
        return forget_always(run)
    if run is None:
        return _listed()
    journal = _opened(run)
    try:
        waiting = _waiting(journal, run)
        answers = [yes] * len(waiting) if yes or no else _asked(waiting)
        for entry, given in zip(waiting, answers, strict=True):
            _decide(journal, entry, given)
        if None in answers:
            return 1
        words = f"saved; the host resumes the run, or you do: {_resume(run)}"
        stderr.print(safe(words, "bold"), soft_wrap=True)
        return 0
    finally:
        journal.close()


def _waiting(journal: Journal, run: str) -> list[Entry]:
    """The calls to decide. Raises `ConfigError` where there are none, or no word would count."""
    if not journal.ours:
        raise ConfigError(
            "somebody else has changed the record of this run, so an approval would not count",
            hint=f"to look at it and decide: {_resume(run)}",
        )
    if journal.ended is not None:
        raise ConfigError(f"{run}: the run has ended: {journal.ended}")
    if not journal.waiting:
        raise ConfigError(
            f"{run}: the run waits for no approval; its calls so far are decided",
            hint=f"the host resumes it, or you do: {_resume(run)}",
        )
    return journal.waiting


def _resume(run: str) -> str:
    """What to type to go on with a run."""
    return shlex.join(["mcp-sdkgen", "resume", run])


def _listed() -> int:
    journals = [path for folder in suspended_folders() for path in folder.glob("run-*.jsonl")]
    found = False
    for path in sorted(journals, key=lambda path: path.stat().st_mtime):
        try:
            journal = Journal.open(path)
        except JournalError as error:
            found = True
            stderr.print(safe(f"{path.stem}: {error}", "yellow"), soft_wrap=True)
            continue
        journal.close()
        if journal.ended is not None:
            continue
        found = True
        calls = ", ".join(call_name(entry.server, entry.tool) for entry in journal.waiting)
        told = f"waits for {calls}" if calls else "is decided, and waits to be resumed"
        stdout.print(safe(f"{path.stem}: {told}{_whose(journal)}"), soft_wrap=True)
    if not found:
        stderr.print(safe("no run of `serve` is suspended"))
        stderr.print(safe("  a journal of `run --journal` is named: mcp-sdkgen approve FILE"))
    return 0


def _whose(journal: Journal) -> str:
    """Words on the principal whose run it is, where that is a token's."""
    principal = str(journal.facts.get("principal", ""))
    return f" (for {principal})" if principal.startswith("http") else ""


def journal_named(run: str) -> Path:
    """The journal of a run by the name under which `approve` lists it, or by its path."""
    path = journal_path(run, suspended_folders())
    return Path(run) if "/" in run or not path.is_file() else path


def _opened(run: str) -> Journal:
    try:
        return Journal.open(journal_named(run))
    except JournalError as error:
        raise ConfigError(str(error), hint=HOW_NAMED) from None


def _asked(waiting: list[Entry]) -> list[bool | None]:
    """What the person at the terminal says to each; None for "later"."""
    try:
        terminal = TerminalApprover(may_suspend=True, may_grant=False)
    except OSError:
        for entry in waiting:
            stderr.print(lines(_text(entry)), soft_wrap=True)
        raise ConfigError("there is no terminal to ask at", hint="use --yes or --no") from None

    async def ask(entry: Entry) -> bool | None:
        request = ApprovalRequest(entry.server, entry.tool, entry.arguments, {}, _WHY)
        answer = await terminal(request)
        return None if answer == "suspend" else answer != "no"

    async def ask_all() -> list[bool | None]:
        return [await ask(entry) for entry in waiting]

    try:
        return asyncio.run(ask_all())
    finally:
        terminal.close()


def _text(entry: Entry) -> str:
    return request_text(entry.server, entry.tool, entry.arguments, _WHY)


def _decide(journal: Journal, entry: Entry, given: bool | None) -> None:
    if given is None:
        return
    if given:
        assert entry.asked is not None
        key = user_key()
        approval = record(secrets.token_hex(16), journal.run, "once", entry.asked, "approve")
        journal.approve(entry, key.sign(approval))
    else:
        journal.refuse(entry, refused_by_person().reply())
    words = "approved" if given else "refused"
    stdout.print(safe(f"{words}: {entry.server}/{entry.tool}"), soft_wrap=True)
