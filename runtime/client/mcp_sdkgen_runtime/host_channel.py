"""The channel to the host, known to every module that behaves otherwise inside a sandbox."""

from __future__ import annotations

from typing import Any, Protocol


class HostChannel(Protocol):
    """What the runtime needs of the channel, wherever it stands."""

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a message that wants no answer."""


_current: HostChannel | None = None


def host_channel() -> HostChannel | None:
    """The channel of this process. None outside a sandbox."""
    return _current


def set_host_channel(channel: HostChannel) -> None:
    """Say that this process runs inside a sandbox and reaches its host by `channel`."""
    global _current
    _current = channel
