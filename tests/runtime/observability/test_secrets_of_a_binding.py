"""What is secret of a binding leaves a session by no way but a tool's answer."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp_sdkgen_runtime import LazySession, SdkError
from mcp_sdkgen_runtime.cassettes.cassette import cassette
from mcp_sdkgen_runtime.config.auth import ClientCredentials
from mcp_sdkgen_runtime.config.secret_values import secret_values
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.observability.secret_set import SecretSet

SERVER = Path(__file__).parents[1] / "servers" / "echoes_secrets.py"
ID = "aa11bb22cc33dd44ee55"
DATABASE = "mysql:host=db;pw=hunter2hunter2"
FILED = "from-a-file-9f8e7d6c"
USER, QUERY, SEGMENT = "canaryuser", "canary query", "zapPATHSECRET9f8e7d6c5b4a"
URL = f"https://{USER}:canarypass@host.example/s/{SEGMENT}/x?k=canary%20query"
CANARIES = (ID, DATABASE, FILED, USER, "canarypass", QUERY, "canary%20query", SEGMENT)


class Seen:
    """What came out at each sink while one server was called in every way that fails."""

    def __init__(self, folder: Path) -> None:
        self.errors: list[SdkError] = []
        self.answers: list[str] = []
        self.tape = folder / "tape.ndjson"
        self.records: list[logging.LogRecord] = []


SINKS: dict[str, Callable[[Seen], str]] = {
    "messages of errors": lambda seen: "\n".join(map(str, seen.errors)),
    "attributes of errors": lambda seen: "\n".join(repr(vars(error)) for error in seen.errors),
    "tracebacks with their causes": lambda seen: "\n".join(
        "".join(traceback.format_exception(error)) for error in seen.errors
    ),
    "answers that report a failure": lambda seen: "\n".join(seen.answers),
    "cassettes": lambda seen: seen.tape.read_text(),
    "log records": lambda seen: "\n".join(map(logging.Formatter().format, seen.records)),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "filed").write_text(FILED)
    found = Seen(folder)
    environment = {"ACME_ID": ID, "DATABASE": DATABASE, "FILED": (folder / "filed").as_uri()}
    target = StdioTarget(sys.executable, (str(SERVER), URL), environment)
    handler = logging.Handler(logging.DEBUG)
    handler.emit = found.records.append  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        asyncio.run(_drive(found, target))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return found


async def _drive(found: Seen, target: StdioTarget) -> None:
    session = LazySession("echo", cassette(found.tape, binding=target, mode="record"))
    for tool in ("answer", "fail", "refuse", "die"):
        try:
            raw = await session.call(tool, {})
        except SdkError as error:
            found.errors.append(error)
            logging.getLogger("mcp_sdkgen_runtime.observability.telemetry").warning(
                "a call failed", exc_info=error
            )
        else:
            if raw.is_error:
                found.answers.append(json.dumps(raw.content))
    await session.aclose()


@pytest.mark.parametrize("sink", SINKS)
def test_no_secret_of_a_binding_comes_out_at_a_sink(seen: Seen, sink: str) -> None:
    text = SINKS[sink](seen)
    assert "[redacted]" in text
    assert [canary for canary in CANARIES if canary in text] == []


def test_every_way_to_fail_was_taken(seen: Seen) -> None:
    assert [type(error).__name__ for error in seen.errors] == ["SessionError", "SessionError"]
    assert "stderr" in str(seen.errors[1])
    assert len(seen.answers) == 1


def test_all_parts_of_a_url_and_of_headers_are_secret() -> None:
    login = ClientCredentials("id", "client-secret-1")
    headers = {"X-Tenant": "tenant-4711", "Authorization": "Basic dXNlcjpwYXNzd29yZDE="}
    words = SecretSet(secret_values(HttpTarget(URL, headers, auth=login)))
    secrets = [*CANARIES[3:], "client-secret-1", "tenant-4711", "password1"]
    assert [one for one in secrets if one in words.text(f"it said {one!r}")] == []


def test_a_token_that_comes_later_is_secret_from_then_on() -> None:
    words = SecretSet()
    assert words.text("token-123456") == "token-123456"
    words.add("token-123456", None)
    assert words.text("token-123456") == "[redacted]"
