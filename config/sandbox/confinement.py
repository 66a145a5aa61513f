"""The base of the sandbox, which needs no privilege: no new privileges, Landlock, and a seccomp filter.

For ``config.sandbox.limited_child`` it imports nothing but what is quickly imported.
"""

import os

from config.sandbox import landlock, seccomp


class ManyThreads(Exception):
    """A thread cannot confine its siblings, which share its memory: whoever takes one over has them all."""


def confine(reach: list[str], *, starts: bool, with_landlock: bool = True, with_seccomp: bool = True) -> None:
    """Leave this process for good nothing but ``reach`` (``landlock.restrict_files``) and the calls that parsers make.

    ``starts``: it may start processes and other programs, which are confined alike. The two layers are each applied
    where wanted and where the kernel has it. Raises ``ManyThreads``, and ``OSError`` where the kernel refuses what it
    said it could.
    """
    if _threads() > 1:
        raise ManyThreads("a process with several threads cannot be confined")
    if not starts:
        reach = [landlock.READ + entry[1:] if entry[0] == landlock.START else entry for entry in reach]
    bounded = with_landlock and landlock.landlock_version() > 0
    signals_bounded = bounded and landlock.landlock_version() >= landlock.SIGNALS_BOUNDED
    program = b""
    if with_seccomp and seccomp.is_available():
        # Who starts others must be able to end them.
        signals_to = None if signals_bounded or starts else os.getpid()
        program = seccomp.filter_program(os.uname().machine, starts=starts, signals_to=signals_to)
    if bounded:
        landlock.restrict_files(reach)
    if program:
        seccomp.load_filter(program)


def _threads() -> int:
    """How many threads this process has; 1 where none can be counted: within a confinement, which all of them share."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208  pathlib is imported slowly
    except OSError:
        return 1
