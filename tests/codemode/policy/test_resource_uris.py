"""URIs of resources: which ones rules and templates can judge, and which are asked about."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import pytest
from mcp.shared.uri_template import UriTemplate
from mcp_sdkgen_codemode.policy.policy import Policy, Rule
from mcp_sdkgen_codemode.policy.resource_uris import (
    _DEFAULT_PORTS,
    MAX_TRIED,
    Templates,
    is_plain,
)
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_runtime.schema.definitions import ShippedLists


@pytest.mark.parametrize(
    "uri",
    [
        "file:///docs/a.md",
        "note:one",
        "repo://acme/site/issues?state=open&page=2",
        "https://example.org:8443/a%20b/%C3%A9?q=x..y",
        "db://tables/orders;v=2",
        "x:...",
        "weather://Oslo",
        "docs://a%20b.md",
        "http://[::1]:8080/a",
    ],
)
def test_a_uri_in_normal_form_is_plain(uri: str) -> None:
    assert is_plain(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "FILE:///docs/a.md", "file://localhost/docs", "https://Example.org/", "//host/a", "a/b", "",
        "http://me@host/a", "http://169.254.169.254@host/", "file:////etc/passwd", "d://a//b",
        "file:///docs/../etc", "file:///docs/..", "note:..", "note:../secret", "d://a/..;/b",
        "d://a?x=/..", "d://a/%2e%2e/b", "d://a/%252e%252e/b", "d://a/%2E%2E/b", "d://a/%2Fb",
        "d://a/%5Cb", "d://a/%73ecret", "d://a/%c3%a9", "d://a/%00", "d://a/%", "d://a/b#c",
        "d://a/b c", "d://a/b\n", "d://a/.\t./b", "d://a/\\..\\b", "d://a/\uff0e\uff0e/b",
        "d://a/\u00e9", "d:" + "a" * 4000, "file:/etc/x", "file:etc", "file://127.0.0.1/etc",
        "ftps://internal:990/x", "ssh://h:22/", "redis://h:6379/0",
        "postgresql://h:5432/db", "git+ssh://h:22/r", "mqtts://h:8883/t", "ftps://internal",
        "http:/evil.com/x", "http:evil.com/x", "http://evil.com:80/", "http://evil.com:/",
        "http://evil.com./", "http://evil.com", "http://evil.com/?", "https://e.com:443/",
        "http://127.1/", "http://2130706433/", "http://01.2.3.4/", "http://[::0:1]/",
        "http://a:0080/", "http://a:99999/", "smb://HOST/a", "d://a/..%3B/b",
        "d://a/%C0%AE%C0%AE/b", "d://a/%EF%BC%8E%EF%BC%8E/b", "http://0x7f000001/",
        "http://0177.0.0.0x1/", "http://[::ffff:7f00:1]/", "d://a/cafe%CC%81",
        "d://a/%EF%BD%93ecret", "d://a/s%E2%80%8Becret",
    ],
)  # fmt: skip
def test_a_uri_that_may_mean_another_is_not(uri: str) -> None:
    assert not is_plain(uri)


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("docs://{name}.md", "docs://a.md"),
        ("docs://{name}.md", "docs://a%20b.md"),
        ("repo://{owner}/{repo}/open", "repo://acme/site/open"),
        ("file:///manual/{+path}", "file:///manual/a/b.md"),
        ("x:a{?q}", "x:a?q=1"),
        ("x:a{?q}", "x:a"),
        ("http://{host}/readme", "http://example.org/readme"),
    ],
)
def test_what_a_template_gives_follows_it(template: str, uri: str) -> None:
    assert Templates([template]).first(uri) == 0


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("docs://{name}.md", "docs://private/keys.md"),
        ("docs://{name}.md", "docs://a@b.md"),
        ("docs://{name}", "docs://.."),
        ("repo://{owner}/{repo}/open", "repo://acme/site/secret/open"),
        ("http://{host}/readme", "http://evil@169.254.169.254/latest/readme"),
        ("http://{host}/readme", "http://127.0.0.1:9/admin?x=/readme"),
        ("x:a{?q}", "x:admin/delete"),
        ("x:a{?q}", "x:a?other=1"),
        ("file:///manual/{+path}", "file:///manual/../etc/passwd"),
        ("{+uri}", "file:///etc/passwd"),
        ("{scheme}://{name}", "file://a"),
        ("docs://{", "docs://{"),
        ("docs://{a}{b}{c}{d}", "docs://" + "a" * 2000),
    ],
)
def test_what_it_does_not_give_is_asked_about(template: str, uri: str) -> None:
    assert Templates([template]).first(uri) is None


def service(**lists: Any) -> Service:
    return Service.of("fs", object(), ShippedLists({}, **lists))


@pytest.mark.parametrize(
    ("uri", "decision"),
    [
        ("file:///manual/a.md", "allow"),
        ("file:///manual/../../etc/passwd", "ask"),
        ("file:///manual/%2e%2e/x", "ask"),
        ("file:///manual/secret/../a.md", "deny"),
        ("file:///manual/secret/a.md", "deny"),
        ("FILE:///manual/secret/a.md", "ask"),
        ("file://localhost/manual/secret/a.md", "ask"),
        ("file:///manual/%73ecret/a.md", "ask"),
        ("odd:..", "allow"),
    ],
)
def test_a_rule_with_a_wildcard_allows_plain_uris_only(uri: str, decision: str) -> None:
    policy = Policy.of(
        allow=["fs@resource", "fs/file:///manual/*@resource", "fs/odd:..@resource"],
        deny=["fs/file:///manual/secret/*@resource"],
    )
    verdict = policy.decide(service().resource("fs", uri), {"uri": uri})
    assert verdict.decision == decision
    if verdict.decision == "ask":
        assert "normal form" in verdict.why


def test_a_resource_that_is_listed_is_known_however_it_is_written() -> None:
    offered = service(resources={"Notes://A/../b": {"uri": "Notes://A/../b", "name": "b"}})
    found = offered.resource("fs", "Notes://A/../b")
    assert Policy().decide(found, {}).decision == "allow"
    assert Policy.of(deny=["fs@resource"]).decide(found, {}).decision == "deny"


def test_a_variable_of_a_template_is_no_pattern() -> None:
    with pytest.raises(ValueError, match=r"write \* where the template"):
        Rule("deny", "fs/file:///{name}@resource")


def test_default_ports_are_those_of_the_list_of_services() -> None:
    known = {}
    for scheme in _DEFAULT_PORTS:
        with contextlib.suppress(OSError):
            known[scheme] = str(socket.getservbyname(scheme))
    if "https" not in known:
        pytest.skip("this system has no list of services")
    assert known == {scheme: _DEFAULT_PORTS[scheme] for scheme in known}


def listing(*templates: str) -> list[dict[str, str]]:
    return [{"uriTemplate": one, "name": one} for one in templates]


def test_of_thousands_of_templates_only_those_that_begin_and_end_like_a_uri_are_tried_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[str] = []

    def counting(template: str) -> UriTemplate:
        parsed.append(template)
        return original(template)

    original = UriTemplate.parse
    monkeypatch.setattr(UriTemplate, "parse", counting)
    offered = service(
        templates=[
            *listing(*(f"x:/{{a}}/{{b}}/{n}" for n in range(5_000))),
            *listing(*(f"x:/{n}/{{a}}" for n in range(5_000))),
        ]
    )
    for _ in range(3):
        found = offered.resource("fs", "x:/one/two/4321")
        assert found.definition["uriTemplate"] == "x:/{a}/{b}/4321"
        assert not offered.resource("fs", "x:/9999/a").known
    assert parsed == ["x:/{a}/{b}/4321"]


def test_where_very_many_templates_may_give_a_uri_it_is_asked_about() -> None:
    alike = [f"x:/{{a{n}}}/{{b}}" for n in range(MAX_TRIED)]
    assert service(templates=listing(*alike)).resource("fs", "x:/a/b").known
    found = service(templates=listing(*alike, "x:/a/{c}")).resource("fs", "x:/a/b")
    assert not found.known
    assert Policy().decide(found, {}).decision == "ask"


def test_the_first_template_that_gives_a_uri_describes_it() -> None:
    offered = service(templates=listing("x:/{a}{?q}", "x:/a/{b}", "x:/a/{+c}"))
    assert offered.resource("fs", "x:/a/b").definition["uriTemplate"] == "x:/a/{b}"
    assert offered.resource("fs", "x:/a").definition["uriTemplate"] == "x:/{a}{?q}"
