"""What the command line says of itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from mcp_sdkgen.cli.app import GROUPS, VERBS

from tests.command_line import mcp_sdkgen
from tests.patience import HANG_S


def test_the_commands_stand_in_groups() -> None:
    told = mcp_sdkgen("-h").stdout
    places = [told.index(f"\n{group}:\n") for group in GROUPS]
    assert places == sorted(places)
    assert all(f"\n  {verb} " in told for verb in VERBS)


def test_the_version_and_the_help_have_short_options() -> None:
    assert mcp_sdkgen("-V").stdout == f"{version('mcp-sdkgen')}\n"
    assert mcp_sdkgen("trust", "-h").stdout == mcp_sdkgen("trust", "--help").stdout != ""


@pytest.mark.parametrize("verb", VERBS)
def test_values_are_called_by_what_they_mean_and_every_command_can_be_quiet(verb: str) -> None:
    told = mcp_sdkgen(verb, "--help").stdout
    assert "-q, --quiet" in told
    for kind in ("<str>", "<path>", "<float", "<int", "<list", " TEXT", " FLOAT", " INTEGER"):
        assert kind not in told


def test_quiet_leaves_out_all_but_results_and_errors(tmp_path: Path) -> None:
    program = tmp_path / "a.py"
    program.write_text("1\n")
    assert mcp_sdkgen("check", program).stderr != ""
    assert mcp_sdkgen("check", "-q", program).stderr == ""
    assert "error: " in mcp_sdkgen("check", "-q", tmp_path / "none.py").stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "run make_doc filename=m.docx --allow word/* headings=A",
            "run make_doc --allow 'word/*' -- filename=m.docx headings=A",
        ),
        ("run report.py --year 2026", "run report.py -- --year 2026"),
        (
            "call word get_text --filename a.docx --json --deep",
            "call word get_text filename=a.docx deep=true --json",
        ),
        ("call word get_text --filename=a.docx", "call word get_text filename=a.docx"),
        ("call word", "tools word"),
        ("call word.get_text --filename a.docx", "call word.get_text filename=a.docx"),
        ("add time --env A=b uvx -y x", "add time --env A=b -- uvx -y x"),
    ],
)
def test_a_command_line_that_is_not_understood_is_told_as_it_is_meant(
    typed: str, meant: str
) -> None:
    done = mcp_sdkgen(*typed.split())
    assert done.returncode == 2
    hints = [line for line in done.stderr.splitlines() if line.startswith("  hint: ")]
    assert [line.endswith(f": mcp-sdkgen {meant}") for line in hints] == [True]


@pytest.mark.parametrize(
    "typed", ["run report.py --timeout soon", "call word get_text --timeout soon", "run p --alow x"]
)
def test_no_hint_stands_below_an_error_that_says_enough(typed: str) -> None:
    assert "hint: " not in mcp_sdkgen(*typed.split()).stderr


def test_a_hint_at_a_command_line_repeats_no_password() -> None:
    assert (
        "hunter22"
        not in mcp_sdkgen("call", "a", "b", "--password=hunter22").stderr.partition("hint")[2]
    )


def test_install_without_a_host_lists_the_hosts() -> None:
    assert "claude-desktop, claude-code, cursor" in mcp_sdkgen("install").stderr


def test_a_misspelt_configuration_names_the_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"a": {"command": "true"}}}')
    for word in ("mcp.jsn", "mpc.json"):
        refused = mcp_sdkgen("build", word, cwd=tmp_path)
        assert (refused.returncode, "did you mean 'mcp.json'?" in refused.stderr) == (2, True), word


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_for_a_shell(shell: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mcp_sdkgen", "completion", shell]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode == 0, done.stderr
    first, *changed = done.stdout.splitlines()
    assert "_MCP_SDKGEN_COMPLETE" in Path(first.removeprefix("installed: ")).read_text()
    rc = {"bash": [".bashrc"], "zsh": [".zshrc"], "fish": []}[shell]
    assert changed == [f"changed: {tmp_path / name}, which reads it" for name in rc]
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANG_S)
    assert again.stdout.splitlines() == [first], "nothing changed"
    shown = subprocess.run(
        [*command, "--show"], env=environment, capture_output=True, text=True, timeout=HANG_S
    )
    assert "_MCP_SDKGEN_COMPLETE" in shown.stdout


def test_bash_completes_a_command_by_the_script_that_was_installed(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    assert mcp_sdkgen("completion", "bash", "--show").returncode == 0
    ask = (
        'eval "$(mcp-sdkgen completion bash --show)"\n'
        "COMP_WORDS=(mcp-sdkgen ru); COMP_CWORD=1\n"
        "_mcp_sdkgen_completion mcp-sdkgen ru mcp-sdkgen\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "-c", ask], env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=HANG_S,
    )  # fmt: skip
    assert done.stdout.split() == ["run"], done.stderr
