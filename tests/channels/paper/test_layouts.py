"""What holds for every form that is laid out, whatever it asks."""

from __future__ import annotations

from itertools import combinations

import pytest

from channels.paper import fonts
from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.form_layout import FormLayout, LayoutPage
from channels.paper.geometry import Rectangle
from channels.paper.laying.form import NoPrepaidReply, NoSuchForm, lay_out
from channels.paper.laying.style_table import STYLES
from channels.paper.page_codes import MODULES
from channels.paper.printed_places import PrintedText
from channels.paper.read_places import CODE_QUIET_MODULES, MARK_CLEARANCE
from channels.paper.stored_layout import UnknownLayout, layout_from_json, layout_to_json
from tests.channels.paper.forms import CONSULTATIONS, PACKAGED

PRINTABLE = 5.0
"""Millimetres at each edge that copiers may leave white."""


def all_forms() -> list[tuple[str, FormLayout]]:
    laid = []
    for name, consultation in CONSULTATIONS.items():
        for variant, size in STYLES:
            for language in consultation.languages:
                if variant is FormVariant.REPLY and name != "prepaid":
                    continue
                layout = lay_out(consultation, 1, variant=variant, size=size, language=language)
                laid.append((f"{name}, {variant} {size} {language}", layout))
    return laid


FORMS = dict(all_forms())


def ink_of(text: PrintedText) -> Rectangle:
    width = fonts.text_width(text.words, text.size, text.face, right_to_left=text.right_to_left)
    x = text.x - {"left": 0.0, "centre": width / 2, "right": width}[text.align]
    return Rectangle(x, text.y - text.size * 0.25, width, text.size * 0.25)


def read_of(page: LayoutPage) -> list[Rectangle]:
    """Everything that is read, each with what must stay white around it."""
    quiet = page.codes[0].place.width / MODULES * CODE_QUIET_MODULES
    return [
        *(mark.place.grown(MARK_CLEARANCE - 0.01) for mark in page.marks),
        *(code.place.grown(quiet - 0.01) for code in page.codes),
        *(box.place for box in page.boxes),
        *(Rectangle(row.cells[0].x, row.cells[0].y, row.cells[-1].right - row.cells[0].x, row.cells[0].height)
          for row in page.rows if row.cells[0].x < row.cells[-1].x),
        *(zone.place for zone in page.zones),
    ]  # fmt: skip


@pytest.mark.parametrize("layout", FORMS.values(), ids=FORMS)
def test_nothing_overlaps(layout: FormLayout) -> None:
    for page in layout.pages:
        assert [(a, b) for a, b in combinations(read_of(page), 2) if a.overlaps(b)] == []
        printed = [ink_of(text) for text in page.texts]
        assert [(text.words, place) for text, ink in zip(page.texts, printed, strict=True)
                for place in read_of(page) if ink.overlaps(place)] == []  # fmt: skip


@pytest.mark.parametrize("layout", FORMS.values(), ids=FORMS)
def test_all_of_it_can_be_printed_and_comes_back(layout: FormLayout) -> None:
    sheet = Rectangle(0, 0, layout.width, layout.height).grown(-PRINTABLE)
    for page in layout.pages:
        comes_back = page.handed_in.grown(-PRINTABLE)
        assert [text.words for text in page.texts if not sheet.holds(ink_of(text))] == []
        assert [place for place in read_of(page) if not comes_back.holds(place)] == []
        assert len(page.marks) == 4
        assert {code.number for code in page.codes} == {1, 2}


@pytest.mark.parametrize("layout", FORMS.values(), ids=FORMS)
def test_every_question_is_asked_once(layout: FormLayout) -> None:
    boxes = [(box.group, box.value) for page in layout.pages for box in page.boxes]
    assert len(boxes) == len(set(boxes))
    assert {group for group, _ in boxes} == {group.name for group in layout.groups}
    zones = [zone.name for page in layout.pages for zone in page.zones]
    assert zones
    assert len(zones) == len(set(zones))
    assert [page.number for page in layout.pages] == list(range(1, len(layout.pages) + 1))


def test_a_simple_form_is_one_sheet() -> None:
    assert {name: len(layout.pages) for name, layout in FORMS.items() if name.startswith("nothing configured")} == {
        f"nothing configured, {variant} {size} {language}": 2
        for variant, size in STYLES for language in ("fr", "en") if variant is not FormVariant.REPLY
    }  # fmt: skip


@pytest.mark.parametrize("layout", FORMS.values(), ids=FORMS)
def test_what_is_stored_is_what_was_laid_out(layout: FormLayout) -> None:
    assert layout_from_json(layout_to_json(layout)) == layout


UNREADABLE = {"no JSON": b"%PDF-1.7", "another format": b'{"format": 99}', "nothing": b"", "half": b'{"format": 1}'}


@pytest.mark.parametrize("stored", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_layout(stored: bytes) -> None:
    with pytest.raises(UnknownLayout):
        layout_from_json(stored)


def test_what_is_not_made() -> None:
    with pytest.raises(NoPrepaidReply):
        lay_out(PACKAGED, 1, variant=FormVariant.REPLY, size=SheetSize.A4, language="fr")
    with pytest.raises(NoSuchForm):
        lay_out(PACKAGED, 1, variant=FormVariant.LARGE_PRINT, size=SheetSize.A5, language="fr")


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_reply_sheet_asks_what_fits_on_its_one_page_and_is_addressed_as_the_post_wants(language: str) -> None:
    arabic = CONSULTATIONS["Arabic, from right to left"]
    everything = arabic.model_copy(
        update={
            "form": CONSULTATIONS["all there is"].form.model_copy(update={"zones": CONSULTATIONS["prepaid"].form.zones})
        }
    )
    form = lay_out(everything, 1, variant=FormVariant.REPLY, size=SheetSize.A4, language=language)
    groups = {box.group for page in form.pages for box in page.boxes}
    assert (len(form.pages), "age" in groups, "themes" in groups) == (2, False, True)
    placed = {text.words: text for text in form.pages[1].texts}
    for words in ("T", "LIBRE RÉPONSE", "Autorisation 12345"):
        assert placed[words].x >= 95, "at the right, whatever way the form runs"
        assert placed[words].align == "left"
