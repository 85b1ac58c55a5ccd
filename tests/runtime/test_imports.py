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
    """The modules that are loaded once `code` has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


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
    assert not HEAVY & loaded_by(code)


def test_a_tool_loads_pydantic_and_a_failing_binding_still_no_mcp() -> None:
    call = "try: weather.pid()\nexcept BindingError: pass"
    names = "from handmade_weather_sdk import weather\nfrom mcp_sdkgen_runtime import BindingError"
    assert not {"mcp", "mcp_types", "httpx2"} & loaded_by(f"{names}\n{call}")
    assert "pydantic" in loaded_by("from handmade_weather_sdk.tools import pid")


def test_reading_configurations_is_loaded_only_where_one_is_asked(tmp_path: Path) -> None:
    names = "from mcp_sdkgen_runtime.config.binding import resolve"
    readers = {f"mcp_sdkgen_runtime.config.{name}" for name in ("mcp_json", "entries", "variables")}
    assert not (readers | {"tomllib", "json5"}) & loaded_by(
        f"{names}\nresolve('w', 'http://x.test')"
    )
    file = tmp_path / "mcp.json"
    file.write_text('{"mcpServers": {"w": {"command": "x"}}}')
    loaded = loaded_by(f"{names}\nfrom pathlib import Path\nresolve('w', Path({str(file)!r}))")
    assert readers <= loaded and "tomllib" not in loaded


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
