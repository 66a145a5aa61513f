"""Functions that do what a hostile or broken file could make a program do; run in limited child processes only."""

import fcntl
import os
import sys
import time
from pathlib import Path
from typing import Any


def double(argument: dict[str, int]) -> dict[str, int]:
    print("noise of a library")
    return {name: 2 * value for name, value in argument.items()}


_calls: list[object] = []


def count_calls(_: object) -> int:
    _calls.append(_)
    return len(_calls)


def environment(_: object) -> list[str]:
    return sorted(os.environ)


def take_memory(_: object) -> int:
    return len(bytearray(4 << 30))


def loop(_: object) -> None:
    while True:
        pass


def refuse(_: object) -> None:
    raise ValueError("page 3 is encrypted")


def die(_: object) -> None:
    os.abort()


def answer_nothing(_: object) -> None:
    os._exit(0)


def leave_somebody_behind(note: str) -> str:
    """Start a process that detaches itself as well as one can, and go."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            # As long as it lives, it holds a lock: its number may be one among others' numbers.
            with Path(note).open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                held.write("here")
                held.flush()
                time.sleep(600)
        os._exit(0)
    while not (Path(note).exists() and Path(note).read_text()):
        time.sleep(0.01)
    return "gone"


def leave_somebody_behind_and_loop(note: str) -> None:
    leave_somebody_behind(note)
    loop(None)


def fork_many(number: int) -> None:
    for _ in range(number):
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
    time.sleep(600)


def share_memory_among_children(_: object) -> None:
    """Each child stays below the limit; together they do not."""
    for _ in range(6):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1 << 20) * 100)
            time.sleep(600)
            os._exit(len(kept) & 1)
    time.sleep(600)


def unserialisable(_: object) -> Any:
    return sys.stdout
