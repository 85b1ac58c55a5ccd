"""`save --project` and what others who have the project can do with its programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mcp
import pytest
from mcp.client.stdio import StdioServerParameters

from tests.codemode.executor.weather import BINDINGS
from tests.codemode.serve.driving import with_client
from tests.patience import HANG_S
from tests.warm import COMMAND

SOURCE = '''\
from weather_sdk import weather

def main(*, city: str, days: int = 1) -> list[str]:
    """The conditions of some days in a city."""
    return [weather.get_weather(location=city).condition] * days
'''
RUN = ("run", "conditions", "--", "city=Oslo", "days=2")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a configuration, and a folder in it where work is done."""
    folder = tmp_path / "project"
    (folder / "work").mkdir(parents=True)
    command, *args = BINDINGS["weather"]
    servers = {"weather": {"command": command, "args": args}}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    (folder / "conditions.py").write_text(SOURCE)
    return folder


def done(
    environment: dict[str, str], folder: Path, *words: str | Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        env=environment | {"COLUMNS": "300"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        start_new_session=True,
    )


def served(environment: dict[str, str], folder: Path) -> set[str]:
    """The names of the tools that `serve --programs-as-tools` has there."""
    args = ["-P", "-m", "mcp_sdkgen", "serve", "--programs-as-tools"]
    target = StdioServerParameters(command=sys.executable, args=args, env=environment, cwd=folder)

    async def names(connected: mcp.Client) -> set[str]:
        return {tool.name for tool in (await connected.list_tools()).tools}

    return with_client(target, names)


@pytest.mark.slow
def test_a_program_that_came_with_a_project_runs_and_is_served_once_it_is_trusted(
    environment: dict[str, str], project: Path, tmp_path: Path
) -> None:
    saved = done(environment, project, "save", "--project", "conditions", "conditions.py")
    assert saved.returncode == 0, saved.stderr
    assert "saved in .mcp-sdkgen/programs;" in saved.stderr
    folder = project / ".mcp-sdkgen" / "programs"
    assert {path.name for path in folder.iterdir()} == {"conditions.py", "conditions.json"}

    ran = done(environment, project / "work", *RUN)
    assert ran.returncode == 0, ran.stderr
    assert len(json.loads(ran.stdout.replace("'", '"'))) == 2
    listed = done(environment, project / "work", "programs")
    assert "the project's, in " in listed.stdout
    assert "conditions" in served(environment, project / "work")

    other = environment | {"XDG_DATA_HOME": str(tmp_path / "other")}
    for words in (RUN, ("run", "programs.conditions", "--", "city=Oslo")):
        refused = done(other, project, *words)
        assert refused.returncode == 2, refused.stdout
        assert "neither saved it nor trusted it as it is now" in refused.stderr
        assert "read .mcp-sdkgen/programs/conditions.py; then: mcp-sdkgen trust" in refused.stderr
    listed = done(other, project, "programs", "--json")
    assert listed.returncode == 1
    left = json.loads(listed.stdout)["left_out"]
    assert [(each["name"], each["folder"]) for each in left] == [("conditions", str(folder))]
    told = done(other, project, "programs").stderr
    assert "mcp-sdkgen trust .mcp-sdkgen/programs" in told
    assert "`mcp-sdkgen programs`" not in told
    assert "conditions" not in served(other, project)

    trusted = done(other, project, "trust", folder / "conditions.py")
    assert trusted.returncode == 0, trusted.stderr
    assert "conditions.main(*, city: str" in trusted.stdout
    assert done(other, project, *RUN).returncode == 0
    assert "conditions" in served(other, project)

    # What somebody changed since, with its digest, is another program.
    changed = done(environment, project, "save", "--project", "--replace", "conditions", "-")
    assert changed.returncode != 0  # nothing is no program, and the one before stays
    (project / "conditions.py").write_text(SOURCE + "# changed\n")
    words = ("save", "--project", "--replace", "conditions", "conditions.py")
    assert done(environment, project, *words).returncode == 0
    assert done(other, project, *RUN).returncode == 2
    assert done(other, project, "trust", folder).returncode == 0
    assert done(other, project, *RUN).returncode == 0
    assert done(other, project, "trust", "--forget", folder).returncode == 0
    assert done(other, project, *RUN).returncode == 2


@pytest.mark.slow
def test_a_name_that_means_two_things_is_never_guessed(
    environment: dict[str, str], project: Path
) -> None:
    for place in ((), ("--project",)):
        words = ("save", *place, "conditions", "conditions.py")
        assert (saved := done(environment, project, *words)).returncode == 0, saved.stderr
    ran = done(environment, project, *RUN)
    assert ran.returncode == 0, ran.stderr
    assert "is the project's; your own is not used here" in ran.stderr
    assert json.loads(done(environment, project, "programs", "--json").stdout)["hidden"] == [
        "conditions"
    ]
    (project / "conditions").write_text("print('the file')\n")
    both = done(environment, project, *RUN)
    assert both.returncode == 2
    assert "write ./conditions for the file, or programs.conditions" in both.stderr
    assert done(environment, project, "run", "./conditions").stdout == "the file\n"
    assert done(environment, project, "run", "programs.conditions", *RUN[2:]).returncode == 0
    assert done(environment, project, "programs", "--project", "--remove", "conditions").stdout
    (project / "conditions").unlink()
    assert "hidden" not in done(environment, project, *RUN).stderr


def test_arguments_of_a_saved_program_are_read_as_its_schema_says(
    environment: dict[str, str], project: Path
) -> None:
    saved = done(environment, project, "save", "conditions", "conditions.py")
    assert saved.returncode == 0, saved.stderr
    for words, told in (
        (("days=2",), "missing: 'city' (text)"),
        (("city=Oslo", "days=many"), "'days'"),
        (("city=Oslo", "nights=2"), "there is no 'nights'"),
    ):
        wrong = done(environment, project, "run", "conditions", "--", *words)
        assert wrong.returncode == 2, wrong.stdout
        assert told in wrong.stderr
    unknown = done(environment, project, "run", "condition")
    assert unknown.returncode == 2
    assert "neither a file nor a saved program" in unknown.stderr
    assert "saved programs: conditions" in unknown.stderr
