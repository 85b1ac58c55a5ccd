"""What a configuration says as it is written, for whoever is to trust it: all of it, as it is.

References stay references, since what they mean may be another thing tomorrow; a secret that stands
there was written by the file's author, and could as well be a command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mcp_sdkgen_codemode.policy.plain_text import plain
from mcp_sdkgen_codemode.policy.policy import Rule
from mcp_sdkgen_codemode.policy.question_text import all_values
from mcp_sdkgen_runtime.config.entry import ServerConfig, Transport

from ..config import Config

_PLAIN_WORD = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def server_lines(server: ServerConfig) -> Iterator[str]:
    """What is started or asked for a server, with all that its entry says. Safe for a terminal."""
    is_started = server.transport is Transport.STDIO
    words = [server.command, *server.args] if is_started else [server.url]
    yield f"{_word(server.name)}: {' '.join(map(_word, words))}"
    rest = {
        "type": server.transport.value if server.transport is Transport.SSE else None,
        "cwd": server.cwd,
        "env": {**server.env},
        "envFile": server.env_file,
        "headers": {**server.headers},
        "auth": server.auth,
        "inputs": {name: value for name, value in server.inputs.items() if value is not None},
        "timeout_s": server.timeout_s,
    }
    yield from all_values({key: value for key, value in rest.items() if value})


def rule_line(rule: Rule) -> str:
    """A rule with its condition. Safe for a terminal."""
    where = "" if rule.where is None else f" where {json.dumps(rule.where, ensure_ascii=False)}"
    return plain(f"{rule}{where}")


def setting_lines(config: Config) -> Iterator[str]:
    """What else a file of ours sets. Safe for a terminal."""
    if config.out is not None:
        yield f"out: {_word(str(config.out))}"
    if config.packages:
        yield from all_values({"packages": {**config.packages}})


def _word(text: str) -> str:
    return text if _PLAIN_WORD.fullmatch(text) else plain(json.dumps(text, ensure_ascii=False))
