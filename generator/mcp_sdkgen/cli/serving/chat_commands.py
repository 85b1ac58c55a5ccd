"""What a line that begins with a slash does in a chat."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mcp_sdkgen_codemode import Executor, search
from mcp_sdkgen_codemode.agent.transcript import last_run
from mcp_sdkgen_codemode.catalog import index
from mcp_sdkgen_codemode.executor.trace import trace
from mcp_sdkgen_codemode.prompting.tokens import count
from mcp_sdkgen_runtime.files import writing

from ..show import counted, lines, safe, stderr, stdout
from .chat_show import show_barred, usage_line

if TYPE_CHECKING:  # it needs an extra
    from mcp_sdkgen_codemode.agent.chat import Chat


@dataclass(frozen=True)
class Command:
    """`argument` is what it takes, in words; empty for nothing."""

    argument: str
    help: str
    do: Callable[[Chat, Executor, str], object]


async def obey(line: str, chat: Chat, executor: Executor) -> bool:
    """Do what a line says; whether the chat goes on."""
    name, _, argument = line[1:].partition(" ")
    argument = argument.strip()
    command = COMMANDS.get(name)
    if command is None:
        stderr.print(safe(f"no command /{name}; /help lists them", "yellow"))
    elif "FILE" in command.argument and not argument:
        stderr.print(safe(f"usage: /{name} {command.argument}", "yellow"))
    else:
        try:
            done = command.do(chat, executor, argument)
            if inspect.isawaitable(done):
                await done
        except (OSError, RuntimeError) as error:
            stderr.print(safe(f"error: {error}", "bold red"), soft_wrap=True)
    return name != "quit"


def _help(chat: Chat, executor: Executor, argument: str) -> None:
    for name, command in COMMANDS.items():
        usage = f"/{name} {command.argument}".strip()
        stderr.print(safe(f"{usage:<16} {command.help}"))
    stderr.print(
        safe("Ctrl-C stops the program or the answer, Ctrl-D ends. Alt-Enter begins a new line.")
    )


def _tools(chat: Chat, executor: Executor, words: str) -> None:
    found = (
        search(words, 20, executor.sdks, rerank=executor.rerank, programs=executor.saved)
        if words
        else index(executor.sdks)
    )
    for entry in found:
        stdout.print(safe(str(entry)), soft_wrap=True)
    stderr.print(safe(counted(len(found), "tool"), "dim"))


def _prompt(chat: Chat, executor: Executor, argument: str) -> None:
    stdout.print(lines(chat.instructions.rstrip("\n")), soft_wrap=True)
    stderr.print(safe(f"{count(chat.instructions):,} tokens", "dim"))


def _save(chat: Chat, executor: Executor, name: str) -> None:
    step = last_run(chat.turns)
    if step is None:
        stderr.print(safe("no program has run yet", "yellow"))
    else:
        _write(name, step.program)
        stderr.print(
            safe(f"{name}: the last program; run it with: mcp-sdkgen run {name}"), soft_wrap=True
        )


def _trace(chat: Chat, executor: Executor, name: str) -> None:
    step = last_run(chat.turns)
    if step is None or step.outcome is None:
        stderr.print(safe("no program has run yet", "yellow"))
    else:
        title = next(turn.question for turn in reversed(chat.turns) if step in turn.steps)
        page = trace(step.outcome, step.program, title=title)
        _write(name, page)
        stderr.print(safe(f"{name}: the last run as a page"), soft_wrap=True)


def _write(name: str, text: str) -> None:
    with writing(Path(name).expanduser()) as file:
        file.write(text.encode(errors="replace"))


def _cost(chat: Chat, executor: Executor, argument: str) -> None:
    for number, turn in enumerate(chat.turns, 1):
        show_barred(f"{number}. {' '.join(turn.question.split())[:60]}")
        stderr.print(safe(f"   {usage_line(turn.usage)}"), soft_wrap=True)
    stderr.print(safe(f"in total: {usage_line(chat.usage)}", "bold"), soft_wrap=True)


async def _clear(chat: Chat, executor: Executor, argument: str) -> None:
    await chat.forget()
    stderr.print(safe("earlier questions and variables are forgotten"))


def _quit(chat: Chat, executor: Executor, argument: str) -> None:
    """Nothing: `obey` tells that it is the end."""


COMMANDS: Mapping[str, Command] = {
    "help": Command("", "list the commands", _help),
    "tools": Command("[WORDS]", "the tools of the SDKs, or those that fit words", _tools),
    "prompt": Command("", "the system prompt", _prompt),
    "save": Command("FILE", "keep the last program in a file", _save),
    "trace": Command("FILE", "write the last run as a page", _trace),
    "cost": Command("", "tokens and money, by question and in total", _cost),
    "clear": Command("", "forget earlier questions and variables", _clear),
    "quit": Command("", "end the chat", _quit),
}
