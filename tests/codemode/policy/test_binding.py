"""What an approval knows a server by: where its command leads now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.policy.approval_record import ApprovalKey
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_runtime import LazySession
from mcp_sdkgen_runtime.config.environment import PASSED_ON


def test_an_approval_is_for_the_program_that_a_command_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "server").write_text("#!/bin/sh\n")
        (tmp_path / name / "server").chmod(0o755)

    key = ApprovalKey()

    def binding(place: str, env: dict[str, str]) -> str:
        monkeypatch.setenv("PATH", str(tmp_path / place), prepend=os.pathsep)
        service = Service(LazySession("fake", {"command": "server", "env": env}))
        return service.binding(key)

    mine = binding("mine", {})
    assert binding("theirs", {}) != mine
    assert binding("mine", {}) == mine
    assert binding("mine", {"PATH": str(tmp_path / "theirs")}) != mine
    monkeypatch.setenv("HOME", str(tmp_path))
    assert binding("mine", {}) != mine


def test_an_approval_is_for_the_file_that_a_link_to_a_program_leads_to(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    link = tmp_path / "server"
    link.symlink_to("mine")
    key = ApprovalKey()
    for command in (str(link), "./server"):
        entry = {"command": command, "cwd": str(tmp_path)}
        service = Service(LazySession("fake", entry))
        mine = service.binding(key)
        assert service.binding(key) == mine
        link.unlink()
        link.symlink_to("theirs")
        assert service.binding(key) != mine
        link.unlink()
        link.symlink_to("mine")


def test_an_approval_is_for_where_the_variables_that_a_command_gets_lead_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = ApprovalKey()
    service = Service(LazySession("fake", {"command": "docker", "args": ["run", "acme/mail"]}))
    without_effect = {"LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TERM", "TZ"}
    before = service.binding(key)
    for name in sorted(PASSED_ON - {"PATH"}):
        for spelling in (name, name.lower()):
            with monkeypatch.context() as changed:
                changed.setenv(spelling, "/elsewhere")
                assert (service.binding(key) == before) == (name in without_effect), spelling
    monkeypatch.setenv("NOT_PASSED_ON", "/elsewhere")
    assert service.binding(key) == before


@pytest.mark.parametrize("transport", ["http", "sse"])
def test_an_approval_is_for_the_proxies_and_certificates_that_a_connection_goes_by(
    monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    key = ApprovalKey()
    entry = {"type": transport, "url": "http://mail.example/mcp"}
    service = Service(LazySession("fake", entry))
    before = service.binding(key)
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    small = tuple(name.lower() for name in proxies)
    for name in (*proxies, *small, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        with monkeypatch.context() as changed:
            changed.setenv(name, "http://evil.example:3128")
            assert service.binding(key) != before, name
    monkeypatch.setenv("UV_INDEX_URL", "/elsewhere")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/elsewhere")
    assert service.binding(key) == before
