"""One set of servers whose bindings hold a canary of every kind, and what comes out of using them.

Each property drives one part of the product in every way that fails, once, and is what came out, by
the name of the channel.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import traceback
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import mcp
from mcp.client.stdio import stdio_client
from mcp_sdkgen.cli.serving.chat_show import Screen
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.agent.tools import Handler
from mcp_sdkgen_codemode.agent.transcript import Step
from mcp_sdkgen_codemode.catalog import at
from mcp_sdkgen_runtime import LazySession, SdkError, SessionOptions
from mcp_sdkgen_runtime.cassettes.cassette import cassette
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.observability.secret_set import SecretSet

from tests.codemode.serve.driving import ROOT, Home
from tests.patience import HANG_S
from tests.runtime.servers.echoing_web import FAILURES, echoing
from tests.runtime.servers.login_server import MACHINE, MACHINE_SECRET, Running, running
from tests.warm_caches import share

SERVER = ROOT / "tests" / "runtime" / "servers" / "echoes_secrets.py"
SEGMENT = "zapPATHSECRET9f8e7d6c5b4a"
CANARIES = {
    "an environment value": "aa11bb22cc33dd44ee55",
    "an environment value with signs": "mysql:host=db;pw=hunter2hunter2",
    "a short password": "x7k2",
    "a password of a command line": "canary-words-1",
    "the password of a login": "canary-login-1",
    "a token in JSON": "canary-json-1",
    "a value from a file": "from-a-file-9f8e7d6c",
    "a URL's user": "canaryuser",
    "a URL's password": "canarypass",
    "a query value": "canary query",
    "a query value as it stands there": "canary%20query",
    "an opaque path segment": SEGMENT,
    "a header": "tenant-canary-1",
    "a bearer token": "bearer-canary-123",
    "basic credentials": "Y2FuYXJ5YmFzaWM6Y2FuYXJ5c2VjcmV0",
    "the user of basic credentials": "canarybasic",
    "the password of basic credentials": "canarysecret",
}
WAYS = ("fail", "refuse", "garble", "report", "die")
"""The tools that do not answer, or answer with nothing."""
PROGRAM = """\
from echo_sdk import echo
for tool in (echo.fail, echo.refuse, echo.garble, echo.report, echo.die):
    try:
        tool()
    except Exception as error:
        print(type(error).__name__, error)
