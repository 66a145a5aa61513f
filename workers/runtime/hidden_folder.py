"""Hides a folder from this process and all it starts: an empty one lies over it, in a mount namespace of its own.

Needs user namespaces, as bubblewrap does. They are made twice: what is mounted in the outer one cannot be taken away
from within the inner one. As a process of another user namespace it can no longer look into the memory of the
gateway's other processes either, or through ``/proc`` at their files.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from pathlib import Path

from config.sandbox.layers import BubblewrapUse
from config.sandbox.parent_death import tie_to_parent
from config.settings.schema import Settings
from inbox.storage.crypto import MASTERS

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000

log = logging.getLogger(__name__)


def hide_masters(settings: Settings) -> None:
    """Take the master keys' folder out of reach, where the key service opens what this process may read."""
    walls = settings.sandbox.bubblewrap is not BubblewrapUse.OFF
    if settings.keys_socket is not None and walls and hide_folder(settings.keys_dir / MASTERS):
        # The kernel may forget it with the namespace.
        tie_to_parent(signal.SIGKILL, os.getppid())


def hide_folder(folder: Path) -> bool:
    """Hide it, if it is there; whether it is out of reach now. For a process with one thread only.

    Where the kernel does not let it, nothing has changed but the namespaces, and that is logged.
    """
    if not sys.platform.startswith("linux") or not folder.is_dir():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _enter_namespaces(libc)
        _called(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
        flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
        _called(libc.mount(b"none", os.fsencode(folder.resolve()), b"tmpfs", flags, b"mode=000,size=4k"))
        _enter_namespaces(libc)
    except OSError as error:
        log.info("%s is not hidden (%s)", folder.name, error.strerror)
    return not _is_reached(folder)


def _is_reached(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except PermissionError:
        return False


def _enter_namespaces(libc: ctypes.CDLL) -> None:
    """A user namespace of its own in which this process's user and group are who they were, and its mounts."""
    user, group = os.geteuid(), os.getegid()
    _called(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS))
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(line)


def _called(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
