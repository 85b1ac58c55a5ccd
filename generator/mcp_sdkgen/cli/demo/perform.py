"""A use case performed: SDKs of its servers, and its program in the sandbox."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from mcp_sdkgen_codemode import Executor, Outcome, Policy
from mcp_sdkgen_codemode.broker.journal import Journal
from mcp_sdkgen_codemode.events import OnEvent
from mcp_sdkgen_codemode.executor.options import RunOptions
from mcp_sdkgen_codemode.policy.approval import Approver
from mcp_sdkgen_runtime import LazySession

from ...errors import BuildError, ConfigError
from ...lock.lock import OnProgress
from ...provision.provision import Provisioned, supply
from ...source import ServerSource, resolve
from ..extras import how_to_install
from .figures import ToolCall, content_text
from .use_case import UseCase


def built(
    case: UseCase, folder: Path, tell: OnProgress | None = None
) -> tuple[Provisioned, Policy]:
    """SDKs of the servers in a folder, and the policy. The servers keep their state there too.

    Raises `ConfigError` for a package that is not installed, and `BuildError`.
    """
    missing = [name for name in case.packages if find_spec(name) is None]
    if missing:
        raise ConfigError(f"not installed: {', '.join(missing)}", hint=how_to_install(*missing))
    found = resolve([str(case.config)])
    sources = [
        replace(
            source,
            config=replace(
                source.config,
                # This Python has what the servers import; another one on the PATH may not.
                command=sys.executable,
                env={**source.config.env, "DATABASE": str(folder / f"{source.name}.db")},
            ),
        )
        for source in found.sources
        if isinstance(source, ServerSource)
    ]
    made = supply(sources, cache=folder / "sdks", on_progress=tell)
    for failed in made.failed:
        raise BuildError(f"{failed.server}: {failed.error}", detail=failed.detail)
    return made, Policy.read(found.policy)


def performed(
    case: UseCase,
    made: Provisioned,
    policy: Policy,
    folder: Path,
    *,
    approver: Approver | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[tuple[Outcome, Path]]:
    """The outcome of each run, with its journal in `folder`. Every run starts the servers anew."""
    for number in range(1, case.runs + 1):
        path = folder / f"journal-{number}.jsonl"
        journal = Journal.create(path, case.program)
        try:
            with Executor(
                sdks=made.sdks, bindings=made.bindings, policy=policy, approver=approver,
                packages=case.packages, sandboxes=1, payloads=True,
            ) as executor:  # fmt: skip
                options = RunOptions(journal=journal)
                if on_event is not None:
                    options["on_event"] = on_event
                yield executor.run(case.program, **options), path
        finally:
            journal.close()


async def called(case: UseCase, made: Provisioned) -> list[ToolCall]:
    """The calls of a model that makes them one by one, made."""
    sessions = {
        sdk.key: LazySession(sdk.key, made.bindings[sdk.key], package=sdk.package)
        for sdk in made.sdks
    }
    found = []
    try:
        for step in case.steps:
            server, tool, arguments = step["server"], step["tool"], step["arguments"]
            answer = await sessions[server].call(tool, arguments)
            found.append(ToolCall(server, tool, arguments, content_text(answer.content)))
    finally:
        for session in sessions.values():
            await session.aclose()
    return found
