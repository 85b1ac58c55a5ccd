"""What to do about a package manager that could not start a server, by its last words."""

from __future__ import annotations

import re
from typing import Final

from ..config.targets import StdioTarget
from .installing import package_manager

_CERTIFICATES: Final = (
    "its registry is behind a certificate that it does not know: SSL_CERT_FILE and "
    'NODE_EXTRA_CA_CERTS name the file of yours, in the environment or in "env"'
)
_NETWORK: Final = (
    "the package registry cannot be reached: is there a network? HTTPS_PROXY and NO_PROXY are "
    'passed on, and so is what "env" names'
)
_NOT_FOUND: Final = re.compile(r"Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND")
_NPX_CACHE: Final = re.compile(r"(?:/|[A-Za-z]:\\)[^'\"\n]{0,1024}?[/\\]_npx[/\\][0-9a-f]+")
_OLDER_MCP: Final = (
    "it needs version 1 of the package `mcp`, and was given a later one: write "
    '"--with", "mcp<2" before the name of its package in "args"'
)
_PYTHON_MANAGERS: Final = ("uvx", "uv")
_USES_OLDER_MCP: Final = re.compile(
    r"'Server' object has no attribute '(?:list|call|get|read)_\w+'|"
    r"No module named 'mcp\.server\.fastmcp'"
)
_KNOWN: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (
        re.compile(r"canceled due to missing packages"),
        'npm asks before it installs: write "-y" as the first of "args"',
    ),
    (re.compile(r"ENOSPC|No space left on device|os error 28"), "the disk is full: make room"),
    (
        re.compile(
            r"UNABLE_TO_(?:GET|VERIFY)|SELF_SIGNED_CERT|self.signed certificate|"
            r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED"
        ),
        _CERTIFICATES,
    ),
    (
        re.compile(
            r"\bE404\b|404 Not Found|not found in the package registry|was not found in the"
        ),
        'there is no package of this name or version: correct it in "args"',
    ),
    (
        re.compile(
            r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|dns error|Could not connect|"
            r"error sending request|Network unreachable"
        ),
        _NETWORK,
    ),
    (
        re.compile(r"could not determine executable to run"),
        'the package has several commands, or none: write "--package", NAME, COMMAND as "args"',
    ),
    (
        re.compile(r"An executable named .* is not provided by package|provides the following"),
        'the package has a command of another name: write "--from", PACKAGE, COMMAND as "args"',
    ),
    (
        re.compile(r"EBADENGINE|Unsupported engine|requires-python|No interpreter found"),
        "it needs another version of Node or Python than the one that is here",
    ),
)


def advice(stderr: str, target: StdioTarget) -> str:
    """What helps a package manager that wrote this; nothing for other commands, and what is not
    known. What it says holds no text of the server's but the path of a cache."""
    manager = package_manager(target.command, target.args)
    if not manager:
        return ""
    if manager in _PYTHON_MANAGERS and _USES_OLDER_MCP.search(stderr):
        return _OLDER_MCP
    missing = _NOT_FOUND.search(stderr)
    if missing and (found := _NPX_CACHE.search(stderr, missing.end())):
        return f"an earlier installation was cut off: delete {found[0]}, and try again"
    return next((hint for pattern, hint in _KNOWN if pattern.search(stderr)), "")
