"""Importing costs little: `mcp` not before a connection, pydantic not before a tool."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PATHS = os.pathsep.join(str(p) for p in (HERE / "sdks", HERE.parents[1] / "runtime" / "client"))
HEAVY = {"mcp", "mcp_types", "pydantic", "jsonschema", "jsonschema_rs", "anyio", "httpx2"}


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return HEAVY & set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import mcp_sdkgen_runtime",
        "from mcp_sdkgen_runtime import OMIT, Client, Omit, SdkError, Unstructured, configure",
        "import handmade_weather_sdk",
        "from handmade_weather_sdk import weather, Weather, AsyncWeather; Weather('http://x.test')",
    ],
)
def test_importing_an_sdk_and_making_a_client_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code) == set()


def test_a_tool_loads_pydantic_and_a_failing_binding_still_no_mcp() -> None:
    call = "try: weather.pid()\nexcept BindingError: pass"
    names = "from handmade_weather_sdk import weather\nfrom mcp_sdkgen_runtime import BindingError"
    assert not {"mcp", "mcp_types", "httpx2"} & loaded_by(f"{names}\n{call}")
    assert "pydantic" in loaded_by("from handmade_weather_sdk.tools import pid")


def test_every_export_is_there() -> None:
    import mcp_sdkgen_runtime

    for name in mcp_sdkgen_runtime.__all__:
        assert getattr(mcp_sdkgen_runtime, name) is not None


def test_a_misspelt_name_is_answered_with_the_nearest_right_one() -> None:
    import handmade_weather_sdk.tools
    import mcp_sdkgen_runtime

    with pytest.raises(AttributeError, match="did you mean 'AsyncClient'"):
        mcp_sdkgen_runtime.AsynClient  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'get_forecast'"):
        handmade_weather_sdk.tools.get_forcast  # type: ignore[attr-defined]  # noqa: B018


def test_a_lazy_name_is_looked_up_once() -> None:
    import handmade_weather_sdk.tools as tools

    assert tools.pid is tools.__dict__["pid"]
