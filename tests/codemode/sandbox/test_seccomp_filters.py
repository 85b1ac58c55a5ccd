"""The committed system call filters say what their source says, for both machines."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from mcp_sdkgen_codemode.sandbox import seccomp
from mcp_sdkgen_codemode.sandbox.seccomp import build

from tests.codemode.sandbox.cbpf import disassemble, verdict

LISTINGS = Path(__file__).parent / "filters"
BOTH = [(stage, machine) for stage in seccomp.STAGES for machine in seccomp.MACHINES]
NUMBERS = {
    "x86_64": {
        "read": 0, "mmap": 9, "ioctl": 16, "socket": 41, "connect": 42, "sendmsg": 46, "bind": 49,
        "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62,
        "ptrace": 101, "prctl": 157, "mount": 165, "keyctl": 250, "unshare": 272, "setns": 308,
        "prlimit64": 302, "seccomp": 317, "memfd_create": 319, "bpf": 321, "execveat": 322,
        "io_uring_setup": 425, "pidfd_open": 434, "clone3": 435,
    },
    "aarch64": {
        "read": 63, "mmap": 222, "ioctl": 29, "socket": 198, "connect": 203, "sendmsg": 211,
        "bind": 200, "socketpair": 199, "clone": 220, "execve": 221, "kill": 129, "ptrace": 117,
        "prctl": 167, "mount": 40, "keyctl": 219, "unshare": 97, "setns": 268, "prlimit64": 261,
        "seccomp": 277, "memfd_create": 279, "bpf": 280, "execveat": 281, "io_uring_setup": 425,
        "pidfd_open": 434, "clone3": 435,
    },
}  # fmt: skip
NEVER = (
    "socket", "connect", "bind", "ptrace", "mount", "keyctl", "unshare", "setns", "bpf", "execveat",
    "io_uring_setup", "pidfd_open",
)  # fmt: skip
ONLY_BEFORE = ["fork", "vfork", "execve", "sendmsg", "memfd_create", "seccomp"]


def committed(stage: int, machine: str) -> bytes:
    chosen: Literal[1, 2] = 1 if stage == 1 else 2
    return seccomp.filter_path(chosen, machine).read_bytes()


@pytest.mark.parametrize(("stage", "machine"), BOTH)
def test_a_filter_reads_as_its_listing_says(stage: int, machine: str) -> None:
    listing = LISTINGS / f"stage{stage}.{machine}.txt"
    assert disassemble(committed(stage, machine)) == listing.read_text()


@pytest.mark.parametrize(("stage", "machine"), BOTH)
def test_a_filter_is_what_its_source_makes(stage: int, machine: str) -> None:
    pytest.importorskip("pyseccomp", exc_type=Exception)
    made = build.build(stage, machine)
    kept = committed(stage, machine)
    # Another libseccomp may order it otherwise, so it is compared by what it says.
    tried = [
        (number, first, second, third)
        for number in range(600)
        for first, second, third in ((0, 0, 0), (1, 1, 0), (17, 1, 1), (0x50F00, 0x5401, 0))
    ]
    assert [verdict(made, machine, *call) for call in tried] == [
        verdict(kept, machine, *call) for call in tried
    ]


@pytest.mark.parametrize(("stage", "machine"), BOTH)
def test_a_filter_kills_other_abis(stage: int, machine: str) -> None:
    raw = committed(stage, machine)
    for other in {"x86_64", "aarch64", "i386", "arm"} - {machine}:
        assert verdict(raw, other, 0) == "KILL"
    if machine == "x86_64":
        assert verdict(raw, machine, 0x40000000) == "KILL"  # x32


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_what_a_program_may_call(machine: str) -> None:
    first, second, known = committed(1, machine), committed(2, machine), NUMBERS[machine]

    def says(name: str, *arguments: int) -> tuple[str, str]:
        number = known[name]
        return verdict(first, machine, number, *arguments), verdict(
            second, machine, number, *arguments
        )

    for name in ("read", "mmap", "kill"):
        assert says(name) == ("ALLOW", "ALLOW")
    for name in NEVER:
        assert says(name, 1, 1) == ("EPERM", "EPERM")
    for name in set(ONLY_BEFORE) & set(known):
        assert says(name) == ("ALLOW", "EPERM")
    assert says("clone3") == ("ENOSYS", "ENOSYS")
    assert says("clone", 0x3D0F00) == ("ALLOW", "ALLOW")  # a thread, as glibc makes it
    assert says("clone", 17) == ("ALLOW", "EPERM")
    for namespace in (0x20000, 0x10000000, 0x20000000, 0x40000000, 0x02000000):
        assert says("clone", 17 | namespace) == ("EPERM", "EPERM")
        assert says("clone", 0x10000 | namespace) == ("EPERM", "EPERM")
    assert says("prctl", 15)[1] == "ALLOW"
    assert says("prctl", 4)[1] == "EPERM"
    assert says("prlimit64", 0, 9, 0)[1] == "ALLOW"
    assert says("prlimit64", 0, 9, 1)[1] == "EPERM"
    assert says("prlimit64", 0, 9, 1 << 32)[1] == "EPERM"
    assert says("socketpair", 1, 0x80801)[1] == "ALLOW"
    assert says("socketpair", 1, 2)[1] == "EPERM"
    assert says("ioctl", 0, 0x5401) == ("ALLOW", "ALLOW")
    assert says("ioctl", 0, 0x5412) == ("EPERM", "EPERM")
    assert says("ioctl", 0, 0x5401 | 1 << 32) == ("ALLOW", "ALLOW")  # the kernel reads 32 bits
