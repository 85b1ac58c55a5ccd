"""Loggers of the runtime: everything under `mcp_sdkgen_runtime`, without secrets."""

from __future__ import annotations

import logging


class _Redact(logging.Filter):
    """Takes secrets out of a record's message before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        from .redaction import Redaction  # its patterns take a while to compile

        record.msg, record.args = Redaction().text(record.getMessage()), None
        return True


_filter = _Redact()


def logger(name: str) -> logging.Logger:
    """The logger of a module. What servers and errors say may hold secrets; they are redacted."""
    # On each module's own logger, because a parent's filters do not see its children's records.
    found = logging.getLogger(name)
    found.addFilter(_filter)
    return found
