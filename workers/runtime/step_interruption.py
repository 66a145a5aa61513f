"""Stopping in the middle of a step without blame: the step is put back at once and not counted as failed.

A pool that has to stop does not wait for a long recording. ``INTERRUPT_SIGNAL`` reaches whichever
process works on the step: from the pool, or from the kernel when the pool itself was killed.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPT_SIGNAL = signal.SIGUSR1


class StepInterrupted(BaseException):
    """Raised inside a runner; no ``except Exception`` of anybody's may swallow it."""


_working = False


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    # Outside of a runner there is nothing to put back: what is found out is just being saved, or nothing is begun.
    if _working:
        raise StepInterrupted


@contextmanager
def interruptible() -> Iterator[None]:
    """While the block runs, ``INTERRUPT_SIGNAL`` raises ``StepInterrupted`` in it."""
    global _working
    _working = True
    try:
        yield
    finally:
        _working = False


def interrupt_steps_on_signal(child_pid: Callable[[], int]) -> None:
    """Answer ``INTERRUPT_SIGNAL`` in this process; a child that works on the step (0: none) is told instead.

    Children forked later answer it the same way.
    """

    def told(signum: int, frame: FrameType | None) -> None:
        pid = child_pid()
        if pid:
            os.kill(pid, INTERRUPT_SIGNAL)
        else:
            _interrupt(signum, frame)

    signal.signal(INTERRUPT_SIGNAL, told)
