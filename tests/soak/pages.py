"""Scanned and photographed pages, read whole: none of which a tenth is wrong may come without a doubt.

``EACH`` pages (by default 14) of every kind of ``tests.transcription.photographed``, whose ``SEED`` may be another;
then, with ``PORTEVOIX_CORPUS``, the scans of which somebody wrote down what they say. Prints a table as it stands in
the manual.
"""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.transcription.photographed import BY_HAND, KINDS, sheets
from tests.transcription.scans import CORPUS, PRINT, errors
from transcription.ocr.printed_text import PrintLimits, read_print
from transcription.pages.page_images import open_pages

MOST_WRONG, RIGHT = 0.10, 0.0005
"""Share of a page's characters that are wrong: beyond the first a doubt is owed; below the second, hardly one, none."""
FIRST_SEED = 500
CLEAN_KINDS = ("scanned letter", "scanned, two columns", "scanned, turned")
MOST_NEEDLESS = 0.05
LIMITS = PrintLimits(page_seconds=300.0)
"""Wide: it is not speed that is tried here, and the machine may have other things to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one page; ``wrong`` is the share of its characters, or None when a person's hand counts."""

    name: str
    wrong: float | None
    doubted: bool

    @property
    def owes_a_doubt(self) -> bool:
        return self.wrong is None or self.wrong > MOST_WRONG

    @property
    def is_right(self) -> bool:
        return self.wrong is not None and self.wrong < RIGHT


def pages() -> None:
    """Read all of them; prints what became of each kind, and names each that fails."""
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    for kind, outcome in _read():
        outcomes[kind].append(outcome)
    print("  | kind | pages | median wrong | over 10 % wrong, doubted | …, not doubted | without a mistake, doubted |")
    print("  | --- | ---: | ---: | ---: | ---: | ---: |")
    for kind, found in [*outcomes.items(), ("all", [one for every in outcomes.values() for one in every])]:
        print(f"  | {kind} | {_row(found)} |", flush=True)
    silent = [one for found in outcomes.values() for one in found if one.owes_a_doubt and not one.doubted]
    assert not silent, "wrong without a doubt: " + ", ".join(f"{one.name} ({one.wrong})" for one in silent)
    right = [one for kind in CLEAN_KINDS for one in outcomes[kind] if one.is_right]
    needless = [one.name for one in right if one.doubted]
    assert len(needless) <= MOST_NEEDLESS * len(right), f"doubted for nothing: {', '.join(needless)}"


def _read() -> Iterator[tuple[str, Outcome]]:
    each, seed = int(os.environ.get("EACH", "14")), int(os.environ.get("SEED", str(FIRST_SEED)))
    with tempfile.TemporaryDirectory(prefix="portevoix-pages-") as name:
        folder = Path(name)
        for kind in KINDS:
            for sheet in sheets(each, first_seed=seed, kinds=(kind,)):
                yield kind, _outcome(sheet.name, sheet.write(folder), sheet.says, folder)
        for scan, (truth, _) in PRINT.items() if CORPUS.is_dir() else ():
            says = unicodedata.normalize("NFC", (CORPUS / "scans" / truth).read_text(encoding="utf-8"))
            yield "real scans", _outcome(scan, CORPUS / "scans" / scan, says, folder)


def _outcome(name: str, path: Path, says: str, folder: Path) -> Outcome:
    with tempfile.TemporaryDirectory(dir=folder) as workdir:
        reads = [read_print(page, limits=LIMITS) for page in open_pages(path, Path(workdir))]
    text = "\n".join(read.text for read in reads)
    wrong = None if says == BY_HAND else errors(says, text)
    outcome = Outcome(name, wrong, any(read.doubts for read in reads))
    if outcome.owes_a_doubt != outcome.doubted:
        print(f"  {name}: {'' if wrong is None else f'{wrong:.3f} wrong, '}{[*map(str, reads[0].doubts)]}", flush=True)
    return outcome


def _row(found: list[Outcome]) -> str:
    wrong = sorted(one.wrong for one in found if one.wrong is not None)
    owing = [one.doubted for one in found if one.owes_a_doubt]
    right = [one.doubted for one in found if one.is_right]
    median = f"{wrong[len(wrong) // 2]:.1%}" if wrong else "by hand"
    cells = (len(found), median, sum(owing), len(owing) - sum(owing), f"{sum(right)} of {len(right)}")
    return " | ".join(map(str, cells))
