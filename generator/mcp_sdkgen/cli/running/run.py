"""`mcp-sdkgen run` and `mcp-sdkgen resume`"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.broker.journal import Journal, JournalError
from mcp_sdkgen_codemode.executor.options import ExecutorOptions, RunOptions
from mcp_sdkgen_codemode.library.analysis import imported, leaves_main
from mcp_sdkgen_codemode.outcome import Outcome
from mcp_sdkgen_codemode.policy.approval import suspend
from mcp_sdkgen_codemode.policy.plain_text import plain
from mcp_sdkgen_codemode.policy.plan import BeforeStart, Plan, PlanAnswer
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover
from mcp_sdkgen_codemode.program_input import ReadStdin
from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.config.binding import resolve as where_is
from mcp_sdkgen_runtime.config.command_line import shown_args
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.errors import BindingError, ConfigurationError
from mcp_sdkgen_runtime.files import writing
from mcp_sdkgen_runtime.text import listed

from ...config import nearest
from ...errors import ConfigError, Interrupted
from ..found_policy import names_of_tools, tell_unmatched
from ..given import Performed, given
from ..program_input import read_again, read_inputs, stdin_for_program
from ..run_spec import HARMLESS, NoSdk, RunSpec, told_of
from ..saved_programs import program_of
from ..show import counted, errors, lines, note, print_json, safe, say, stderr
from ..usage import taken_apart
from ..watch import Watch, show_outcome
from .approve import HOW_NAMED, journal_named
from .artifacts import check_out, write_artifacts

Program = Annotated[
    str,
    typer.Argument(
        metavar="FILE|NAME|-",
        help="The program: a file, a saved program by its name, or - for stdin. What stands after "
        "-- is its argv, or name=value for the arguments of a saved program.",
    ),
]
FORMAT = "mcp-sdkgen/run/1"
_RUN_AGAIN = "start the program again with `mcp-sdkgen run`"
RunOrJournal = Annotated[
    str,
    typer.Argument(
        metavar="RUN|JOURNAL",
        help="The file of `run --journal`, or the name of a run that `serve` suspended, as "
        "`approve` lists it.",
    ),
]


@given(Performed)
def run(
    context: typer.Context,
    file: Program,
    asked: Performed,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record the run in this new file, for `resume`."),
    ] = None,
) -> int:
    """Check a program, and run it in a sandbox behind a broker.

    Read-only tools may be called; about all others a person is asked at the terminal. Exit code 0:
    finished. 1: failed. 2: wrong usage or configuration. 3: rejected by the check. 4: timed out or
    killed. 5: refused, because no sandbox can be had or not all of what it calls was approved, or
    suspended until somebody approves.
    """
    listed, files = read_inputs(asked.inputs or ())
    program, argv = program_of(file, context.obj or (), asked.config)
    title = "program" if file == "-" else Path(file).name
    spec = asked.spec(listed=listed, title=title, argv=argv)
    record = None
    if journal is not None:
        record = _opened(lambda: Journal.create(journal, program, spec.as_json()))
    stdin = _stdin(file, journal)
    given = RunOptions(files=files, stdin=stdin)
    return _perform(asked, spec, program, given, record, file)


def usage_hint(words: Sequence[str], command: Any) -> str:
    """What to type where words for the program stand without the `--` before them."""
    options, others = taken_apart(words, command)
    if len(others) < 2 or others[0].startswith("--"):
        return ""
    first = shlex.join(["mcp-sdkgen", "run", others[0], *shown_args(options)])
    return f"words for the program stand after --: {first} -- {shlex.join(shown_args(others[1:]))}"


@given(Performed)
def resume(
    journal: RunOrJournal,
    asked: Performed,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Do not ask before resuming a journal created by another user or machine.",
        ),
    ] = False,
) -> int:
    """Go on with a run that was suspended, or whose process died.

    Calls that its journal holds are not made again. `--allow` and `--deny` answer what it waits
    for; without them a person is asked at the terminal. Other options replace those that the run
    was started with. A journal that another user began, or that somebody has changed, is shown
    first; its options and approvals are not used, so give them again. Exit codes: as `run`.
    """
    path = journal_named(journal)
    record = _opened(lambda: Journal.open(path), HOW_NAMED)
    if record.ended is not None:
        raise ConfigError(f"{journal}: the run has ended: {record.ended}", hint=_RUN_AGAIN)
    recorded = RunSpec.of_journal(record.facts)
    if not record.ours:
        _accept(path, record, accept)
        recorded = recorded.without_authority()
    listed, files = read_inputs(asked.inputs or ())
    spec = recorded.with_typed(asked.spec(listed=listed))
    files = read_again(each for each in spec.inputs if each.name not in files) | files
    stdin = _stdin("", path)
    return _perform(asked, spec, record.program, RunOptions(files=files, stdin=stdin), record)


def _perform(
    asked: Performed,
    spec: RunSpec,
    program: str,
    given: RunOptions,
    journal: Journal | None,
    file: str = "",
) -> int:
    """Run a program, and show and write what came of it; the exit code. Raises `ConfigError`."""
    if asked.out is not None:
        check_out(asked.out)
    given |= RunOptions(argv=spec.argv)
    performance = _Performance(spec, asked.trace_file, as_json=asked.as_json, file=file)
    outcome = performance.of(program, given, journal)
    performance.show(outcome, asked.out)
    performance.tell_suspended(outcome, journal)
    _keep(outcome, program, spec, asked.out, asked.trace_file)
    return outcome.exit_code


def _accept(path: Path, journal: Journal, accepted: bool) -> None:
    """Show a journal from elsewhere, and go on only if a person wants to. Raises `ConfigError`."""
    told = (
        f"{path}: another user began this run, or somebody else has changed its record; "
        f"{counted(journal.answers, 'answer')} in it may be forged. Its program:"
    )
    say(errors, safe(told, "yellow"))
    say(errors, lines("\n".join(f"| {plain(line)}" for line in journal.program.split("\n"))))
    facts = list(told_of(journal.facts))
    if any(name not in HARMLESS for name, _ in facts):
        words = "The options in the record are not used. Pass those that you want to `resume`:"
        say(errors, safe(words, "yellow"))
    for name, value in facts:
        errors.print(safe(f"{plain(name)}: {plain(value)}"), soft_wrap=True)
    if accepted:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            f"{path}: the run may be another user's, and there is no terminal to ask at",
            hint="read what is shown, then resume with --accept",
        )
    if not typer.confirm("Resume it?", err=True):
        raise ConfigError(f"{path}: not resumed")


def _opened(journal: Any, hint: str = "") -> Journal:
    try:
        found: Journal = journal()
    except JournalError as error:
        raise ConfigError(str(error), hint=hint) from None
    return found


def _stdin(file: str, journal: Path | None) -> ReadStdin:
    taken = ""
    if file == "-":
        taken = "standard input held the program; run it from a file, or pass data with --in"
    elif journal is not None:
        taken = "with --journal programs have no standard input; use --in FILE"
    return stdin_for_program(taken=taken)


async def _nobody_to_ask(plan: Plan) -> PlanAnswer:
    """Say at once what would be refused call by call."""
    asking = plan.of("ask")
    options = list(dict.fromkeys(call.allow_option for call in asking))
    say(errors, lines(plan.text, "yellow"))
    advice = (
        f"Nobody can be asked here. Allow it with {' '.join(options)}, or refuse it with --deny"
    )
    say(errors, safe(advice, "bold"))
    return "no"


class _Performance:
    """Performs a program on this terminal, and shows what came of it."""

    def __init__(self, spec: RunSpec, page: Path | None, *, as_json: bool, file: str = "") -> None:
        if page is not None and not page.absolute().parent.is_dir():
            raise ConfigError(f"{page}: its folder does not exist", hint="choose another --trace")
        self._spec = spec
        self._as_json = as_json
        self._payloads = as_json or page is not None
        self._watch = Watch(stream=not as_json)
        self._has_terminal = False
        self._at_start = False
        self._program = ""
        self._file = file

    def of(self, program: str, given: RunOptions, journal: Journal | None) -> Outcome:
        """What became of it. Raises `ConfigError`."""
        self._program = program
        try:
            executor_options = self._spec.ready()
        except NoSdk as error:
            raise _with_configuration_beside(error, self._spec, self._file) from None
        _tell_unreachable(program, executor_options)
        executor_options |= {"single": True, "payloads": self._payloads}
        executor_options["session"] = SessionOptions(on_waiting=self._watch.waiting)
        try:
            terminal = TerminalApprover(may_suspend=journal is not None)
            self._has_terminal = True
            executor_options["approver"] = self._watch.asking(terminal)
            ask_before: BeforeStart = self._watch.asking_before(self._before(terminal.before))
        except OSError:  # there is no terminal, so there is nobody to ask
            ask_before = _nobody_to_ask
        if journal is not None:
            executor_options.setdefault("approver", suspend)
            given["journal"] = journal
        elif self._spec.typecheck:
            given["before"] = ask_before
        given |= RunOptions(typecheck=self._spec.typecheck, on_event=self._watch)
        with self._watch, Executor(**executor_options) as executor:
            tell_unmatched(executor.unmatched(), names_of_tools(executor.sdks))
            try:
                return executor.run(program, **given)
            except KeyboardInterrupt:
                if self._at_start:
                    raise Interrupted("nothing ran") from None
                raise
            except (JournalError, ValueError) as error:
                raise ConfigError(str(error)) from None
            except RuntimeError as error:
                raise ConfigError(str(error), hint="to skip the check, use --no-check") from error

    def _before(self, ask: BeforeStart) -> BeforeStart:
        """`ask`, with note taken of whether it is being asked: nothing runs so long."""

        async def before(plan: Plan) -> PlanAnswer:
            self._at_start = True
            answer = await ask(plan)
            self._at_start = False
            return answer

        return before

    def show(self, outcome: Outcome, out: Path | None) -> None:
        """Print what was not printed while it ran."""
        if out is None and outcome.artifacts and not self._as_json:
            names = ", ".join(file.name for file in outcome.artifacts[:10])
            stderr.print(
                safe(f"note: use --out FOLDER to save the program's files: {names}"), soft_wrap=True
            )
        if outcome.status == "finished" and leaves_main(self._program):
            words = (
                "note: the program's `main` was never called: call it in the program, or save the "
                "program, and run it by its name: mcp-sdkgen save NAME FILE"
            )
            stderr.print(safe(words, "yellow"), soft_wrap=True)
        if self._as_json:
            print_json({"format": FORMAT, **outcome.as_json()})
        else:
            show_outcome(outcome, self._watch)

    def tell_suspended(self, outcome: Outcome, journal: Journal | None) -> None:
        """Say how a suspended run goes on: where nobody could be asked, not without approval."""
        if not outcome.suspended or journal is None:
            return
        words = f"go on with: {shlex.join(['mcp-sdkgen', 'resume', str(journal.path)])}"
        if not self._has_terminal and journal.ours:
            approve = shlex.join(["mcp-sdkgen", "approve", str(journal.path)])
            words = f"approve it with: {approve}; then {words}"
        stderr.print(safe(words, "bold"), soft_wrap=True)


def _tell_unreachable(program: str, given: ExecutorOptions) -> None:
    """Tell of SDKs that the program imports and whose servers nothing says how to reach."""
    modules, bindings = imported(program).modules, given.get("bindings") or {}
    for sdk in given.get("sdks") or ():
        if sdk.package not in modules or bindings.get(sdk.key) is not None:
            continue
        try:
            where_is(sdk.key)
        except ConfigurationError:
            continue  # a configuration has it, and the call says what is wrong there
        except BindingError:
            name, folder = shlex.quote(sdk.key), shlex.quote(shown_path(sdk.folder.parent))
            note(
                f"{sdk.key} has an SDK and is in no configuration, so that its calls will fail: "
                f"add it with `mcp-sdkgen add {name} -- COMMAND`, or delete {folder}"
            )


def _with_configuration_beside(error: NoSdk, spec: RunSpec, file: str) -> ConfigError:
    """The error with another hint, where the program lies in a project, and its user elsewhere."""
    if spec.config is None and Path(file).is_file():
        with suppress(ConfigError):
            near = nearest(Path(file).absolute().parent)
            if near is not None and near.servers:
                option = shlex.join(["--config", str(near.paths[-1])])
                hint = f"the program's folder has a configuration: {option}"
                return ConfigError(str(error), hint=hint, detail=error.detail)
    return error


def _keep(
    outcome: Outcome, program: str, spec: RunSpec, out: Path | None, page: Path | None
) -> None:
    """Write what was asked for, when the outcome has been shown already. Raises `ConfigError` and
    `WriteError`."""
    if page is not None:
        # Deferred: a page is asked for now and then.
        from mcp_sdkgen_codemode.executor.trace import trace

        try:
            shown = trace(outcome, program, title=spec.title)
            with writing(page) as file:
                file.write(shown.encode(errors="replace"))
        except OSError as error:
            raise ConfigError(f"{page}: {error.strerror}", hint="choose another --trace") from None
    if out is not None:
        written = write_artifacts(outcome.artifacts, out)
        _tell_saved(written.paths, out)
        if written.failure is not None:
            raise written.failure


def _tell_saved(paths: Mapping[str, Path], out: Path) -> None:
    if paths:
        names = listed([str(path.relative_to(out)) for path in paths.values()])
        stderr.print(safe(f"saved in {out}: {names}"), soft_wrap=True)
    for name, path in paths.items():
        if path != out / name:
            words = (
                f"note: {path.name} was called {name} by the program; {out / name} is another file"
            )
            stderr.print(safe(words, "yellow"), soft_wrap=True)
