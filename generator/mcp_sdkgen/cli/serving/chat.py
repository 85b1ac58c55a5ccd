"""`mcp-sdkgen chat`"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.agent.tools import REPAIRS
from mcp_sdkgen_codemode.executor.options import ExecutorOptions
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover
from mcp_sdkgen_codemode.prompting.prompt import DEFAULT_BUDGET
from mcp_sdkgen_codemode.tool_search.embeddings import prepare as encode
from mcp_sdkgen_runtime.files import make_private, state_folder, writing

from ...errors import ConfigError
from ...json_io import json_text
from .. import extras, options
from ..found_policy import names_of_tools, tell_unmatched
from ..given import Limited, given
from ..show import counted, safe, stderr, stdout
from ..show_work import ENCODING, counting
from .chat_commands import obey
from .chat_show import Screen

if TYPE_CHECKING:  # it needs an extra
    from mcp_sdkgen_codemode.agent.chat import Chat
    from pydantic_ai.models import Model

_EXIT_CODES = {"answered": 0, "cancelled": 130}


class Programs(StrEnum):
    """How the model hands its programs over."""

    CALLS = "calls"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class _Talk:
    """What a chat was started with."""

    programs: Programs
    repairs: int
    budget: int
    transcript: Path | None
    question: str | None


Question = Annotated[
    str | None, typer.Option("-p", "--question", help="Answer this one question, and end.")
]
ModelName = Annotated[
    str | None,
    typer.Option(
        metavar="PROVIDER:NAME",
        help="Such as anthropic:claude-sonnet-5-5 or openai:gpt-6.1-sol; by default one of the "
        "provider whose key is set. With --base-url the server's own name for it.",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="An OpenAI-compatible server, such as llama.cpp's."),
]
KeyEnv = Annotated[
    str | None,
    typer.Option(metavar="VARIABLE", help="Environment variable with the API key for --base-url."),
]
Budget = Annotated[
    int, typer.Option(min=1, metavar="TOKENS", help="Tokens that the prompt may take.")
]
Repairs = Annotated[
    int, typer.Option(min=0, help="How often the model may correct a program that failed.")
]
How = Annotated[
    Programs, typer.Option(help="How the model writes: by tool calls, or in blocks of its text.")
]
Transcript = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Save the conversation in this file, as JSON.")
]


@given(Limited)
def chat(
    question: Question = None,
    model: ModelName = None,
    base_url: BaseUrl = None,
    key_env: KeyEnv = None,
    *,
    asked: Limited,
    budget: Budget = DEFAULT_BUDGET,
    repairs: Repairs = REPAIRS,
    programs: How = Programs.CALLS,
    transcript: Transcript = None,
    rerank: options.Rerank = False,
) -> int:
    """Ask a model that answers by programs, run in a sandbox.

    Programs are checked first, and their calls pass a broker. Keys come from ANTHROPIC_API_KEY and
    OPENAI_API_KEY. The model's text and the answer go to stdout, all else to stderr. Exit code 0:
    answered, or the conversation was ended. 1: no answer. 2: wrong usage or configuration. 130:
    interrupted.
    """
    _need_the_extra()
    options.check_rerank(rerank)
    if key_env is not None and not os.environ.get(key_env):
        raise ConfigError(f"--key-env {key_env}: the variable is not set", hint="set it")
    spec = asked.spec(title="chat")
    key = os.environ[key_env] if key_env else ""
    talk = _Talk(programs, repairs, budget, transcript, question)
    # One event loop, since a model's connections belong to the one that it was asked in first.
    with asyncio.Runner() as runner:
        # Before SDKs are built, which takes a while: a wrong key or name is told at once.
        answering = runner.run(_model(model, base_url, key))
        executor_options = spec.ready()
        executor_options |= {"sandboxes": 1, "payloads": True, "rerank": rerank}
        if rerank:
            with counting(ENCODING) as tell:
                encode(tuple(executor_options["sdks"] or ()), tell)
        return runner.run(_session(talk, answering, executor_options))


def _need_the_extra() -> None:
    try:
        import mcp_sdkgen_codemode.agent.chat  # noqa: F401
        import prompt_toolkit  # noqa: F401
    except ImportError as error:
        hint = extras.how_to_install(*extras.CHAT)
        raise ConfigError(f"chat needs an extra: {error}", hint=hint) from None


async def _model(name: str | None, base_url: str | None, key: str) -> Model:
    """The model that answers. Raises `ConfigError`."""
    from mcp_sdkgen_codemode.agent.providers import chosen

    try:
        return await chosen(name, base_url, key)
    except ValueError as error:
        raise ConfigError(str(error), hint="see --model and --base-url") from None


async def _session(talk: _Talk, model: Model, executor_options: ExecutorOptions) -> int:
    from mcp_sdkgen_codemode.agent.chat import Chat

    screen = Screen()
    with ExitStack() as closing:
        with suppress(OSError):  # there is no terminal, so there is nobody to ask
            approver = TerminalApprover()
            closing.callback(approver.close)
            executor_options["approver"] = screen.asking(approver)
        async with (
            Executor(**executor_options) as executor,
            Chat(
                executor,
                model,
                programs=talk.programs.value,
                repairs=talk.repairs,
                budget=talk.budget,
                audience=screen,
                on_event=screen.event,
            ) as conversation,
        ):
            tell_unmatched(executor.unmatched(), names_of_tools(executor.sdks))
            try:
                conversation.instructions  # noqa: B018  # made once, now
            except ValueError as error:
                raise ConfigError(str(error), hint="raise --budget") from None
            _keep(conversation, talk.transcript)
            if talk.question is not None:
                return await _asked(talk.question, conversation, screen, talk.transcript)
            return await _converse(conversation, executor, screen, talk.transcript)


async def _asked(question: str, chat: Chat, screen: Screen, transcript: Path | None) -> int:
    with _interrupting(chat):
        turn = await chat.ask(question)
    screen.ended(turn)
    _keep(chat, transcript)
    return _EXIT_CODES.get(turn.ended, 1)


async def _converse(chat: Chat, executor: Executor, screen: Screen, transcript: Path | None) -> int:
    tools = counted(sum(len(sdk.tools) for sdk in executor.sdks), "tool")
    model = f"{chat.model.system}:{chat.model.model_name}"
    stderr.print(safe(f"{model}, {tools}; /help lists the commands", "dim"), soft_wrap=True)
    lines = _Lines()
    while (line := await lines.next()) is not None:
        line = line.strip()
        if line.startswith("/"):
            if not await obey(line, chat, executor):
                break
        elif line:
            await _asked(line, chat, screen, transcript)
    return 0


class _Lines:
    """What a person types, with a history; lines of stdin where that is no terminal."""

    def __init__(self) -> None:
        self._session: Any = None
        if not (sys.stdin.isatty() and stdout.is_terminal):
            return
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory
        from prompt_toolkit.key_binding import KeyBindings

        keys = KeyBindings()
        keys.add("escape", "enter")(lambda event: event.current_buffer.insert_text("\n"))
        path = state_folder() / "chat-history"
        make_private(path.parent)
        path.touch(mode=0o600)
        self._session = PromptSession(history=FileHistory(str(path)), key_bindings=keys)

    async def next(self) -> str | None:
        """The next line; None at the end."""
        if self._session is None:
            return await _stdin_line()
        while True:
            try:
                found: str = await self._session.prompt_async("> ")
                return found
            except KeyboardInterrupt:
                stderr.print(safe("/quit or Ctrl-D ends", "dim"))
            except EOFError:
                return None


async def _stdin_line() -> str | None:
    # In a daemon thread: one of the loop's own would keep an interrupted process waiting for input.
    loop = asyncio.get_running_loop()
    found: asyncio.Future[str] = loop.create_future()

    def hand_over(line: str) -> None:
        if not found.done():
            found.set_result(line)

    def read() -> None:
        line = sys.stdin.readline()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(hand_over, line)

    threading.Thread(target=read, daemon=True).start()
    return await found or None


@contextmanager
def _interrupting(chat: Chat) -> Iterator[None]:
    """Ctrl-C ends the turn, program and all, and not the session."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    try:
        loop.add_signal_handler(signal.SIGINT, chat.cancel)
    except NotImplementedError:  # on Windows
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _keep(chat: Chat, transcript: Path | None) -> None:
    if transcript is None:
        return
    text = json_text(chat.as_json())
    try:
        with writing(transcript) as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigError(f"{transcript}: {error.strerror}", hint="choose another file") from None
