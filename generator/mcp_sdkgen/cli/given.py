"""The options that verbs which run programs have in common, each declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from . import options
from .program_input import InputFile, Inputs
from .run_spec import RunSpec

Seconds = Annotated[
    float | None, typer.Option(min=0.1, help="Seconds that the program may run; 60 if unset.")
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Do not type-check first.")]
Files = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Save the files that the program wrote in this folder; replaces no file."
    ),
]
Trace = Annotated[
    Path | None, typer.Option("--trace", metavar="HTML", help="Write an HTML page about the run.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")]


@dataclass(frozen=True)
class Access:
    """What programs may use."""

    config: options.Config = None
    sdk: options.Sdks = None
    allow: options.Allow = None
    ask: options.Ask = None
    deny: options.Deny = None
    with_packages: options.With = ""
    engine: options.Engine = ""

    def spec(self, **more: Any) -> RunSpec:
        """What a run is started with, and what else is told of it. Raises `ConfigError`."""
        return RunSpec(
            config=str(self.config.absolute()) if self.config else None,
            sdk=self.sdk or (),
            allow=self.allow or (),
            ask=self.ask or (),
            deny=self.deny or (),
            packages=options.importable(self.with_packages),
            engine=self.engine,
            **more,
        )


@dataclass(frozen=True)
class Limited(Access):
    """The same, and how long each may run."""

    timeout: Seconds = None

    def spec(self, **more: Any) -> RunSpec:
        return super().spec(timeout_s=self.timeout, **more)


@dataclass(frozen=True)
class Performed(Limited):
    """The same for one program: whether it is checked, its files, and where it is told of."""

    no_check: NoCheck = False
    inputs: Inputs = None
    out: Files = None
    trace_file: Trace = None
    as_json: AsJson = False

    def spec(self, *, listed: list[InputFile] | None = None, **more: Any) -> RunSpec:
        return super().spec(typecheck=not self.no_check, inputs=tuple(listed or ()), **more)


def given(kind: type[Access]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Make a verb of a function that takes a `kind` as `asked`: in its place, each field of that is
    an option of its own."""

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        names = [field.name for field in fields(kind)]

        @wraps(function)
        def verb(**typed: Any) -> int:
            asked = kind(**{name: typed.pop(name) for name in names})
            return function(asked=asked, **typed)

        shown: list[inspect.Parameter] = []
        for one in inspect.signature(function, eval_str=True).parameters.values():
            shared = inspect.signature(kind, eval_str=True).parameters.values()
            shown += shared if one.name == "asked" else [one]
        # What typer reads.
        keyword = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shown]
        verb.__dict__["__signature__"] = inspect.Signature(keyword, return_annotation=int)
        verb.__annotations__ = {one.name: one.annotation for one in shown}
        del verb.__dict__["__wrapped__"]
        return verb

    return decorate
