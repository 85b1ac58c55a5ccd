"""The catalog: read from the packages' files, here and in a bare interpreter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from mcp_sdkgen_codemode import execute, installed
from mcp_sdkgen_codemode.catalog import at, chosen
from mcp_sdkgen_runtime import catalog

from tests.codemode.installing import ROOT, made, put, run, showcase, tool


def test_the_index_has_a_line_for_each_tool_with_its_signature(tmp_path: Path) -> None:
    lines = [str(entry) for entry in catalog.index([showcase(tmp_path, "weather")])]
    assert lines[0] == (
        "weather.get_forecast(*, city: str, days: int | None=None, "
        "units: Literal['metric', 'imperial'] | None=None) -> Forecast"
        "  # weather_sdk: Get a daily forecast for a city."
    )
    assert [line.split("(")[0] for line in lines] == [
        "weather.get_forecast",
        "weather.get_weather",
        "weather.list_alerts",
        "weather.report_observation",
    ]


def test_an_argument_whose_none_is_sent_shows_dots_as_its_default(tmp_path: Path) -> None:
    [entry] = catalog.search("current weather", 1, [showcase(tmp_path, "weather")])
    assert "units: Literal['fahrenheit', 'celsius'] | None=..." in entry.signature


def test_every_showcase_is_indexed_whole(tmp_path: Path) -> None:
    sdks = [showcase(tmp_path, name) for name in ("everything", "github", "weather")]
    entries = catalog.index(sdks)
    assert len(entries) == sum(len(sdk.tools) for sdk in sdks)
    for entry in entries:
        ast.parse(f"def {entry.signature.partition('.')[2]}: ...")


def test_a_tool_page_and_a_model_page_are_found_by_the_names_of_the_index(tmp_path: Path) -> None:
    sdks = [showcase(tmp_path, "weather")]
    assert "minLength 1" in catalog.page("weather.get_forecast", sdks)
    shown = catalog.model("weather.Forecast", sdks)
    assert "class Forecast(Model):" in shown
    assert "class Day(Model):" in shown  # what it is made of
    assert "Alert" not in shown
    assert "precip_mm: float" in shown  # and no alias, which only a type checker needs


def test_a_tool_whose_result_type_is_long_has_a_page(tmp_path: Path) -> None:
    """The formatter indents its module deeper than that of others."""
    one = {"properties": {"type": {"const": "c d"}}}
    result = {"anyOf": [{"type": "object"}, one], "discriminator": {"propertyName": "type"}}
    sdk = made(tmp_path, "shop", [{**tool("t38", "Buys."), "outputSchema": result}])
    assert "\n        digest=" in (sdk.folder / "tools" / "t38.py").read_text()
    assert "Buys." in catalog.page("shop.t38", [sdk])


@pytest.mark.parametrize("look", [catalog.page, catalog.model])
def test_a_wrong_name_gets_the_nearest_one(tmp_path: Path, look: object) -> None:
    sdks = [showcase(tmp_path, "weather")]
    wrong, right = "weather.get_forcast", "weather.get_forecast"
    if look is catalog.model:
        wrong, right = "weather.Forcast", "weather.Forecast"
    with pytest.raises(LookupError, match=f"did you mean '{right}'"):
        look(wrong, sdks)  # type: ignore[operator]


def test_a_surface_that_was_changed_is_named(tmp_path: Path) -> None:
    sdk = showcase(tmp_path, "weather")
    (sdk.folder / "surface.pyi").write_text("class Weather(:")
    with pytest.raises(RuntimeError, match=r"weather_sdk/surface\.pyi.*install weather-sdk anew"):
        catalog.index([sdk])


def test_a_new_surface_is_read_anew(tmp_path: Path) -> None:
    sdk = made(tmp_path, "shop", [tool("buy", "Buys a thing.")])
    assert len(catalog.index([sdk])) == 1
    made(tmp_path, "shop", [tool("buy", "Buys a thing."), tool("sell", "Sells a thing.")])
    assert [entry.name for entry in catalog.search("sells", 1, [sdk])] == ["shop.sell"]


def test_what_is_installed_is_found_and_chosen_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase(tmp_path, "weather")
    showcase(tmp_path, "everything")
    put(tmp_path, "gone_sdk", "gone")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert {"everything", "weather"} <= {sdk.server for sdk in installed()}
    assert "gone" not in {sdk.server for sdk in installed()}
    assert [sdk.server for sdk in chosen(["weather_sdk"], installed())] == ["weather"]
    with pytest.raises(ValueError, match="no SDK 'wether'"):
        chosen(["wether"], installed())


def test_a_program_in_a_sandbox_can_look_tools_up(tmp_path: Path) -> None:
    program = (
        "from mcp_sdkgen_runtime import catalog\n"
        "print(catalog.search('daily forecast', limit=1)[0])\n"
        "'class Day' in catalog.model('weather.Day'), 'Wire name' in "
        "catalog.page('weather.get_forecast')\n"
    )
    outcome = execute(program, sdks=[at(ROOT / "generated" / "weather")])
    assert outcome.status == "finished", outcome
    assert outcome.stdout.startswith("weather.get_forecast(*, city: str")
    assert outcome.value == [True, True]


def test_a_guest_has_it_without_importing_pydantic_mcp_or_an_sdk(tmp_path: Path) -> None:
    showcase(tmp_path, "weather")
    program = (
        "import sys\n"
        "from mcp_sdkgen_runtime import catalog\n"
        "print(*catalog.search('daily forecast', limit=1), sep='\\n')\n"
        "catalog.page('weather.get_forecast'), catalog.model('weather.Day'), catalog.index()\n"
        "print({'mcp', 'pydantic', 'weather_sdk', 'mcp_sdkgen_codemode'} & set(sys.modules))\n"
    )
    done = run(tmp_path, "-c", program)
    assert done.stdout.splitlines()[0].startswith("weather.get_forecast(*, city: str"), done.stderr
    assert done.stdout.splitlines()[1] == "set()"
