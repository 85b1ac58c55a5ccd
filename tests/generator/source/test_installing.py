"""Servers that a package manager installs before it starts them: time, progress, a gentle end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mcp_sdkgen.source import Event, Phase, limits, resolve
from mcp_sdkgen_runtime.config.environment import passed_on
from mcp_sdkgen_runtime.config.targets import StdioTarget
from mcp_sdkgen_runtime.session import start_limits
from mcp_sdkgen_runtime.transport.installation_advice import advice
from mcp_sdkgen_runtime.transport.installing import Installation

from tests.generator.source.taking import SERVERS, scripted, take_command, take_entry, tool_names

UVX = str(SERVERS / "uvx")
ZOD = "npm http fetch GET 200 https://r.example/zod 5ms"
RUN = "npm info run @scope/name@1.2.3 install node_modules/@scope/name"
RAN = "npm info run @scope/name@1.2.3 install { code: 0, signal: null }"
RESOLVING = "resolving @scope/name"
SEED = [sys.executable, str(SERVERS / "seed.py")]


def test_progress_says_installing_while_the_command_says_so(tmp_path: Path) -> None:
    events: list[Event] = []
    entry = {"command": UVX, "args": SEED, "env": {"SECONDS_TO_INSTALL": "1"}}
    taken = take_entry(entry, tmp_path, on_event=events.append)
    assert tool_names(taken) == ["my_tool"]
    told = [event.message for event in events if event.phase is Phase.INSTALLING]
    assert told == ["uvx: downloading fake-server"]


def test_an_installation_gets_more_time_than_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_limits, "PACKAGE_MANAGER_S", 2.0)
    entry = {"command": UVX, "args": SEED, "env": {"SECONDS_TO_INSTALL": "4"}}
    assert tool_names(take_entry(entry, tmp_path)) == ["my_tool"]


def test_an_installation_that_is_given_up_comes_to_its_end(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    env = {"UNTIL_EOF": "1", "SECONDS_TO_INSTALL": "4", "WHOLE": str(whole)}
    taken = take_entry({"command": UVX, "args": SEED, "env": env}, tmp_path, timeout_s=1)
    assert str(taken.error) == "srv: uvx was still downloading fake-server after 1 s"
    assert taken.error is not None
    assert taken.error.hint == ('retry with --timeout 10, or write "timeout_s": 10 into its entry')
    assert whole.read_text() == "whole\n"


def test_a_package_manager_that_is_late_is_named_with_the_option_that_helps(tmp_path: Path) -> None:
    npx = tmp_path / "npx"
    npx.write_text("#!/bin/sh\nexec sleep 600\n")
    npx.chmod(0o755)
    taken = take_entry({"command": str(npx), "args": ["-y", "thing"]}, tmp_path, timeout_s=1)
    assert str(taken.error) == "srv: npx was still starting after 1 s"
    assert taken.error is not None
    assert taken.error.hint.startswith("retry with --timeout 10")
    assert limits.more_time(120).startswith("retry with --timeout 180")


def test_any_server_that_is_late_says_which_option_gives_it_more_time() -> None:
    taken = take_command(scripted({"silent": ["initialize", "server/discover"]}), timeout_s=20.0)
    assert taken.error is not None
    assert "retry with --timeout 30" in taken.error.hint


def test_a_package_manager_has_a_longer_limit_that_a_caller_or_an_entry_can_set() -> None:
    by_words = {
        "npx -y thing": 120,
        "uvx thing": 120,
        "uv run thing": 120,
        "uv --directory=x tool run thing": 120,
        "npm exec thing": 120,
        "npm start": 30,
        "docker run image": 120,
        "python server.py": 30,
    }
    for words, seconds in by_words.items():
        [source] = resolve([], name="srv", command=words.split()).sources
        assert limits.limit_of(source.config).time_s == seconds, words  # type: ignore[union-attr]
        chosen = limits.limit_of(source.config, 5.0)  # type: ignore[union-attr]
        assert chosen == start_limits.StartLimit(5.0, 5.0)


def test_a_server_sees_what_package_managers_and_certificates_need_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {
        "SSL_CERT_FILE": "/certificates.pem",
        "NODE_EXTRA_CA_CERTS": "/certificates.pem",
        "https_proxy": "http://proxy.example:8080",
        "npm_config_cache": "/somewhere",
        "UV_CACHE_DIR": "/elsewhere",
    }
    for name, value in {**wanted, "GITHUB_TOKEN": "a-secret-of-the-shell"}.items():
        monkeypatch.setenv(name, value)
    plan = {"mirror": True, "results": {"tools/list": {"tools": [{"name": "a"}]}}}
    command = scripted(plan)
    taken = take_entry({"command": command[0], "args": command[1:]}, tmp_path)
    assert taken.snapshot is not None, taken.error
    text = json.dumps(taken.snapshot.tools[0].definition)
    for name, value in wanted.items():
        assert f"{name}={value}" in text
    assert "GITHUB_TOKEN" not in text


def test_a_password_in_a_proxy_s_address_is_in_no_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pr0xy-passw0rd@proxy.example:8080")
    command = scripted({"mirror": True, "results": {"tools/list": {"tools": [{"name": "a"}]}}})
    taken = take_entry({"command": command[0], "args": command[1:]}, tmp_path)
    assert taken.snapshot is not None, taken.error
    assert "pr0xy-passw0rd" not in taken.snapshot.dumps()


def test_a_function_of_a_shell_is_not_passed_on() -> None:
    assert passed_on({"PATH": "() { :; }", "HOME": "/home/me"}) == {"HOME": "/home/me"}


@pytest.mark.parametrize(
    ("lines", "doing", "is_under_way"),
    [
        (["npm http fetch GET 200 https://r.example/@scope%2fname 5ms"], RESOLVING, True),
        (
            ["npm http fetch GET 200 https://r.example/api/npm/zod/-/zod-4.0.1.tgz 5ms"],
            "downloading zod-4.0.1",
            True,
        ),
        ([ZOD, "Server running"], "resolving zod", False),
        ([f"{ZOD} (cache revalidated)"], "installing", False),
        ([f"{ZOD} (cache miss)"], "resolving zod", True),
        (["Server running", "npm notice"], "installing", False),
        (["npm http fetch GET 200 https://r.example/\x1b[2J 5ms"], "installing", True),
        ([f"{RUN} node-gyp rebuild"], "compiling @scope/name (node-gyp)", True),
        ([f"{RUN} node-gyp rebuild", ZOD], "compiling @scope/name (node-gyp)", True),
        ([f"{RUN} node-gyp rebuild", RAN, ZOD], "resolving zod", True),
        (
            [f"{RUN} prebuild-install || node-gyp rebuild"],
            "downloading or compiling @scope/name (node-gyp)",
            True,
        ),
        ([f"{RUN} node fetch.js"], "running the installation script of @scope/name", True),
    ],
)
def test_what_npm_tells_is_understood(lines: list[str], doing: str, is_under_way: bool) -> None:
    installation = Installation("npx", ["-y", "my-server@latest"])
    for line in lines:
        installation.hear(line)
    assert (installation.doing, installation.is_under_way) == (doing, is_under_way)


@pytest.mark.parametrize("word", ["zod", "zod@4", "--package=zod@^4.0.0"])
def test_npm_asks_for_the_package_that_it_starts_also_where_that_is_installed(word: str) -> None:
    installation = Installation("npx", ["-y", word])
    for line in (f"{ZOD} (cache updated)", "npm http fetch GET 200 https://r.example/npm 5ms"):
        installation.hear(line)
    assert not installation.is_under_way


@pytest.mark.parametrize(
    ("lines", "doing", "is_under_way"),
    [
        (["Downloading numpy (15.9MiB)"], "downloading numpy", True),
        (["Downloading b (2MiB)", "Building a", " Downloaded b"], "building a", True),
        (["Building a", "Downloading b (2MiB)", " Downloaded b"], "building a", True),
        (["Downloading a (2MiB)", " Downloaded a", "Installed 3 packages in 5ms"], "", False),
    ],
)
def test_what_uv_tells_is_understood(lines: list[str], doing: str, is_under_way: bool) -> None:
    installation = Installation("uvx")
    for line in lines:
        installation.hear(line)
    assert installation.is_under_way == is_under_way
    assert installation.doing == doing or not is_under_way


def test_a_compiler_at_work_is_told_while_npm_itself_says_nothing(tmp_path: Path) -> None:
    npx, told_of = tmp_path / "npx", tmp_path / "told"
    lines = [
        "#!/bin/sh",
        f"echo '{RUN} node-gyp rebuild' >&2",
        f"while [ ! -e {told_of} ]; do sleep 0.1; done",
        f"echo '{RAN}' >&2",
        'exec "$@"',
    ]
    npx.write_text("\n".join(lines))
    npx.chmod(0o755)
    told: list[str] = []

    def hear(event: Event) -> None:
        if event.phase is Phase.INSTALLING:
            told.append(event.message)
            told_of.touch()

    taken = take_entry({"command": str(npx), "args": SEED}, tmp_path, on_event=hear)
    assert tool_names(taken) == ["my_tool"]
    assert told[0] == "npx: compiling @scope/name (node-gyp)"


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("npm error npx canceled due to missing packages and no YES option: [x]", '"-y"'),
        ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("npm error code E404", "no package of this name"),
        ("npm error code ENOSPC", "make room"),
        (
            "Error: Cannot find module '/srv/me/.npm/_npx/a3f0/node_modules/zod/index.cjs'",
            "delete /srv/me/.npm/_npx/a3f0, and",
        ),
        ("Error: Cannot find module '/srv/me/important/index.cjs'", ""),
        ("something else", ""),
    ],
)
def test_what_a_package_manager_failed_of_leads_to_what_helps(stderr: str, words: str) -> None:
    said = advice(stderr, StdioTarget("npx", ("-y", "x")))
    assert words in said
    assert bool(said) == bool(words)
    assert advice(stderr, StdioTarget("python", ("server.py",))) == ""


@pytest.mark.parametrize(
    "stderr",
    [
        "AttributeError: 'Server' object has no attribute 'list_resources'",
        "ModuleNotFoundError: No module named 'mcp.server.fastmcp'",
    ],
)
def test_a_server_of_an_older_protocol_library_is_told_how_to_get_that(stderr: str) -> None:
    for words in (("uvx", "x"), ("uv", "tool", "run", "x")):
        assert '"mcp<2"' in advice(stderr, StdioTarget(words[0], words[1:]))
    assert advice(stderr, StdioTarget("npx", ("x",))) == ""
