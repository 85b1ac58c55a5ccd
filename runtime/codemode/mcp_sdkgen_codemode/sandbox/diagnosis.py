"""Why no sandbox can be had, and what to do about it: the causes that are known."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from ..host_only import HostOnly

INSTALL = (
    "Install it: apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora, RHEL), "
    "apk add bubblewrap (Alpine), pacman -S bubblewrap (Arch), zypper install bubblewrap (SUSE)."
)
_ENGINES = {
    "docker": "apt install docker.io (Debian, Ubuntu), dnf install moby-engine (Fedora), "
    "apk add docker (Alpine), pacman -S docker (Arch), zypper install docker (SUSE)",
    "podman": "apt install podman (Debian, Ubuntu), dnf install podman (Fedora, RHEL), "
    "apk add podman (Alpine), pacman -S podman (Arch), zypper install podman (SUSE)",
}
"""What installs each container engine: its package is not called like its command everywhere."""
SYSCTLS = (
    "kernel/unprivileged_userns_clone",
    "user/max_user_namespaces",
    "kernel/apparmor_restrict_unprivileged_userns",
)
"""The kernel's settings that can deny user namespaces."""
_ELSEWHERE = "Or use a container engine: --engine podman, or --engine docker."
_APPARMOR = """\
Allow it for bwrap alone, as root: write
    abi <abi/4.0>,
    include <tunables/global>
    profile bwrap /usr/bin/bwrap flags=(unconfined) {
      userns,
    }
to /etc/apparmor.d/bwrap, then run: apparmor_parser -r /etc/apparmor.d/bwrap
(or for all programs: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0)."""


def not_linux() -> tuple[str, str]:
    """Reason and fix where the system has no namespaces."""
    return (
        f"bubblewrap needs Linux, and this is {sys.platform}",
        "Install Docker or Podman and use --engine docker or --engine podman.",
    )


def refusal(complaint: str) -> tuple[str, str, HostOnly]:
    """Reason, fix and detail when bwrap or its sandbox would not start; `complaint` is what it
    printed."""
    said = complaint.removeprefix("bwrap: ").splitlines()
    quoted = HostOnly(f"bwrap: {said[0][:200]}" if said else "")
    lowered = complaint.lower()
    if "namespace" in lowered or "uid map" in lowered or "permission" in lowered:
        cause, fix = namespaces_denied()
        return cause, fix, quoted
    if "unknown option" in lowered:
        return "bwrap is too old", "Install bubblewrap 0.5 or newer.", quoted
    fix = f"Run: mcp-sdkgen doctor. {_ELSEWHERE}"
    return "bubblewrap could not make a sandbox", fix, quoted


def namespaces_denied() -> tuple[str, str]:
    """The likeliest cause for which this machine denies user namespaces, and its fix."""
    if sysctl("kernel/unprivileged_userns_clone") == "0":
        return (
            "this kernel denies user namespaces to plain users "
            "(kernel.unprivileged_userns_clone is 0)",
            f"As root: sysctl -w kernel.unprivileged_userns_clone=1. {_ELSEWHERE}",
        )
    if sysctl("user/max_user_namespaces") == "0":
        return (
            "user namespaces are switched off here (user.max_user_namespaces is 0)",
            f"As root: sysctl -w user.max_user_namespaces=15000. {_ELSEWHERE}",
        )
    if sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1" and os.geteuid() != 0:
        return (
            "AppArmor denies user namespaces to bwrap "
            "(kernel.apparmor_restrict_unprivileged_userns is 1)",
            _APPARMOR,
        )
    container = _container()
    if container == "kubernetes":
        return (
            "this pod may not make user namespaces",
            "Give its container securityContext.seccompProfile.type: Unconfined (or a profile that "
            "allows clone, unshare, mount, pivot_root and umount2) and procMount: Default, or run "
            "it under a sandboxed runtimeClassName such as gvisor.",
        )
    if container:
        return (
            f"this {container} container may not make user namespaces: its seccomp profile denies "
            "them",
            "Start it with --security-opt seccomp=unconfined (or a profile that allows clone, "
            "unshare, mount, pivot_root and umount2) and --security-opt apparmor=unconfined; "
            "--privileged is not needed.",
        )
    return (
        "this machine denies user namespaces",
        "Look at sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and "
        f"kernel.apparmor_restrict_unprivileged_userns, and at seccomp profiles. {_ELSEWHERE}",
    )


def no_engine(engine: str, client: str) -> tuple[str, str]:
    """Reason and fix where the command of a container engine is missing."""
    if engine != client:  # another runtime of an engine that has a report of its own
        return (
            f"{engine} needs {client}, which is not installed",
            f"Install {client}, then runsc: https://gvisor.dev/docs/user_guide/install/",
        )
    return f"{client} is not installed", f"Install it: {_ENGINES[client]}."


def container_refusal(client: str, complaint: str) -> tuple[str, str, HostOnly]:
    """Reason, fix and detail when a container engine would not make a sandbox."""
    said = complaint.strip().splitlines()
    quoted = HostOnly(f"{client}: {said[-1][:300]}" if said else "")
    lowered = complaint.lower()
    if "daemon" in lowered or "connect" in lowered:
        return f"{client} is not running", f"Start it: systemctl start {client}", quoted
    if "runsc" in lowered:
        return f"{client} does not know gVisor", "Install runsc and tell Docker of it.", quoted
    if "cgroup" in lowered:
        fix = "Install runc beside it: apt install runc"
        return f"{client} cannot make control groups here", fix, quoted
    fix = f"Try it alone: {client} run --rm hello-world"
    return f"{client} could not make a sandbox", fix, quoted


def sysctl(name: str) -> str | None:
    """The value of a kernel setting, by its path; None where the kernel has none."""
    with suppress(OSError):
        return Path("/proc/sys", name).read_text().strip()
    return None


def _container() -> str:
    """The kind of container that this process is in, or an empty string."""
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "kubernetes"
    if Path("/.dockerenv").exists():
        return "Docker"
    if Path("/run/.containerenv").exists():
        return "Podman"
    return ""
