"""The verbs and how they end: 0 for success, 1 for findings, 2 for usage and configuration."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from ..errors import ConfigError, SdkgenError
from .encoding import speak_anything

VERBS: Mapping[str, str] = {
    "build": "building.build",
    "add": "building.add",
    "remove": "building.add",
    "snapshot": "building.snapshot",
    "diff": "building.diff",
    "lint": "building.lint",
    "observe": "building.observe",
    "infer": "building.infer",
    "tools": "running.tools",
    "call": "running.call",
    "check": "running.check",
    "run": "running.run",
    "resume": "running.run",
    "save": "running.programs",
    "programs": "running.programs",
    "install": "serving.install",
    "approve": "running.approve",
    "serve": "serving.serve",
    "new-server": "building.new_server",
    "login": "maintaining.login",
    "logout": "maintaining.login",
    "status": "maintaining.login",
    "trust": "maintaining.trust",
    "cache": "maintaining.cache",
    "doctor": "maintaining.doctor",
    "demo": "demo",
    "chat": "serving.chat",
    "prompt": "running.prompt",
    "search": "running.search",
}
"""Every verb and its module, in the order of the help. The function has the verb's name."""


class _Commands(Mapping[str, Any]):
    """The command of each verb, made when it is asked for: no verb waits for another's imports."""

    def __getitem__(self, verb: str) -> Any:
        module = import_module(f"{__package__}.{VERBS[verb]}")
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(verb)(getattr(module, _function(verb)))
        return typer.main.get_command(alone)

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
            commands = {verb: TyperCommand(verb, help=_help(verb)) for verb in VERBS}
            with formatter.section("Commands"):
                formatter.write_dl(
                    [(verb, one.get_short_help_str(limit)) for verb, one in commands.items()]
                )


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
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("mcp-sdkgen"))
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_tell_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """The options of all verbs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Everything after the first `--` is the command of a stdio server, whatever it looks like.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] | None = None
    if "--" in argv:
        at = argv.index("--")
        argv, command = argv[:at], argv[at + 1 :]
    speak_anything()
    try:
        result = app(argv, standalone_mode=False, prog_name="mcp-sdkgen", obj=command)
    except SdkgenError as error:
        # Deferred: rich is not needed to begin with.
        from .show import show_error

        show_error(error)
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        return 130
    except typer.Exit as stop:
        return stop.exit_code
    except Exception as error:
        # click's own errors know how to show themselves; with standalone_mode they would exit.
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
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
