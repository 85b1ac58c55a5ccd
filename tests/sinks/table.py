"""The named ways out of the product, and what drives each.

Every place that `places` finds belongs to exactly one of them. A place in a new module or folder
belongs to none until it is written down here, together with a driver that goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath as PurePath

from tests.sinks.places import Kind, Place


@dataclass(frozen=True)
class Sink:
    """Places of one `kind` whose `where` fits one of the patterns.

    `driver` is a property of `Stage`, with a channel of it: `runs.journal`. There must be
    `seen` in it, which only gets there through this way out. `by_nature` says why a way out has no
    driver: what goes through it is no binding's.
    """

    name: str
    kind: Kind
    modules: tuple[str, ...]
    driver: str = ""
    seen: str = "[redacted]"
    by_nature: str = ""

    def takes(self, place: Place) -> bool:
        """Whether a place belongs to it."""
        fits = any(_fits(place.where, pattern) for pattern in self.modules)
        return place.kind == self.kind and fits


def _fits(where: str, pattern: str) -> bool:
    """A pattern is a folder, with all below it, or a module, where `*` is any of that folder."""
    return where.startswith(pattern) if pattern.endswith("/") else PurePath(where).match(pattern)


def _in(area: str, *folders: str) -> tuple[str, ...]:
    return tuple(f"{area}/{one}" if one.endswith(".py") else f"{area}/{one}/" for one in folders)


_NOTHING_OF_BINDINGS = "a program's own words in its sandbox, which has no binding"

SINKS = (
    # Errors, by who meets them first.
    Sink(
        "errors of sessions",
        "raise",
        _in("runtime", "transport", "session", "client", "cassettes", "oauth", "observed")
        + _in("runtime", "concurrency", "lazy.py", "files.py", "ownership.py"),
        "sessions.errors",
    ),
    Sink(
        "errors about answers",
        "raise",
        _in("runtime", "tool", "content", "schema", "catalog"),
        "runs.json",
        "ToolError echo.fail: sent [redacted]",
    ),
    Sink(
        "errors inside a sandbox",
        "raise",
        (*_in("runtime", "guest"), *_in("codemode", "sandbox/guest")),
        "runs.json",
        "SessionError echo.die",
    ),
    Sink(
        "errors of configurations",
        "raise",
        (*_in("runtime", "config"), *_in("generator", "config")),
        "configurations.stderr",
        "NO_SUCH_VARIABLE_AT_ALL",
    ),
    Sink(
        "errors of builds",
        "raise",
        _in("generator", "source", "pipeline.py", "provision", "lower", "emit", "schema", "lock")
        + _in("generator", "observed", "package", "json_io.py", "snapshot.py", "text.py"),
        "builds.stderr",
        "cannot begin with [redacted]",
    ),
    Sink(
        "errors of the command line",
        "raise",
        _in("generator", "cli", "__main__.py", "live"),
        "runs.stderr",
        "error: echo.refuse: the server refused: refused [redacted]",
    ),
    Sink(
        "refusals of the broker",
        "raise",
        _in("codemode", "broker", "policy", "limits.py"),
        "runs.page",
        "the server refused the call (JSON-RPC error -32050)",
    ),
    Sink(
        "errors of the executor",
        "raise",
        _in("codemode", "executor", "sandbox/*.py", "sandbox/engines", "typecheck", "library")
        + _in("codemode", "catalog.py", "program_input.py"),
        "runs.json",
        '"status": "failed"',
    ),
    Sink(
        "errors told to models",
        "raise",
        _in("codemode", "serve", "prompting", "tool_search"),
        "models.serve",
        "there is nothing to serve",
    ),
    Sink("errors of agents", "raise", _in("codemode", "agent"), "models.frameworks", "is_error"),
    # What people read.
    Sink(
        "the terminal: runs and calls",
        "print",
        _in("generator", "cli/running", "cli/watch.py", "cli/run_spec.py", "cli/found_policy.py")
        + _in("generator", "cli/saved_programs.py"),
        "runs.stderr",
        "echo/die: failed",
    ),
    Sink(
        "the terminal: builds",
        "print",
        _in(
            "generator",
            "cli/building",
            "cli/show.py",
            "cli/show_work.py",
            "cli/app.py",
            "cli/options.py",
        )
        + _in("generator", "schema/normalise.py", "config/project.py", "cli/__init__.py"),
        "builds.stderr",
        "| cannot begin with [redacted]",
    ),
    Sink(
        "the terminal: serve",
        "print",
        _in("generator", "cli/serving/serve.py", "cli/serving/way.py"),
        "models.stderr",
        "mcp-sdkgen: ready: 1 SDK",
    ),
    Sink(
        "the terminal: chat",
        "print",
        _in("generator", "cli/serving/chat.py", "cli/serving/chat_commands.py")
        + _in("generator", "cli/serving/chat_show.py"),
        "models.chat",
        "the backend refused [redacted]",
    ),
    Sink(
        "the terminal: what is added to programs of others",
        "print",
        _in("generator", "cli/serving/install.py"),
        by_nature="the command of `serve` itself, which names a configuration and repeats none",
    ),
    Sink(
        "the terminal: other verbs",
        "print",
        _in("generator", "cli/maintaining", "cli/demo"),
        "others.stdout",
        "SDKs that were built for runs",
    ),
    Sink(
        "words about trust",
        "print",
        _in("codemode", "library/folder.py"),
        by_nature="a person's word about a file, by its path and digest",
    ),
    Sink(
        "questions at the terminal",
        "print",
        _in("codemode", "policy"),
        by_nature="a call's arguments, which are a program's own words",
    ),
    Sink(
        "what a sandbox prints",
        "print",
        _in("codemode", "sandbox/guest", "agent/tools.py"),
        by_nature=_NOTHING_OF_BINDINGS,
    ),
    # Records.
    Sink(
        "log records of sessions",
        "log",
        _in("runtime", "cassettes", "client", "guest", "oauth", "observability", "observed")
        + _in("runtime", "schema", "session", "tool", "transport/wire"),
        "sessions.log",
    ),
    Sink(
        "log records of code mode",
        "log",
        _in("codemode", "agent", "policy", "serve"),
        "models.stderr",
        "there is nothing to serve",
    ),
    Sink("spans", "span", _in("runtime", "observability"), "spans.spans", "mcp_sdkgen.outcome"),
    Sink("cassettes", "write", _in("runtime", "cassettes", "files.py"), "sessions.cassette"),
    Sink(
        "journals",
        "write",
        _in("codemode", "broker/journal.py", "broker/journal_file.py"),
        "runs.journal",
    ),
    Sink(
        "pages of runs, and files of programs",
        "write",
        _in("generator", "cli/running", "cli/watch.py", "cli/show.py", "cli/found_policy.py"),
        "runs.page",
    ),
    Sink(
        "locks, packages and wheels",
        "write",
        _in("generator", "package", "provision", "pipeline.py", "cli/building"),
        "builds.files",
    ),
    Sink(
        "observed shapes",
        "write",
        (*_in("runtime", "observed"), *_in("generator", "observed")),
        "builds.shapes",
    ),
    Sink(
        "stores and caches of the user",
        "write",
        _in("codemode", "library", "policy/approval_record.py", "policy/approval_store.py")
        + _in("codemode", "sandbox/*.py", "sandbox/engines", "sandbox/seccomp", "tool_search")
        + _in("codemode", "typecheck", "serve/runs.py")
        + _in("runtime", "config/trust.py")
        + _in("generator", "config/install.py", "config/project.py")
        + _in("generator", "cli/serving", "cli/maintaining", "cli/demo"),
        "disk.files",
        "approval.key",
    ),
    Sink(
        "progress at the terminal",
        "write",
        _in("runtime", "client/progress.py"),
        "runs.stderr",
        "progress 1 [redacted]",
    ),
    Sink(
        "questions at the terminal itself",
        "write",
        _in("codemode", "policy/terminal.py"),
        by_nature="a call's arguments, which are a program's own words",
    ),
    Sink(
        "data of an answer in a file",
        "write",
        _in("runtime", "content/media.py"),
        by_nature="what a tool answered, saved by whoever asked for it",
    ),
    Sink(
        "logins",
        "write",
        _in("runtime", "oauth/token_store.py", "session"),
        by_nature="tokens are kept here, for their owner alone: see `test_token_store`",
    ),
    Sink(
        "frames between host and sandbox, as bytes",
        "write",
        _in("codemode", "broker/channel.py", "sandbox/guest/*.py") + _in("runtime", "guest"),
        "runs.json",
        "SessionError echo.refuse",
    ),
    # What models and programs are told.
    Sink(
        "frames between host and sandbox",
        "frame",
        _in("codemode", "broker", "sandbox/guest")
        + _in("runtime", "guest", "client")
        + _in("generator", "cli/running/approve.py"),
        "runs.json",
        "SessionError echo.die",
    ),
    Sink(
        "steps of a chat",
        "frame",
        _in("codemode", "agent", "serve/runs.py"),
        "models.frameworks",
        "echo/die: failed",
    ),
    Sink(
        "answers of serve", "answer", _in("codemode", "serve"), "models.serve", "echo/die: failed"
    ),
    Sink("callbacks", "answer", _in("runtime", "transport"), "sessions.callbacks"),
)
