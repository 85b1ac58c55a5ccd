"""Questions of a client that has gone, and how many programs one client may have."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from tests.codemode.serve.driving import REPORT, Home, call, data, over_http, text
from tests.codemode.serve.raw import Raw
from tests.patience import HANG_S

MOST = 8


@pytest.mark.parametrize("deleted", [False, True], ids=["disconnected", "deleted"])
@pytest.mark.parametrize("suspends", [False, True], ids=["ends", "suspends"])
def test_the_places_of_a_client_that_left_are_free_again(
    place: Home, deleted: bool, suspends: bool
) -> None:
    with (
        over_http(place, *(["--suspend"] if suspends else [])) as (url, _),
        httpx2.Client(timeout=HANG_S) as http,
    ):
        call(url, "run", program="1")  # the SDKs are there from now on
        raw = Raw(url, http)
        raw.begin()
        before = waiting(place)
        with ExitStack() as connections:
            for _ in range(MOST):
                assert raw.run(REPORT, connections)["method"] == "elicitation/create"
            refused = str(raw.run("1", connections))
            assert f"{MOST} programs of this client are under way" in refused
            assert data(call(url, "run", program="6 * 7"))["value"] == 42
            if deleted:
                assert http.delete(url, headers=raw.headers).status_code == 200
                raw = Raw(url, http)
                raw.begin()
        # All sixteen places, and none of them is taken by who has gone.
        while "under way" in (answer := str(again(raw))):
            pass
        assert "'value': 42" in answer
        while suspends and not deleted and waiting(place) < before + MOST:
            pass


def waiting(place: Home) -> int:
    return place.cli("approve").stdout.count(": waits for weather/report_observation")


def again(raw: Raw) -> dict[str, Any]:
    with ExitStack() as connections:
        return raw.run("6 * 7", connections)


def test_the_limit_of_a_principal_is_told_as_such(place: Home) -> None:
    with over_http(place) as (url, _), httpx2.Client(timeout=HANG_S) as http, ExitStack() as stack:
        call(url, "run", program="1")
        for _ in range(2):
            raw = Raw(url, http)
            raw.begin()
            for _ in range(MOST):
                assert raw.run(REPORT, stack)["method"] == "elicitation/create"
        assert "for whoever has its token" in text(call(url, "run", program="1"))
