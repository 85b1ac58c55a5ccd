"""Sessions whose variables stay from one program to the next: each principal has its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final

from ..executor.conversation import Conversation
from ..executor.executor import Executor

MAX_SESSIONS: Final = 8
"""Sandboxes that keep variables, of all principals together."""


class NoSession(Exception):
    """There is no session of that name, for who asks. The message is for the model."""


class Conversations:
    """The sessions of a server process. Each of `principals` has an equal share of them, at least
    one: the session that it used longest ago is ended for another of its own."""

    def __init__(self, principals: int) -> None:
        self._most = max(1, MAX_SESSIONS // principals)
        self._by_principal: dict[str, dict[str, Conversation]] = {}

    def new(self, executor: Executor, principal: str) -> tuple[str, list[Conversation]]:
        """The name of another session, and those that are to be ended for it."""
        own = self._by_principal.setdefault(principal, {})
        ended = [own.pop(next(iter(own))) for _ in range(len(own) + 1 - self._most)]
        name = f"session-{secrets.token_hex(8)}"
        own[name] = Conversation(executor)
        return name, ended

    def get(self, name: str, principal: str) -> Conversation:
        """A session of that principal, which is now the one used last. Raises `NoSession`."""
        own = self._by_principal.get(principal, {})
        if name not in own:
            raise NoSession(f"there is no session {name!r}; begin another with session='new'")
        own[name] = own.pop(name)
        return own[name]

    @property
    def all(self) -> Iterable[Conversation]:
        """All sessions of all principals."""
        return [each for own in self._by_principal.values() for each in own.values()]
