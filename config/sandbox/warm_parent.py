"""A process with the libraries of parsers loaded, which forks a child for each call: the other half of ``warm_pool``.

It never sees a file. Started with a socket as standard input, it gets, for each call, a message with the function's
module, the limits and the folder to start in, or a program to become in its stead, and with it the child's standard
input, output and error, a pipe for the outcome, and one that closes when the caller gives up or dies. A module asked
for is loaded here first, and is there for the next child; one that has a ``warm_up`` reads something of its own then,
so that what a first reading makes (patterns, tables) is not made anew in every child.
"""

import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any

from config.sandbox import limited_call
from config.sandbox.confinement import confine
from config.sandbox.limited_child import apply_own_limits, become_keeper, close_program_pipes, supervise_program

MESSAGE_BYTES = 1 << 16
FILES = 5
_HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120


_warmed: set[str] = set()


def main() -> None:
    """Serve until nobody is left who could ask."""
    line = socket.socket(fileno=os.dup(0))
    close_program_pipes()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(line, MESSAGE_BYTES, FILES)
        if not message:
            return
        asked = json.loads(message)
        sys.path[:] = [*asked["path"], _HERE]
        if asked["module"]:
            _load(asked["module"])
        if len(files) == FILES and os.fork() == 0:
            line.close()
            _keep(asked, *files)
        for file in files:
            os.close(file)


def _load(module: str) -> None:
    try:
        loaded = importlib.import_module(module)
        if module not in _warmed:
            _warmed.add(module)
            getattr(loaded, "warm_up", bool)()
    except Exception:  # noqa: BLE001 - the child fails over it as well, and tells who asked
        return
    gc.freeze()


def _keep(asked: dict[str, Any], heard: int, said: int, complained: int, outcome: int, lifeline: int) -> None:
    """In the fork: run the call in a fork of its own, and be its keeper; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        become_keeper()
        # The pipe's end says what to others a signal says.
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGTERM)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([lifeline], [], [], 0)[0]:
            return
        child = os.fork()
        if child == 0:
            _call(asked, heard, said, complained)
        for pipe in (heard, said, complained):
            os.close(pipe)
        supervise_program(child, asked["limits"], outcome)
    finally:
        os._exit(0)


def _call(asked: dict[str, Any], *pipes: int) -> None:
    """In the inner fork: have nothing open but its pipes, set the limits, and call; never returns."""
    code = 1
    try:
        for standard, pipe in enumerate(pipes):
            os.dup2(pipe, standard)
        os.closerange(3, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 65_536 else 65_536)
        os.chdir(asked["folder"])
        if "argv" in asked:
            code = 127
            _become(asked)
        apply_own_limits(asked["limits"], _mapped_mb())
        limited_call.main()
        code = 0
    finally:
        os._exit(code)


def _become(asked: dict[str, Any]) -> None:
    """Become a program; returns only by an error."""
    limits = asked["limits"]
    apply_own_limits(limits)
    confine(
        asked["reach"],
        starts=True,
        with_landlock=bool(limits["landlock"]),
        with_seccomp=bool(limits["seccomp"]),
    )
    os.execvpe(asked["argv"][0], asked["argv"], asked["env"])  # noqa: S606 - no shell is wanted


def _mapped_mb() -> int:
    """The address space that what is loaded takes, nearly all of it shared with the parent."""
    with open("/proc/self/statm") as sizes:  # noqa: PTH123 - one line
        return int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") // (1 << 20)


if __name__ == "__main__":
    main()
