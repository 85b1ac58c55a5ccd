"""What one principal has, another cannot list, read, answer, resume or use up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import mcp
import pytest
from mcp_types import ElicitRequestParams, ElicitResult, InputRequiredResult

from tests.codemode.serve.driving import (
    ERAS,
    REPORT,
    Bearer,
    Home,
    Person,
    authorized,
    call,
    data,
    over_http,
    text,
    usual,
    with_client,
)
from tests.codemode.serve.raw import Raw
from tests.patience import HANG_S

NAMES = ("alice", "bob", *(f"other-{number}" for number in range(14)))
"""As many as there can be: the shares are the smallest."""


@dataclass(frozen=True)
class Two:
    """One server, as two principals reach it."""

    alice: Bearer
    bob: Bearer


def tokens(folder: Path, names: tuple[str, ...]) -> Path:
    path = folder / "tokens.csv"
    path.write_text("".join(f"the-token-of-{name},{name}\n" for name in names))
    path.chmod(0o600)
    return path


def two(url: str) -> Two:
    return Two(Bearer(url, "the-token-of-alice"), Bearer(url, "the-token-of-bob"))


@pytest.fixture(scope="module")
def both(place: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    path = tokens(tmp_path_factory.mktemp("tokens"), NAMES)
    options = ("--suspend", "--ask", "weather/get_forecast", "--token-file", str(path))
    with over_http(place, *options) as (url, _):
        yield two(url)


@pytest.mark.parametrize("era", ERAS)
def test_nobody_goes_on_in_the_session_of_another(both: Two, era: str) -> None:
    session = data(call(both.alice, "run", era=era, program="x = 42", session="new"))["session"]
    stolen = call(both.bob, "run", era=era, program="x", session=session)
    assert f"there is no session '{session}'" in text(stolen)
    assert data(call(both.alice, "run", era=era, program="x", session=session))["value"] == 42


def test_another_session_ends_one_of_the_same_principal(both: Two) -> None:
    bobs = data(call(both.bob, "run", program="x = 42", session="new"))["session"]
    first, last = (
        data(call(both.alice, "run", program="x = 1", session="new"))["session"] for _ in range(2)
    )
    assert "there is no session" in text(call(both.alice, "run", program="x", session=first))
    assert data(call(both.alice, "run", program="x", session=last))["value"] == 1
    assert data(call(both.bob, "run", program="x", session=bobs))["value"] == 42


@pytest.mark.parametrize("era", ERAS)
def test_nobody_reads_the_outputs_of_another(both: Two, era: str) -> None:
    ran = data(call(both.alice, "run", era=era, program="print('secret ' * 5000)"))
    output = ran["cut"][0]["output"]
    assert "secret" in text(call(both.alice, "read_output", era=era, output=output))
    assert "there is no such output" in text(call(both.bob, "read_output", era=era, output=output))
    read = partial(readable, uri=f"code-mode://outputs/{output}")
    assert with_client(both.alice, read, era)
    assert not with_client(both.bob, read, era)


async def readable(connected: mcp.Client, uri: str) -> bool:
    try:
        await connected.read_resource(uri)
    except mcp.MCPError as error:
        assert "there is no such" in str(error) or "Unknown resource" in str(error), error
        return False
    return True


@pytest.mark.parametrize("era", ERAS)
def test_nobody_reads_the_question_of_another(both: Two, era: str) -> None:
    found = {}

    async def look(context: Any, params: ElicitRequestParams) -> ElicitResult:
        uri = params.message.rpartition(" ")[2]
        for name, who in (("alice", both.alice), ("bob", both.bob)):
            async with mcp.Client(authorized(who.url, who.token)) as connected:
                found[name] = await readable(connected, uri)
        return ElicitResult(action="decline")

    program = "from weather_sdk import weather\nweather.get_forecast(city='Oslo' * 4000)"
    ran = call(both.alice, "run", era=era, person=look, program=program)
    assert found == {"alice": True, "bob": False}, text(ran)


@pytest.mark.parametrize("era", ERAS)
def test_nobody_resumes_the_run_of_another(both: Two, place: Home, era: str) -> None:
    suspended = data(call(both.alice, "run", era=era, program=REPORT))["run"]
    assert f'{suspended}: waits for weather/report_observation (for http ["alice"])' in (
        place.cli("approve").stdout
    )
    assert place.cli("approve", suspended, "--yes").returncode == 0
    for other in (both.bob, place.stdio("--suspend")):
        assert "there is no suspended run" in text(call(other, "resume", era=era, run=suspended))
    resumed = data(call(both.alice, "resume", era=era, run=suspended))
    assert resumed["status"] == "finished"


def test_whoever_serves_may_delete_the_suspended_runs_of_all(both: Two, place: Home) -> None:
    runs = [data(call(who, "run", program=REPORT))["run"] for who in (both.alice, both.bob)]
    assert place.cli("cache", "--clear", "suspended").returncode == 0
    for run, who in zip(runs, (both.alice, both.bob), strict=True):
        assert "there is no suspended run" in text(call(who, "resume", run=run))


def test_the_share_of_one_principal_is_not_anothers(both: Two) -> None:
    with httpx2.Client(timeout=HANG_S) as http, ExitStack() as connections:
        for expected in ("elicitation/create", "whoever has its token"):
            raw = Raw(both.alice.url, http, both.alice.token)
            raw.begin()  # another client of hers
            assert expected in str(raw.run(REPORT, connections))
        assert data(call(both.bob, "run", program="6 * 7"))["value"] == 42


def test_sessions_of_the_protocol_belong_to_whoever_opened_them(both: Two) -> None:
    with httpx2.Client(timeout=HANG_S) as http:
        bobs = Raw(both.bob.url, http, both.bob.token)
        bobs.begin()
        hers = [Raw(both.alice.url, http, both.alice.token) for _ in range(17)]
        for raw in hers:
            raw.begin()
        # One more than her share: the oldest of hers is closed, and nobody else's.
        assert [raw.ping() for raw in (hers[0], hers[1], hers[-1], bobs)] == [404, 200, 200, 200]
        thief = Raw(both.bob.url, http, both.bob.token, hers[1].session)
        assert thief.ping() == 404
        assert http.delete(both.bob.url, headers=thief.headers).status_code == 404
        assert hers[1].ping() == 200


def test_nobody_answers_the_question_of_another(both: Two) -> None:
    """Up to 2025-11-25: by an answer with its id, in the own session and in the other's."""
    answer = {"action": "accept", "content": {"answer": "once"}}
    with httpx2.Client(timeout=HANG_S) as http, ExitStack() as connections:
        alice = Raw(both.alice.url, http, both.alice.token)
        alice.begin()
        question = alice.run(REPORT, connections)
        own = Raw(both.bob.url, http, both.bob.token)
        own.begin()
        thief = Raw(both.bob.url, http, both.bob.token, alice.session)
        reply = {"jsonrpc": "2.0", "id": question["id"], "result": answer}
        own.post(reply)
        assert thief.post(reply).status_code == 404
        # It is open still: her own answer, which is another, is the one that counts.
        alice.post(reply | {"result": {"action": "decline"}})
        assert "CallRefused" in str(alice.next_message())


