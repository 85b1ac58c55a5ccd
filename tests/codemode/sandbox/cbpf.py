"""Reads filters: as text, and by running them (linux/bpf_common.h, linux/seccomp.h)."""

from __future__ import annotations

import struct
from typing import Final

ARCHES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}
ACTIONS: Final = {
    0x7FFF0000: "ALLOW",
    0x00050001: "EPERM",
    0x00050026: "ENOSYS",
    0x80000000: "KILL",
}
_JUMPS: Final = {0x15: "jeq", 0x25: "jgt", 0x35: "jge", 0x45: "jset"}
_FIELDS: Final = {0: "nr", 4: "arch", 8: "ip.low", 12: "ip.high"} | {
    16 + 8 * n + 4 * half: f"arg{n}.{'high' if half else 'low'}"
    for n in range(6)
    for half in (0, 1)
}
_LOAD, _RETURN, _AND, _ALWAYS = 0x20, 0x06, 0x54, 0x05


def instructions(raw: bytes) -> list[tuple[int, int, int, int]]:
    """(code, jump if true, jump if false, operand) of each instruction."""
    return list(struct.iter_unpack("<HBBI", raw))


def disassemble(raw: bytes) -> str:
    """One instruction a line, with absolute targets. Raises `KeyError` for one that is unknown."""
    lines = []
    for place, (code, yes, no, value) in enumerate(instructions(raw)):
        if code == _LOAD:
            text = f"load {_FIELDS[value]}"
        elif code == _RETURN:
            text = f"return {ACTIONS[value]}"
        elif code == _AND:
            text = f"and {value:#x}"
        elif code == _ALWAYS:
            text = f"jump {place + 1 + value}"
        else:
            text = f"{_JUMPS[code]} {value:#x} then {place + 1 + yes} else {place + 1 + no}"
        lines.append(f"{place:4}  {text}\n")
    return "".join(lines)


def verdict(raw: bytes, machine: str, number: int, *arguments: int) -> str:
    """What a filter says to a system call."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, ARCHES[machine], 0, *padded)
    program, place, register = instructions(raw), 0, 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        if code == _LOAD:
            (register,) = struct.unpack_from("<I", data, value)
        elif code == _RETURN:
            return ACTIONS[value]
        elif code == _AND:
            register &= value
        elif code == _ALWAYS:
            place += value
        else:
            met = {
                0x15: register == value,
                0x25: register > value,
                0x35: register >= value,
                0x45: bool(register & value),
            }[code]
            place += yes if met else no
