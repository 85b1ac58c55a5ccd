"""A project brings programs along; of them only what this user saved or trusted can be used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.library.folder import ProgramFolder, Untrusted
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.library.program import SavedProgram

GREETING = SavedProgram(
    name="greeting",
    source='def main(*, name: str) -> str:\n    """Greet."""\n    return f"Hello, {name}"\n',
    description="Greet.",
    signature="greeting.main(*, name: str) -> str",
    arguments={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    tools={},
    programs={},
    packages=(),
)
TWICE = replace(
    GREETING,
    name="twice",
    source="from programs import greeting\n\n"
    'def main() -> str:\n    """Greet twice."""\n    return greeting.main(name="you") * 2\n',
    description="Greet twice.",
    signature="twice.main() -> str",
    arguments={"type": "object", "properties": {}},
    programs={"greeting": GREETING.digest},
)
USE = "from programs import greeting\ngreeting.main(name='Ada')\n"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a user who has nothing yet."""
    return _become("ann", tmp_path, monkeypatch)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def _become(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / name))
    return tmp_path / name / "mcp-sdkgen"


def test_who_saves_a_program_in_a_project_can_use_it_and_others_first_trust_it(
    tmp_path: Path, user: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProgramFolder.of_project(project).write(GREETING)
    with Executor(sdks=[], sandboxes=1, library=Library(project=project)) as executor:
        outcome = executor.run(USE)
        assert outcome.value == "Hello, Ada", outcome

    _become("bob", tmp_path, monkeypatch)
    library = Library(project=project)
    with Executor(sdks=[], sandboxes=1, library=library) as executor:
        assert executor.saved == ()
        refused = executor.run(USE)
        assert refused.status == "rejected"
        assert "neither saved it nor trusted it" in refused.notes[0]
        assert str(tmp_path) not in refused.notes[0]  # models are told no paths
    assert library.project is not None
    assert library.project.trust("greeting") == GREETING
    with Executor(sdks=[], sandboxes=1, library=library) as executor:
        assert executor.run(USE).value == "Hello, Ada"


@pytest.mark.parametrize("ending", ["py", "json"])
def test_a_program_that_changed_since_is_not_trusted_any_more(
    user: Path, project: Path, ending: str
) -> None:
    folder = ProgramFolder.of_project(project)
    folder.write(GREETING)
    file = folder.path / f"greeting.{ending}"
    file.write_text(file.read_text().replace("Greet", "Great"))
    with pytest.raises(ValueError, match=r"changed since|nor trusted it"):
        folder.load("greeting")
    # Both changed by who means it: whole, and yet nobody's word is on it.
    changed = replace(GREETING, source=GREETING.source.replace("Hello", "Goodbye"))
    other = ProgramFolder(folder.path)  # writes without a word about trust
    other.write(changed)
    with pytest.raises(Untrusted):
        folder.load("greeting")


def test_the_project_has_a_name_that_both_have_and_nobody_elses_runs_under_it(
    tmp_path: Path, user: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = replace(GREETING, source=GREETING.source.replace("Hello", "Mine"))
    library = Library(project=project)
    library.own.write(mine)
    assert library.load("greeting") == mine
    ProgramFolder(project / ".mcp-sdkgen" / "programs").write(GREETING)  # comes with a clone
    assert library.hidden == ("greeting",)
    with pytest.raises(Untrusted):
        library.load("greeting")
    found = library.program_set([])
    assert (found.programs, found.untrusted) == ((), ("greeting",))
    assert library.project is not None
    library.project.trust("greeting")
    assert library.load("greeting") == GREETING
    assert Library().load("greeting") == mine


def test_a_program_imports_those_of_its_own_place_only(user: Path, project: Path) -> None:
    library = Library(project=project)
    assert library.project is not None
    library.own.write(GREETING)
    library.own.write(TWICE)
    assert len(library.program_set([]).programs) == 2
    library.project.write(GREETING)
    left = library.program_set([]).left_out
    assert left == {"twice": "it imports programs.greeting, which is the project's"}
    library.own.remove("twice")
    library.project.write(TWICE)
    assert [one.name for one in library.program_set([]).programs] == ["greeting", "twice"]
    library.project.remove("greeting")
    left = library.program_set([]).left_out
    assert left == {"twice": "it imports programs.greeting, which is not the project's"}


@pytest.mark.parametrize("link", [".mcp-sdkgen", ".mcp-sdkgen/programs", "greeting.json"])
def test_a_link_to_what_is_trusted_elsewhere_is_nothing_of_this_project(
    tmp_path: Path, user: Path, project: Path, link: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    trusted = ProgramFolder.of_project(elsewhere)
    trusted.write(GREETING)
    folder = ProgramFolder.of_project(project)
    if link == "greeting.json":
        folder.path.mkdir(parents=True)
        (folder.path / "greeting.py").write_text(GREETING.source)
        (folder.path / link).symlink_to(trusted.path / link)
    else:
        (project / link).parent.mkdir(exist_ok=True)
        (project / link).symlink_to(elsewhere / link)
    with pytest.raises(ValueError, match="is a link"):
        folder.load("greeting")
    for act in (lambda: folder.write(GREETING), lambda: folder.remove("greeting")):
        with pytest.raises(OSError, match="is a link"):
            act()
    assert trusted.load("greeting") == GREETING


def test_a_program_whose_facts_are_of_other_types_is_a_broken_one(
    user: Path, project: Path
) -> None:
    folder = ProgramFolder.of_project(project)
    folder.write(GREETING)
    facts = folder.path / "greeting.json"
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "programs": ["x"]}))
    with pytest.raises(ValueError, match="it cannot be read: programs"):
        folder.trust("greeting")


def test_a_change_of_a_tool_keeps_a_projects_program_trusted(user: Path, project: Path) -> None:
    library = Library(project=project)
    assert library.project is not None
    library.project.write(GREETING)
    refreshed = replace(GREETING, tools={"notes_sdk": {"add": "sha256:" + "0" * 64}})
    library.refresh(refreshed)
    assert library.load("greeting") == refreshed
    assert library.own.names == ()