def test_nobody_brings_the_answer_to_the_question_of_another(both: Two) -> None:
    """From 2026-07-28 on: by a retry with the state that her client got."""
    bobs, hers = with_client(both.alice, partial(retried, by=both), person=Person([]))
    assert "Invalid or expired requestState" in bobs
    assert "Recorded 3" in hers


async def retried(connected: mcp.Client, by: Two) -> list[str]:
    arguments = {"program": REPORT}
    asked = await connected.session.call_tool("run", arguments, allow_input_required=True)
    assert isinstance(asked, InputRequiredResult), asked
    answers: dict[str, Any] = {
        "approval": ElicitResult(action="accept", content={"answer": "once"})
    }
    found = []
    for who in (by.bob, by.alice):
        async with mcp.Client(authorized(who.url, who.token)) as other:
            try:
                result = await other.session.call_tool(
                    "run", arguments, input_responses=answers, request_state=asked.request_state
                )
            except mcp.MCPError as error:
                found.append(str(error))
            else:
                found.append(str(result))
    return found


def test_what_is_approved_for_ever_is_approved_for_its_principal(tmp_path: Path) -> None:
    home = usual(tmp_path)
    path = tokens(tmp_path, ("alice", "bob"))
    with over_http(home, "--allow-always", "--token-file", str(path)) as (url, _):
        both = two(url)
        said = call(both.alice, "run", person=Person(["always"]), program=REPORT)
        assert data(said)["status"] == "finished"
        assert data(call(both.alice, "run", program=REPORT))["status"] == "finished"
        assert data(call(both.bob, "run", program=REPORT))["calls"][0]["status"] == "refused"
    assert data(call(home.stdio(), "run", program=REPORT))["calls"][0]["status"] == "refused"
