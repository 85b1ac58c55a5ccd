"""Asks for an engine where user namespaces are denied, and says how that was refused.

With `filter`, it first denies them to itself and its children by a system call filter.
"""

from __future__ import annotations

import asyncio
import ctypes
import struct
import sys

from mcp_sdkgen_codemode.sandbox import SandboxError, choose, seccomp

_NUMBERS = {"x86_64": (56, 272, 435), "aarch64": (220, 97, 435)}
_NEWUSER, _EPERM, _ENOSYS, _ALLOW = 0x10000000, 0x50001, 0x50026, 0x7FFF0000


def deny_user_namespaces() -> None:
    """What Docker's default profile does."""
    clone, unshare, clone3 = _NUMBERS[seccomp.machine()]
    program = [
        (0x20, 0, 0, 0),  # load the number
        (0x15, 5, 0, clone3),
        (0x15, 1, 0, clone),
        (0x15, 0, 2, unshare),
        (0x20, 0, 0, 16),  # load the first argument
        (0x45, 2, 0, _NEWUSER),
        (0x06, 0, 0, _ALLOW),
        (0x06, 0, 0, _ENOSYS),
        (0x06, 0, 0, _EPERM),
    ]
    raw = b"".join(struct.pack("<HBBI", *one) for one in program)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    libc = ctypes.CDLL(None)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(Program(len(program), raw)), 0, 0) == 0


if "filter" in sys.argv:
    deny_user_namespaces()
try:
    asyncio.run(choose())
except SandboxError as error:
    print(error.reason)
    print(error.fix)
else:
    print("an engine was chosen")
