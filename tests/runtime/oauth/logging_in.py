"""What tests of logins share: a home of their own, a scripted browser, and both kinds of store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp_sdkgen_runtime.oauth.token_store import Login
from mcp_sdkgen_runtime.session.login import login


def browser(url: str) -> None:
    """Follows redirects, as a person does who always says yes."""
    httpx2.get(url, follow_redirects=True).raise_for_status()


def last_address(url: str) -> str:
    """Where a browser on another machine ends: at an address that it cannot open."""
    answer = httpx2.get(url)
    return str(answer.headers["location"])


def logged_in(binding: Any, **options: Any) -> Login:
    """Log in to `weather` with the scripted browser."""
    chosen = {"tell": lambda url: None, "open_url": browser, **options}

    async def run() -> Login:
        return await login("weather", binding, **chosen)

    return anyio.run(run)


def logins_file(state: Path) -> Path:
    return state / "mcp-sdkgen" / "logins.json"


def rewrite(state: Path, **values: Any) -> None:
    """Change every login in the file, as time would."""
    data = json.loads(logins_file(state).read_text())
    for entry in data["logins"]:
        entry.update(values)
    logins_file(state).write_text(json.dumps(data))


@contextmanager
def keyring_of(name: str) -> Iterator[None]:
    """Use a backend in this process, where the library is installed."""
    keyring: Any = None
    with suppress(ImportError):
        import keyring
    if keyring is None:
        yield
        return
    import keyring.backends.null
    from file_keyring import FileKeyring, LockedKeyring

    backends = {"null": keyring.backends.null.Keyring, "file": FileKeyring, "locked": LockedKeyring}
    before = keyring.get_keyring()
    keyring.set_keyring(backends[name]())
    try:
        yield
    finally:
        keyring.set_keyring(before)
