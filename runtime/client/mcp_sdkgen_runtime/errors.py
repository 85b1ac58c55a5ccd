"""Every error a generated SDK can raise.

SdkError
├── ArgumentsError     arguments do not fit the input schema; nothing was sent
├── BindingError       nothing says how to reach this server
│   ├── ConfigurationError  what a configuration says cannot be used
│   └── LoginRequired  nobody is logged in, or the login has ended
├── DriftError         the live server no longer matches the snapshot in a breaking way
├── SessionError       no answer came back
│   ├── CallTimeout    no answer in time; the tool may still have run
│   ├── AnswerTooLarge the answer is over the session's limit; the tool may have run
│   ├── CallRefused    policy said no; the tool did not run
│   ├── TaskCancelled  the call was cancelled; the tool may have run in part
│   └── CassetteError  a cassette has no fitting answer, or cannot be read or written
├── ToolError          the tool ran and reported failure (isError)
└── ResultError        the answer has another shape than promised; the raw data is on the error

Each answers "did the tool run?" by its `ran`: True, False, or None when nobody can know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from .text import printable

NoConnection: TypeAlias = Literal[
    "not_started", "ended", "timed_out", "denied", "unreachable", "http_error", "not_mcp"
]
"""Why a connection could not be opened, in a word that tells nothing of where the server is."""


class SdkError(Exception):
    """Base of every error this SDK raises. `server` and `tool` say where it happened.

    `tool` is the wire name of the tool, prompt or resource, or None when the server as a whole is
    meant. `ran` tells whether the tool ran.
    """

    ran: bool | None = None

    def __init__(self, message: str, *, server: str = "", tool: str | None = None) -> None:
        place = ".".join(part for part in (server, tool) if part)
        super().__init__(printable(f"{place}: {message}" if place else message))
        self.server = server
        self.tool = tool

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments defeat the default recipe, and errors cross process pools.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[SdkError], args: tuple[Any, ...], state: dict[str, Any]) -> SdkError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ArgumentsError(SdkError):
    """The arguments do not fit the tool's input schema; nothing was sent.

    `argument` is the Python name of the argument (None when several are meant together), `path`
    leads from there to the misfit in wire keys and indexes, `rule` is the schema keyword that was
    broken and `value` what was given. `hint` is the message's last part, where there is a way to
    send them all the same.
    """

    ran = False

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        argument: str | None = None,
        path: Iterable[str | int] = (),
        rule: str = "",
        value: Any = None,
        hint: str = "",
    ) -> None:
        super().__init__(f"{message}; {hint}" if hint else message, server=server, tool=tool)
        self.argument = argument
        self.hint = hint
        self.path = tuple(path)
        self.rule = rule
        self.value = value


class BindingError(SdkError):
    """Nothing says how to reach this server. `looked` lists every place, with what was found.

    `not_trusted` says that a file was passed over, since its user has not trusted it as it is.
    """

    ran = False

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        looked: Iterable[str] = (),
        not_trusted: bool = False,
    ) -> None:
        self.not_trusted = not_trusted
        self.looked = tuple(looked)
        lines = "".join(f"\n  - {place}" for place in self.looked)
        super().__init__(
            message + (f"\nLooked at:{lines}" if lines else ""), server=server, tool=tool
        )


class ConfigurationError(BindingError):
    """A configuration file, an entry of it or a variable in it cannot be used.

    `problem` says what is wrong and where, `hint` how to put it right.
    """

    def __init__(self, problem: str, *, hint: str = "", server: str = "") -> None:
        super().__init__(f"{problem}; {hint}" if hint else problem, server=server)
        self.problem = problem
        self.hint = hint


class LoginRequired(BindingError):
    """Nobody is logged in, or the login has ended. `mcp-sdkgen login SERVER` puts it right."""


class DriftError(SdkError):
    """The live server no longer matches the snapshot in a breaking way; nothing was sent.

    `changes` has one line for each breaking change.
    """

    ran = False

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        changes: Iterable[str] = (),
    ) -> None:
        self.changes = tuple(changes)
        lines = "".join(f"\n  - {change}" for change in self.changes)
        super().__init__(message + lines, server=server, tool=tool)


class SessionError(SdkError):
    """No answer came back.

    `ran` is False when nothing was sent, else None: the tool may have run. `code` is the JSON-RPC
    error code when the server refused the call by the protocol, `http_status` the HTTP status when
    it was an error. `stderr` has the last lines a stdio server wrote there; where it did not start,
    the first ones too. `answered` says whether something answered, if only by an HTTP status.
    `no_connection` is why a connection could not be opened, where that is what went wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        ran: bool | None = None,
        code: int | None = None,
        http_status: int | None = None,
        stderr: str = "",
        answered: bool = False,
        no_connection: NoConnection | None = None,
    ) -> None:
        tail = f"\nThe server's words on stderr:\n{stderr}" if stderr else ""
        super().__init__(message + tail, server=server, tool=tool)
        self.ran = ran
        self.code = code
        self.http_status = http_status
        self.stderr = stderr
        self.answered = answered or code is not None
        self.no_connection = no_connection


class CallTimeout(SessionError):
    """No answer in time; the tool may still have run. The server was told to stop."""


class AnswerTooLarge(SessionError):
    """The answer is larger than the session takes, and was not read to its end; the tool may have
    run."""


class CallRefused(SessionError):
    """Policy said no; the tool did not run."""

    def __init__(self, message: str, *, server: str = "", tool: str | None = None) -> None:
        super().__init__(message, server=server, tool=tool, ran=False)


class TaskCancelled(SessionError):
    """A call that was started in the background was cancelled, or the server cancelled its task.

    The tool may have run in part.
    """


class CassetteError(SessionError):
    """A cassette has no fitting answer, or cannot be read or written; nothing was sent.

    `line` is the line of the file that is meant: the nearest recorded call, or the one that is out
    of date; None when there is none.
    """

    def __init__(
        self, message: str, *, server: str = "", tool: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, server=server, tool=tool, ran=False)
        self.line = line


class ToolError(SdkError):
    """The tool ran and reported failure (MCP `isError: true`).

    `text` is what the server said, `content` all its content blocks, `structured` its structured
    content or None.
    """

    ran = True

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        text: str = "",
        content: Iterable[dict[str, Any]] = (),
        structured: Any = None,
    ) -> None:
        super().__init__(message, server=server, tool=tool)
        self.text = text
        self.content = list(content)
        self.structured = structured


class ResultError(SdkError):
    """The tool answered, but not in the shape its output schema promised.

    `data` is the raw data as it came, and `place` where in it the first misfit is. `answer` is the
    whole answer as the server sent it, None where it is not known.
    """

    ran = True

    def __init__(
        self,
        message: str,
        *,
        server: str = "",
        tool: str | None = None,
        data: Any = None,
        place: str = "",
        answer: Any = None,
    ) -> None:
        super().__init__(message, server=server, tool=tool)
        self.data = data
        self.place = place
        self.answer = answer
