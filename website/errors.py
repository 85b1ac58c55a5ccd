"""The page of errors, made from the classes."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

from mcp_sdkgen_runtime import errors

REMEDIES = {
    "SdkError": ("", "Catch it where one handler is enough; `error.ran` says what happened."),
    "ArgumentsError": (
        "the caller",
        "Correct what `argument` and `path` name; `rule` is the schema keyword that was broken.",
    ),
    "BindingError": (
        "the set-up",
        "Say where the server is, in one of the places that the message lists.",
    ),
    "ConfigurationError": (
        "the set-up",
        "Correct the file, the entry or the variable that it names, as its `hint` says.",
    ),
    "LoginRequired": ("the set-up", "Run `mcp-sdkgen login SERVER`, once."),
    "DriftError": (
        "the server's release",
        "Run `mcp-sdkgen build --update`, and correct what the type checker then finds.",
    ),
    "SessionError": (
        "the connection or the server",
        "Read `stderr` and `http_status`. Call again if the tool may run twice; `retries=` does "
        "so where it is safe.",
    ),
    "CallTimeout": (
        "the server, or a limit too small",
        "Raise `with_options(timeout_s=…)`. Look whether the tool ran before you call it again.",
    ),
    "AnswerTooLarge": (
        "the server, or a call that asks for too much",
        "Ask for less, a page at a time; `SessionOptions(max_answer_bytes=…)` raises the limit.",
    ),
    "CallRefused": (
        "the host's policy",
        "Ask whoever runs the host; `--allow SERVER/TOOL` lets it through.",
    ),
    "TaskCancelled": ("whoever cancelled", "Look at how far the tool came before you start again."),
    "CassetteError": (
        "the test's recording",
        "Record again with `MCP_SDKGEN_CASSETTE_MODE=auto`; `line` is the nearest recorded call.",
    ),
    "ToolError": (
        "the tool, or what it was asked",
        "`text` is what the server said: often which argument to change.",
    ),
    "ResultError": (
        "the server",
        'Use `data`, the raw answer, or `with_options(results="lenient")`; tell its makers.',
    ),
}
"""Whose fault each error is, and what to do. A new error needs a line here (see the tests)."""

_RAN = {True: "yes", False: "no: nothing was sent", None: "perhaps"}


def errors_page() -> str:
    """Every error of an SDK: whether the tool ran, whose fault it is, and what to do."""
    tree = cleandoc(errors.__doc__ or "").split("\n\n")[1]
    parts = [
        "# Errors\n\nEvery error of an SDK is a `mcp_sdkgen_runtime.SdkError`. Its `ran` says"
        " whether the tool ran: `True`, `False`, or `None` when nobody can know. Foreign text in a"
        f" message cannot steer a terminal.\n\n```text\n{tree}\n```\n"
    ]
    parts += [section for kind in _kinds(errors.SdkError) for section in _section(kind)]
    return "\n".join(parts)


def _kinds(kind: type[errors.SdkError]) -> Iterator[type[errors.SdkError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _kinds(child)


def _section(kind: type[errors.SdkError]) -> Iterator[str]:
    fault, remedy = REMEDIES[kind.__name__]
    ran = _RAN[kind.ran]
    if kind in (errors.CallRefused, errors.CassetteError):
        ran = _RAN[False]
    elif kind is errors.SessionError:
        ran = "no, where nothing was sent (`ran` is False); else perhaps"
    yield f"## {kind.__name__}\n"
    yield f"{cleandoc(kind.__doc__ or '')}\n"
    yield f"| | |\n| --- | --- |\n| Did the tool run? | {ran} |"
    yield f"| Whose fault is it? | {fault} |\n| What to do | {remedy} |\n"
