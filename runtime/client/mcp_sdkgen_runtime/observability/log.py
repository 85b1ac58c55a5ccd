"""Loggers of the runtime: everything under `mcp_sdkgen_runtime`, without secrets."""

from __future__ import annotations

import logging


class _Redact(logging.Filter):
    """Takes secrets out of a record's message and traceback before any handler sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        # It takes a while to import, and nothing may ever be logged.
        from .redaction import without_secrets

        record.msg, record.args = without_secrets(record.getMessage()), None
        if record.exc_info:
            traceback = logging.Formatter().formatException(record.exc_info)
            record.exc_text = without_secrets(traceback)
            record.exc_info = None
        return True


_filter = _Redact()


def logger(name: str) -> logging.Logger:
    """The logger of a module. What servers and errors say may hold secrets; they are redacted."""
    # On each module's own logger, because a parent's filters do not see its children's records.
    found = logging.getLogger(name)
    found.addFilter(_filter)
    return found


def keep_secrets_out(*roots: str) -> None:
    """Redact the records of every logger there is of these names, and of those below them."""
    for name in [*roots, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in roots:
            logging.getLogger(name).addFilter(_filter)
