"""One page of a form found in a picture and laid flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transcription.forms.layout import FormPage, Points
from transcription.forms.placing.bending import Bending, FoundOutline, find_bending
from transcription.forms.placing.by_marks import register_by_marks, shows_marks
from transcription.forms.placing.codes import SeenCode, read_codes
from transcription.forms.placing.flat import FlatPage, as_grey, ink_map, lay_flat, shrink_picture
from transcription.forms.placing.registration import Registration, register
from transcription.pages.ink import Picture

_EVERY = 7
_BLACK, _WHITE, _GREYS = 24, 231, 0.004


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A form's page as it lies in a picture; ``registration`` is into the picture as it came, in its pixels."""

    page: FormPage
    codes: tuple[SeenCode, ...]
    registration: Registration
    flat: FlatPage
    bending: Bending
    outlines: tuple[FoundOutline, ...]
    two_levels: bool = False
    """Whether the picture is black and white, without a grey between."""

    def in_picture(self, places: Points) -> Points:
        """Millimetres of the page to pixels of the picture as it came, the paper's bend included."""
        return self.registration.place(places + self.bending.shift(places))


@dataclass(frozen=True, slots=True)
class PageSearch:
    """The codes on a picture, and the form's page found by them, if there is any among those asked for."""

    codes: tuple[SeenCode, ...]
    found: FoundPage | None = None
    shows_marks: bool = False
    """Whether it looks like one of these pages, though no code says which."""


def find_form_page(picture: Picture, pages: Sequence[FormPage], typed: str = "") -> PageSearch:
    """Which of these pages a picture shows, and where; ``picture`` is grey, or in OpenCV's order of colours.

    ``typed`` is the text of a code as a person read it in print beside it, where no machine could read the code.
    """
    small, times = shrink_picture(picture)
    grey = as_grey(small)
    codes = read_codes(grey)
    if not codes and times > 1:
        codes = [SeenCode(code.text, code.corners / times) for code in read_codes(as_grey(picture))]
    told = tuple(SeenCode(code.text, code.corners * times) for code in codes)
    page = _page_of([typed] if typed else [code.text for code in codes], pages)
    ink = ink_map(small)
    if page is None:
        return PageSearch(told, shows_marks=shows_marks(ink, pages))
    registration = register_by_marks(ink, page) if typed else register(ink, page, codes)
    if typed:
        told = (SeenCode(typed, np.zeros((4, 2))),)
    if registration is None:
        return PageSearch(told)
    flat = lay_flat(ink, page, registration.to_picture)
    bending, outlines = find_bending(flat.ink, page, registration.anchors)
    larger = registration.larger(times)
    return PageSearch(told, FoundPage(page, told, larger, flat, bending, tuple(outlines), has_two_levels(picture)))


def _page_of(texts: Sequence[str], pages: Sequence[FormPage]) -> FormPage | None:
    """The page of which one of these is the text of a code."""
    return next((page for page in pages if any(one.says(text) for one in page.codes for text in texts)), None)


def has_two_levels(picture: Picture) -> bool:
    """Whether hardly a pixel is neither black nor white; strong compression leaves some around each line."""
    some = picture[::_EVERY, ::_EVERY]
    return float(((some > _BLACK) & (some < _WHITE)).mean()) < _GREYS
