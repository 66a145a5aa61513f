"""Blocks onto pages: as many as fit, what is left over to those that stretch, no box on the fold."""

from __future__ import annotations

from collections.abc import Sequence

from channels.paper.laying.blocks import Block
from channels.paper.laying.builder import PageBuilder
from channels.paper.laying.page_edges import returned_part_of_page
from channels.paper.laying.style import FormStyle
from channels.paper.laying.wording import FormWording

_STEPS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 26.0, 32.0)
"""How far a block is moved down, in millimetres, so that no box of it lies on the fold."""
_WIDEST_GAP = 2.0
"""The most air between blocks, in times of the usual."""


def body_range(style: FormStyle, sheet: int) -> tuple[float, float]:
    """From where to where, in y, a page of this sheet may be filled."""
    return style.head, returned_part_of_page(style, sheet).bottom - style.foot - 2.0


def paginate(blocks: Sequence[Block], style: FormStyle, wording: FormWording) -> list[list[Block]]:
    """The blocks, page by page, in their least heights: where one does not fit, movable ones after it may."""
    scratch = PageBuilder(style, wording)
    pages: list[list[Block]] = []
    left = list(blocks)
    while left:
        top, bottom = body_range(style, len(pages) // 2 + 1)
        page, room = [left.pop(0)], bottom - top
        room -= page[0].height(scratch)
        later: list[Block] = []
        for block in left:
            needed = block.height(scratch) + style.gap
            if needed <= room and (block.movable or not later):
                page.append(block)
                room -= needed
            else:
                later.append(block)
        pages.append(page)
        left = later
    return pages


def fill_page(page: PageBuilder, blocks: Sequence[Block], sheet: int) -> None:
    """Put the blocks onto one page."""
    y, bottom = body_range(page.style, sheet)
    gap = _gap(page, blocks, bottom - y)
    for number, block in enumerate(blocks):
        rest = blocks[number + 1 :]
        spare = bottom - y - sum(later.height(page) + gap for later in rest) - block.height(page)
        stretches = block.stretch + sum(later.stretch for later in rest)
        height = block.height(page) + (max(0.0, spare) * block.stretch / stretches if block.stretch else 0.0)
        y = _put_off_the_fold(page, block, y, height, max(0.0, spare), sheet) + gap


def _gap(page: PageBuilder, blocks: Sequence[Block], room: float) -> float:
    """The air between blocks: more of it where nothing on the page takes what is left."""
    if any(block.stretch for block in blocks) or len(blocks) < 2:
        return page.style.gap
    left = room - sum(block.height(page) for block in blocks)
    return min(max(left / len(blocks), page.style.gap), page.style.gap * _WIDEST_GAP)


def _put_off_the_fold(page: PageBuilder, block: Block, y: float, height: float, spare: float, sheet: int) -> float:
    """Put a block at ``y`` or, where a box would lie on the fold, a little below it; the y below the block."""
    fold_of = returned_part_of_page(page.style, sheet).bottom
    for step in (step for step in _STEPS if step <= spare or step == 0):
        scratch = PageBuilder(page.style, page.wording)
        block.put(scratch, y + step, height)
        cells = [cell for row in scratch.rows for cell in row.cells]
        if not page.is_folded([box.place for box in scratch.boxes] + cells, fold_of):
            block.put(page, y + step, height)
            return y + step + height
    block.put(page, y, height)
    return y + height
