"""Content helpers show what came, and never let it act."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_runtime import PromptResult, ResourceResult, ResultError, Unstructured

PNG = base64.b64encode(b"\x89PNG...").decode()
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


def made(*blocks: dict[str, Any], structured: Any = None) -> Unstructured:
    return Unstructured(list(blocks), structured, "weather", "look")


def test_text_joins_all_text_blocks() -> None:
    image = {"type": "image", "mimeType": "image/png", "data": PNG}
    answer = made({"type": "text", "text": "a"}, image, {"type": "text", "text": "b"})
    assert answer.text == str(answer) == "a\nb"


def test_json_prefers_structured_content_and_refuses_prose() -> None:
    assert made({"type": "text", "text": "[1]"}).json() == [1]
    assert made({"type": "text", "text": "[1]"}, structured={"a": 1}).json() == {"a": 1}
    rows = [{"type": "text", "text": f'{{"id": {number}}}'} for number in (1, 2)]
    assert made(*rows).json() == [{"id": 1}, {"id": 2}]
    with pytest.raises(ResultError, match=r"weather\.look: the answer is not JSON: 'hello'"):
        made({"type": "text", "text": "hello"}).json()


def test_images_and_sounds_are_saved_as_bytes(tmp_path: Path) -> None:
    answer = made(
        {"type": "image", "mimeType": "image/png", "data": PNG},
        {"type": "audio", "mimeType": "audio/wav", "data": PNG},
    )
    assert answer.images[0].save(tmp_path / "a.png").read_bytes() == b"\x89PNG..."
    assert answer.audio[0].mime_type == "audio/wav"
    with pytest.raises(ResultError, match="not base64"):
        _ = made({"type": "image", "mimeType": "image/png", "data": "a"}).images[0].data


def test_resources_and_links_are_reachable() -> None:
    answer = made(
        {"type": "resource", "resource": {"uri": "a://b", "mimeType": "text/x", "text": "[1]"}},
        {"type": "resource", "resource": {"uri": "a://c", "blob": PNG}},
        {"type": "resource_link", "uri": "a://d", "name": "d"},
    )
    assert [r.uri for r in answer.resources] == ["a://b", "a://c"]
    assert answer.resources[0].json() == [1]
    assert answer.resources[1].text is None
    assert answer.resources[1].data == b"\x89PNG..."
    assert (answer.links[0].uri, answer.links[0].name) == ("a://d", "d")


def test_the_repr_is_short_and_steers_no_terminal() -> None:
    shown = repr(made({"type": "text", "text": HOSTILE + "x" * 9999}, {"type": HOSTILE}))
    assert len(shown) < 400
    assert shown.isprintable()


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": HOSTILE},
        {"type": HOSTILE},
        {"type": "image", "mimeType": 'image/png" onload="alert(1)', "data": PNG},
        {"type": "image", "mimeType": "image/svg+xml", "data": PNG},
        {"type": "image", "mimeType": "image/png", "data": '"><script>'},
        {"type": "resource", "resource": {"uri": HOSTILE, "text": HOSTILE}},
        {"type": "resource_link", "uri": "javascript:alert(1)", "name": HOSTILE},
    ],
)
def test_notebooks_show_content_without_running_it(block: dict[str, Any]) -> None:
    html = made(block)._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_notebooks_show_images() -> None:
    html = made({"type": "image", "mimeType": "image/png", "data": PNG})._repr_html_()
    assert html == f'<img src="data:image/png;base64,{PNG}">'


def test_prompts_and_resources_read_the_wire_form() -> None:
    prompt = PromptResult.of(
        {"messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}]}
    )
    assert (prompt.messages[0].role, prompt.messages[0].text, prompt.text) == ("user", "hi", "hi")
    resource = ResourceResult.of({"contents": [{"uri": "a://b", "text": "{}"}]})
    assert (resource.json(), resource.data) == ({}, b"{}")
