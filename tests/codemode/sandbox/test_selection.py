"""An engine is chosen only when its sandboxes keep what they promise; else the cause and the
fix."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_sdkgen.cli import main
from mcp_sdkgen_codemode.sandbox import SandboxError, choose, diagnosis
from mcp_sdkgen_codemode.sandbox import self_test as probes
from mcp_sdkgen_codemode.sandbox.engines.bubblewrap import Bubblewrap
from mcp_sdkgen_codemode.sandbox.engines.container import Container

from tests.codemode.sandbox import plain_user, sandboxes
from tests.codemode.sandbox.engines import Weakened, bubblewrap
from tests.codemode.sandbox.judging import judged

REFUSED = [sys.executable, "-m", "tests.codemode.sandbox.refused"]


def refusal(words: list[str]) -> tuple[str, str]:
    ran = subprocess.run(words, cwd=sandboxes.ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    reason, _, fix = ran.stdout.partition("\n")
    return reason, fix


def test_the_self_test_finds_a_weakened_sandbox_out(tmp_path: Path) -> None:
    bubblewrap()
    import tempfile

    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        found = "\n".join(asyncio.run(probes.examine(Weakened(Path(folder)))))
    for weakness in ("opening a socket is possible", "forking is possible", "/etc/passwd can be"):
        assert weakness in found


def test_where_a_profile_denies_user_namespaces_the_cause_and_the_fix_are_told() -> None:
    bubblewrap()
    reason, fix = refusal([*REFUSED, "filter"])
    assert "user namespaces" in reason
    assert fix.strip()


def test_where_user_namespaces_are_switched_off_the_cause_and_the_fix_are_told() -> None:
    bubblewrap()
    off = "echo 0 > /proc/sys/user/max_user_namespaces && exec " + " ".join(REFUSED)
    reason, fix = refusal(["unshare", "--user", "--map-root-user", "sh", "-c", off])
    assert "user.max_user_namespaces is 0" in reason
    assert "sysctl -w user.max_user_namespaces" in fix


@pytest.mark.parametrize(
    ("sysctls", "reason", "fix"),
    [
        ({"kernel/unprivileged_userns_clone": "0"}, "unprivileged_userns_clone is 0", "sysctl -w"),
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "AppArmor",
            "/etc/apparmor.d/bwrap",
        ),
    ],
)
def test_the_known_causes_have_their_own_fixes(
    monkeypatch: pytest.MonkeyPatch, sysctls: dict[str, str], reason: str, fix: str
) -> None:
    monkeypatch.setattr(diagnosis, "sysctl", sysctls.get)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    told = diagnosis.refusal("bwrap: No permissions to create a new namespace")
    assert reason in told[0]
    assert fix in told[1]


def test_a_pod_is_told_about_its_security_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "sysctl", lambda name: None)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert "securityContext" in diagnosis.namespaces_denied()[1]


def test_without_bubblewrap_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match=r"not installed.*apt install bubblewrap"):
        asyncio.run(choose())


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ("docker", r"not installed.*apt install docker\.io \(Debian"),
        ("podman", r"not installed.*apt install podman \(Debian"),
        ("gvisor", r"gvisor needs docker.*then runsc"),
    ],
)
def test_a_container_engine_that_is_missing_is_installed_by_the_name_of_its_package(
    engine: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match=told):
        asyncio.run(choose(engine))


def test_a_set_uid_bubblewrap_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o4755)
    with pytest.raises(SandboxError, match=r"set-uid.*chmod u-s"):
        asyncio.run(Bubblewrap(program=str(program)).start(sandboxes.spec()))


def test_an_old_bubblewrap_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 0.4.1\n")
    program.chmod(0o755)
    with pytest.raises(SandboxError, match=r"version 0.4.1, which is too old"):
        asyncio.run(Bubblewrap(program=str(program)).start(sandboxes.spec()))


def test_an_engine_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(SandboxError, match="Choose one of bubblewrap, podman"):
        asyncio.run(choose("chroot"))


def test_an_isolation_level_that_nothing_reaches_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SandboxError, match="isolation level"):
        asyncio.run(choose("bubblewrap", minimum_level=3))


def test_doctor_says_what_works_and_how_to_get_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bubblewrap()
    monkeypatch.setattr(shutil, "which", lambda name: {"bwrap": "/usr/bin/bwrap"}.get(name))
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "ok  sandbox engine bubblewrap (isolation level 2)" in shown
    assert "no  sandbox engine podman (isolation level 2): podman is not installed" in shown
    assert shown.splitlines()[-1] == "Programs can run here, in bubblewrap."
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "mcp-sdkgen/doctor/1"
    assert [engine["works"] for engine in found["engines"]] == [True, False, False, False]


def test_doctor_says_so_when_nothing_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main(["doctor"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Programs cannot run here. ")
    assert "bubblewrap" in last


def test_doctor_asks_the_servers_of_the_configuration_where_it_is_told_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bubblewrap()
    weather = str(Path(__file__).parents[3] / "examples" / "servers" / "weather.py")
    servers = {
        "weather": {"command": sys.executable, "args": [weather]},
        "gone": {"command": "no-such-command-here"},
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--servers"]) == 1
    shown = capsys.readouterr().out
    assert "ok  configuration with servers: weather, gone" in shown
    assert "ok  server weather answers" in shown
    assert "command not found: 'no-such-command-here'" in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_plain_user_who_is_denied_user_namespaces_is_told_so() -> None:
    bubblewrap()
    ran = plain_user.run([*REFUSED, "filter"])
    assert "user namespaces" in ran.stdout, ran.stderr
    assert "an engine was chosen" not in ran.stdout


PODMAN_ATTACKS = ("01_fork_bomb", "35_open_sockets", "55_os_exit", "63_garbage_frames")
"""Of some classes one; those that look for /proc know only bubblewrap's sandboxes."""


@pytest.fixture(scope="module")
def podman() -> Container:
    try:
        found = asyncio.run(choose("podman"))
    except SandboxError as error:
        pytest.skip(str(error))
    assert isinstance(found, Container)
    return found


def test_a_container_runs_a_program_as_a_sandbox_of_bubblewrap_does(podman: Container) -> None:
    ran = sandboxes.run(
        podman,
        "from sdk import tools\nprint('hi')\nopen('x', 'w').write('1')\n"
        "tools.call('add', a=1, b=2)",
    )
    assert (ran.status, ran.value, ran.stdout) == ("ok", 3, "hi\n"), ran
    assert ran.artifacts == {"x": b"1"}


def test_nothing_is_left_of_a_container_that_was_killed(podman: Container) -> None:
    async def main() -> str:
        sandbox = await podman.start(sandboxes.spec())
        sandbox.close()
        await sandbox.wait()
        return sandbox.name

    name = asyncio.run(main())
    left = subprocess.run(
        [podman.program, "ps", "--all", "--filter", f"name={name}", "--quiet"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert left.stdout == ""


@pytest.mark.parametrize("name", PODMAN_ATTACKS)
def test_an_attack_on_a_container_meets_its_expectation(podman: Container, name: str) -> None:
    met, ran = judged(podman, sandboxes.ATTACKS / f"{name}.py")
    assert met, ran
