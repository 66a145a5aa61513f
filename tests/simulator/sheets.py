"""Filled sheets of the mix, with the truth about each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tests.simulator.blank import print_page
from tests.simulator.hands import Hand, mark, scribble_out, some_hand, stray
from tests.simulator.machines import Scan, scan, some_machine, some_resolution
from transcription.forms.layout import FormPage, PagePlace, QrCode, TickBox, Zone

_LOST = 0.05


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture that arrives; ``ticked`` says of each box whether it is, and nothing of marks that no copy shows."""

    scan: Scan
    hand: Hand
    ticked: dict[str, bool]
    withdrawn: frozenset[str]
    held_out: bool


def hundred_boxes() -> FormPage:
    """A page of a hundred boxes in five columns, with the corners and codes of our forms."""
    side = 4.5
    boxes = tuple(
        TickBox(f"box-{row * 5 + column}", PagePlace(16 + column * 37, 44 + row * 10.5, side, side))
        for row in range(20)
        for column in range(5)
    )
    ends = (10.0, 194.0, 281.0)
    marks = tuple(PagePlace(x, y, 6, 6) for y in (ends[0], ends[2]) for x in ends[:2])
    codes = (
        QrCode(r"1[0-9]{20}11[0-9]{4}", PagePlace(176 - 4, 18, 16, 16)),
        QrCode(r"1[0-9]{20}12[0-9]{4}", PagePlace(18, 258, 16, 16)),
    )
    return FormPage("hundred", 210, 297, marks, codes, boxes)


def digits_of(seed: int) -> tuple[str, str]:
    """What the two codes of one copy say."""
    rng = np.random.default_rng(seed)
    body = "1" + "".join(map(str, rng.integers(0, 10, 20)))
    check = f"{seed % 10_000:04}"
    return body + "11" + check, body + "12" + check


def some_sheet(page: FormPage, seed: int, *, held_out: bool | None = None, machine: str | None = None) -> Sheet:
    """One sheet of the mix; only such with what is held out, or none, where that is asked."""
    rng = np.random.default_rng(seed)
    if held_out:
        which = rng.random() < 0.5
        hand, chosen = some_hand(rng, held_out=which), some_machine(rng, held_out=None if which else True)
    else:
        hand, chosen = some_hand(rng, held_out=held_out), some_machine(rng, held_out=held_out)
    chosen = machine or chosen
    dpi = 100 if chosen == "fax" else some_resolution(rng)
    per_mm = max(6.0, min(12.0, dpi / 25.4)) if chosen != "photo" else 9.0
    paper = print_page(page, digits_of(seed), per_mm)
    ticked, withdrawn = _fill_in(paper, per_mm, page, hand, rng)
    seen = scan(paper, per_mm, chosen, dpi, rng)
    truth = {key: is_ticked for key, is_ticked in ticked.items() if not is_ticked or _shows(seen, per_mm, page, key)}
    apart = hand.held_out or chosen == "sharpened"
    return Sheet(replace(seen, sheet=None), hand, truth, withdrawn, apart)


def _fill_in(paper, per_mm: float, page: FormPage, hand: Hand, rng) -> tuple[dict[str, bool], frozenset[str]]:
    share = rng.uniform(0.05, 0.25)
    ticked = {box.key: bool(rng.random() < share) for box in page.boxes}
    out = []
    chosen = [key for key, is_ticked in ticked.items() if is_ticked]
    if chosen and rng.random() < 0.16:
        out = list(rng.choice(chosen, min(len(chosen), int(rng.integers(1, 4))), replace=False))
    for box in page.boxes:
        if ticked[box.key]:
            mark(paper, per_mm, box.place, hand, rng)
        if box.key in out:
            scribble_out(paper, per_mm, box.place, hand, rng)
            ticked[box.key] = False
    if rng.random() < 0.1:
        for number in rng.integers(0, len(page.boxes), 2):
            stray(paper, per_mm, page.boxes[number].place, hand, rng)
    return ticked, frozenset(map(str, out))


def _shows(seen: Scan, per_mm: float, page: FormPage, key: str) -> bool:
    """Whether anything of a mark is left after the copies; and in a picture of two levels, any black."""
    box = next(box.place for box in page.boxes if box.key == key)
    inner = PagePlace(box.x + 0.8, box.y + 0.8, box.width - 1.6, box.height - 1.6)
    if seen.quality is None:
        corners = seen.where(inner.corners)
        (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
        return bool((seen.picture[top:bottom, left:right] == 0).sum() >= 4)
    assert seen.sheet is not None
    rows = slice(round(inner.y * per_mm), round((inner.y + inner.height) * per_mm))
    columns = slice(round(inner.x * per_mm), round((inner.x + inner.width) * per_mm))
    return bool(np.percentile(1 - seen.sheet[rows, columns], 97) >= _LOST)


__all__ = ["Sheet", "Zone", "digits_of", "hundred_boxes", "some_sheet"]
