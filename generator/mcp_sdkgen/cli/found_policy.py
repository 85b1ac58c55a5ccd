"""What files in and above the working folder say about calls: untrusted, they only tighten."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode import Policy, Sdk
from mcp_sdkgen_codemode.policy.patterns import readings
from mcp_sdkgen_codemode.policy.plain_text import plain, screen_lines
from mcp_sdkgen_codemode.policy.policy import Rule
from mcp_sdkgen_codemode.policy.services import PinnedTool
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.entry import ServerConfig
from mcp_sdkgen_runtime.config.trust import said, say

from ..config import load, nearest
from ..config.clients import is_served
from ..config.settings import FoundPolicy, found_policy, parsed
from ..errors import ConfigError
from .as_written import rule_line, server_lines, setting_lines
from .show import note

_TERMINAL = Path("/dev/tty")


def policy_in_force(
    configured: Mapping[str, Any] | None,
    *,
    allow: Iterable[str] = (),
    ask: Iterable[str] = (),
    deny: Iterable[str] = (),
    may_ask: bool = False,
) -> Policy:
    """The policy of a configuration that was named, else of those found, with a command line's
    rules. `may_ask` is that of `policy_found`. Raises `ConfigError`.
    """
    if configured is not None:
        policy = read_policy(configured)
    else:
        policy = policy_found(Path.cwd(), may_ask=may_ask)
        _tell_strangers(policy, Path.cwd())
    try:
        return policy | Policy.of(allow=allow, ask=ask, deny=deny).typed()
    except ValueError as error:
        raise ConfigError(str(error), hint="for example --allow 'github/get_*'") from None


def check_policy(policy: Policy, tools: Iterable[PinnedTool], absent: Collection[str]) -> None:
    """Raise `ConfigError` for a policy with parts that would be without effect."""
    try:
        policy.check(tools, absent)
    except ValueError as error:
        raise ConfigError(f"policy: {error}", hint="`mcp-sdkgen search` lists tools") from None


def read_policy(table: Mapping[str, Any], place: str = "policy") -> Policy:
    """The policy of a configuration. Raises `ConfigError`."""
    try:
        return Policy.read(table, place)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def policy_found(folder: Path, *, may_ask: bool) -> Policy:
    """The policy of the files in and above `folder`: the nearest trusted one's, tightened by the
    others'. Tells of what is not heeded on stderr. Raises `ConfigError`.

    What files other than the one in use say is general: it may be about servers of other projects.
    With `may_ask`, a person at the terminal is asked once about a file that would allow calls.
    """
    found = found_policy(folder)
    policy = Policy() if found.trusted is None else _read(found, *found.trusted)
    for path, table in found.others:
        other = _read(found, path, table)
        allowed = [rule for rule in other.rules if rule.decision == "allow"]
        content = found.read[path]
        if allowed and may_ask and said(path, content) is None and _asked(path, content, allowed):
            return policy_found(folder, may_ask=may_ask)
        if allowed:
            command = shlex.join(["mcp-sdkgen", "trust", str(path)])
            note(
                f"`allow` rules of {shown_path(path)} are ignored, since you have not trusted the "
                f"file as it is now. To trust it: {command}"
            )
        policy = policy.tightened(other)
    return policy


def _tell_strangers(policy: Policy, folder: Path) -> None:
    """Tell on stderr which servers nothing of a policy is allowed to, and why."""
    near = nearest(folder)
    allowed = [one for rule in policy.rules if rule.permits for one in readings(rule.pattern)]
    strangers = [
        server
        for server in (near.servers if near is not None else ())
        if server.untrusted and any(one.fits_server(server.name) for one in allowed)
    ]
    for file, names, command in _by_file(strangers):
        note(
            f"`allow` rules for {names} are ignored, since {shown_path(Path(file))} says "
            "where that is, and you have not trusted the file as it is now. "
            f"To trust it: {command}"
        )


def not_started(folder: Path) -> Iterator[str]:
    """What to tell of servers that `serve`, begun in `folder`, does not start, since their user has
    not trusted the file that names them; a line for each file. Raises `ConfigError`."""
    near = nearest(folder)
    servers = near.servers if near is not None else ()
    others = [one for one in servers if one.untrusted and not is_served(one.command, one.args)]
    for file, names, command in _by_file(others):
        yield (
            f"not started: {names}, since you have not trusted {shown_path(Path(file))} as it is "
            f"now. To trust it: {command}"
        )


def _by_file(strangers: Sequence[ServerConfig]) -> Iterator[tuple[str, str, str]]:
    """For each file with servers that is not trusted: its path, their names, and what to type."""
    for file in dict.fromkeys(server.untrusted for server in strangers):
        names = ", ".join(server.name for server in strangers if server.untrusted == file)
        yield file, names, shlex.join(["mcp-sdkgen", "trust", file])


def _read(found: FoundPolicy, path: Path, table: Mapping[str, Any]) -> Policy:
    policy = read_policy(table, f"{shown_path(path)}: policy")
    return policy if path == found.in_use else policy.generalised()


def _asked(path: Path, content: bytes, allowed: list[Rule]) -> bool:
    """Whether a person trusts the file with this content. The answer is kept; nobody is asked where
    there is no terminal, or where the file does more than its screen can show."""
    config = load(path, parsed(content, path))
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    with os.fdopen(terminal, "rb+", buffering=0) as file:
        shown = plain(shown_path(path))
        lines = [f"{shown}, which was found here, lets programs call without asking:"]
        lines += [f"  {rule_line(rule)}" for rule in allowed]
        if config.servers:
            lines.append("and says which servers `mcp-sdkgen serve` starts here:")
            lines += [f"  {line}" for one in config.servers for line in server_lines(one)]
        lines += [f"  {line}" for line in setting_lines(config)]
        lines.append("Trust this file as it is now? [y/N]: ")
        size = os.get_terminal_size(terminal)
        screen = screen_lines("\n".join(lines), (size.columns or 80) - 1)
        if len(screen) >= (size.lines or 24):
            return False
        file.write(("\n" + "\n".join(screen)).encode(errors="replace"))
        is_trusted = file.readline(64).strip().lower() in (b"y", b"yes")
    say(path, trusted=is_trusted, content=content)
    return is_trusted


def names_of_tools(sdks: Iterable[Sdk]) -> list[str]:
    """All tools of SDKs as patterns name them, `SERVER/TOOL`."""
    return [f"{sdk.key}/{tool}" for sdk in sdks for tool in sdk.tools]


def tell_unmatched(patterns: Iterable[str], tools: Sequence[str]) -> None:
    """Tell on stderr of patterns that match none of `tools`."""
    for words in unmatched(patterns, tools):
        note(words)


def unmatched(patterns: Iterable[str], tools: Sequence[str]) -> Iterator[str]:
    """What to tell of patterns that match none of `tools`, with what each may mean: a misspelt
    rule must not pass for one."""
    for pattern in patterns:
        near = get_close_matches(pattern, tools, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        parts = [part.strip() for part in pattern.split(",")]
        if len(parts) > 1 and all(parts):
            listed = " ".join(f"--allow {shlex.quote(part)}" for part in parts)
            meant = f"; write each by itself: {listed}"
        yield f"no tool matches {pattern!r}{meant}"
