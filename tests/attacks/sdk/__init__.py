"""Stands in for a generated SDK: calls by name, and the channel laid open."""

from mcp_sdkgen_runtime.guest.broker_session import BrokerSession
from mcp_sdkgen_runtime.host_channel import host_channel
from mcp_sdkgen_runtime.errors import ToolError


class Tools:
    """`call` goes the way of every SDK's calls; `_s` is the raw socket."""

    def __init__(self):
        self.channel = host_channel()
        self._s = self.channel._sock
        self._session = BrokerSession(self.channel, "calc")

    def call(self, name, **arguments):
        """Call a tool; its structured value."""
        answer = self._session.call(name, arguments)
        if answer.is_error:
            raise ToolError("it failed", server="calc", tool=name)
        return answer.structured["result"]


tools = Tools() if host_channel() else None
