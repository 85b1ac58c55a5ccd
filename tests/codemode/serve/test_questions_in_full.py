"""Questions about calls with more than a form shows at a glance."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from tests.codemode.serve.driving import ERAS, Person, call, client, data

PROGRAM = """\
from hostile_sdk import hostile
hostile.write(text="a" * {0} + " HIDDEN " + "b" * {0})
"""


@pytest.mark.parametrize("era", ERAS)
def test_a_form_shows_all_of_a_call_of_a_few_pages(url: str, era: str) -> None:
    person = Person(["once"])
    ran = data(call(url, "run", era=era, person=person, program=PROGRAM.format(3000)))
    assert ran["calls"][0]["status"] != "refused"
    assert "HIDDEN" in person.asked[0]
    assert "Not all" not in person.asked[0]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("reads", [False, True])
def test_a_yes_to_a_call_that_no_form_shows_counts_only_after_all_of_it_was_read(
    url: str, era: str, reads: bool
) -> None:
    asked: list[str] = []

    async def person(context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        place = re.search(r"mcp-sdkgen://questions/[0-9a-f]+", params.message)
        assert place is not None
        if reads:
            async with client(url, era) as other:
                assert "HIDDEN" in str(await other.read_resource(place[0]))
        return ElicitResult(action="accept", content={"answer": "once"})

    ran = data(call(url, "run", era=era, person=person, program=PROGRAM.format(6000)))
    assert "HIDDEN" not in asked[0]
    assert "A yes counts as no until the rest was read" in asked[0]
    assert (ran["calls"][0]["status"] == "refused") is not reads
