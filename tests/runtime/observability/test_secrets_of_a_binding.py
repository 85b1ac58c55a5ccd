"""What is secret of a binding, and how it is found in what is told of it."""

from __future__ import annotations

import html
import json
import textwrap
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from mcp_sdkgen_runtime.config.auth import ClientCredentials
from mcp_sdkgen_runtime.config.command_line import shown_args
from mcp_sdkgen_runtime.config.display import shown_url
from mcp_sdkgen_runtime.config.secret_values import secret_values
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.observability.secret_set import SecretSet

USER, QUERY, SEGMENT = "canaryuser", "canary query", "zapPATHSECRET9f8e7d6c5b4a"
URL = f"https://{USER}:canarypass@host.example/s/{SEGMENT}/x?k=canary%20query#canaryfragment"
SECRET = 'p@ss/wo"rd & <caf\u00e9> k\\x1 ends=='

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "JSON": json.dumps,
    "JSON with all characters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "a repr": repr,
    "an ascii": ascii,
    "HTML": html.escape,
    "quoted": quote,
    "quoted whole": lambda text: quote(text, safe=""),
    "quoted in small letters": lambda text: quote(text, safe="").lower(),
    "quoted twice": lambda text: quote(quote(text, safe=""), safe=""),
    "of a form": quote_plus,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "basic credentials": lambda text: b64encode(f"user:{text}".encode()).decode(),
    "base64 of more": lambda text: b64encode(f"a {text} b".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "quoted, every letter": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "quoted twice, every letter": lambda text: "".join(f"%25{byte:02X}" for byte in text.encode()),
    "HTML, every letter": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML in hexadecimal, every letter": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "JSON, every letter": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "JSON in JSON, every letter": lambda text: "".join(f"\\\\u{ord(one):04X}" for one in text),
    "a repr, every letter": lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    "base64 of what is quoted": lambda text: b64encode(quote(text, safe="").encode()).decode(),
    "base64 over lines": lambda text: "\r\n".join(
        textwrap.wrap(b64encode(text.encode()).decode(), 12)
    ),
    "hexadecimal in capitals": lambda text: text.encode().hex().upper(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with spaces": lambda text: text.encode().hex(" "),
    "hexadecimal numbers": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "over lines": lambda text: "\n".join(textwrap.wrap(text, 10, drop_whitespace=False)),
    "over lines as in mail": lambda text: "\r\n".join(
        text[at : at + 9] for at in range(0, len(text), 9)
    ),
    "over lines as in mail, in JSON": lambda text: json.dumps(text[:9] + "\r\n" + text[9:]),
    "over lines in JSON": lambda text: json.dumps(text[:9] + "\n    " + text[9:]),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_in_every_spelling(spelling: str) -> None:
    spelled = SPELLINGS[spelling](SECRET)
    left = SecretSet([SECRET]).text(f"said {spelled}.")
    assert "[redacted]" in left
    # Of base64 within more, a character at each end is shared with what stands beside it.
    assert len(left) <= len("said [redacted].") + 12


def test_what_is_no_secret_stays() -> None:
    words = SecretSet([SECRET, "hunter2hunter2"])
    text = "a password of 12 letters, and hunter2 alone; " * 50
    assert words.text(text) == text
    assert words.cleaned({"data": "hunter2hunter2", "mimeType": "image/png"})["data"]


def test_all_parts_of_a_url_and_of_headers_are_secret() -> None:
    login = ClientCredentials("id", "client-secret-1")
    headers = {"X-Tenant": "tenant-4711", "Authorization": "Basic dXNlcjpwYXNzd29yZDE="}
    words = SecretSet(secret_values(HttpTarget(URL, headers, auth=login)))
    secrets = [USER, "canarypass", QUERY, "canary%20query", SEGMENT, "canaryfragment"]
    secrets += ["client-secret-1", "tenant-4711", "password1"]
    assert [one for one in secrets if one in words.text(f"it said {one!r}")] == []


def test_every_value_of_an_environment_is_secret_whatever_its_name() -> None:
    environment = {"APPID": "aa11bb22cc33dd44", "SIZE": "1234567", "API_KEY": "k3y!"}
    words = SecretSet(secret_values(StdioTarget("server", (), environment)))
    assert (
        words.text("aa11bb22cc33dd44 and k3y! and 1234567")
        == "[redacted] and [redacted] and 1234567"
    )


@pytest.mark.parametrize(
    ("segment", "opaque"),
    [
        ("zapPATHSECRET9f8e7d6c5b4a", True),
        ("T00000000B11111111", True),
        ("bot123456789:AAF-abcdEFGH1234ijklMNOP", True),
        ("XkQmPzRtYwBnLsVdJgHf", True),
        ("a%2D550e8400e29b41d4a716", True),
        ("mcp", False),
        ("model-context-protocol-server", False),
        ("repositories2026", False),
        ("v1", False),
    ],
)
def test_a_path_shows_names_and_hides_what_is_opaque(segment: str, opaque: bool) -> None:
    assert shown_url(f"https://host/{segment}/mcp").endswith(
        "/***/mcp" if opaque else f"/{segment}/mcp"
    )


@pytest.mark.parametrize(
    ("words", "secret", "shown"),
    [
        (["--pass=hunt3r"], "hunt3r", "--pass=***"),
        (["--password", "hunt3r"], "hunt3r", "--password ***"),
        (["--pin", "4711"], "4711", "--pin ***"),
        (["-u", "me:hunt3r"], "hunt3r", "-u me:***"),
        (["--user=me:hunt3r"], "hunt3r", "--user=me:***"),
        (["mysql", "-phunt3r"], "hunt3r", "mysql -p***"),
        (["mysql", "-p", "hunt3r"], "hunt3r", "mysql -p ***"),
        (["-u", "me", "-p", "hunt3r"], "hunt3r", "-u me -p ***"),
        (["--header", "Authorization: Bearer hunt3r"], "hunt3r", "--header Authorization: ***"),
        (["-H", "X-Tenant: hunt3r-9"], "hunt3r-9", "-H X-Tenant: ***"),
        (["docker", "run", "-e", "ACME=hunt3r-9"], "hunt3r-9", "docker run -e ACME=***"),
        (["DB_PASS=hunt3r"], "hunt3r", "DB_PASS=***"),
        (["postgresql://me:hunt3r@host/db"], "hunt3r", "postgresql://host/db"),
        (["--db=postgresql://me:hunt3r@host/db"], "hunt3r", "--db=postgresql://host/db"),
        (["postgresql://me:hu;nt/3r@host/db"], "hu;nt/3r", "postgresql://host/db"),
        (["Server=h;Password=hunt 3r;Uid=me"], "hunt 3r", "Server=h;Password=***;Uid=me"),
        (["host=h password=hunt3r user=me"], "hunt3r", "host=h password=*** user=me"),
        (["jdbc:x://h;user=me;password=hunt3r"], "hunt3r", "jdbc:x://h;user=me;password=***"),
        (['{"a": {"token": "hunt3r"}}'], "hunt3r", '{"a": {"token": "***"}}'),
        (['--config={"pin": 4711, "b": 1}'], "4711", '--config={"pin": "***", "b": 1}'),
        (["me:hunt3r@host"], "hunt3r", "***@host"),
        (["sh", "-c", "exec srv --password hunt3r"], "hunt3r", "sh -c exec srv --password ***"),
        (["/bin/bash", "-lc", "TENANT=hunt3r-9 srv"], "hunt3r-9", "/bin/bash -lc TENANT=*** srv"),
        (["zsh", "-c", "cd x; srv --pin 'hu nt'"], "hu nt", "zsh -c cd x ; srv --pin ***"),
        (["dash", "-c", 'sh -c "srv --pin 4711"'], "4711", "dash -c sh -c srv --pin ***"),
        (["sh", "-c", "srv --pin 4711 'open"], "4711", "sh -c srv --pin *** 'open"),
        (["cmd", "/c", r"C:\x\mysql.exe -phunt3r"], "hunt3r", r"cmd /c C:\x\mysql.exe -p***"),
        (["cmd.exe", "/C", "set PIN=4711&& srv"], "4711", "cmd.exe /C set PIN=*** && srv"),
        (["pwsh", "-Command", "& srv -Pin 4711"], "4711", "pwsh -Command & srv -Pin ***"),
        (["pwsh", "-c", "$env:PIN='4711'; srv"], "4711", "pwsh -c $env:PIN=*** ; srv"),
        (["env", "-i", "TENANT=hunt3r-9", "srv"], "hunt3r-9", "env -i TENANT=*** srv"),
        (["env", "-S", "TENANT=hunt3r-9 srv"], "hunt3r-9", "env -S TENANT=*** srv"),
        (["--auth", "me:hunt3r"], "hunt3r", "--auth ***"),
        (["--credentials=me:hunt3r"], "hunt3r", "--credentials=***"),
        (["--login", "me:hunt3r"], "hunt3r", "--login me:***"),
        (["--key", '{"a": ["hunt3r"]}'], "hunt3r", "--key ***"),
        (["--key", "{'a': 'hunt3r'}"], "hunt3r", "--key ***"),
        (["{'password': 'hunt3r'}"], "hunt3r", '{"password": "***"}'),
        (["{'a': True, 'auth': {'b': 'hunt3r'}}"], "hunt3r", "{'a': True, 'auth': ***}"),
        (["--cookie", "sid=hunt3r"], "hunt3r", "--cookie ***"),
        (["--set=auth.password=hunt3r"], "hunt3r", "--set=auth.password=***"),
        (["--set", "a.b=c,auth.password=hunt3r"], "hunt3r", "--set a.b=c,auth.password=***"),
        (["curl", "-ume:hunt3r"], "hunt3r", "curl -ume:***"),
        (["docker", "run", "-eACME=hunt3r-9"], "hunt3r-9", "docker run -eACME=***"),
        (["curl", "-HX-Pin: 4711"], "4711", "curl -HX-Pin: ***"),
        (["--user", "me", "-phunt3r"], "hunt3r", "--user me -p***"),
        (["--user", "me", "-p=hunt3r"], "hunt3r", "--user me -p=***"),
        (["-ume:hunt3r", "-p", "4711x"], "4711x", "-ume:*** -p ***"),
        (["mysql.exe", "-phunt"], "hunt", "mysql.exe -p***"),
        ([r"C:\x\MySQL.exe", "-p=hunt"], "hunt", r"C:\x\MySQL.exe -p=***"),
        (["https://host/x?page=hunt3r-9"], "hunt3r-9", "https://host/x"),
        (["https://host/x?pin=4711&a=b"], "4711", "https://host/x"),
        (["https://host/x#access_token=hunt3r"], "hunt3r", "https://host/x"),
        (["postgresql://me:a/hunt/3r@host/db"], "a/hunt/3r", "postgresql://host/db"),
        (["curl", "-b", "sid=hunt3r"], "hunt3r", "curl -b ***"),
        (["curl", "-bsid=hunt3r"], "hunt3r", "curl -b***"),
        (["smbclient", "-U", "me%hunt3r"], "hunt3r", "smbclient -U me%***"),
        (["smbclient", "-UDOM/me%hunt3r"], "hunt3r", "smbclient -UDOM/me%***"),
        (["smbclient", "--user=me%hunt3r"], "hunt3r", "smbclient --user=me%***"),
        (["sqlplus", "-S", "me/hunt3r@db"], "hunt3r", "sqlplus -S me/***@db"),
        (["sqlplus", 'me/"hunt 3r"'], "hunt 3r", 'sqlplus me/"***"'),
        (["7z", "x", "-phunt3r", "a.7z"], "hunt3r", "7z x -p*** a.7z"),
        (["zip", "-P", "hunt3r", "a.zip"], "hunt3r", "zip -P *** a.zip"),
        (["vault", "login", "-no-store", "hunt3r"], "hunt3r", "vault login -no-store ***"),
        (["sh", "-c", "srv --x $(echo hunt3r)"], "hunt3r", "sh -c srv --x $ ( echo *** )"),
        (["sh", "-c", "X=$(printf hunt3r) srv"], "hunt3r", "sh -c X=$ ( printf *** ) srv"),
        (["<a><password>hunt3r</password></a>"], "hunt3r", "<a><password>***</password></a>"),
        (['<x:pin a="b">hu&amp;nt</x:pin>'], "hu&nt", '<x:pin a="b">***</x:pin>'),
        (['<a password="hunt3r"/>'], "hunt3r", '<a password="***"/>'),
        (['<add name="Pin" value="hunt3r"/>'], "hunt3r", '<add name="Pin" value="***"/>'),
        (["machine h login me password hunt3r"], "hunt3r", "machine h login me password ***"),
        (["--token", "---hunt3r"], "---hunt3r", "--token ***"),
        (["--token", "--hunt3r!"], "--hunt3r!", "--token ***"),
        (
            ["ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "***",
        ),
        (["npm_aB3dE5gH7jK9"], "npm_aB3dE5gH7jK9", "***"),
        (["sk-proj-aB3dE5gH7"], "sk-proj-aB3dE5gH7", "***"),
    ],
)
def test_a_secret_of_a_command_line_is_known_by_its_place(
    words: list[str], secret: str, shown: str
) -> None:
    target = StdioTarget(words[0], tuple(words[1:]))
    assert " ".join(shown_args(words)) == shown
    assert secret not in repr(target)
    assert secret not in SecretSet(secret_values(target)).text(f"it said {secret}.")


@pytest.mark.parametrize(
    "words",
    [
        ["docker", "run", "-u", "1000:1000", "-p", "127.0.0.1:8080:80/tcp", "img"],
        ["npx", "-y", "-p", "@scope/package", "server", "--port", "8080"],
        ["uvx", "-p", "3.12", "server", "--compass", "north", "--spinner", "dots"],
        ["server", "--db=/data/x.db", "--log-level=debug", "{not json", "a=b;c=d"],
        ["server", "--max-tokens", "4096", "--token-limit", "4000", "--max-new-tokens=2048"],
        ["server", "--keyspace", "users", "--key-column", "name", "--token-file", "/run/token"],
        ["server", "--author", "Somebody", "--keyboard", "qwerty", "--monkey", "george"],
        [
            "server",
            "--authority",
            "issuer",
            "--auth-url",
            "https://host/login",
            "--no-auth",
            "word",
        ],
        ["server", "--token-endpoint", "https://host/token", "--auth-mode=interactive"],
        ["su", "-u", "node:node", "-u", "postgres:postgres", "--user", "1000:1000"],
        ["git", "-u", "origin:main", "--password-file", "words"],
        ["server", "--user", "deploy", "-p", "project", "-port=8080", "-pretty"],
        ["server", "-u", "alice", "-p", "/srv/data", "-p", "./data", "-p8080"],
        ["server", "-u", "https://host:8080/path", "postgres@localhost"],
        ["server", "-H", "Accept: application/json", "-H", "X-Tenant: acme"],
        ["sh", "-c", "cd /srv && exec server --max-tokens '4096'"],
        ["npx", "npm-check-updates", "npm_config_registry", "npm-registry-fetch", "tokenizers"],
        [
            "uvx",
            "hf_transfer",
            "hf-transfer",
            "sk-learn-extension",
            "sk-video-tools",
            "pypi-server",
        ],
        ["uvx", "pk-fire-detector", "rk-tools-collection", "basically", "eyjafjallajokull"],
        ["https://host/npm-check-updates/sk-learn-extension/hf-transfer"],
        ["curl", "-b", "cookies.txt", "-o", "words.txt", "https://host/path"],
        ["server", "-U", "me%project", "-b", "branch=main", "vault", "data/files", "login.html"],
        ["sqlplus", "@path/script", "/path/script", "-S"],
        ["7z", "x", "-p", "archive.7z"],
        ["sh", "-c", "echo starting && echo $(date)"],
        ["<a><name>somebody</name><title>words</title></a>", '<add name="Title" value="words"/>'],
        ["a machine with a login has no password here"],
        ["server", "--token-file", "--verbose", "--no-token", "--http2-only"],
    ],
)
def test_what_is_no_secret_of_a_command_line_is_shown(words: list[str]) -> None:
    assert shown_args(words) == words
    told = " ".join(words)
    assert SecretSet(secret_values(StdioTarget(words[0], tuple(words[1:])))).text(told) == told


@pytest.mark.parametrize(
    "words",
    [
        ["program", "-k", "hunt3r"],
        ["sh", "-c", "echo hunt3r | server"],
        ["--token", "--hunt3r"],
        ["--token", "HUNT3R"],
    ],
)
def test_where_nothing_says_so_a_secret_is_not_known(words: list[str]) -> None:
    """If one of these is known one day, docs/security.md must not say any more that it is not."""
    target = StdioTarget(words[0], tuple(words[1:]))
    assert SecretSet(secret_values(target)).text("it said hunt3r.") == "it said hunt3r."


@pytest.mark.parametrize(
    "url",
    [
        "https://host/issues?state=open&type=json#read",
        "https://host/issues?max_tokens=4096",
        "postgres://postgres@localhost/shop",
        "ssh://deployer@host/path",
    ],
)
def test_what_is_no_secret_of_a_url_may_be_told(url: str) -> None:
    for target in (HttpTarget(url), StdioTarget("server", (url,))):
        assert SecretSet(secret_values(target)).text(url) == url


def test_headers_that_every_request_has_are_no_secrets() -> None:
    headers = {
        "Accept": "application/json, text/event-stream",
        "Accept-Language": "en-GB,en;q=0.5",
        "Content-Type": "application/json",
        "User-Agent": "server-of-somebody/1.0",
        "X-Tenant": "acme",
    }
    assert secret_values(HttpTarget("https://host/mcp", headers)) == []
    pins = SecretSet(secret_values(HttpTarget("https://host/mcp", {**headers, "X-Pin": "4711"})))
    assert pins.text("acme 4711") == "acme [redacted]"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASS", "4711", "4711"),
        ("dbPin", "4711", "4711"),
        ("PGPASS", "abcd", "abcd"),
        ("CONFIG", '{"db": {"password": "hunt3r"}}', "hunt3r"),
        ("DATABASE", "Server=h;Password=hunt3r;", "hunt3r"),
        ("BROKER", "me:hunt3r@host", "hunt3r"),
        ("STORE", "redis://:hunt3r@host", "hunt3r"),
        ("API_AUTH", "me:hunt3r", "hunt3r"),
        ("LOGIN", "me:hunt3r", "hunt3r"),
        ("BASIC", "me:hunt3r", "hunt3r"),
        ("CREDENTIALS", '{"user": "alice", "value": "hunt3r"}', "hunt3r"),
        ("CREDENTIALS", '{"all": [{"a": "me:hunt3r"}]}', "hunt3r"),
        ("API_KEYS", "a,hunt3r", "hunt3r"),
        ("TOKENS", "alice:hunt3r,bob:abcd", "hunt3r"),
        ("CONN", "Server=h;PWD={hunt3r}", "hunt3r"),
        ("CONN", "Server=h;PWD={hunt;3r};Uid=me", "hunt;3r"),
        ("COOKIE", "a=1; sid=hunt3r", "hunt3r"),
        ("COOKIE", '"a=1; sid=hunt3r"', "hunt3r"),
        ("PGPASS", "h:5432:db:me:hunt3r", "hunt3r"),
        ("PASSWORDS", "me:pa,ss:word", "pa,ss:word"),
        ("AUTH_B64", b64encode(b"me:hunt3r").decode(), "hunt3r"),
        ("AUTH_B64", urlsafe_b64encode(b'{"a": "hunt3r?>"}').decode().rstrip("="), "hunt3r?>"),
    ],
)
def test_a_secret_of_a_variable_counts_from_four_characters_on(
    name: str, value: str, secret: str
) -> None:
    words = SecretSet(secret_values(StdioTarget("server", (), {name: value})))
    assert words.text(f"it said '{secret}'.") == "it said '[redacted]'."


def test_who_a_secret_belongs_to_is_none_unless_it_is_long() -> None:
    environment = {
        "TOKENS": "alice:hunt3r,administration:hunt4r",
        "CREDENTIALS": '{"user": "carol", "value": "hunt5r"}',
        "AUTH": "user=dave;key=hunt6r",
    }
    words = SecretSet(secret_values(StdioTarget("server", (), environment)))
    assert words.text("alice carol dave") == "alice carol dave"
    assert words.text("administration, hunt3r, hunt4r, hunt5r, hunt6r") == ", ".join(
        ["[redacted]"] * 5
    )


def test_what_is_nested_beyond_reason_is_secret_as_a_whole() -> None:
    for deep in ("key=" * 5000, "a:" * 5000, "[" * 5000, "(" * 5000, "key={" * 5000, "'\"" * 5000):
        target = StdioTarget(
            "sh", ("-c", deep, f"--key={deep}hunt3r-9"), {"KEY": f"{deep}hunt3r-9"}
        )
        assert "hunt3r-9" not in repr(target)
        assert f"{deep}hunt3r-9" in secret_values(target)


def test_a_long_word_after_a_flag_is_read_in_one_pass() -> None:
    for long in (f"--{'a_' * 50_000}!", f"--{'a-' * 50_000}", f"--{'_' * 100_000}"):
        assert long in secret_values(StdioTarget("server", ("--token", long)))


def test_four_digits_and_short_words_are_found_as_words_only() -> None:
    words = SecretSet(secret_values(StdioTarget("server", (), {"PIN": "4711", "DB_PASS": "abcd"})))
    assert words.text("47110 x4711 abcde 1abcd; 4711 abcd") == (
        "47110 x4711 abcde 1abcd; [redacted] [redacted]"
    )
    switches = {"USE_AUTH": "true", "AUTH_TYPE": "basic"}
    assert SecretSet(secret_values(StdioTarget("server", (), switches))).values == frozenset()


def test_a_token_that_comes_later_is_secret_from_then_on() -> None:
    words = SecretSet()
    assert words.text("token-123456") == "token-123456"
    words.add("token-123456", None)
    assert words.text("token-123456") == "[redacted]"


def test_what_is_nested_too_deep_is_told_as_such() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    assert "nested more than 200 levels deep" in str(SecretSet([SECRET]).cleaned(deep))
