"""Votes on scanned forms: taken out of their sheets, so that nothing that is read there shows them.

The boxes of a vote become pictures of a part of its own, whose key is destroyed once the voice lies in the box; on the
picture of the page they are covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from channels.paper.form_layout import FormLayout
from config.enums import Channel, MediumKind, NotContribution
from config.wording.projects import CARD_ROW, is_of_vote
from gateway.intake.contribute import NewPart
from gateway.intake.part_media import NewMedium
from gateway.reading.form_sheets import HandedInForm
from inbox.paper.keying_desk import TELEPHONE
from inbox.votes.paper_voices import NOBODYS, VOTE_ENDING
from transcription.forms.scanned import ScannedPage
from transcription.forms.values import RowReading
from transcription.pages.page_images import PageImage

_AROUND = 6
"""Pixels covered around the boxes of a vote: a pen goes over their edges."""


class Masks(Protocol):
    """What covers parts of a picture."""

    def mask_page(
        self,
        page: PageImage,
        boxes: Sequence[tuple[float, float, float, float]],
        unread: Sequence[tuple[float, float, float, float]],
        turns: int,
        workdir: Path,
    ) -> Path:
        """A copy of the picture, black over ``boxes``."""


def with_covered_votes(masks: Masks, pages: Sequence[ScannedPage], workdir: Path) -> list[ScannedPage]:
    """The same pages, the boxes of votes covered in the pictures of those that have any filled in."""
    return [_covered(masks, page, workdir) for page in pages]


def _covered(masks: Masks, page: ScannedPage, workdir: Path) -> ScannedPage:
    rows = _rows_of_vote(page.form.rows) if page.form is not None else []
    if not rows:
        return page
    boxes = [
        (left - _AROUND, top - _AROUND, width + 2 * _AROUND, height + 2 * _AROUND)
        for left, top, width, height in (row.place for row in rows)
    ]
    folder = workdir / f"covered-{page.image.number}"
    folder.mkdir(exist_ok=True)
    path = masks.mask_page(page.image, boxes, (), 0, folder)
    return replace(page, image=replace(page.image, path=path))


def _rows_of_vote(rows: Sequence[RowReading]) -> list[RowReading]:
    return [row for row in rows if row.picture and is_of_vote(row.key)]


def has_vote(copy: HandedInForm) -> bool:
    """Whether the number of a project is filled in on a form."""
    return any(_rows_of_vote(side.reading.rows) for side in copy.sides.values())


def with_vote(form: NewPart, copy: HandedInForm, layout: FormLayout) -> list[NewPart]:
    """A form's part, and after it that of the vote on it, if there is one and the sheet is no test."""
    rows = [row for side in copy.sides.values() for row in _rows_of_vote(side.reading.rows)]
    if not rows or form.not_contribution is not None:
        return [form]
    media = tuple(
        NewMedium(MediumKind.CHARACTERS, "image/png", source=Path(row.picture), field=row.key) for row in rows
    )
    whose = {row.key for side in copy.sides.values() for row in side.reading.rows if row.picture}
    by_card = any(row.name == CARD_ROW for page in layout.pages for row in page.rows)
    vote = NewPart(
        key=f"{form.key}{VOTE_ENDING}",
        channel=Channel.PAPER,
        media=media,
        not_contribution=NotContribution.VOTE,
        needs_person=None if (CARD_ROW if by_card else TELEPHONE) in whose else NOBODYS,
    )
    if _says_more(copy, form):
        return [form, vote]
    # Nothing but a vote stands on it: the sheet is counted once, as that.
    return [replace(vote, key=form.key, media=(*form.media, *media), pages=form.pages, reference=None)]


def _says_more(copy: HandedInForm, form: NewPart) -> bool:
    """Whether anything but the vote and the telephone number is filled in on a form."""
    kinds = (MediumKind.ZONE, MediumKind.DRAWING, MediumKind.BOX)
    written = any(medium.kind in kinds for medium in form.media)
    read = any(medium.transcript is not None and medium.transcript.words for medium in form.media)
    return written or read or copy.shared_number or bool(form.missing_sides)
