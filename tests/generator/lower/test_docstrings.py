"""What `help` says about the methods of an SDK, from what the server says about its tools."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate, take_snapshot

from tests.checking import write

SERVER = Path(__file__).with_name("documented_server.py")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("sdk")
    entry = {"command": sys.executable, "args": [str(SERVER)]}
    (root / "mcp.json").write_text(json.dumps({"mcpServers": {"documented": entry}}))
    folder = write(generate(take_snapshot(root / "mcp.json")), root)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "documented_sdk"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def sdk(files: Path) -> ModuleType:
    return importlib.import_module("documented_sdk")


def help_of(sdk: ModuleType, method: str) -> str:
    """The docstring of a method, after a look at its twin of the async client."""
    blocking = inspect.getdoc(getattr(sdk.Documented, method))
    assert blocking == inspect.getdoc(getattr(sdk.AsyncDocumented, method))
    assert blocking is not None
    return blocking


def about(**properties: Any) -> str:
    """The `Args:` of a tool with these properties, on one line."""
    tool = {"name": "t", "inputSchema": {"type": "object", "properties": properties}}
    text = generate(Snapshot.of("s", [tool])).files["s_sdk/client.py"]
    return " ".join(text.partition("Args:\n")[2].partition('"""')[0].split())


def test_a_google_docstring_is_merged_into_ours(sdk: ModuleType) -> None:
    assert help_of(sdk, "google") == inspect.cleandoc("""
        Get the forecast for a city.

        Rain counts too.

        Example:
            google("Oslo")

        The server also describes:
            ctx: The context of the call.

        Args:
            city: The city, e.g. "Oslo". Wrapped over two lines.
            days: How many days, 1 to 10 (default: 3).
            unit: (C or F) The scale. Server default: "C".

        Returns:
            A dict with:
                high: the highest temperature

        Raises:
            ToolError: In the server's words:
                ValueError: If the city is unknown.
    """)


def test_a_numpy_docstring_is_merged_into_ours(sdk: ModuleType) -> None:
    assert help_of(sdk, "numpy") == inspect.cleandoc("""
        Count from a start to an end.

        Args:
            start: Where to begin and to stop.
            end: Where to begin and to stop.
            step: (float, at least 0) How far to go. Server default: 1.5.

        Returns:
            str
                What was counted.
    """)


def test_sphinx_fields_are_merged_into_ours(sdk: ModuleType) -> None:
    assert help_of(sdk, "sphinx") == inspect.cleandoc("""
        Make a file.

        Args:
            name: The name of the file, without its folder.
            size: Its size in bytes.

        Returns:
            The path.

        Raises:
            ToolError: In the server's words:
                OSError: If the disk is full.
    """)


def test_a_markdown_list_is_merged_and_joined_with_the_schemas_own_words(sdk: ModuleType) -> None:
    assert help_of(sdk, "listed") == inspect.cleandoc("""
        Play one track.

        Louder if asked to.

        Then it stops.

        Args:
            track_index: The index of the track.
            loud: Play it louder. As loud as it goes. Server default: False.
            mix: What to mix in. Server default: "".
    """)


def test_what_only_looks_like_a_section_stays_as_it_is(sdk: ModuleType) -> None:
    assert help_of(sdk, "unlike") == inspect.cleandoc("""
        Search.

        Inputs:
        - Anchor the search via 'near', or not at all.

        Returns: one line
        of a paragraph that goes on.

        ```
        Args:
            query: In an example.
        ```
    """)


def test_results_of_several_operations_stay_where_they_are_told(sdk: ModuleType) -> None:
    assert help_of(sdk, "several") == inspect.cleandoc("""
        Do one of two things.

        1. read
           Returns: the text
        2. write
           Returns: nothing

        Returns: as above
    """)


def test_the_docstring_of_a_prompt_is_merged_too(sdk: ModuleType) -> None:
    assert inspect.getdoc(sdk.documented.prompts.greet) == inspect.cleandoc("""
        Greet somebody.

        Args:
            name: Who is greeted.
            mood: In which mood.
    """)


