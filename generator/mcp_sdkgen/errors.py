"""Errors of the generator: each says what is wrong, where, and how to put it right.

SdkgenError
├── ConfigError      a configuration or command line cannot be understood (exit code 2)
├── SourceError      a server or a file did not give its tool list
├── SnapshotError    a snapshot file is not what it should be
├── BuildError       a package could not be rendered, written or made into a wheel
└── WriteError       what a program or a tool left could not be written where it was asked for
"""

from __future__ import annotations


class SdkgenError(Exception):
    """Base of every error the generator raises on purpose.

    `str(error)` is one line; `hint` says what to do about it; `detail` holds further lines, such
    as the end of a server's stderr. All three may quote foreign text: show them through
    `text.terminal`.
    """

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.detail = detail


class ConfigError(SdkgenError):
    """A configuration or command line cannot be understood."""


class SourceError(SdkgenError):
    """A server or a file did not give its tool list."""


class SnapshotError(SdkgenError):
    """A snapshot file is not what it should be."""


class BuildError(SdkgenError):
    """A package could not be rendered, written or made into a wheel."""


class WriteError(SdkgenError):
    """What a program or a tool left could not be written where it was asked for: what ran, ran."""


class Interrupted(Exception):
    """Ctrl-C at a moment of which more is known than of its verb; `str()` says what it means."""
