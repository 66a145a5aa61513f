"""Landlock (landlock(7)): what of the file system a process, and all it starts, can reach.

Needs no privilege. For ``config.sandbox.limited_child`` it imports nothing but what is quickly imported. Not under its
rule are what a file is called, its size and dates (stat(2)), connecting to a Unix socket by its path, and changing
modes and owners: all but the first is for the seccomp filter to refuse.
"""

import ctypes
import os
import stat
import struct

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on every processor."""
_ASK_VERSION, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_FIRST_RIGHTS, _REFER, _IOCTL_DEV = (1 << 13) - 1, 1 << 13, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2
SIGNALS_BOUNDED = 6
"""The version from which a process cannot send signals to processes outside."""

READ, START, WRITE = "r", "x", "w"
"""How an entry of a reach begins, before its path: read it; read it and start programs of it; write in it."""
_RIGHTS = {
    READ: _READ_FILE | _READ_DIR,
    START: _READ_FILE | _READ_DIR | _EXECUTE,
    WRITE: _READ_FILE | _READ_DIR | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE,
}


def landlock_version() -> int:
    """The version of Landlock's interface that this kernel speaks; 0 when it has none, or it is switched off."""
    told: int = ctypes.CDLL(None, use_errno=True).syscall(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    return max(0, told)


def restrict_files(reach: list[str]) -> None:
    """Put this thread, and whatever it starts, out of reach of every file but these, for good; raises ``OSError``.

    ``reach``: a letter and a path each. A path that does not exist is nothing to reach.
    """
    known = landlock_version()
    handled = _handled(known)
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if known >= SIGNALS_BOUNDED else 0
    network = _BIND_TCP | _CONNECT_TCP if known >= 4 else 0
    attributes = struct.pack("=QQQ", handled, network, scoped)[
        : 8 if known < 4 else 16 if known < SIGNALS_BOUNDED else 24
    ]
    libc = ctypes.CDLL(None, use_errno=True)
    rules = _checked(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock_create_ruleset")
    try:
        for entry in reach:
            _add(libc, rules, entry[1:], _RIGHTS[entry[0]] & handled)
        _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        _checked(libc.syscall(_RESTRICT, rules, 0), "landlock_restrict_self")
    finally:
        os.close(rules)


def _handled(known: int) -> int:
    """Every right that this version can refuse: what is not given is refused."""
    rights = _FIRST_RIGHTS
    rights |= _REFER if known >= 2 else 0
    rights |= _TRUNCATE if known >= 3 else 0
    return rights | (_IOCTL_DEV if known >= 5 else 0)


def _add(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        _checked(libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0), "landlock_add_rule")
    finally:
        os.close(place)


def _checked(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what} was refused")
    return result
