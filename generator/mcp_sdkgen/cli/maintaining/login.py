"""`mcp-sdkgen login`, `logout` and `status`: who is logged in to which server."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer
from mcp_sdkgen_runtime import BindingError, SdkError
from mcp_sdkgen_runtime.oauth.token_store import Login
from mcp_sdkgen_runtime.session import login as logins
from rich.table import Table

from ...errors import ConfigError, SdkgenError
from ...source import resolve
from .. import options
from ..show import safe, stderr, stdout

Server = Annotated[
    str, typer.Argument(metavar="SERVER", help="The server's name, as in the configuration.")
]
Source = Annotated[
    str | None,
    typer.Argument(
        metavar="SOURCE",
        help="Its http(s) URL, or a configuration file. Without one, the server is found as an SDK "
        "finds it: from the environment, or in the nearest mcp.json.",
        show_default=False,
    ),
]


def login(
    server: Server,
    source: Source = None,
    config: options.Config = None,
    headless: Annotated[
        bool,
        typer.Option(
            "--headless",
            help="Open no browser: print the address to open, and ask "
            "for the one that the browser ends at.",
        ),
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Local port to redirect the browser to; 0 takes a free one."
        ),
    ] = 0,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that you have to log in.")
    ] = logins.LOGIN_TIMEOUT_S,
) -> int:
    """Log in to a server with OAuth, and keep its tokens.

    Exit code 0: logged in. 1: the server or its authorisation server refused. 2: wrong usage or
    configuration.
    """
    with _errors(server, source or config):
        saved = anyio.run(
            partial(
                logins.login,
                server,
                _binding(source, config),
                tell=partial(_tell, headless),
                read=_read if headless else None,
                open_url=webbrowser.open,
                port=port,
                timeout_s=timeout,
            )
        )
    where = "keyring" if saved.kept_in == "keyring" else "file"
    what = f"{server}: logged in at {saved.issuer}, {_expiry(saved)}; saved in the {where}"
    stdout.print(safe(what), soft_wrap=True)
    return 0


def logout(server: Server, source: Source = None, config: options.Config = None) -> int:
    """Forget the logins for a server. Its tokens are removed here; they are not revoked.

    Exit code 0: forgotten. 1: there was none. 2: wrong usage or configuration.
    """
    with _errors(server, source or config):
        gone = logins.logout(server, _binding(source, config))
    for saved in gone:
        stdout.print(safe(f"{server}: forgot the login at {saved.issuer}"), soft_wrap=True)
    if not gone:
        stderr.print(safe(f"{server}: nobody is logged in"), soft_wrap=True)
    return int(not gone)


def status(
    server: Annotated[
        str | None, typer.Argument(metavar="SERVER", help="Only this server.", show_default=False)
    ] = None,
    source: Source = None,
    config: options.Config = None,
) -> int:
    """Show the logins that are saved.

    For each it shows the server, the issuer and the expiry, never a token. Exit code 0: there are
    some. 1: there is none. 2: wrong usage or configuration.
    """
    with _errors(server, source or config):
        found = logins.logins(server, _binding(source, config))
    if not found:
        stderr.print(safe(f"{server}: nobody is logged in" if server else "no login is saved"))
        return 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("server", "issuer", "scopes", "token", "saved in"):
        table.add_column(name, overflow="fold")
    for saved in found:
        cells = (saved.resource, saved.issuer, saved.scope or "", _expiry(saved), saved.kept_in)
        table.add_row(*map(safe, cells))
    stdout.print(table)
    return 0


def _binding(source: str | None, config: Path | None) -> Any:
    """Where the server is, by SOURCE or `--config`. Raises `ConfigError`."""
    if source is not None and config is not None:
        raise ConfigError(
            "SOURCE and --config both say where the server is", hint="leave one of them out"
        )
    if source is not None and source.lower().startswith(("http://", "https://")):
        return source
    named = Path(source).expanduser() if source is not None else config
    if named is None or named.is_file():
        return named
    word = "SOURCE" if config is None else "--config"
    raise ConfigError(
        f"{word} {named}: no such file", hint="name a configuration file, such as mcp.json"
    )


@contextmanager
def _errors(server: str | None, where: str | Path | None) -> Iterator[None]:
    """Errors of the runtime as the command line's own."""
    try:
        yield
    except BindingError as error:
        known = _configured(where)
        if server is not None and known and server not in known:
            near = get_close_matches(server, known, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                f"there is no server {server[:80]!r}",
                hint=f"{meant}servers: {', '.join(map(repr, known))}",
            ) from None
        first, *rest = str(error).splitlines()
        raise ConfigError(first, detail="\n".join(rest)) from None
    except SdkError as error:
        first, *rest = str(error).splitlines()
        raise SdkgenError(first, detail="\n".join(rest)) from None


def _configured(where: str | Path | None) -> list[str]:
    """The servers of a configuration, the nearest if none is named, as far as it can be read. None
    of a URL, which is a server under any name."""
    if isinstance(where, str) and "://" in where:
        return []
    try:
        return [source.name for source in resolve([str(where)] if where else []).sources]
    except ConfigError:
        return []


def _tell(headless: bool, url: str) -> None:
    if headless:
        stderr.print(safe("Open this address in any browser and log in:"))
    else:
        stderr.print(safe("A browser opens. If none does, open this address on this machine:"))
    stderr.print(safe(url), soft_wrap=True)
    if headless:
        stderr.print(
            safe("Then paste the address at which the browser ends; it cannot show that page:")
        )


def _read() -> str:
    # Not shown where it could be kept: the address has the code in it.
    return str(typer.prompt("address", hide_input=True, prompt_suffix=": ", err=True))


def _expiry(saved: Login) -> str:
    renewed = ", renewed automatically" if saved.refreshable else ""
    if saved.expires_at is None:
        return "no expiry"
    seconds = saved.expires_at - time.time()
    if seconds <= 0:
        return f"expired{renewed}"
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    span = f"{hours} h" if hours >= 2 else f"{minutes} min" if minutes else f"{seconds:.0f} s"
    return f"expires in {span}{renewed}"
