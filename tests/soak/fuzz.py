"""``make soak ONLY=fuzz``: texts, mails and files made up by chance and by malice, through everything that reads them.

Four parts: how time grows with length, from 1 kB to 10 MB; texts; mails (``tests.soak.mutations``); and files that
libraries and programs open, each in its limited child as in a pool. Counts are options: PORTEVOIX_FUZZ_TEXTS,
PORTEVOIX_FUZZ_MAILS, PORTEVOIX_FUZZ_FILES (of each kind), PORTEVOIX_FUZZ_BYTES (the longest text), PORTEVOIX_SEED. What
goes wrong is kept in a file that is named.
"""

from __future__ import annotations

import math
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.sandbox.warm_pool import WarmPool
from tests.soak.mutations import mutations
from tests.standins.growing import TEXTS, UNITS, mails, read_mail
from tests.standins.made_files import KINDS, damaged_file
from transcription.base.values import TranscriptionError

TEXT_COUNT = int(os.environ.get("PORTEVOIX_FUZZ_TEXTS", "4000000"))
MAIL_COUNT = int(os.environ.get("PORTEVOIX_FUZZ_MAILS", "200000"))
FILE_COUNT = int(os.environ.get("PORTEVOIX_FUZZ_FILES", "5000"))
MOST_BYTES = int(os.environ.get("PORTEVOIX_FUZZ_BYTES", "10000000"))
SEED = os.environ.get("PORTEVOIX_SEED", "fuzz")

MOST_GROWTH = 1.2
"""The exponent of time over length."""
_TELLING_SECONDS = 0.2
"""Of less, nothing can be said about growth."""
_TEXT_SECONDS, _GROWN_SECONDS, _FILE_SECONDS = 2.0, 120.0, 60.0
_KEPT = Path(tempfile.gettempdir()) / "portevoix-fuzz"


class _TooLong(BaseException):
    """No ``Exception``, for some of what is tried catches these."""


def fuzz() -> None:
    """All four parts; raises ``AssertionError`` with what went wrong."""
    wrong = Counter({**growth(), **texts(), **files()})
    mutations(MAIL_COUNT)
    assert not wrong, dict(wrong)


def growth() -> Counter[str]:
    """Read what repeats one thing, longer and longer; what takes more than in proportion is wrong."""
    wrong: Counter[str] = Counter()
    shapes = [
        (f"{name} of {unit!r}", read, lambda size, unit=unit: unit * (size // len(unit) + 1))
        for name, read in TEXTS.items()
        for unit in UNITS
    ]
    shapes += [(name, read_mail, make) for name, make in mails()]
    for name, read, make in shapes:
        if problem := grows(read, make, MOST_BYTES):
            wrong[f"{name}: {problem}"] += 1
            print(f"{name}: {problem}", flush=True)
    print(f"growth of {len(shapes)} shapes measured up to {MOST_BYTES} bytes", flush=True)
    return wrong


def grows(read: Callable[[Any], object], make: Callable[[int], Any], most: int) -> str:
    """How a reader grows too fast over what is made, in lengths from 1 kB, four times as long each; "" where not."""
    before: tuple[int, float] | None = None
    size = 1_000
    while size <= most:
        given = make(size)
        try:
            with _no_longer_than(_GROWN_SECONDS):
                began = time.process_time()
                read(given)
                seconds = time.process_time() - began
        except _TooLong:
            return f"more than {_GROWN_SECONDS:.0f} s for {size} bytes"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return f"{type(error).__name__} at {size} bytes"
        if before and before[1] > _TELLING_SECONDS:
            exponent = math.log(seconds / before[1]) / math.log(size / before[0])
            if exponent > MOST_GROWTH and _again(read, given, seconds) / before[1] > (size / before[0]) ** MOST_GROWTH:
                return f"exponent {exponent:.2f} at {size} bytes"
        before = size, seconds
        size *= 4
    return ""


def texts() -> Counter[str]:
    """Texts put together by chance, through every reader of texts."""
    chance, wrong = random.Random(SEED), Counter[str]()
    readers = list(TEXTS.items())
    for number in range(TEXT_COUNT):
        text = made_up(chance)
        name, read = readers[number % len(readers)]
        try:
            with _no_longer_than(_TEXT_SECONDS):
                read(text)
        except (Exception, _TooLong) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            wrong[f"{name}: {type(error).__name__}"] += 1
            print(f"{name}: {type(error).__name__}: {_keep(f'text-{number}', text.encode('utf-8', 'surrogatepass'))}")
    print(f"{TEXT_COUNT} texts read", flush=True)
    return wrong


def made_up(chance: random.Random) -> str:
    """A text of a few pieces, some of them repeated, some of any characters at all."""
    pieces = []
    for _ in range(chance.randint(1, 12)):
        if chance.random() < 0.7:
            pieces.append(chance.choice(UNITS) * chance.choice((1, 1, 2, 3, 40)))
        else:
            top = chance.choice((0x7F, 0xFF, 0x3000, 0x10FFFF))
            pieces.append("".join(chr(chance.randint(0, top)) for _ in range(chance.randint(1, 20))))
    return "".join(pieces)


def files() -> Counter[str]:
    """Damaged files of each kind, each opened as a pool does it."""
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="portevoix-fuzz-") as name, WarmPool(Path(name), []):
        folder = Path(name)
        for kind, (make, read) in KINDS.items():
            whole = make(folder)
            for number in range(FILE_COUNT):
                raw = damaged_file(whole, random.Random(f"{SEED}-{kind}-{number}"))
                began, error = time.monotonic(), _opened(raw, read, folder)
                if not error and time.monotonic() - began > _FILE_SECONDS:
                    error = "too slow"
                if error:
                    wrong[f"{kind}: {error}"] += 1
                    print(f"{kind}: {error}: {_keep(f'{kind}-{number}', raw)}", flush=True)
            print(f"{FILE_COUNT} files of {kind} opened", flush=True)
    return wrong


def _opened(raw: bytes, read: Callable[[Path, Path], object], folder: Path) -> str:
    """The name of an error that is none of those that are foreseen; "" where there is none."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path = Path(own) / "given"
        path.write_bytes(raw)
        try:
            read(path, Path(own))
        except TranscriptionError:
            return ""
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return type(error).__name__
    return ""


def _again(read: Callable[[Any], object], given: Any, seconds: float) -> float:
    """The shorter of this time and of a second try: what else a machine does takes time as well."""
    began = time.process_time()
    read(given)
    return min(seconds, time.process_time() - began)


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def over(_signum: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _keep(name: str, raw: bytes) -> Path:
    _KEPT.mkdir(exist_ok=True)
    path = _KEPT / name.replace(" ", "-")
    path.write_bytes(raw)
    return path
