"""Asking the client's user: once, for the run, for ever, no, later; and runs that wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemode.serve.driving import (
    ERAS,
    REPORT,
    Home,
    Person,
    call,
    data,
    over_http,
    text,
    usual,
)

TWICE = REPORT + REPORT.replace("01492", "06260")


@pytest.mark.parametrize("era", ERAS)
def test_a_person_is_asked_once_for_each_call(url: str, era: str) -> None:
    person = Person(["once", "once"])
    ran = data(call(url, "run", era=era, person=person, program=TWICE))
    assert ran["status"] == "finished", ran
    assert [call["status"] for call in ran["calls"]] == ["ok", "ok"]
    assert len(person.asked) == 2
    assert person.asked[1] == (
        'A program wants to call a tool.\n\n```text\nServer: "weather"\n'
        'Tool: "report_observation"\nWhy: it writes\n'
        '  station: "06260"\n  celsius: 3\n```'
    )


@pytest.mark.parametrize("era", ERAS)
def test_an_answer_for_the_run_is_given_once(url: str, era: str) -> None:
    person = Person(["run"])
    assert data(call(url, "run", era=era, person=person, program=TWICE))["status"] == "finished"
    assert len(person.asked) == 1


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("answer", ["no", "decline", "everything"])
def test_whatever_is_no_clear_yes_is_a_no(url: str, era: str, answer: str) -> None:
    if (era, answer) == ("legacy", "everything"):
        pytest.skip("the SDK refuses such an answer before we see it")
    ran = call(url, "run", era=era, person=Person([answer]), program=REPORT)
    assert (data(ran)["status"], ran.is_error) == ("failed", True)
    assert data(ran)["error"]["type"] == "CallRefused"
    assert data(ran)["calls"][0]["status"] == "refused"


def test_always_holds_for_later_programs_and_processes(tmp_path: Path) -> None:
    home = usual(tmp_path)
    with over_http(home, "--allow-always") as (url, _):
        person = Person(["always"])
        assert data(call(url, "run", person=person, program=REPORT))["status"] == "finished"
        assert data(call(url, "run", program=REPORT))["status"] == "finished"
    with over_http(home) as (url, _):
        assert data(call(url, "run", program=REPORT))["status"] == "finished"


@pytest.mark.parametrize("era", ERAS)
def test_nobody_says_always_over_http_unless_the_host_allows_it(url: str, era: str) -> None:
    person = Person(["once"])
    assert data(call(url, "run", era=era, person=person, program=REPORT))["status"] == "finished"
    assert person.offered == [["once", "run", "no", "later"]]
    forced = call(url, "run", era=era, person=Person(["always"]), program=REPORT)
    # The SDK's client of 2025 refuses the answer by itself.
    assert forced.is_error
    assert call(url, "run", era=era, program=REPORT).structured_content["status"] == "suspended"


@pytest.mark.parametrize("era", ERAS)
def test_who_starts_the_server_may_say_always(place: Home, era: str) -> None:
    person = Person(["no"])
    call(place.stdio(), "run", era=era, person=person, program=REPORT)
    assert person.offered == [["once", "run", "always", "no"]]


def test_without_anybody_to_ask_the_refusal_says_how_to_allow(place: Home) -> None:
    ran = call(place.stdio(), "run", program=REPORT)
    assert data(ran)["status"] == "failed"
    assert "--allow weather/report_observation" in text(ran)


def test_options_of_the_command_line_are_the_policy(place: Home) -> None:
    target = place.stdio("--allow", "weather/report_*", "--deny", "weather/get_forecast")
    assert data(call(target, "run", program=REPORT))["status"] == "finished"
    asked = "from weather_sdk import weather\nweather.get_forecast(city='Oslo')"
    assert data(call(target, "run", program=asked))["calls"][0]["status"] == "refused"


@pytest.mark.parametrize("era", ERAS)
def test_a_run_that_nobody_can_approve_is_suspended_approved_and_resumed(
    url: str, place: Home, era: str
) -> None:
    suspended = call(url, "run", era=era, program="print('before')\n" + REPORT)
    run = data(suspended)["run"]
    assert (data(suspended)["status"], suspended.is_error) == ("suspended", False)
    assert f"mcp-sdkgen approve {run}" in text(suspended)
    still = data(call(url, "resume", era=era, run=run))
    assert still["status"] == "suspended"
    assert f"{run}: waits for weather/report_observation" in place.cli("approve").stdout
    done = place.cli("approve", run, "--yes")
    assert done.stdout == "approved: weather/report_observation\n", done.stderr
    resumed = data(call(url, "resume", era=era, run=run))
    assert resumed["status"] == "finished"
    assert "Recorded 3 °C" in resumed["stdout"]
    assert "may be over" in text(call(url, "resume", era=era, run=run))


@pytest.mark.parametrize("era", ERAS)
def test_a_suspended_run_asks_whoever_resumes_it(url: str, era: str) -> None:
    run = data(call(url, "run", era=era, person=Person(["later"]), program=REPORT))["run"]
    resumed = data(call(url, "resume", era=era, person=Person(["once"]), run=run))
    assert (resumed["status"], resumed["calls"][0]["status"]) == ("finished", "ok")


def test_a_refusal_in_the_terminal_is_the_answer(url: str, place: Home) -> None:
    run = data(call(url, "run", program=REPORT))["run"]
    assert place.cli("approve", run, "--no").stdout == "refused: weather/report_observation\n"
    assert data(call(url, "resume", run=run))["error"]["type"] == "CallRefused"


def test_an_approval_is_for_the_very_call_and_not_for_the_next(url: str, place: Home) -> None:
    run = data(call(url, "run", program=TWICE))["run"]
    place.cli("approve", run, "--yes")
    again = data(call(url, "resume", run=run))
    assert again["status"] == "suspended"
    assert "06260" in place.cli("approve", run).stderr
    place.cli("approve", run, "--yes")
    assert data(call(url, "resume", run=run))["status"] == "finished"


def test_a_suspended_run_in_whose_record_somebody_wrote_is_not_resumed(
    url: str, place: Home
) -> None:
    run = data(call(url, "run", program=REPORT))["run"]
    [journal] = place.folder.rglob(f"{run}.jsonl")
    written = journal.read_bytes()
    journal.write_bytes(written.replace(b'"celsius":3', b'"celsius":4'))
    refused = call(url, "resume", run=run)
    assert refused.is_error
    assert "somebody changed the record" in text(refused)
    journal.write_bytes(written)
    assert data(call(url, "resume", person=Person(["once"]), run=run))["status"] == "finished"


@pytest.mark.parametrize("run", ["run-0123456789abcdef", "../../etc/passwd", ""])
def test_only_suspended_runs_can_be_resumed(url: str, run: str) -> None:
    assert "there is no suspended run" in text(call(url, "resume", run=run))
