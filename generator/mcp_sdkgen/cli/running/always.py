"""The tools that a person approved for ever: to be seen, and to be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.plain_text import plain
from mcp_sdkgen_runtime.files import data_folder

from ...errors import ConfigError
from ..show import counted, safe, stderr, stdout


def list_always() -> int:
    """Show them, in the order in which they were approved. Raises `ConfigError`."""
    found = False
    for store in _stores():
        try:
            records = store.all()
        except OSError as error:
            raise ConfigError(str(error)) from None
        for record in records:
            found = True
            when = datetime.fromtimestamp(record.answered_at).strftime("%Y-%m-%d %H:%M")
            words = f"{plain(record.name)}: approved {when} ({plain(record.answered_by)})"
            stdout.print(safe(words), soft_wrap=True)
    if not found:
        stderr.print(safe("no tool is approved for ever"))
    return 0


def forget_always(tool: str | None) -> int:
    """Take back the approval of a tool, `SERVER/TOOL`, of everybody who is served.

    Slashes can be in both names: every tool is meant that is called so. Raises `ConfigError` when
    there is none, or when it cannot be taken back.
    """
    if tool is None or "/" not in tool:
        raise ConfigError(
            "--forget needs the tool", hint="mcp-sdkgen approve SERVER/TOOL --forget; see --list"
        )
    try:
        forgotten = sum(store.forget(tool) for store in _stores())
    except OSError as error:
        raise ConfigError(str(error)) from None
    if not forgotten:
        raise ConfigError(f"{tool}: not approved for ever", hint="see --list")
    words = f"{tool}: asked about again ({counted(forgotten, 'approval')} taken back)"
    stdout.print(safe(plain(words)), soft_wrap=True)
    return 0


def _stores() -> Iterator[ApprovalStore]:
    """Of this user, and of each principal who is served over HTTP."""
    for path in sorted(data_folder().glob("approvals*.json")):
        yield ApprovalStore(path)
