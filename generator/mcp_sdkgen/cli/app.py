"""The verbs and how they end: 0 for success, 1 for findings, 2 for usage and configuration."""

from __future__ import annotations

import ast
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from ..errors import ConfigError, SdkgenError
from .encoding import speak_anything
from .help import COMPLETE_VARIABLE, loudness, name_value

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Build": {
        "build": "building.build",
        "add": "building.add",
        "remove": "building.add",
        "snapshot": "building.snapshot",
        "diff": "building.diff",
        "lint": "building.lint",
        "observe": "building.observe",
        "infer": "building.infer",
        "new-server": "building.new_server",
    },
    "Use": {
        "tools": "running.tools",
        "call": "running.call",
        "search": "running.search",
        "prompt": "running.prompt",
        "chat": "serving.chat",
        "demo": "demo",
    },
    "Run": {
        "check": "running.check",
        "run": "running.run",
        "resume": "running.run",
        "approve": "running.approve",
        "save": "running.programs",
        "programs": "running.programs",
    },
    "Serve": {
        "serve": "serving.serve",
        "install": "serving.install",
    },
    "Maintain": {
        "doctor": "maintaining.doctor",
        "login": "maintaining.login",
        "logout": "maintaining.login",
        "status": "maintaining.login",
        "trust": "maintaining.trust",
        "cache": "maintaining.cache",
        "completion": "maintaining.completion",
    },
}
"""Every verb and its module, in the groups and order of the help."""
VERBS: Mapping[str, str] = {
    verb: module for verbs in GROUPS.values() for verb, module in verbs.items()
}
"""Every verb and its module. The function has the verb's name."""


class _Commands(Mapping[str, Any]):
    """The command of each verb, made when it is asked for: no verb waits for another's imports."""

    def __getitem__(self, verb: str) -> Any:
        module = import_module(f"{__package__}.{VERBS[verb]}")
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(verb)(getattr(module, _function(verb)))
        command = typer.main.get_command(alone)
        command.params += loudness()
        for parameter in command.params:
            name_value(parameter)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class _Group(TyperGroup):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = _Commands()

    if not TYPE_CHECKING:  # the types of its arguments are private

        def format_commands(self, ctx, formatter):
            """List the verbs with the first words of their help, which is read, not imported."""
            limit = formatter.width - 6 - max(map(len, VERBS))
            for group, verbs in GROUPS.items():
                with formatter.section(group):
                    formatter.write_dl(
                        [(verb, _without_module(verb).get_short_help_str(limit)) for verb in verbs]
                    )

        def shell_complete(self, ctx, incomplete):
            """Complete a verb, without importing all of them for their help."""
            self.commands = {verb: _without_module(verb) for verb in VERBS}
            return super().shell_complete(ctx, incomplete)


def _without_module(verb: str) -> TyperCommand:
    return TyperCommand(verb, help=_help(verb))


def _function(verb: str) -> str:
    return verb.replace("-", "_")


def _help(verb: str) -> str:
    spec = find_spec(f"{__package__}.{VERBS[verb]}")
    assert spec is not None
    assert spec.origin is not None
    body = ast.parse(Path(spec.origin).read_bytes()).body
    [found] = [
        node for node in body if isinstance(node, ast.FunctionDef) and node.name == _function(verb)
    ]
    return ast.get_docstring(found) or ""


app = typer.Typer(
    name="mcp-sdkgen",
    cls=_Group,
    help="Turns MCP servers into typed, pip-installable Python SDKs.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        # Deferred: it imports the whole of `email`.
        from importlib.metadata import version

        typer.echo(version("mcp-sdkgen"))
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[
        bool,
        typer.Option(
            "-V",
            "--version",
            is_eager=True,
            callback=_tell_version,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """The options of all verbs."""


_USAGE_HINTS: Mapping[str, str] = {
    "add": "building.add",
    "call": "running.call",
    "install": "serving.install",
    "run": "running.run",
}
"""The verbs whose module has a `usage_hint` for a command line that is not understood."""


def _hint_at_usage(argv: Sequence[str], command: Sequence[str] | None, error: Any) -> None:
    verb = next((word for word in argv if not word.startswith("-")), "")
    if not verb or error.ctx is None:
        return
    if getattr(error, "possibilities", None):  # the error names the option that is meant
        return
    words = argv[argv.index(verb) + 1 :]
    hint = _configuration_by_position(error, words)
    if not hint and verb in _USAGE_HINTS and command is None:
        module = import_module(f"{__package__}.{_USAGE_HINTS[verb]}")
        hint = module.usage_hint(words, error.ctx.command)
    if hint:
        # Deferred: rich is not needed to begin with.
        from .show import errors, safe

        errors.print(safe(f"  hint: {hint}"), soft_wrap=True)


def _configuration_by_position(error: Any, words: Sequence[str]) -> str:
    """What to type where a word too many is a configuration, which most verbs take by an option."""
    options = {name for each in error.ctx.command.params for name in each.opts}
    if "extra argument" not in str(error) or "--config" not in options or "--config" in words:
        return ""
    files = (word for word in words if word.endswith((".json", ".toml")) and Path(word).is_file())
    file = next(files, "")
    return (
        f"a configuration is named by an option: {shlex.join(['--config', file])}" if file else ""
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Everything after the first `--` is left to the verb: the command of a stdio server, or the words
    of a program.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] | None = None
    if "--" in argv:
        at = argv.index("--")
        argv, command = argv[:at], argv[at + 1 :]
    speak_anything()
    if COMPLETE_VARIABLE in os.environ:
        # Deferred: it is asked for by a shell only.
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
    try:
        result = app(argv, standalone_mode=False, prog_name="mcp-sdkgen", obj=command)
    except SdkgenError as error:
        # Deferred: rich is not needed to begin with.
        from .show import show_error

        show_error(error)
        return 2 if isinstance(error, ConfigError) else 1
    except typer.Exit as stop:
        return stop.exit_code
    except Exception as error:
        # click's own errors know how to show themselves; with standalone_mode they would exit.
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
            _hint_at_usage(argv, command, error)
            return int(error.exit_code)
        # Deferred, as rich is.
        from mcp_sdkgen_runtime.errors import ConfigurationError

        from ..config.settings import config_error
        from .show import show_error

        if isinstance(error, ConfigurationError):
            show_error(config_error(error))
            return 2
        raise
    return int(result or 0)
