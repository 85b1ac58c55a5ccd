"""The host of a sandbox checks the formats of arguments, unless its options say otherwise."""

from __future__ import annotations

import asyncio

from mcp_sdkgen_codemode.policy.services import Service

from tests.codemode.broker.guests import Fake, definition, ran

DATED = """
from mcp_sdkgen_runtime import ArgumentsError, Client, Tool, Unstructured

dated = Tool(server="fake", name="dated", result=Unstructured, digest="")
dated.__dict__["definition"] = %r

class Fake(Client):
    SERVER = "fake"

try:
    value = Fake()._call(dated, {"on": "tomorrow"}).text
except ArgumentsError as error:
    value = str(error)
"""


def test_the_host_decides_whether_formats_are_checked() -> None:
    dated = definition("dated", properties={"on": {"type": "string", "format": "date"}})
    fake = Fake()
    said = []
    for check_formats in (True, False):
        service = Service.of("fake", fake, {"dated": dated}, check_formats=check_formats)
        result, _ = asyncio.run(ran(DATED % dated, {"fake": service}))
        assert result.error is None
        said.append(result.value)
    assert said == [
        "fake.dated: argument 'on': must be a date such as 2026-11-30, got 'tomorrow'",
        "dated done",
    ]
    assert fake.asked == [("dated", {"on": "tomorrow"})]