def test_a_section_stands_once_in_the_client(files: Path) -> None:
    text = (files / "documented_sdk" / "client.py").read_text()
    assert text.count("over two lines") == 1
    assert text.count("the highest temperature") == 1


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"minimum": 1, "maximum": 10}, "x: 1 to 10."),
        ({"minimum": 1, "maximum": 10, "description": "Between 1 and 10"}, "x: Between 1 and 10."),
        ({"minimum": 1, "maximum": 10, "description": "Of 10"}, "x: Of 10. 1 to 10."),
        ({"minimum": 1, "description": "A page (min 1)"}, "x: A page (min 1)."),
        ({"minimum": 1, "description": "Page 1 or later"}, "x: Page 1 or later. At least 1."),
        ({"maximum": 1000, "description": "Up to 1,000"}, "x: Up to 1,000."),
        ({"minimum": -(2**53 - 1), "maximum": 2**53 - 1}, ""),
        ({"minimum": 0, "maximum": 2**53 - 1}, "x: At least 0."),
        ({"exclusiveMinimum": 0, "maximum": 2**53 - 1}, "x: More than 0."),
        ({"minLength": 1, "description": "Must not be empty"}, "x: Must not be empty."),
        ({"format": "uri", "description": "A URL"}, "x: A URL."),
        ({"format": "uri", "description": "Where"}, "x: Where. Format uri."),
        ({"format": "date", "description": "As YYYY-MM-DD"}, "x: As YYYY-MM-DD."),
        ({"default": 3, "description": "Defaults to 3"}, "x: Defaults to 3."),
        ({"default": 3, "description": "Default is 30"}, "x: Default is 30. Server default: 3."),
        ({"default": True, "description": "On (default true)"}, "x: On (default true)."),
        ({"default": "a", "description": "a or b"}, 'x: a or b. Server default: "a".'),
        ({"pattern": "^a$", "description": "Matches ^a$"}, "x: Matches ^a$."),
        ({"multipleOf": 5, "description": "A multiple of 5"}, "x: A multiple of 5."),
    ],
    ids=str,
)
def test_limits_and_defaults_are_said_once(schema: dict[str, Any], told: str) -> None:
    assert about(x=schema) == told


def test_the_summary_is_one_sentence_and_the_rest_follows() -> None:
    words = "WARNING: it costs.\n\nGet it, e.g. Oslo's. Costs much more than you would think: a lot"
    tool = {"name": "get", "description": words, "inputSchema": {"type": "object"}}
    text = generate(Snapshot.of("s", [tool])).files["s_sdk/client.py"]
    assert [line.strip() for line in text.partition('        """')[2].split("\n")[:5]] == [
        "Get it, e.g. Oslo's.",
        "",
        "WARNING: it costs.",
        "",
        "Costs much more than you would think: a lot",
    ]


def test_a_long_description_is_shortened_and_says_where_the_rest_is() -> None:
    words = "Get it.\n\n" + "\n\n".join(f"Paragraph {n} of {'many ' * 30}" for n in range(20))
    tool = {"name": "get", "description": words, "inputSchema": {"type": "object"}}
    made = generate(Snapshot.of("s", [tool])).files
    assert "Paragraph 2 of" in made["s_sdk/client.py"]
    assert "Paragraph 9 of" not in made["s_sdk/client.py"]
    assert "(More in `snapshot.json`.)" in made["s_sdk/client.py"]
    assert "Paragraph 19 of" in made["s_sdk/snapshot.json"]


@pytest.mark.parametrize(
    ("hints", "mark"),
    [
        ({"readOnlyHint": True}, ""),
        ({"readOnlyHint": True, "destructiveHint": False}, ""),
        ({"readOnlyHint": True, "destructiveHint": True}, " [destroys]"),
        ({"readOnlyHint": False}, " [writes]"),
    ],
)
def test_a_tool_that_says_both_that_it_reads_and_that_it_destroys_is_marked_as_destroying(
    hints: dict[str, bool], mark: str
) -> None:
    tool = {"name": "get", "description": "Get it.", "inputSchema": {"type": "object"}}
    made = generate(Snapshot.of("s", [{**tool, "annotations": hints}])).files
    assert f'"""Get it.{mark}"""' in made["s_sdk/surface.pyi"]
