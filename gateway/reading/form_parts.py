"""Scanned forms of ours as parts: their boxes as words read by a machine, their zones as pictures still to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.page_codes import decode_page_code
from channels.paper.read_places import TickBox
from config.enums import Channel, MediumKind, NotContribution, PageEnd
from config.wording.projects import is_of_vote
from gateway.intake.contribute import NewPart
from gateway.intake.part_media import NewMedium
from gateway.reading.copier_trial import copier_trial_findings
from gateway.reading.form_labels import box_label
from gateway.reading.form_pages import box_key, form_pages
from gateway.reading.form_sheets import FormSide, HandedInForm, SortedPages
from gateway.reading.form_votes import has_vote, with_vote
from inbox.paper.desk_results import SEVERAL_TICKED
from inbox.paper.page_names import page_name
from transcription.base.values import Doubt, PlacedWord, Transcript
from transcription.forms.layout import FormPage
from transcription.forms.scanned import ScannedPage
from transcription.forms.values import BoxReading, BoxState, FormDoubt, ZoneState

MISSING_SIDE = "The other side of this form is missing."
SHARED_NUMBER = "Several sheets came under the number of this form: photocopies, each with ink of its own."
PERHAPS_TWICE = "This form may have been scanned twice."
UNKNOWN_FORM = "This is a form that is not known here: printed elsewhere, or before this gateway was set up."
NOT_PLACED = "Too little of this form is in the picture for its boxes to be found: scan it again, or look at it."
NO_CODE = "The codes of this form cannot be read: type in the number printed beside one of them, or scan it again."
CHARACTERS = "Boxed characters were filled in: a person types them in."
VOTE_TO_KEY = "It votes for a project: key the vote in under « Type in », and cover it."
DRAWN = "Somebody drew on this form."

Layouts = Mapping[str, FormLayout]
"""Every form that was printed here, by its number."""

NO_CODES_TYPED: Mapping[tuple[int, int], str] = {}


@dataclass(frozen=True, slots=True)
class KnownForms:
    """What is known of the forms of a file: their layouts, and by page the codes that a person typed in."""

    layouts: Layouts
    typed: Mapping[int, str] = field(default_factory=dict)


def readable_pages(layouts: Layouts) -> list[FormPage]:
    """Every page of every form, as the reader is asked for them."""
    return [page for number, layout in layouts.items() for page in form_pages(number, layout)]


def parts_of_forms(found: SortedPages, layouts: Layouts, file_name: str = "") -> list[NewPart]:
    """One part for each copy handed in and each vote, and for each page that is none: scanned twice, or not known."""
    copies = []
    for copy in found.copies:
        copies += with_vote(_part(copy, layouts[copy.form], file_name), copy, layouts[copy.form])
    twice = [
        replace(_left_out(side.page, PageEnd.DUPLICATE, file_name), not_contribution=NotContribution.DUPLICATE_PAGE)
        for side in found.twice
    ]
    return [*copies, *twice, *(_unknown(page, layouts, file_name) for page in found.unknown)]


def parts_of_copies(copies: Iterable[HandedInForm], layouts: Layouts) -> list[NewPart]:
    """One part for each copy that came with a message, whose own file shows its vote: a person keys that in."""
    return [_with_vote_told(_part(copy, layouts[copy.form], ""), copy) for copy in copies]


def _with_vote_told(part: NewPart, copy: HandedInForm) -> NewPart:
    if part.not_contribution is not None or not has_vote(copy):
        return part
    return replace(part, needs_person=" ".join(filter(None, (part.needs_person, VOTE_TO_KEY))))


def _unknown(page: ScannedPage, layouts: Layouts, file_name: str) -> NewPart:
    codes = [code for code in map(decode_page_code, page.codes) if code]
    if not codes:
        return replace(_left_out(page, PageEnd.UNREADABLE, file_name), needs_person=NO_CODE)
    if any(code.form in layouts for code in codes):
        return replace(_left_out(page, PageEnd.UNREADABLE, file_name), needs_person=NOT_PLACED)
    return replace(_left_out(page, PageEnd.FOREIGN, file_name), needs_person=UNKNOWN_FORM)


def _left_out(page: ScannedPage, ending: PageEnd, file_name: str) -> NewPart:
    number = page.image.number
    medium = NewMedium(
        MediumKind.FORM, page.image.content_type, source=page.image.path, name=page_name(number, file_name)
    )
    return NewPart(f"page-{number}", Channel.PAPER, media=(medium,), pages=((number, ending),))


def _part(copy: HandedInForm, layout: FormLayout, file_name: str) -> NewPart:
    sides = [copy.sides[number] for number in sorted(copy.sides)]
    test = any(side.code.test for side in sides)
    single = [group.name for group in layout.groups if not group.several]
    return NewPart(
        key=f"page-{copy.first}",
        channel=Channel.PAPER,
        media=tuple(medium for side in sides for medium in _media(side, _page_of(layout, side), single, file_name)),
        needs_person=" ".join(copier_trial_findings(sides, layout) if test else _reasons(copy, sides, layout)) or None,
        not_contribution=NotContribution.TEST_SHEET if test else None,
        # Where several sheets share it, it leads to a person and not to one of them.
        reference=None if copy.shared_number else copy.reference,
        pages=tuple((side.page.image.number, _ending(copy, layout, test=test)) for side in sides),
        missing_sides=tuple(page.number for page in layout.pages if _is_asked(page) and page.number not in copy.sides),
    )


def _ending(copy: HandedInForm, layout: FormLayout, *, test: bool) -> PageEnd:
    if test:
        return PageEnd.TEST_SHEET
    return PageEnd.MISSING_SIDE if _misses_a_side(copy, layout) else PageEnd.FORM


def _misses_a_side(copy: HandedInForm, layout: FormLayout) -> bool:
    return any(_is_asked(page) and page.number not in copy.sides for page in layout.pages)


def _page_of(layout: FormLayout, side: FormSide) -> LayoutPage:
    page = layout.page(side.code.page)
    assert page is not None  # the reader was asked for this layout's pages only
    return page


def _media(side: FormSide, page: LayoutPage, one_answer: Sequence[str], file_name: str) -> Iterable[NewMedium]:
    """The page with its boxes read, then each zone with ink."""
    image = side.page.image
    name = page_name(image.number, file_name)
    read = ticked_boxes_transcript(side, page)
    more = _answers(side, page, one_answer)
    yield NewMedium(MediumKind.FORM, image.content_type, source=image.path, name=name, transcript=read, more=more)
    for box in side.reading.boxes:
        if box.picture and box.doubt:
            yield _piece(MediumKind.BOX, box.picture, box.key, _settled_by_box(box, side))
    for zone in side.reading.zones:
        if zone.state is ZoneState.MARKED:
            kind = MediumKind.DRAWING if zone.drawing else MediumKind.ZONE
            yield replace(_piece(kind, zone.picture, zone.key, Doubt.BY_HAND.value), name=f"{name}, {zone.key}")
    for row in side.reading.rows:
        if row.picture and not is_of_vote(row.key):
            yield replace(
                _piece(MediumKind.CHARACTERS, row.picture, row.key, f"{CHARACTERS} {Doubt.BY_HAND.value}"),
                name=f"{name}, {row.key}",
            )


def _piece(kind: MediumKind, path: str, field: str, settles: str) -> NewMedium:
    return NewMedium(kind, "image/png", source=Path(path), field=field, settles=settles)


def _settled_by_box(box: BoxReading, side: FormSide) -> str:
    """What is settled once all such boxes of a form were looked at."""
    assert box.doubt is not None
    badly = FormDoubt.BADLY_PLACED in side.reading.doubts
    return f"{box.doubt.value} {FormDoubt.BADLY_PLACED.value}" if badly else box.doubt.value


def _reasons(copy: HandedInForm, sides: Sequence[FormSide], layout: FormLayout) -> list[str]:
    """Why a person looks at this form, each once."""
    reasons = [doubt.value for side in sides for doubt in side.reading.doubts]
    reasons += [box.doubt.value for side in sides for box in side.reading.boxes if box.doubt]
    if _misses_a_side(copy, layout):
        reasons.append(MISSING_SIDE)
    ticked = [box.key for side in sides for box in side.reading.boxes if box.state is BoxState.TICKED]
    if any(_count(group.name, ticked) > 1 for group in layout.groups if not group.several):
        reasons.append(SEVERAL_TICKED)
    if any(row.picture and not is_of_vote(row.key) for side in sides for row in side.reading.rows):
        reasons.append(CHARACTERS)
    if any(zone.state is ZoneState.MARKED and zone.drawing for side in sides for zone in side.reading.zones):
        reasons.append(DRAWN)
    if copy.shared_number:
        reasons.append(SHARED_NUMBER)
    if copy.perhaps_twice:
        reasons.append(PERHAPS_TWICE)
    return list(dict.fromkeys(reasons))


def _is_asked(page: LayoutPage) -> bool:
    return bool(page.boxes or page.rows or page.zones)


def _count(group: str, ticked: Sequence[str]) -> int:
    return sum(key.startswith(box_key(group, "")) for key in ticked)


def ticked_boxes_transcript(side: FormSide, page: LayoutPage) -> Transcript:
    """The labels of the ticked boxes, each a line whose words lie where the box does."""
    boxes = {box_key(box.group, box.value): box for box in page.boxes}
    ticked = [box for box in side.reading.boxes if box.state is BoxState.TICKED]
    lines = [_line(number, boxes[box.key], box, page, side) for number, box in enumerate(ticked, 1)]
    return Transcript(
        engine="boxes",
        model=side.reading.page,
        language=None,
        words=tuple(word for line in lines for word in line),
        took_seconds=0.0,
        turns=side.reading.turns,
        size=(side.page.image.width, side.page.image.height),
        unread=tuple(box.place for box in side.reading.boxes if box.state is BoxState.DOUBTFUL),
    )


def _line(number: int, box: TickBox, read: BoxReading, page: LayoutPage, side: FormSide) -> list[PlacedWord]:
    words = ["☒", *box_label(page, box).split()]
    return [PlacedWord(word, read.confidence, read.place, number, side.page.image.number) for word in words]


def _answers(side: FormSide, page: LayoutPage, one_answer: Sequence[str]) -> dict[str, object]:
    """What a keying desk has to know of a page beside its words."""
    reading = side.reading
    boxes = {box_key(box.group, box.value): box for box in page.boxes}
    return {
        "form": side.code.form,
        "page": side.code.page,
        "reference": side.code.reference,
        "boxes": [
            {
                "key": box.key,
                "state": box.state.value,
                "confidence": box.confidence,
                "place": list(box.place),
                "label": box_label(page, boxes[box.key]),
            }
            for box in reading.boxes
        ],
        "one_answer": list(one_answer),
        "number": side.page.image.number,
        "zones": [{"key": zone.key, "place": list(zone.place), "state": zone.state.value} for zone in reading.zones],
        "strokes": dict(reading.strokes),
    }