echo.die()
"""
_ASKED = (
    ("run", {"program": PROGRAM}),
    ("run", {"program": "import echo_sdk\necho_sdk.nothing\n"}),
    ("read", {"name": ""}),
    ("read", {"name": "echo.die"}),
    ("read", {"name": "no.such"}),
    ("search", {"query": "die"}),
)
"""What a model asks of `serve`."""


class Stage:
    """The servers, in a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        filed = folder / "filed"
        filed.write_text(CANARIES["a value from a file"])
        url = f"://canaryuser:canarypass@127.0.0.1:9/s/{SEGMENT}/mcp?k=canary%20query"
        environment = {
            "ACME_ID": CANARIES["an environment value"],
            "DATABASE": CANARIES["an environment value with signs"],
            "DB_PASS": CANARIES["a short password"],
            "FILED": filed.as_uri(),
        }
        words = ["--password", CANARIES["a password of a command line"]]
        words += ["-u", f"me:{CANARIES['the password of a login']}"]
        words += ["--config", json.dumps({"token": CANARIES["a token in JSON"]})]
        echo = {
            "command": sys.executable,
            "args": [str(SERVER), "https" + url, *words],
            "env": environment,
        }
        headers = {
            "X-Tenant": CANARIES["a header"],
            "X-Auth": f"Bearer {CANARIES['a bearer token']}",
            "X-Login": f"Basic {CANARIES['basic credentials']}",
        }
        self.entries: dict[str, Any] = {
            "echo": echo,
            "broken": {**echo, "args": [*echo["args"], "--broken"]},
            "web": {"url": "http" + url, "headers": headers},
        }
        share(folder / "xdg_cache_home")
        self.home = Home(folder, self._written("echo.json", "echo"))
        self.down = Home(folder, self._written("down.json", "broken", "web"))
        self.all = self._written("all.json", *self.entries)

    def _written(self, name: str, *servers: str) -> Path:
        path = self.folder / name
        path.write_text(json.dumps({"mcpServers": {one: self.entries[one] for one in servers}}))
        return path

    @cached_property
    def sessions(self) -> Mapping[str, str]:
        """Sessions of every server, in this process, with all logging on and a cassette."""
        tape = self.folder / "tape.ndjson"
        with _logged() as records, echoing() as port:
            errors, heard = asyncio.run(self._called(tape, port))
        assert len(errors) == 11, errors
        return {
            "errors": "\n".join(map(str, errors)),
            "their attributes": "\n".join(repr(vars(error)) for error in errors),
            "tracebacks": "\n".join("".join(traceback.format_exception(one)) for one in errors),
            "callbacks": "\n".join(heard),
            "cassette": tape.read_text(),
            "log": "\n".join(map(logging.Formatter().format, records)),
            "reprs": "\n".join(repr(resolve(name, one)) for name, one in self.entries.items()),
        }

    async def _called(self, tape: Path, port: int) -> tuple[list[SdkError], list[str]]:
        errors: list[SdkError] = []
        heard: list[str] = []
        options = SessionOptions(on_log=lambda told: heard.append(f"{told}"), log_level="debug")
        recorded = cassette(tape, binding=self.entries["echo"], mode="record")
        calls: list[tuple[str, Any, str]] = [("echo", recorded, tool) for tool in ("answer", *WAYS)]
        calls += [("broken", self.entries["broken"], "any"), ("web", self.entries["web"], "any")]
        url = self.entries["web"]["url"].replace(":9/", f":{port}/")
        web = {**self.entries["web"], "url": url}
        calls += [("web", web, tool) for tool in FAILURES]
        for path in ("moved", "denied"):
            calls.append((path, {**web, "url": url.replace("/s/", f"/{path}/")}, "any"))
        for server, binding, tool in calls:
            session = LazySession(server, binding, options)
            try:
                heard.append(f"{tool}: {(await session.call(tool, {})).is_error}")
            except SdkError as error:
                errors.append(error)
                logging.getLogger("mcp_sdkgen_runtime.observability.telemetry").warning(
                    "a call failed", exc_info=error
                )
            finally:
                await session.aclose()
        return errors, heard

    @cached_property
    def spans(self) -> Mapping[str, str]:
        """What OpenTelemetry is told."""
        program = Path(__file__).with_name("traced.py")
        done = subprocess.run(
            [sys.executable, str(program), json.dumps(self.entries["echo"])],
            capture_output=True, text=True, timeout=HANG_S, check=True,
        )  # fmt: skip
        return {"spans": done.stdout, "stderr": done.stderr}

    @cached_property
    def builds(self) -> Mapping[str, str]:
        """What the verbs that make SDKs say and write; one server tells, two cannot be reached."""
        made, report, shapes = (self.folder / one for one in ("made", "report.json", "shapes"))
        said = self._verbs(
            ("build", str(self.all), "--out", str(made), "--report", str(report)),
            ("lint", str(self.home.config)),
            ("observe", str(self.home.config), "--out", str(made), "--into", str(shapes),
             "--call", "answer {}"),
        )  # fmt: skip
        texts = [path.read_text(errors="replace") for path in (*_files(made), report)]
        assert (made / "echo").is_dir(), said["stderr"]
        return {**said, "files": "\n".join(texts), "shapes": shapes.read_text()}

    @cached_property
    def configurations(self) -> Mapping[str, str]:
        """What is said of configurations that cannot be used."""
        wrong = {
            "number": {**self.entries["echo"], "env": {"A": CANARIES["a header"], "B": [1]}},
            "variable": {**self.entries["web"], "headers": {"A": "${NO_SUCH_VARIABLE_AT_ALL}"}},
            "scheme": {"url": self.entries["web"]["url"].replace("http", "gopher")},
            "type": {**self.entries["web"], "type": CANARIES["a bearer token"]},
            "login": {**self.entries["web"], "auth": {"type": "oauth", "client_secret": 7}},
            "filed": {**self.entries["echo"], "env": {"A": "file:///no/such/file"}},
        }
        path = self.folder / "wrong.json"
        path.write_text(json.dumps({"mcpServers": wrong}))
        return self._verbs(("build", str(path), "--out", str(self.folder / "none")))

    @cached_property
    def runs(self) -> Mapping[str, str]:
        """What a run leaves: on the terminal, as JSON, on its page, and in its journal."""
        (self.folder / "program.py").write_text(PROGRAM)
        journal, page = self.folder / "journal.ndjson", self.folder / "trace.html"
        config = ("--config", str(self.home.config))
        first = self._verbs(
            ("run", *config, "--json", "--trace", str(page), "--journal", str(journal),
             "program.py"),
        )  # fmt: skip
        plain = self._verbs(
            ("run", *config, "--no-check", "program.py"),
            ("call", *config, "echo", "refuse"),
            ("call", *config, "echo", "die"),
        )
        assert json.loads(first["stdout"])["status"] == "failed", first["stderr"]
        return {
            "json": first["stdout"],
            "page": page.read_text(),
            "journal": journal.read_text(),
            "stdout": plain["stdout"],
            "stderr": first["stderr"] + plain["stderr"],
        }

    @cached_property
    def models(self) -> Mapping[str, str]:
        """What models are told, by `serve` and by the tools for frameworks."""
        with (self.folder / "serve.log").open("w") as log:
            told = asyncio.run(self._served(self.home, log, *_ASKED))
            told += asyncio.run(self._served(self.down, log, *_ASKED[:1]))
        log_text = (self.folder / "serve.log").read_text()
        return {"serve": told, "stderr": log_text, **self._handled()}

    async def _served(self, home: Home, log: TextIO, *asked: tuple[str, Mapping[str, str]]) -> str:
        heard: list[Any] = []

        async def progress(*told: Any) -> None:
            heard.append(told)

        async with mcp.Client(stdio_client(home.stdio(), errlog=log)) as client:
            for tool, arguments in asked:
                answer = await client.call_tool(tool, dict(arguments), progress_callback=progress)
                heard.append(answer.model_dump_json())
        return "\n".join(map(str, heard))

    @cached_property
    def others(self) -> Mapping[str, str]:
        """What the verbs say that only look."""
        config = ("--config", str(self.home.config))
        return self._verbs(("cache",), ("search", "die", *config), ("prompt", *config))

    @cached_property
    def disk(self) -> Mapping[str, str]:
        """All that is on the disk when everything was used, but for what was put there."""
        assert self.builds and self.runs and self.models and self.sessions
        given = {"filed", "echo.json", "down.json", "all.json", "wrong.json"}
        files = [path for path in _files(self.folder) if path.name not in given]
        names = "\n".join(str(path.relative_to(self.folder)) for path in files)
        return {"files": names + "\n".join(path.read_text(errors="replace") for path in files)}

    @cached_property
    def tokens(self) -> Mapping[str, str]:
        """Sessions with a login, whose token is repeated by the server when there is one."""
        with running() as servers, _logged() as records:
            auth = {"type": "client_credentials", "client_id": MACHINE}
            auth["client_secret"] = MACHINE_SECRET
            binding = {"url": servers.url, "auth": auth}
            tape = self.folder / "tokens.ndjson"
            asyncio.run(self._logged_in(servers, cassette(tape, binding=binding, mode="record")))
        told = "\n".join(map(logging.Formatter().format, records))
        self.token = next(iter(servers.issuer.access))
        return {"cassette": tape.read_text(), "log": told}

    async def _logged_in(self, servers: Running, binding: Any) -> None:
        session = LazySession("weather", binding)
        await session.connect()
        (token,) = servers.issuer.access
        for spelled in (token, token.upper(), b64encode(token.encode()).decode()):
            raw = await session.call("refuse", {"why": f"it was {spelled}"})
            logging.getLogger("mcp_sdkgen_runtime.session").error("failed: %s", raw.content)
        await session.aclose()

    def _handled(self) -> dict[str, str]:
        assert self.builds
        screen, shown = Screen(), StringIO()
        asked = {"program": PROGRAM}
        sdk = at(self.folder / "made" / "echo")
        with (
            Executor(sdks=[sdk], bindings={"echo": self.entries["echo"]}, sandboxes=1) as executor,
            Handler(executor) as handler,
            redirect_stderr(shown),
        ):
            screen.call("run", asked)
            reply = handler.handle("run", asked, on_event=screen.event)
            screen.reply(Step("call", reply.text, "run", asked, reply.outcome))
            told = f"{handler.instructions}\n{reply}"
        return {"frameworks": told, "chat": shown.getvalue()}

    def _verbs(self, *lines: tuple[str, ...]) -> dict[str, str]:
        done = [self.home.cli(*words) for words in lines]
        return {
            "stdout": "\n".join(one.stdout for one in done),
            "stderr": "\n".join(one.stderr for one in done),
        }


def leaks(text: str) -> list[str]:
    """The canaries in a text, in whatever form: this is what the product's own search finds."""
    found = [name for name, canary in CANARIES.items() if canary.lower() in text.lower()]
    spelled = [name for name, canary in CANARIES.items() if SecretSet([canary]).text(text) != text]
    return sorted({*found, *spelled})


@contextmanager
def _logged() -> Iterator[list[logging.LogRecord]]:
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = records.append  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield records
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
