"""The exception that ended a program, told in the program's own lines."""

from __future__ import annotations

import linecache
import traceback
from types import FrameType, TracebackType
from typing import Any

from .serialize import whole

_MESSAGE_CHARS = 4000
_TRACEBACK_CHARS = 8000
_FRAMES = 20
_LEAVES = 10
_SAVED = "programs"
"""The import name that saved programs stand under."""


def describe(error: BaseException, filename: str) -> dict[str, Any]:
    """`type`, `message`, `line` and `traceback` of an exception, whatever it does to be told.

    Frames of other files are left out, but for those of saved programs, which are the user's too;
    `line` is of the program itself. A group of exceptions, as `asyncio.TaskGroup` raises, is
    told with those in it.
    """
    frames = _frames(error.__traceback__, filename)
    line = _line(frames, filename)
    if isinstance(error, SyntaxError) and error.filename == filename:
        line = error.lineno
    parts = []
    if frames:
        parts = ["Traceback (most recent call last):\n", *traceback.format_list(frames[-_FRAMES:])]
    parts += _last_lines(error)
    if isinstance(error, BaseExceptionGroup):
        for leaf in _leaves(error):
            inner = _frames(leaf.__traceback__, filename)
            line = _line(inner, filename) or line
            parts += ["  in it:\n", *traceback.format_list(inner[-_FRAMES:]), *_last_lines(leaf)]
    return {
        "type": _type(error),
        "message": _message(error),
        "line": line,
        "traceback": whole("".join(parts)[-_TRACEBACK_CHARS:]),
    }


def _frames(trace: TracebackType | None, filename: str) -> list[traceback.FrameSummary]:
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        shown = filename if code.co_filename == filename else _saved_program(trace.tb_frame)
        if shown:
            text = linecache.getline(code.co_filename, trace.tb_lineno)
            found.append(traceback.FrameSummary(shown, trace.tb_lineno, code.co_name, line=text))
            del found[: -2 * _FRAMES]
        trace = trace.tb_next
    return found


def _saved_program(frame: FrameType) -> str:
    """The name that a saved program's file is shown under; empty for other files."""
    module = frame.f_globals.get("__name__")
    package, _, name = module.partition(".") if isinstance(module, str) else ("", "", "")
    return f"{_SAVED}/{name}.py" if package == _SAVED and name.isidentifier() else ""


def _line(frames: list[traceback.FrameSummary], filename: str) -> int | None:
    own = (frame.lineno for frame in reversed(frames) if frame.filename == filename)
    return next(own, None)


def _last_lines(error: BaseException) -> list[str]:
    if isinstance(error, SyntaxError):
        try:
            return traceback.format_exception_only(error)
        except BaseException:
            return [f"{_type(error)}\n"]
    message = _message(error)
    return [f"{_type(error)}: {message}\n" if message else f"{_type(error)}\n"]


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting and len(found) < _LEAVES:
        inner = waiting.pop()
        if isinstance(inner, BaseExceptionGroup):
            waiting += reversed(inner.exceptions)
        else:
            found.append(inner)
    return found


def _type(error: BaseException) -> str:
    return whole(str(type(error).__name__)[:200])


def _message(error: BaseException) -> str:
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
        return whole(text[:_MESSAGE_CHARS])
    except BaseException:
        return "(its message cannot be read)"
