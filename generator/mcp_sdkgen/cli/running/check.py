"""`mcp-sdkgen check`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode import Sdk
from mcp_sdkgen_codemode.diagnostics import Diagnostic
from mcp_sdkgen_codemode.typecheck import Checker
from rich.text import Text

from ...errors import ConfigError
from ...provision.at_hand import at_hand
from .. import options
from ..run_spec import provisioned
from ..show import print_json, safe, say, stderr, stdout

FORMAT = "mcp-sdkgen/check/1"
REJECTED = 3


def check(
    program: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The program; - reads it from stdin.")
    ],
    config: options.Config = None,
    sdk: options.Sdks = None,
    packages: options.With = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Check a program against SDKs, without running it.

    Exit code 0: nothing is wrong. 3: the program is rejected. 2: an error of usage.
    """
    text = read_program(program)
    # Without SDKs at all, a program can still be right or wrong.
    sdks = provisioned(config, sdk).sdks if config or sdk else _here()
    try:
        with Checker(sdks=sdks, packages=options.listed(packages)) as checker:
            with stderr.status("starting the type checker"):  # shown on a terminal only
                checker.warm()
            found = checker.check(text)
    except ValueError as error:
        raise ConfigError(str(error), hint="build and install it, or pick another") from error
    except RuntimeError as error:
        raise ConfigError(str(error), hint="is mypy installed in this environment?") from error
    code = REJECTED if found else 0
    if as_json:
        listed = [each.as_json() for each in found]
        data = {"format": FORMAT, "exit_code": code, "diagnostics": listed}
        print_json(data)
    else:
        show_diagnostics(found)
    return code


def _here() -> tuple[Sdk, ...]:
    here = at_hand(Path.cwd())
    for note in here.notes:
        stderr.print(safe(f"note: {note}", "yellow"), soft_wrap=True)
    return here.sdks


_MAX_BYTES = 16 << 20


def read_program(program: str) -> str:
    """The text of a program file, or of stdin for `-`. Raises `ConfigError`."""
    try:
        if program == "-":
            raw = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(program).open("rb") as file:
                raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise ConfigError(
                f"{program}: larger than {_MAX_BYTES:,} bytes", hint="keep data out of the program"
            )
        return raw.decode()
    except OSError as error:
        raise ConfigError(f"{program}: {error.strerror}", hint="name a file, or -") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{program}: not UTF-8 at byte {error.start}") from error


def show_diagnostics(found: list[Diagnostic]) -> None:
    """Print each on its line, what would be right below it."""
    for each in found:
        place = f"line {each.line}:{each.column}:"
        parts = (safe(place, "bold"), safe(each.message), safe(f"[{each.code}]", "dim"))
        say(stdout, Text(" ").join(parts))
        if each.hint:
            say(stdout, safe(f"    {each.hint}"), hanging=8)
    if not found:
        stderr.print(safe("nothing is wrong"))
