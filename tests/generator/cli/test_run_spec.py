"""What a run was started with is read back from journals, those of earlier versions too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mcp_sdkgen.cli.program_input import InputFile
from mcp_sdkgen.cli.run_spec import RunSpec
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.executor.options import ExecutorOptions, check_known
from mcp_sdkgen_codemode.policy.policy import Policy

from tests.codemode.executor.weather import WEATHER
from tests.command_line import mcp_sdkgen


def test_a_journal_gives_back_what_a_run_was_told() -> None:
    files = (InputFile("/tmp/a", "b", "0" * 64),)
    spec = RunSpec(title="a.py", allow=["weather/*"], timeout_s=5.0, typecheck=False, inputs=files)
    assert _again(RunSpec.of_journal(spec.as_json())) == _again(spec)


def test_a_journal_of_before_is_read() -> None:
    facts = RunSpec(title="a.py").as_json()
    del facts["typecheck"]
    read = RunSpec.of_journal({**facts, "check": False})
    assert _again(read) == _again(RunSpec(title="a.py", typecheck=False))


def _again(spec: RunSpec) -> str:
    return json.dumps(spec.as_json())


def test_a_journal_of_a_later_version_is_refused_with_what_is_unknown() -> None:
    with pytest.raises(ConfigError, match="'region'"):
        RunSpec.of_journal({"title": "a.py", "region": "eu"})


def test_a_misspelt_option_is_no_option() -> None:
    with pytest.raises(TypeError, match="no option 'polcy'; there are sdks, bindings, policy"):
        Executor(sdks=[], polcy=None)  # type: ignore[call-arg]
    check_known({"policy": None}, ExecutorOptions)
    with Executor(sdks=[]) as executor, pytest.raises(TypeError, match="'check'; there are typech"):
        executor.run("1", check=False)  # type: ignore[call-arg]


@pytest.mark.parametrize("option", ["--deny", "--ask"])
def test_nothing_is_served_under_a_rule_that_protects_nothing(tmp_path: Path, option: str) -> None:
    config = tmp_path / "mcp.json"
    servers = {"io.github.acme/mail": {"command": "mail-server"}}
    config.write_text(json.dumps({"mcpServers": servers}))
    ended = mcp_sdkgen("serve", "--config", config, option, "io.github.acme/mial")
    assert ended.returncode == 2
    assert "no tool matches 'io.github.acme/mial'" in ended.stderr
    assert "servers are 'io.github.acme/mail'" in ended.stderr


def test_nothing_is_run_under_a_rule_that_protects_nothing() -> None:
    with pytest.raises(ValueError, match="no tool matches 'weather/reprot'"):
        Executor(sdks=[WEATHER], policy=Policy.of(deny=["weather/reprot"]))
    with (
        Executor(sdks=[WEATHER], policy=Policy.of(deny=["mail"]), absent=["mail"]) as executor,
        pytest.raises(ValueError, match="no tool matches 'weathr'"),
    ):
        executor.run("1", policy=Policy.of(deny=["weathr"]))
