"""`mcp-sdkgen resume` of a journal that somebody else wrote, or wrote in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.cli.program_input import InputFile
from mcp_sdkgen.cli.run_spec import HARMLESS, RunSpec, told_of
from mcp_sdkgen.errors import ConfigError

from tests.codemode.executor.weather import BINDINGS
from tests.generator.cli.running import READS, WRITES, done

ALL = RunSpec(
    title="theirs.py", config="/theirs/mcp.json", sdk=["weather"], allow=["*"], ask=["a"],
    deny=["b"], timeout_s=3600.0, packages=["numpy"], engine="podman", typecheck=False,
    argv=["word"], inputs=[InputFile("/etc/shadow", "secrets", "0" * 64)],
)  # fmt: skip
"""A run with each fact that there is."""


def written(path: Path, program: str, facts: Mapping[str, Any]) -> Path:
    """A journal that nobody sealed."""
    head = {"journal": 3, "program": program, "facts": facts, "run": "00"}
    path.write_text(json.dumps(head) + "\n")
    return path


@pytest.mark.parametrize("approved", [False, True])
def test_a_journal_from_elsewhere_is_shown_and_grants_nothing(
    environment: dict[str, str], tmp_path: Path, approved: bool
) -> None:
    call_line = "weather.report_observation(station='72254', celsius=1.5)"
    program = f"from weather_sdk import weather\n{call_line}\n"
    head = {"journal": 1, "program": program, "facts": {"allow": ["*"], "check": False}}
    call = {"number": 1, "server": "weather", "tool": "report_observation"}
    call["arguments"] = {"station": "72254", "celsius": 1.5}
    records = [{"at": "asked", **call}, {"at": "approved", **call}] if approved else []
    journal = tmp_path / "downloaded.jsonl"
    journal.write_text("".join(json.dumps(record) + "\n" for record in [head, *records]))
    code, _, err = done(environment, "resume", str(journal))
    assert code == 2
    assert "another user began this run" in err
    assert "| weather.report_observation" in err
    assert "The options in the record are not used. Pass those that you want" in err
    assert 'allow: ["*"]' in err
    assert "check: false" in err
    code, _, err = done(environment, "resume", "--accept", str(journal))
    assert code == 5, err
    assert "waits for approval of weather/report_observation" in err


@pytest.mark.parametrize(
    "change",
    [
        "answer",
        pytest.param("order", marks=pytest.mark.slow),
        pytest.param("left out", marks=pytest.mark.slow),
        "mode",
    ],
)
def test_a_journal_that_was_changed_from_elsewhere_answers_and_grants_nothing_unseen(
    environment: dict[str, str], tmp_path: Path, change: str
) -> None:
    program, journal = tmp_path / "program.py", tmp_path / "run.journal"
    program.write_text(WRITES)
    assert done(environment, "run", str(program), "--journal", str(journal))[0] == 5
    assert done(environment, "approve", str(journal), "--yes")[0] == 0
    records = journal.read_bytes().splitlines(keepends=True)
    if change == "answer":
        records = [record.replace(b"snowy", b"sunny") for record in records]
    elif change == "order":
        records.insert(2, records.pop())
    elif change == "left out":
        del records[1]
    else:
        journal.chmod(0o666)
    journal.write_bytes(b"".join(records))
    code, out, err = done(environment, "resume", str(journal))
    assert (code, out) == (2, "")
    if change == "mode":
        assert f"others can write to it; chmod go-w {journal}" in err
        return
    assert "somebody else has changed its record" in err
    assert "1 answer in it may be forged" in err
    code, _, err = done(environment, "resume", "--accept", str(journal))
    assert "may be forged" in err
    code, _, err = done(environment, "approve", str(journal), "--yes")
    assert (code, "somebody else has changed" in err) == (2, True)


def test_of_a_run_of_somebody_else_nothing_that_gives_authority_is_carried_over() -> None:
    for each in fields(RunSpec):
        assert getattr(ALL, each.name) != getattr(RunSpec(), each.name), f"no example: {each.name}"
    carried = ALL.without_authority()
    for each in fields(RunSpec):
        source = ALL if each.name in HARMLESS else RunSpec()
        assert getattr(carried, each.name) == getattr(source, each.name)


def test_of_a_run_of_somebody_else_every_fact_is_shown() -> None:
    facts = json.loads(json.dumps(ALL.as_json()))
    told = dict(told_of(facts))
    assert set(told) == {each.name for each in fields(RunSpec)}
    assert json.loads(told["inputs"]) == facts["inputs"]
    assert dict(told_of({"typecheck": True, "principal": "http alice"})) == {
        "principal": '"http alice"'
    }


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("config", ["a.toml"]), ("allow", "weather"), ("allow", [1]), ("typecheck", "no"),
        ("timeout_s", "5"), ("engine", None), ("argv", {"a": 1}), ("inputs", [{"path": "/a"}]),
        ("inputs", [{"path": "/a", "name": "b", "digest": "0", "mode": 1}]),
    ],
)  # fmt: skip
def test_a_fact_of_another_type_is_an_error_that_names_it(fact: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"the journal has a wrong option: {fact}"):
        RunSpec.of_journal({fact: value})


def test_what_a_journal_from_elsewhere_was_started_with_starts_and_hands_over_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    started, secret = tmp_path / "started", tmp_path / "secret"
    secret.write_text("mine")
    config = tmp_path / "theirs.toml"
    script = f"touch {started}; exec {shlex.join(BINDINGS['weather'])}"
    config.write_text(
        f'[policy]\nallow = ["*"]\n[servers.weather]\ncommand = "sh"\n'
        f"args = ['-c', '{script}']\n"
    )
    shared = {"path": str(secret), "name": "secret", "digest": sha256(b"mine").hexdigest()}
    program = f"import os\nprint(os.path.exists('secret'))\n{WRITES}"
    facts = {"config": str(config), "inputs": [shared], "typecheck": False}
    journal = written(tmp_path / "journal", program, facts)
    code, out, err = done(environment, "resume", "--accept", str(journal))
    assert (code, out) == (5, "False\nsnowy\n"), err
    assert not started.exists()
    for name, value in facts.items():
        assert f"{name}: {json.dumps(value)}" in err
    typed = ["--config", str(config), "--in", str(secret)]
    written(journal, program, facts)
    code, out, err = done(environment, "resume", "--accept", *typed, str(journal))
    assert (code, out) == (0, "True\nsnowy\nreported\n"), err
    assert started.exists()


def test_a_run_of_ones_own_goes_on_with_what_is_typed_besides(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program, journal = tmp_path / "program.py", tmp_path / "journal"
    program.write_text(READS + "weather.report_observation(station='72254', celsius=1)\n")
    assert done(environment, "run", str(program), "--journal", str(journal))[0] == 5
    code, _, err = done(environment, "resume", "--deny", "weather", str(journal))
    assert (code, "the rule `deny weather` refuses it" in err) == (1, True), err
