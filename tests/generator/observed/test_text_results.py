"""A server that declares texts and sends JSON in them: from its SDK to observed types."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.lint import lint
from mcp_sdkgen.snapshot import Observation
from mcp_sdkgen_codemode import Executor, catalog
from mcp_sdkgen_runtime.files import cache_folder

from tests.codemode.sandbox.engines import bubblewrap
from tests.generator.live.calling_server import TOOLS
from tests.generator.observed.commands import write_servers

SERVER = Path(__file__).parents[1] / "live" / "calling_server.py"
BEFORE = """
from demo_sdk import demo

answer = demo.wrapped()
text: str = answer
print(answer == '{"rows": [1, 2]}', text.startswith("{"), answer.json()["rows"])
"""
AFTER = """
import pickle
from demo_sdk import demo

answer = demo.wrapped()
rows: list[int] = answer.require().rows
print(rows, answer == '{"rows": [1, 2]}', answer.upper(), pickle.loads(pickle.dumps(answer)).data)
"""


def definition(description: str) -> dict[str, Any]:
    (found,) = (tool for tool in TOOLS if tool["name"] == "wrapped")
    return {**found, "description": description}


def test_a_declared_text_is_a_str_with_json_and_gets_a_type_from_its_answers(
    sdkgen: Any, run: Any, tmp_path: Path
) -> None:
    write_servers(tmp_path, demo=[sys.executable, str(SERVER), str(tmp_path / "changed")])
    sdkgen("build", "mcp.json", "--no-wheel")
    package = tmp_path / "generated" / "demo" / "demo_sdk"
    assert "def wrapped(self) -> ResultText" in (package / "surface.pyi").read_text()
    (tmp_path / "before.py").write_text(BEFORE)
    assert run("python", "before.py").stdout == "True True [1, 2]\n"

    recording = package.parent / "observed.ndjson"
    run("python", "before.py", MCP_SDKGEN_OBSERVE=str(recording))
    assert "wrapped: JSON in its text" in sdkgen("observe", "mcp.json", "--call", "wrapped")
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    assert [line["shape"] for line in lines] == [{"rows": ["integer"]}] * 2
    assert "demo.wrapped: typed, from 2 answers" in sdkgen("infer")
    sdkgen("build", "mcp.json", "--no-wheel")

    (tmp_path / "after.py").write_text(AFTER)
    (tmp_path / "wrong.py").write_text(AFTER.replace(".rows", ".columns"))
    mypy = ("python", "-m", "mypy", "--strict", "--cache-dir", cache_folder() / "mypy")
    run(*mypy, "before.py", "after.py")
    assert 'no attribute "columns"' in run(*mypy, "wrong.py", code=1).stdout
    assert run("python", "before.py").stdout == "True True [1, 2]\n", "what ran before runs on"
    assert run("python", "after.py").stdout == '[1, 2] True {"ROWS": [1, 2]} rows=[1, 2]\n'


def test_programs_in_a_sandbox_get_the_same(sdkgen: Any, tmp_path: Path) -> None:
    bubblewrap()
    write_servers(tmp_path, demo=[sys.executable, str(SERVER), str(tmp_path / "changed")])
    sdkgen("build", "mcp.json", "--no-wheel")
    sdk = catalog.at(tmp_path / "generated" / "demo")
    entry = json.loads((tmp_path / "mcp.json").read_text())["mcpServers"]["demo"]
    with Executor(sdks=[sdk], bindings={"demo": entry}) as executor:
        read = executor.run("from demo_sdk import demo\ndemo.wrapped().json()['rows']")
        assert (read.value, read.reason) == ([1, 2], "")
        whole = executor.run("from demo_sdk import demo\ndemo.wrapped()")
        assert whole.value == '{"rows": [1, 2]}'
        wrong = executor.run("from demo_sdk import demo\nprint(demo.wrapped().rows)")
        assert wrong.status == "rejected"
        assert ".json() reads it" in str(wrong.diagnostics[0])


def test_lint_tells_the_author_of_json_in_a_text() -> None:
    def codes(snapshot: Snapshot) -> set[str]:
        return {finding.code for tool in lint(snapshot).tools for finding in tool.findings}

    told = Snapshot.of("demo", [definition("Find rows. Returns them as a JSON string.")])
    silent = Snapshot.of("demo", [definition("Write a poem.")])
    assert "json-in-text-result" in codes(told)
    assert "json-in-text-result" not in codes(silent)
    schema = {"type": "object", "properties": {"rows": {"type": "array"}}}
    seen = Observation(silent.tools[0].digest, 3, schema)
    observed = Snapshot.of("demo", [definition("Write a poem.")], observed={"wrapped": seen})
    assert "json-in-text-result" in codes(observed), "recorded answers are the surest sign"


@pytest.mark.parametrize("schema", [{"enum": ["a", "b"]}, {"const": "a"}], ids=str)
def test_a_text_of_a_few_known_values_stays_what_it_is(schema: dict[str, Any]) -> None:
    output = {**definition("Choose.")["outputSchema"]}
    output["properties"] = {"result": {"type": "string", **schema}}
    made = generate(Snapshot.of("demo", [{**definition("Choose."), "outputSchema": output}]))
    assert "ResultText" not in made.files["demo_sdk/surface.pyi"]
