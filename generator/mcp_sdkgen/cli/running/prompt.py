"""`mcp-sdkgen prompt`"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from mcp_sdkgen_codemode.prompting.prompt import DEFAULT_BUDGET, Prompt
from mcp_sdkgen_codemode.prompting.prompt import prompt as make_prompt

from ...errors import ConfigError, SdkgenError
from .. import options
from ..run_spec import runnable
from ..saved_programs import library_of
from ..show import counted, print_json, safe, stderr, stdout

FORMAT = "mcp-sdkgen/prompt/1"


def prompt(
    budget: Annotated[
        int, typer.Option(min=1, metavar="TOKENS", help="Tokens that the prompt may take.")
    ] = DEFAULT_BUDGET,
    question: Annotated[
        str, typer.Option(help="The task; tools that fit it are shown in most detail.")
    ] = "",
    config: options.Config = None,
    sdk: options.Sdks = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Print a system prompt for a model that writes programs.

    It fills the budget: every tool by its name, then first sentences, signatures, classes and what
    arguments mean, for as many tools as fit, those first that fit the question.
    Exit code 0: printed. 2: wrong usage, or no SDK.
    """
    sdks = runnable(config, sdk)
    try:
        programs = library_of(config).program_set(sdks).programs
        made = make_prompt(sdks, budget=budget, programs=programs, question=question)
    except ValueError as error:
        raise ConfigError(str(error), hint="raise --budget") from None
    except RuntimeError as error:
        raise SdkgenError(str(error)) from None
    if as_json:
        data = {"format": FORMAT, **asdict(made), "budget": budget}
        print_json(data)
        return 0
    stdout.file.write(made.text)
    stderr.print(safe(_facts(made)), soft_wrap=True)
    return 0


def _facts(made: Prompt) -> str:
    servers = counted(len(made.servers), "server")
    facts = (
        f"{made.tokens} tokens ({made.tokenizer}), detail: {made.detail}, "
        f"{counted(made.tools, 'tool')} of {servers}"
    )
    if len(made.shown) > 1:
        facts += f" ({', '.join(f'{n} {detail}' for detail, n in made.shown.items())})"
    return facts
