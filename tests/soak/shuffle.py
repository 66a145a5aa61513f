"""Heaps of pages shuffled, turned, doubled, missing, foreign: none to a wrong form, none without a visible end.

PAGES=10000 is the whole trial. Each file holds up to 100 pages in no order; of 100 sheets 10 are scanned twice, 8 lack
their back, 6 are another town's, 6 letters and 6 blank.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from config.enums import PageEnd
from config.settings.schema import Settings
from gateway.reading.readers import Readers, parts_of_scans
from tests.simulator.small_form import AGES, THEMES, as_tiff, number_of, scanned, sheet, small_form
from tests.standins.scanned import picture

_IN_A_FILE = 100
_FORM = small_form()
_FOREIGN = replace(_FORM, town="quimper")
_KINDS = {"twice": 10, "no back": 8, "foreign": 6, "letter": 6, "blank": 6, "whole": 64}
_OURS = (PageEnd.FORM, PageEnd.MISSING_SIDE, PageEnd.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it lies in a heap; ``number`` is its copy's, empty where it is none of our forms."""

    kind: str
    number: str
    scan: bytes


def sheets(rng: np.random.Generator) -> Iterator[list[Page]]:
    """Sheet after sheet, each the pages it is scanned as."""
    shares = np.array(list(_KINDS.values()), np.float64)
    for at in range(1, 10**9):
        kind = str(rng.choice(list(_KINDS), p=shares / shares.sum()))
        number = f"{100_000_000 + at * 7}"
        if kind == "letter":
            yield [Page(kind, "", picture("JPEG", f"Il faudrait un banc devant la mairie, rue {at}"))]
        elif kind == "blank":
            yield [Page(kind, "", scanned(np.ones((1260, 888), np.float32), at))]
        else:
            form = _FOREIGN if kind == "foreign" else _FORM
            ticked = (*rng.choice(THEMES, 3, replace=False), str(rng.choice(AGES)))
            papers = [
                sheet(form, 1, number, ticked, hand=at),
                sheet(form, 2, number, lines=int(rng.integers(1, 5)), hand=at),
            ]
            papers = papers[:1] if kind == "no back" else papers
            own = "" if kind == "foreign" else number
            pages = [Page(kind, own, scanned(paper, int(rng.integers(1 << 30)))) for paper in papers]
            if kind == "twice":
                pages += [Page(kind, own, scanned(paper, int(rng.integers(1 << 30)))) for paper in papers]
            yield pages


def heaps(pages: int) -> Iterator[list[Page]]:
    """Files of pages in no order, the sides of a sheet in the same one."""
    rng = np.random.default_rng(2_000)
    heap: list[Page] = []
    left = pages
    for one in sheets(rng):
        heap += one
        left -= len(one)
        if len(heap) >= _IN_A_FILE or left <= 0:
            yield [heap[at] for at in rng.permutation(len(heap))]
            heap = []
        if left <= 0:
            return


def shuffle() -> None:
    """Print how the pages ended; none is without an end, and none stands with another copy's."""
    wanted = int(os.environ.get("PAGES", "500"))
    layouts = {number_of(_FORM): _FORM}
    ended: Counter[tuple[str, str]] = Counter()
    wrong = lost = 0
    with tempfile.TemporaryDirectory(prefix="portevoix-soak-") as folder, Readers(Settings()) as readers:
        for at, heap in enumerate(heaps(wanted)):
            workdir = Path(folder) / str(at)
            workdir.mkdir()
            file = workdir / "scan.tif"
            file.write_bytes(as_tiff([page.scan for page in heap]))
            parts = parts_of_scans(readers, [file], workdir, 1, ["scan.tif"], layouts)
            seen = Counter(number for part in parts for number, _ending in part.pages)
            lost += sum(seen[number] != 1 for number in range(1, len(heap) + 1))
            for part in parts:
                whose = {heap[number - 1].number for number, _ending in part.pages}
                ours = any(ending in _OURS for _number, ending in part.pages)
                wrong += (ours and (len(whose) > 1 or "" in whose)) or (part.reference not in {None, *whose})
                ended.update((heap[number - 1].kind, ending.value) for number, ending in part.pages)
            print(f"  {sum(ended.values())} pages, {wrong} wrong, {lost} without an end", flush=True)
            for left_over in workdir.rglob("*"):
                if left_over.is_file():
                    left_over.unlink()
    for (kind, ending), pages in sorted(ended.items()):
        print(f"{kind}: {pages} pages {ending}")
    assert wrong == 0, f"{wrong} parts hold pages of another copy, or of none"
    assert lost == 0, f"{lost} pages have no end, or two"
