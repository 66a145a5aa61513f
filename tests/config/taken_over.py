"""What code of an attacker's tries from inside a limited child; runs in limited children only."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SYSTEM_CALLS = {
    "ptrace": 101,
    "mount": 165,
    "unshare": 272,
    "setns": 308,
    "process_vm_readv": 310,
    "kexec_load": 246,
    "bpf": 321,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "perf_event_open": 298,
    "keyctl": 250,
    "pidfd_getfd": 438,
    "open_by_handle_at": 304,
    "init_module": 175,
    "shmget": 29,
    "memfd_create": 319,
}
"""On x86_64."""
_REFUSED = (1, 13, 38)
"""EPERM, EACCES, ENOSYS: what a call says that was refused; any other error comes from having been let through."""


class Taken(Exception):
    """Carries what was within reach out of the child."""


def report(targets: dict[str, Any]) -> dict[str, str]:
    """What was within reach, by name, with what it gave."""
    found = {}
    for name, attempt in _attempts(targets).items():
        try:
            found[name] = str(attempt())
        except Exception:  # noqa: BLE001 - whatever stops an attempt
            continue
    return found


def attack(targets: dict[str, Any]) -> None:
    raise Taken(json.dumps(report(targets)))


def take_over(module: str, attribute: str, targets: dict[str, Any]) -> None:
    """Put the attack in place of a library's function, when the library is loaded from where this is called."""
    planted = sys.modules.pop(module)
    folder = str(Path(planted.__file__ or "").parents[1])
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    real = importlib.import_module(module)
    *within, name = attribute.split(".")
    owner = importlib.import_module(".".join([module, *within]))
    setattr(owner, name, lambda *_, **__: attack(targets))
    sys.modules[module] = real


def main(targets: dict[str, Any]) -> None:
    """As a program in place of another."""
    sys.stdout.write(json.dumps(report(targets)))


def _attempts(targets: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    attempts: dict[str, Callable[[], Any]] = {}
    for name, path in targets["files"].items():
        attempts |= {
            f"read {name}": lambda path=path: len(Path(path).read_bytes()),
            f"write {name}": lambda path=path: os.close(os.open(path, os.O_WRONLY)),
            f"remove {name}": lambda path=path: Path(path + ".spare").unlink(),
            f"chmod {name}": lambda path=path: Path(path).chmod(0o777),
            f"link {name}": lambda path=path: os.link(path, str(Path(targets["writes"]) / f"linked-{Path(path).name}")),
        }
    parent = targets["parent"]
    return attempts | {
        "list the folder": lambda: list(Path(targets["folder"]).iterdir()),
        "make a file beside": lambda: Path(targets["folder"], "made").write_text("x"),
        "symbolic link": lambda: Path(targets["writes"], "elsewhere").symlink_to(targets["folder"]),
        "Redis' socket": lambda: _connect(socket.AF_UNIX, targets["socket"]),
        "TCP": lambda: _connect(socket.AF_INET, ("127.0.0.1", targets["port"])),
        "UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", targets["port"])),
        "raw sockets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
        "signal": lambda: os.kill(parent, 0) or _is_python(parent),
        "environment of others": lambda: len(Path(f"/proc/{parent}/environ").read_bytes()),
        "command lines of others": lambda: Path(f"/proc/{parent}/cmdline").read_bytes(),
        "memory of others": lambda: Path(f"/proc/{parent}/mem").open("rb").close(),
        "priority of others": lambda: os.setpriority(os.PRIO_PROCESS, parent, os.getpriority(os.PRIO_PROCESS, parent)),
        "start a program": lambda: subprocess.run(["/usr/bin/true"], check=True).returncode,
        "start a process": _fork,
        **{f"call {name}": lambda number=number: _system_call(number) for name, number in _SYSTEM_CALLS.items()},
    }


def _fork() -> str:
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return "forked"


def _is_python(pid: int) -> bool:
    """Whether signals reach that process indeed: in other namespaces its number may be nobody's, or another's."""
    os.kill(pid, signal.SIGCONT)
    if pid in (os.getpid(), os.getppid(), 1):
        raise OSError
    return True


def _connect(family: int, address: Any) -> str:
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(2)
        line.connect(address)
    return "connected"


def _system_call(number: int) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    # Arguments that no such call takes: it fails, but says so itself.
    if libc.syscall(number, -1, -1, -1, -1, -1, -1) == -1 and ctypes.get_errno() in _REFUSED:
        raise OSError
    return "let through"
