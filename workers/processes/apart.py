"""Does something in a forked child and hands back what it returns: what the child had in memory is gone with it.

So the supervisor, from which all processes are forked, never holds a master key that they would inherit.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections.abc import Callable
from typing import TypeVar

from workers.errors import WorkersError

Result = TypeVar("Result")


class EndedApart(WorkersError):
    """What was done apart went wrong, in these words; or its process was killed."""


def do_apart(work: Callable[[], Result]) -> Result:
    """Do it in a child; raises what it raised, as ``EndedApart`` where that cannot be handed over.

    From one thread only. What is handed back is our own child's pickle, read from a pipe that nobody else has.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not said:
        raise EndedApart(f"A process that prepares the start ended ({os.waitstatus_to_exitcode(status)}).")
    error, result = pickle.loads(said)  # noqa: S301 - our own child's
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


def _work(work: Callable[[], Result], writing: int) -> None:
    try:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        try:
            said = pickle.dumps((None, work()))
        except Exception as error:  # noqa: BLE001 - handed over to who asked
            said = _as_told(error)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(said)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(0)


def _as_told(error: Exception) -> bytes:
    try:
        said = pickle.dumps((error, None))
        pickle.loads(said)  # noqa: S301 - just made
    except Exception:  # noqa: BLE001 - one that is made of more than its words
        return pickle.dumps((EndedApart(str(error)), None))
    return said
