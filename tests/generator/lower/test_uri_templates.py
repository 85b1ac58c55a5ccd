"""Resource templates become methods; what is no URI template is left out and named."""

from __future__ import annotations

import pytest
from mcp_sdkgen import generate
from mcp_sdkgen.snapshot import Snapshot


def _generated(*templates: str) -> tuple[str, list[str]]:
    listed = tuple(
        {"name": f"t{index}", "uriTemplate": template} for index, template in enumerate(templates)
    )
    made = generate(Snapshot.of("weather", (), resource_templates=listed))
    codes = [each.code for each in made.diagnostics]
    return made.files["weather_sdk/surface.pyi"], codes


def test_variables_are_arguments_and_those_of_a_query_may_be_left_out() -> None:
    surface, codes = _generated("a://{city}{/days*}{?units,limit}")
    assert not codes
    assert "city: str, days: str | SequenceNotStr[str], units: str | None = None" in " ".join(
        surface.split()
    )


@pytest.mark.parametrize("broken", ["a://{city:many}", "a://" + "{" * 100_000])
def test_one_broken_template_costs_no_other_its_method(broken: str) -> None:
    surface, codes = _generated(broken, "a://{city}")
    assert codes == ["not-a-resource-template"]
    assert "def t1(" in surface
    assert "def t0(" not in surface
