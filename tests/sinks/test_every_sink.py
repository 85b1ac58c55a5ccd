"""No canary of a binding comes out anywhere: at each way out of the product, which is known."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.runtime.servers.login_server import MACHINE_SECRET
from tests.sinks.places import places, places_in
from tests.sinks.stage import CANARIES, Stage, leaks
from tests.sinks.table import SINKS


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with TemporaryDirectory() as folder:
        yield Stage(Path(folder))


def test_every_place_where_something_goes_out_belongs_to_one_sink() -> None:
    belongs = {place: [sink.name for sink in SINKS if sink.takes(place)] for place in places()}
    wrong = [
        f"{place}: {names or 'no sink'}" for place, names in belongs.items() if len(names) != 1
    ]
    assert not wrong, "write it into tests/sinks/table.py, with what drives it"


def test_every_sink_has_places_and_a_driver_or_a_reason() -> None:
    found = places()
    for sink in SINKS:
        assert any(map(sink.takes, found)), f"{sink.name}: nothing goes out there"
        assert bool(sink.driver) != bool(sink.by_nature), sink.name


@pytest.mark.parametrize(
    "code",
    [
        "print(x)", "sys.stderr.write(x)", "path.write_text(x)", "open(p, 'w')", "p.open('ab')",
        "_log.error(x)", "logging.getLogger(n).warning(x)", "span.set_attribute('a', x)",
        "span.record_exception(x)", "raise ValueError(x)", "os.write(1, x)", "json.dump(x, f)",
        "shutil.copy(a, b)", "channel.reply(1, 'error', x)", "TextContent(type='text', text=x)",
        "from .files import append\nappend(p, x)", "console.print(x)", "sock.sendall(x)",
    ],
)  # fmt: skip
def test_a_new_sink_without_an_entry_is_found(code: str) -> None:
    for where in ("codemode/new/module.py", "generator/new.py"):
        found = places_in(code, where)
        assert found, "it is no way out to the walker"
        assert not [sink for sink in SINKS for place in found if sink.takes(place)]


def test_nothing_of_a_binding_comes_out_at_a_sink(stage: Stage, subtests: pytest.Subtests) -> None:
    """One test, since what drives the sinks takes seconds and is there for all of them."""
    for driver in dict.fromkeys(sink.driver.partition(".")[0] for sink in SINKS if sink.driver):
        with subtests.test(driver):
            told = getattr(stage, driver)
            undriven = [
                sink.name
                for sink in SINKS
                if sink.driver.startswith(f"{driver}.")
                and sink.seen not in told[sink.driver.partition(".")[2]]
            ]
            assert undriven == [], "what should drive them does not go through them"
            assert {channel: leaks(text) for channel, text in told.items() if leaks(text)} == {}
    with subtests.test("what is for the host alone reaches no model"):
        to_models = "".join(stage.models[channel] for channel in ("serve", "frameworks"))
        to_host = stage.models["stderr"] + stage.runs["json"] + stage.builds["stderr"]
        assert "the tool may have run" in to_models
        for hidden in ("words on stderr", "the backend refused", "127.0.0.1"):
            assert hidden not in to_models
            assert hidden in to_host
        assert str(stage.folder) not in to_models


def test_a_token_that_comes_later_is_secret_from_then_on(stage: Stage) -> None:
    for text in stage.tokens.values():
        assert text.count("[redacted]") >= 3
        assert stage.token.lower() not in text.lower()
        assert MACHINE_SECRET not in text


def test_the_loggers_of_libraries_that_send_requests_have_the_filter(stage: Stage) -> None:
    assert stage.sessions
    sending = re.compile(r"(client|httpx2|httpcore2|mcp\.client|mcp\.shared)(\.|$)")
    loggers = {
        name: found
        for name, found in list(logging.root.manager.loggerDict.items())
        if sending.match(name) and isinstance(found, logging.Logger)
    }
    assert {"httpx2", "httpcore2.http11", "mcp.client.streamable_http"} <= loggers.keys()
    assert [name for name, found in loggers.items() if not found.filters] == []


def test_the_search_for_canaries_finds_each_kind() -> None:
    for name, canary in CANARIES.items():
        assert name in leaks(f"it was {canary}, and more")
        assert name in leaks(f"IT WAS {canary.upper()}")
