"""Ties a process to the one that started it, so that a killed supervisor leaves no orphans.

Linux only (``PR_SET_PDEATHSIG``, prctl(2)); elsewhere it does nothing, and the locks on the
data directory still keep a second gateway out. ``python -m config.sandbox.parent_death SIGNAL PARENT
PROGRAM …`` does it for a program that is not ours: the tie survives ``exec``, not ``fork``.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_to_parent(signum: signal.Signals, parent: int) -> None:
    """Have the kernel send this process ``signum`` when process ``parent`` ends; exit if it has ended already.

    The kernel watches the very thread that forked, so start tied processes from a thread that lives as long.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:
        # It died between our fork and the call above: no signal will ever come.
        sys.exit(1)


def tied_command(argv: list[str], signum: signal.Signals) -> list[str]:
    """The command line that runs ``argv`` tied to the process that starts it."""
    return [sys.executable, "-m", "config.sandbox.parent_death", signum.name, str(os.getpid()), *argv]


def _main(arguments: list[str]) -> None:
    signum, parent, *argv = arguments
    tie_to_parent(signal.Signals[signum], int(parent))
    os.execvp(argv[0], argv)  # noqa: S606  the program and its arguments are ours, no shell is involved


if __name__ == "__main__":
    _main(sys.argv[1:])
