"""Scanned files to the pictures of their pages, and to what is filled in on those that are forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.child_answers.own_files import ForeignFile, own_output_file
from transcription.base.values import Unread, Unreadable
from transcription.forms.layout import FormPage
from transcription.forms.values import FormReading
from transcription.pages.page_images import PageImage, PageLimits, open_with, page_image

NOTHING_TYPED: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page, the texts of the codes on it, and what is filled in if it is one of the forms asked for."""

    image: PageImage
    codes: tuple[str, ...] = ()
    form: FormReading | None = None
    shows_marks: bool = False
    """Whether it looks like one of the forms asked for, though its codes cannot be read."""


def open_scans(
    path: Path,
    workdir: Path,
    forms: Sequence[FormPage],
    limits: PageLimits | None = None,
    typed: Mapping[int, str] = NOTHING_TYPED,
) -> list[ScannedPage]:
    """The pages of a picture or PDF, each looked at for one of ``forms`` while its picture is at hand.

    ``typed`` has the texts of codes that a person read, by the number of the page.
    Raises ``Unreadable``, or ``TooSlow`` when a child process exceeds its time.
    """
    told = open_with(
        "transcription.forms.form_child:open_file",
        path,
        workdir,
        limits or PageLimits(),
        {"forms": [form.as_json() for form in forms], "typed": {str(page): text for page, text in typed.items()}},
    )
    return [_scanned(page, workdir) for page in told]


def _scanned(told: Mapping[str, Any], workdir: Path) -> ScannedPage:
    image = page_image(told, workdir)
    try:
        form = FormReading.from_json(told["form"]) if told["form"] else None
        pictures = [one.picture for one in form.boxes] if form else []
        pictures += [zone.picture for zone in form.zones] if form else []
        pictures += [row.picture for row in form.rows] if form else []
        for picture in filter(None, pictures):
            own_output_file(picture, workdir)
        return ScannedPage(image, tuple(map(str, told["codes"])), form, bool(told["shows_marks"]))
    except (KeyError, TypeError, ValueError, AttributeError, ForeignFile):
        raise Unreadable(Unread.BROKEN) from None
