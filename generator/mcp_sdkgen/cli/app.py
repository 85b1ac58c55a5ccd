"""The verbs and how they end: 0 for success, 1 for findings, 2 for usage and configuration."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from ..errors import ConfigError, SdkgenError
from . import (
    approve,
    build,
    chat,
    check,
    demo,
    diff,
    doctor,
    infer,
    install,
    lint,
    login,
    new_server,
    observe,
    programs,
    prompt,
    run,
    search,
    serve,
    snapshot,
)
from .show import error_lines, stderr

app = typer.Typer(
    name="mcp-sdkgen",
    help="Turns MCP servers into typed, pip-installable Python SDKs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("build")(build.build)
app.command("snapshot")(snapshot.snapshot)
app.command("diff")(diff.diff)
app.command("lint")(lint.lint)
app.command("observe")(observe.observe)
app.command("infer")(infer.infer)
app.command("check")(check.check)
app.command("run")(run.run)
app.command("resume")(run.resume)
app.command("save")(programs.save)
app.command("programs")(programs.programs)
app.command("install")(install.install)
app.command("approve")(approve.approve)
app.command("serve")(serve.serve)
app.command("new-server")(new_server.new_server)
app.command("login")(login.login)
app.command("logout")(login.logout)
app.command("status")(login.status)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("chat")(chat.chat)
app.command("prompt")(prompt.prompt)
app.command("search")(search.search)


@app.callback()
def _common(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if show_version:
        typer.echo(version("mcp-sdkgen"))
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Everything after the first `--` is the command of a stdio server, whatever it looks like.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] | None = None
    if "--" in given:
        at = given.index("--")
        given, command = given[:at], given[at + 1 :]
    try:
        result = app(given, standalone_mode=False, prog_name="mcp-sdkgen", obj=command)
    except SdkgenError as error:
        for line in error_lines(error):
            stderr.print(line, soft_wrap=True)
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
        raise
    return int(result or 0)
