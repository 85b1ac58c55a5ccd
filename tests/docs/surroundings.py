"""What some pages need around them: environment variables, and servers that run meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.warm_caches import share

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / "tests" / "runtime" / "servers"

# A person who always says yes.
BROWSER = "import sys, httpx2; httpx2.get(sys.argv[1], follow_redirects=True)"


@contextmanager
def surroundings_of(page: Path, folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment variables for a page, while what they tell of is there."""
    if page.stem in ("chat", "frameworks"):
        with _scripted_model(page.stem) as around:
            yield around
        return
    if page.stem == "serve":
        # Its commands write into the configuration of other programs.
        home = folder / "home"
        home.mkdir()
        # The defaults, because clients of MCP hand on the home alone.
        folders = {"CONFIG": ".config", "CACHE": ".cache", "DATA": ".local/share"}
        share(home / ".cache")
        yield {"HOME": str(home), **{f"XDG_{k}_HOME": str(home / v) for k, v in folders.items()}}
        return
    if page.stem != "oauth":
        yield {}
        return
    if str(SERVERS) not in sys.path:
        sys.path.insert(0, str(SERVERS))
    from login_server import MACHINE, MACHINE_SECRET, running

    browser = folder / "browser.py"
    browser.write_text(BROWSER)
    with running() as servers:
        yield {
            "WEATHER_URL": servers.url,
            "WEATHER_CLIENT_ID": MACHINE,
            "WEATHER_CLIENT_SECRET": MACHINE_SECRET,
            "BROWSER": f"{sys.executable} {browser} %s",
        }


@contextmanager
def _scripted_model(page: str) -> Iterator[Mapping[str, str]]:
    from tests.codemode.agent.scripted_model import Answer, scripted

    wrong = (
        "from weather_sdk import weather\n\n"
        'austin = weather.get_wether(location="Austin, TX")\n'
        'london = weather.get_weather(location="London, UK", units="fahrenheit")\n'
        "print(austin.temperature - london.temperature)\n"
    )
    right = wrong.replace("wether", "weather")
    found = Answer("Austin is warmer." if page == "chat" else "It is 15 degrees.")
    script = [Answer.program(wrong, "I shall compare them."), Answer.program(right), found]
    with scripted(*script * 3) as model:
        yield {
            "MODEL_URL": model.url,
            "OPENAI_API_KEY": "key",
            "OPENAI_BASE_URL": model.url,
            "ANTHROPIC_API_KEY": "key",
            "ANTHROPIC_BASE_URL": model.url.removesuffix("/v1"),
        }
