"""Pages of our forms sorted into sheets handed in: sides brought together, copies told apart by their ink."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from channels.paper.page_codes import PageCode, decode_page_code
from transcription.forms.likeness import Likeness, likeness
from transcription.forms.scanned import ScannedPage
from transcription.forms.values import FormReading


@dataclass(frozen=True, slots=True)
class FormSide:
    """A page of a form as it was scanned, read, and whose copy it is."""

    page: ScannedPage
    reading: FormReading
    code: PageCode


@dataclass(slots=True)
class HandedInForm:
    """What one resident handed in: its sides by page. ``perhaps_twice``: another copy of its number is much like it."""

    form: str
    reference: str | None
    sides: dict[int, FormSide] = field(default_factory=dict)
    shared_number: bool = False
    """Whether other ink came under its number: photocopies of one sheet."""
    perhaps_twice: bool = False

    @property
    def first(self) -> int:
        """The number of its first page in the file."""
        return min(side.page.image.number for side in self.sides.values())

    @property
    def last(self) -> int:
        """That of its last page."""
        return max(side.page.image.number for side in self.sides.values())


@dataclass(frozen=True, slots=True)
class SortedPages:
    """The copies of a file; sides that were scanned twice; pages of forms nobody here knows; all other pages."""

    copies: tuple[HandedInForm, ...]
    twice: tuple[FormSide, ...]
    unknown: tuple[ScannedPage, ...]
    others: tuple[ScannedPage, ...]


def sort_pages(pages: Sequence[ScannedPage]) -> SortedPages:
    """Each page in exactly one place. Their order means nothing, but for sheets without a number of their own."""
    copies: list[HandedInForm] = []
    twice, unknown, others = [], [], []
    for page in sorted(pages, key=lambda one: one.image.number):
        side = form_side_of(page)
        if side is not None:
            if not _put(copies, side):
                twice.append(side)
        elif page.shows_marks or any(decode_page_code(text) for text in page.codes):
            unknown.append(page)
        else:
            others.append(page)
    return SortedPages(tuple(copies), tuple(twice), tuple(unknown), tuple(others))


def form_side_of(page: ScannedPage) -> FormSide | None:
    """A page as a side of a form; None where it is none, or its code does not hold together."""
    code = decode_page_code(page.form.code) if page.form else None
    return FormSide(page, page.form, code) if page.form and code else None


def _put(copies: list[HandedInForm], side: FormSide) -> bool:
    """Into the copy it belongs to, or one of its own; False when it was scanned before."""
    alike = [one for one in copies if (one.form, one.reference) == (side.code.form, side.code.reference)]
    unsure = False
    for copy in alike:
        known = copy.sides.get(side.code.page)
        if known is None:
            continue
        found = likeness(known.reading.strokes, side.reading.strokes)
        if found is Likeness.SAME:
            return False
        unsure = unsure or (found is Likeness.UNSURE and bool(side.reading.strokes))
    fitting = next((one for one in _by_nearness(alike, side) if side.code.page not in one.sides), None)
    if fitting is None:
        fitting = HandedInForm(side.code.form, side.code.reference)
        copies.append(fitting)
        if side.code.reference and alike:
            for one in (*alike, fitting):
                one.shared_number = True
    fitting.sides[side.code.page] = side
    fitting.perhaps_twice = fitting.perhaps_twice or unsure
    return True


def _by_nearness(copies: Iterable[HandedInForm], side: FormSide) -> list[HandedInForm]:
    """Those scanned nearest to it first; without a number of their own, only what comes next belongs together."""
    number = side.page.image.number
    near = sorted(copies, key=lambda one: min(abs(number - one.first), abs(number - one.last)))
    return [one for one in near if side.code.reference or number - one.last == 1]
