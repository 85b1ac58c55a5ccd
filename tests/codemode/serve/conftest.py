"""One server over HTTP for all tests of a worker that do not need another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.codemode.serve.driving import Home, over_http, usual


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the usual servers, whose SDKs are built once."""
    made = usual(tmp_path_factory.mktemp("home"))
    done = made.cli("search", "forecast", "--config", str(made.config))
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="session")
def served(place: Home) -> Iterator[tuple[str, int]]:
    """The URL and process id of a server that suspends runs."""
    with over_http(place, "--suspend") as running:
        yield running


@pytest.fixture
def url(served: tuple[str, int]) -> str:
    """The URL alone."""
    return served[0]
