"""How many programs are under way at once, and whose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .client import Client

MAX_RUNS: Final = 16
"""Programs under way at once, those that wait for an answer included."""


class NoPlace(Exception):
    """No further program can begin. The message is for the model."""


def take_place(client: Client, under_way: Iterable[Client], principals: int) -> None:
    """Raise `NoPlace` where a further program of `client` cannot begin.

    Each of `principals` has an equal share of the places, and a client over HTTP half of that, so
    that no one of them can take all.
    """
    share = max(1, MAX_RUNS // principals)
    own = [each for each in under_way if each.principal == client.principal]
    if len(own) >= share:
        whose = "the most that this server runs for whoever has its token"
        raise NoPlace(
            f"{len(own)} programs are under way, {'the most' if client.is_alone else whose}; "
            "wait until one has ended"
        )
    of_client = own.count(client)
    if not client.is_alone and of_client >= max(1, share // 2):
        raise NoPlace(
            f"{of_client} programs of this client are under way, the most that one client may "
            "have; wait until one has ended, or answer what they ask"
        )
