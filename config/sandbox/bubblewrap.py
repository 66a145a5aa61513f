"""bubblewrap (``bwrap``): a child in namespaces of its own, where nothing exists but what is in its reach.

Own user, mounts, processes, network, IPC, host name: other processes, sockets by their path, and the names and sizes of
files, which Landlock leaves visible, are gone as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from config.sandbox.landlock import WRITE
from config.sandbox.layers import BubblewrapUse, current_sandbox_layers

_NAMESPACES = (
    *("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "reader"),
)
_MADE_INSIDE = ("/proc/", "/dev/")
_PROBE_SECONDS = 20


def is_bubblewrap_used() -> bool:
    """Whether children are started within bubblewrap now."""
    use = current_sandbox_layers().bubblewrap
    return use is not BubblewrapUse.OFF and (use is BubblewrapUse.REQUIRED or why_bubblewrap_fails() == "")


@cache
def why_bubblewrap_fails() -> str:
    """Why bubblewrap does not work here, in a few words; "" where it does."""
    if _program() is None:
        return "bwrap is not installed"
    asked = bubblewrap_command(["/usr/bin/true"], ["x/usr", "x/bin", "x/lib", "x/lib64"])
    try:
        done = subprocess.run(asked, capture_output=True, timeout=_PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap does not run ({type(error).__name__})"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if done.returncode == 0 else (said[-1] if said else f"bwrap ends with code {done.returncode}")[:200]


@cache
def _program() -> str | None:
    """Where it is, from the first look on: what is asked for later may be searched for elsewhere."""
    return shutil.which("bwrap")


def bubblewrap_command(argv: Sequence[str], reach: Sequence[str]) -> list[str]:
    """The command line that runs ``argv`` where only ``reach`` exists (as ``landlock.restrict_files`` takes it)."""
    command = [_program() or "bwrap", *_NAMESPACES, "--proc", "/proc", "--dev", "/dev"]
    links: dict[str, str] = {}
    seen: list[Path] = []
    for entry in sorted(reach, key=lambda entry: (entry[0] == WRITE, entry[1:])):
        path = entry[1:]
        if path.startswith(_MADE_INSIDE) or not os.path.lexists(path):
            continue
        if Path(path).is_symlink() and Path(path).parent == Path("/"):
            links[path] = str(Path(path).readlink())
            continue
        if entry[0] == WRITE or not any(Path(path).is_relative_to(one) for one in seen):
            command += ["--bind" if entry[0] == WRITE else "--ro-bind", path, path]
            seen.append(Path(path))
    for path, target in links.items():
        command += ["--symlink", target, path]
    # What is written to either would be memory that nobody counts.
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--", *argv]
