"""``make bench``: what our steps cost over the bare engines they stand on.

Every row is the median of interleaved pairs after a warm-up. Absolute seconds depend on
the machine; ratios are what to compare. What is promised is a ratio, a difference between the two sides or a count,
so it holds on a busy machine too: the exit code is 1 when a promise does not.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.at_rest import rest_rows
from tests.bench.costs import cost_rows
from tests.bench.country import country_rows
from tests.bench.doors import door_rows
from tests.bench.forms import form_rows
from tests.bench.inbox import inbox_rows
from tests.bench.mail import mail_pairs
from tests.bench.pages import page_pairs
from tests.bench.pairs import ROUNDS, Figure, Pair, measure
from tests.bench.resealing import resealing_rows
from tests.bench.sandbox import sandbox_pairs
from tests.bench.speech import speech_pairs
from tests.bench.troubles import trouble_rows
from tests.bench.whisper import whisper_pairs
from tests.wanted import all_known

# What can be measured by itself: make bench ONLY="speech doors".
SUBJECTS: dict[str, Callable[[Path], AbstractContextManager[Sequence[Pair | Figure]]]] = {
    "speech": speech_pairs,
    "whisper": whisper_pairs,
    "pages": page_pairs,
    "forms": form_rows,
    "sandbox": sandbox_pairs,
    "doors": door_rows,
    "mailbox": mail_pairs,
    "inbox": inbox_rows,
    "troubles": trouble_rows,
    "rest": rest_rows,
    "resealing": resealing_rows,
    "costs": cost_rows,
    "country": country_rows,
}


def main(wanted: list[str]) -> int:
    """Measure every pair of the wanted subjects, all by default, and print a table."""
    if not all_known(wanted, SUBJECTS, "subject"):
        return 2
    rounds = int(os.environ.get("ROUNDS", ROUNDS))
    print(f"{'':24}{'ours':>9}{'bare':>9}{'ratio':>8}   least–most of {rounds} pairs", flush=True)
    broken = False
    for subject in wanted or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="portevoix-bench-") as folder, SUBJECTS[subject](Path(folder)) as rows:
            for row in rows:
                line, held = _timed(row, rounds) if isinstance(row, Pair) else _counted(row)
                broken |= held is False
                print(line, flush=True)
    return int(broken)


def _timed(pair: Pair, rounds: int) -> tuple[str, bool | None]:
    """What was measured, and whether what the pair promises was kept; None where it promises nothing."""
    result = measure(pair, rounds)
    promise = ""
    if (held := result.holds(pair)) is not None:
        bound = f"≤ {pair.most:.3g}" if pair.most is not None else f"≤ bare + {pair.most_more} s"
        promise = f"   {bound}: {'held' if held else 'NOT HELD'}"
    line = (
        f"{pair.name:24}{result.ours:8.2f}s{result.bare:8.2f}s{result.ratio:8.2f}"
        f"   {result.least:.2f}–{result.most:.2f}   {pair.note}{promise}"
    )
    return line, held


def _counted(figure: Figure) -> tuple[str, bool]:
    value = figure.count()
    held = value <= figure.most
    promise = f"≤ {figure.most:g}: {'held' if held else 'NOT HELD'}"
    return f"{figure.name:24}{value:9.2f} {figure.unit:14} {figure.note}   {promise}", held


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
