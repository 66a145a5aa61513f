"""``make soak ONLY=mutations``: a hundred thousand damaged mails through the real parse, in two processes.

Of each: no error, not over its time and its memory, and a text or a stated reason. The mails that are damaged are
our tests' own, and the corpus's when PORTEVOIX_CORPUS names one. One that fails is kept in a file, with its seed.
"""

from __future__ import annotations

import gc
import os
import random
import re
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from channels.email.message_file import open_mail
from gateway.reading.mail_parts import mail_parts, scan_files
from tests.channels.test_mail import BODIES
from tests.channels.threads import FOLDER as THREADS
from tests.channels.threads import as_mail, threads
from tests.standins.answering_machines import MACHINES
from tests.standins.damage import damaged
from transcription.base.file_types import is_file

COUNT = int(os.environ.get("PORTEVOIX_MUTATIONS", "100000"))
SEED = os.environ.get("PORTEVOIX_SEED", "mutations")
PROCESSES = int(os.environ.get("PORTEVOIX_PROCESSES", "2"))
MOST_SECONDS = 20.0
"""Of processor time, for one mail."""
MOST_MEMORY = 200_000_000
"""Bytes by which one mail may make the process grow."""
_AT_ONCE = 250
_LARGEST_SOURCE = 300_000


@dataclass(frozen=True)
class Tried:
    """How one mail went."""

    number: int
    seconds: float
    growth: int
    wrong: str = ""


def mutations(count: int = COUNT) -> None:
    """Damage and read mails; raises ``AssertionError`` with where those lie that went wrong."""
    kept = Path(tempfile.gettempdir()) / "portevoix-mutations"
    wrong: Counter[str] = Counter()
    tried: list[Tried] = []
    began = time.monotonic()
    chunks = [range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
    # A process that is new every so often grows by what one mail takes, not by what is left of all before it.
    with get_context("spawn").Pool(PROCESSES, maxtasksperchild=8) as pool:
        for chunk in pool.imap_unordered(_try_some, chunks):
            for one in chunk:
                if one.wrong:
                    wrong[one.wrong] += 1
                    print(f"seed {SEED}-{one.number}: {one.wrong}: {_keep(kept, one.number)}", flush=True)
            tried += chunk
            if len(tried) % 5000 == 0:
                print(f"{len(tried)} mails, {len(tried) / (time.monotonic() - began):.0f} in a second", flush=True)
    for one in sorted(tried, key=lambda one: one.seconds)[-3:]:
        print(f"among the slowest: {one.seconds:.1f} s (seed {SEED}-{one.number})")
    for one in sorted(tried, key=lambda one: one.growth)[-3:]:
        print(f"among the largest: {one.growth / 1e6:.0f} MB more (seed {SEED}-{one.number})")
    assert not wrong, dict(wrong)


@cache
def sources() -> Sequence[bytes]:
    """The mails that are damaged."""
    found = [path.read_bytes() for path in sorted(THREADS.parent.glob("*.eml"))]
    found += [raw for raw, _ in BODIES.values()]
    found += [machine.answer(None, 1, random.Random(1)) for machine in MACHINES]
    found += [as_mail(thread) for number in (1, 2, 3) for thread in threads(f"in_sight_{number}")]
    if corpus := os.environ.get("PORTEVOIX_CORPUS"):
        files = (path for path in sorted(Path(corpus, "emails").rglob("*")) if path.is_file())
        found += [path.read_bytes() for path in files if path.stat().st_size <= _LARGEST_SOURCE]
    return found


def try_one(mails: Sequence[bytes], number: int, folder: Path) -> Tried:
    """Damage and read one mail."""
    raw, damages = damaged(mails, f"{SEED}-{number}")
    path = folder / "mail"
    path.write_bytes(raw)
    _forget_peak()
    before, began, wrong = _peak(), time.process_time(), ""
    try:
        with _no_longer_than(MOST_SECONDS):
            mail = open_mail(path, folder, 0, is_file)
            parts = mail_parts(mail, folder)
            scan_files(mail, folder)
    except (Exception, _TooLong) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        wrong = f"{type(error).__name__} after {', '.join(damages)}"
    else:
        said = [part.body or part.media or part.needs_person or part.not_contribution for part in parts]
        wrong = "" if said and all(said) else f"nothing said after {', '.join(damages)}"
    seconds, growth = time.process_time() - began, _peak() - before
    if growth > MOST_MEMORY:
        wrong = wrong or f"{growth} B more after {', '.join(damages)}"
    return Tried(number, seconds, growth, wrong)


def _try_some(numbers: range) -> list[Tried]:
    gc.collect()
    tried = []
    for number in numbers:
        folder = Path(tempfile.mkdtemp(prefix="portevoix-mutation-"))
        try:
            tried.append(try_one(sources(), number, folder))
        finally:
            shutil.rmtree(folder)
    return tried


def _keep(folder: Path, number: int) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{SEED}-{number}.eml"
    path.write_bytes(damaged(sources(), f"{SEED}-{number}")[0])
    return path


def _forget_peak() -> None:
    # proc(5): 5 sets the high-water mark to what is held now; else one large mail would hide all smaller ones after it.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """The most memory this process has had since its peak was last forgotten, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


class _TooLong(BaseException):
    """Not an ``Exception``, for those are what reading a mail gets over, and then it would not be seen."""


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise _TooLong

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
