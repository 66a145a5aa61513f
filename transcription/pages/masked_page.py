"""A copy of a page's picture with black boxes over parts of it, drawn in a limited child process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from config.child_answers.own_files import ForeignFile, own_output_file
from transcription.base.programs import parse_in_child
from transcription.base.values import Unread, Unreadable

MASKED_PAGE_TYPE = "image/png"

Box = tuple[float, float, float, float]
"""Left, top, width and height in the picture's own pixels."""


def mask_page(
    picture: Path,
    boxes: Sequence[Box],
    unread: Sequence[Box],
    turns: int,
    workdir: Path,
    *,
    seconds: float,
    memory_mb: int,
) -> Path:
    """A PNG file in ``workdir``: the picture upright, black over ``boxes``, grey over what was not read.

    ``turns`` are quarter turns against the clock. Nothing the file says about itself is kept. Raises ``Unreadable``,
    ``TooSlow``.
    """
    asked = {
        "picture": str(picture.absolute()),
        "boxes": [list(box) for box in boxes],
        "unread": [list(box) for box in unread],
        "turns": turns,
        "workdir": str(workdir.absolute()),
    }
    made = parse_in_child(
        "transcription.pages.masking_child:draw",
        asked,
        seconds=seconds,
        memory_mb=memory_mb,
        reads=[picture.absolute()],
        writes=[workdir.absolute()],
    )
    try:
        return own_output_file(made, workdir.absolute())
    except ForeignFile:
        raise Unreadable(Unread.BROKEN) from None
