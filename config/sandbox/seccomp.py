"""A seccomp filter (seccomp(2), BPF): the calls that a parser needs, and no other.

For ``config.sandbox.limited_child`` it imports nothing but what is quickly imported. The filter of a processor can be
made on any other. A refused call fails with ``EPERM``; one that this table is too old to know, and ``clone3``, whose
flags a filter cannot see, with ``ENOSYS``, upon which programs do without. The other calling conventions of a
processor end the process.
"""

import ctypes
import errno
import os
import struct

from config.sandbox.system_calls import ALLOWED, JUDGED, system_call_numbers

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
"""The bit of x86_64's calls with 32-bit addresses."""
_NEWEST = 462
"""The highest number that was known when the tables were written (Linux 6.10, ``mseal``)."""

_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NAMESPACES = 0x7E020000
"""``CLONE_NEW…`` of clone(2): cgroup, ipc, mounts, network, pid, user, uts."""
_THREAD = 0x00010000
_TO_TERMINALS = (0x5412, 0x541C, 0x5403, 0x541D)
"""ioctl(2) that put words into a terminal, or change whose it is: TIOCSTI, TIOCLINUX, TCSETSW, TIOCCONS."""


def filter_program(machine: str, *, starts: bool, signals_to: int | None = None) -> bytes:
    """The filter for a machine as ``os.uname`` calls it: instructions of eight bytes.

    ``starts``: it may start processes, and become other programs; else it has threads alone. ``signals_to``: the one
    process that it may send signals to; None where something else bounds that.
    """
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        (_GREATER, 0, 1, _NEWEST),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
    ]
    judged = system_call_numbers(JUDGED, machine)
    allowed = system_call_numbers(ALLOWED, machine)
    clone = allowed.pop("clone")
    priority = allowed.pop("setpriority")
    code += _refused(judged["clone3"], errno.ENOSYS)
    code += _if_bits(clone, _NAMESPACES, _THREAD if not starts else 0)
    code += _unless_one_of(judged["ioctl"], 1, _TO_TERMINALS)
    code += _if_equal(judged["prlimit64"], 0, 0)
    code += _if_equal(priority, 1, 0)
    for name in ("kill", "tkill", "tgkill"):
        code += _always(judged[name]) if signals_to is None else _if_equal(judged[name], 0, signals_to)
    if starts:
        allowed |= {name: judged[name] for name in ("execve", "execveat", "fork", "vfork") if name in judged}
    for low, high in _ranges(list(allowed.values())):
        code += [(_AT_LEAST, 0, 2, low), (_GREATER, 1, 0, high), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _ERROR | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def load_filter(program: bytes) -> None:
    """Put this thread, and whatever it starts, under a filter for good; raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp was refused")


def is_available() -> bool:
    """Whether this kernel filters calls, and the tables know this processor."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Without a filter to read it says EFAULT where it could, EINVAL where not (prctl(2)).
    refused = libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None, 0, 0)
    return os.uname().machine in _AUDIT_ARCH and refused == -1 and ctypes.get_errno() == errno.EFAULT


_Code = list[tuple[int, int, int, int]]


def _refused(number: int, why: int) -> _Code:
    return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | why)]


def _always(number: int) -> _Code:
    return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]


def _argument(place: int) -> tuple[int, int, int, int]:
    """Load the lower half of an argument: flags, process ids and requests have no more."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place)


def _if_equal(number: int, place: int, value: int) -> _Code:
    return [
        (_EQUAL, 0, 4, number),
        _argument(place),
        (_EQUAL, 0, 1, value),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
    ]


def _if_bits(number: int, none_of: int, one_of: int) -> _Code:
    """Allow a call whose first argument has none of these bits and, if any are named, one of those."""
    wanted = [(_ANY_BIT, 0, 1, one_of)] if one_of else []
    return [
        (_EQUAL, 0, 4 + len(wanted), number),
        _argument(0),
        (_ANY_BIT, 1 + len(wanted), 0, none_of),
        *wanted,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
    ]


def _unless_one_of(number: int, place: int, values: tuple[int, ...]) -> _Code:
    refused = [(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    code = [_argument(place), *refused, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    return [(_EQUAL, 0, len(code), number), *code]


def _ranges(values: list[int]) -> list[tuple[int, int]]:
    """Numbers as the first and last of each unbroken row."""
    found: list[tuple[int, int]] = []
    for value in sorted(values):
        if found and value == found[-1][1] + 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return found
