"""Every form of an entry that a configuration may have, and what it means.

`FORMS` maps a name to an entry and either a target, or words of the error. The folder of the file
is `{folder}` in a target, and the user's home is its parent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.auth import ClientCredentials, OAuth
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget

ENVIRONMENT = {"TOKEN": "t0k", "INPUT_KEY": "k", "EMPTY": "", "LINES": "a\r\nX-Evil: 1"}
INPUTS = [{"id": "key", "password": True}, {"id": "region", "default": "eu"}]
FILES = {
    ".env": "# a note\n\nexport A='1 2'\nB=3\n",
    "bad.env": "A=1\nB\n",
    "token.txt": "from-file\n",
    "long.txt": "x" * 70_000,
}

URL = "https://a.example/mcp"
SSE = "https://a.example/sse"
DISABLED = "is disabled"


def command(*words: str, env: dict[str, str] | None = None, cwd: str = "{folder}") -> StdioTarget:
    return StdioTarget(words[0], words[1:], env or {}, cwd)


FORMS: dict[str, tuple[Any, StdioTarget | HttpTarget | str]] = {
    "command": ({"command": "x", "args": ["a", "b"]}, command("x", "a", "b")),
    "a command with its arguments": (
        {"command": ["x", "a"], "args": ["b"]},
        command("x", "a", "b"),
    ),
    "args with numbers": ({"command": "x", "args": [1, 2.5]}, command("x", "1", "2.5")),
    "args with true": ({"command": "x", "args": [True]}, "/args/0: not text"),
    "args with null": ({"command": "x", "args": [None]}, "/args/0: not text"),
    "args as text": ({"command": "npx", "args": "-y foo"}, "/args: not a list"),
    "a NUL": ({"command": "x", "args": ["a\0"]}, "a NUL character"),
    "env": ({"command": "x", "env": {"A": "1", "B": None}}, command("x", env={"A": "1"})),
    "environment": ({"command": "x", "environment": {"A": 2}}, command("x", env={"A": "2"})),
    "env with true": ({"command": "x", "env": {"A": True}}, command("x", env={"A": "true"})),
    "env with a list": ({"command": "x", "env": {"A/B": []}}, "/env/A~1B: not text"),
    "env with an impossible name": ({"command": "x", "env": {"A=B": ""}}, "impossible name"),
    "env_vars": (
        {"command": "x", "env_vars": ["TOKEN", {"name": "NOT_SET"}]},
        command("x", env={"TOKEN": "t0k", "NOT_SET": ""}),
    ),
    "env_vars as text": ({"command": "x", "env_vars": "TOKEN"}, "/env_vars: not a list"),
    "envFile": (
        {"command": "x", "envFile": ".env", "env": {"B": "4"}},
        command("x", env={"A": "1 2", "B": "4"}),
    ),
    "envFile with ~": (
        {"command": "x", "envFile": "~/p/.env"},
        command("x", env={"A": "1 2", "B": "3"}),
    ),
    "envFile that is not there": ({"command": "x", "envFile": "none"}, "envFile cannot be read"),
    "envFile of another form": ({"command": "x", "envFile": "bad.env"}, "envFile: line 2 is no"),
    "cwd with ~": ({"command": "x", "cwd": "~/proj"}, command("x", cwd="{home}/proj")),
    "cwd with a variable": (
        {"command": "x", "cwd": "${workspaceFolder}/sub"},
        command("x", cwd="{folder}/sub"),
    ),
    "relative cwd": ({"command": "x", "cwd": "sub"}, command("x", cwd="{folder}/sub")),
    "absolute cwd": ({"command": "x", "cwd": "/"}, command("x", cwd="/")),
    "cwd as number": ({"command": "x", "cwd": 1}, "/cwd: not text"),
    "workspaceFolder": (
        {"command": "x", "args": ["${workspaceFolder}/s.py", "${workspaceFolderBasename}"]},
        command("x", "{folder}/s.py", "p"),
    ),
    "pathSeparator": ({"command": "x", "args": ["a${pathSeparator}b${/}c"]}, command("x", "a/b/c")),
    "userHome": ({"command": "${userHome}/bin/x"}, command("{home}/bin/x")),
    "input": ({"command": "x", "env": {"K": "${input:key}"}}, command("x", env={"K": "k"})),
    "input with a default": (
        {"command": "x", "args": ["${input:region}"]},
        command("x", "eu"),
    ),
    "input that nobody gave": (
        {"command": "x", "env": {"K": "${input:no-one}"}},
        "env.K uses ${input:no-one}, which the editor asks the user for; set the environment "
        "variable INPUT_NO_ONE or NO_ONE",
    ),
    "file": (
        {"command": "x", "args": ["${file:token.txt}", "${file:~/p/token.txt}"]},
        command("x", "from-file", "from-file"),
    ),
    "file that is not there": (
        {"command": "x", "env": {"K": "${file:none}"}},
        "env.K uses ${file:none}, which cannot be read as text: No such file",
    ),
    "file that is long": (
        {"command": "x", "args": ["${file:long.txt}"]},
        "it is longer than 65536 bytes",
    ),
    "variables": (
        {"command": "x", "args": ["${TOKEN}-${env:TOKEN}", "$TOKEN", "${{ TOKEN }}", "${EMPTY}"]},
        command("x", "t0k-t0k", "$TOKEN", "${{ TOKEN }}", ""),
    ),
    "variables with defaults": (
        {"command": "${EMPTY:-d}", "args": ["${NOT_SET:-}", "${env:NOT_SET:-a b}", "${TOKEN:-d}"]},
        command("d", "", "a b", "t0k"),
    ),
    "a variable that is not set": (
        {"url": URL, "headers": {"X-Key": "${NOT_SET}"}},
        "headers.X-Key uses ${NOT_SET}, but NOT_SET is not set in the environment; set NOT_SET, or "
        "write a default as ${NOT_SET:-default}",
    ),
    "a variable of one program": (
        {"command": "x", "args": ["${command:pick}"]},
        "args[0] uses ${command:pick}, a variable of the program that owns this file",
    ),
    "a variable within a default": (
        {"command": "x", "args": ["${NOT_SET:-${TOKEN}}"]},
        "args[0] uses a default with braces",
    ),
    "url": ({"url": URL, "headers": {"X": "1"}}, HttpTarget(URL, {"X": "1"})),
    "serverUrl": ({"serverUrl": URL}, HttpTarget(URL)),
    "httpUrl": ({"httpUrl": URL}, HttpTarget(URL)),
    "url and httpUrl": ({"url": SSE, "httpUrl": URL}, HttpTarget(URL)),
    "url with a variable": ({"url": "https://${HOST:-a.example}/mcp"}, HttpTarget(URL)),
    "url that a variable breaks": ({"url": "${TOKEN}"}, "url is not an http or https address"),
    "url of another kind": ({"url": "ftp://a.example"}, "/url: not an http or https address"),
    "url without a host": ({"url": "https://"}, "/url: not an http or https address"),
    "url as number": ({"url": 1}, "/url: not text"),
    "type http": ({"type": "http", "url": URL}, HttpTarget(URL)),
    "type streamable-http": ({"type": "streamable-http", "url": URL}, HttpTarget(URL)),
    "transport sse": ({"transport": "sse", "url": SSE}, HttpTarget(SSE, {}, "sse")),
    "type stdio": ({"type": "stdio", "command": "x"}, command("x")),
    "type stdio without a command": ({"type": "stdio", "url": URL}, "type stdio, but no command"),
    "type http beside a command": ({"type": "http", "url": URL, "command": "x"}, HttpTarget(URL)),
    "type ws": ({"type": "ws", "url": "ws://a.example"}, "/type: an unknown transport"),
    "a command and a url": ({"command": "x", "url": URL}, "both a command and a url"),
    "neither a command nor a url": ({}, "neither a command nor a url"),
    "an entry that is text": ("uvx x", "not an object"),
    "an entry that is a list": (["uvx", "x"], "not an object"),
    "http_headers": (
        {"url": URL, "headers": {"X": "1"}, "http_headers": {"Y": "2"}},
        HttpTarget(URL, {"X": "1", "Y": "2"}),
    ),
    "env_http_headers": (
        {"url": URL, "env_http_headers": {"X": "TOKEN"}},
        HttpTarget(URL, {"X": "t0k"}),
    ),
    "bearer_token_env_var": (
        {"url": URL, "bearer_token_env_var": "TOKEN"},
        HttpTarget(URL, {"Authorization": "Bearer t0k"}),
    ),
    "bearer_token_env_var as number": (
        {"url": URL, "bearer_token_env_var": 1},
        "/bearer_token_env_var: not text",
    ),
    "headers with true": ({"url": URL, "headers": {"X": True}}, HttpTarget(URL, {"X": "true"})),
    "a header with a line break": ({"url": URL, "headers": {"X": "a\nb"}}, "holds a line break"),
    "a header that a variable breaks": (
        {"url": URL, "headers": {"X": "${LINES}"}},
        "the header 'X' holds a line break; a header is one line of text",
    ),
    "a header with an impossible name": ({"url": URL, "headers": {"a b": ""}}, "impossible name"),
    "auth": ({"url": URL, "auth": "oauth"}, HttpTarget(URL, auth=OAuth())),
    "auth of a machine": (
        {
            "url": URL,
            "auth": {
                "type": "client_credentials",
                "client_id": "i",
                "client_secret": "${TOKEN}",
            },
        },
        HttpTarget(URL, auth=ClientCredentials("i", "t0k")),
    ),
    "auth of another type": ({"url": URL, "auth": {"type": "x"}}, "`auth` is of a type other than"),
    "auth and a header for it": (
        {"url": URL, "auth": "oauth", "headers": {"authorization": "x"}},
        "both `auth` and an Authorization header; write one of them",
    ),
    "a reference to a secret": (
        {"url": URL, "headers": {"A": "Bearer keyring://a/b"}},
        HttpTarget(URL, {"A": "Bearer keyring://a/b"}),
    ),
    "disabled": ({"command": "x", "disabled": True}, DISABLED),
    "not enabled": ({"url": URL, "enabled": False}, DISABLED),
    "disabled and broken": ({"disabled": True}, DISABLED),
    "a time limit that is none": ({"command": "x", "timeout_s": -1}, "/timeout_s: not a positive"),
}


def meant(expected: StdioTarget | HttpTarget, folder: Path) -> StdioTarget | HttpTarget:
    """A target of `FORMS` for a file in `folder`."""
    if isinstance(expected, HttpTarget):
        return expected

    def placed(text: str) -> str:
        return text.replace("{folder}", str(folder)).replace("{home}", str(folder.parent))

    return StdioTarget(
        placed(expected.command),
        tuple(map(placed, expected.args)),
        expected.env,
        placed(expected.cwd or ""),
    )
