"""Forms of ours from the upload page to what a person sees: boxes as words, sides together, copies apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from sqlalchemy import select

from channels.paper.stored_layout import layout_to_json
from config.enums import MediumKind, NotContribution, Reading
from gateway.intake.contribute import SLIP_TAKEN
from gateway.reading.form_parts import (
    CHARACTERS,
    MISSING_SIDE,
    NO_CODE,
    NOT_PLACED,
    SEVERAL_TICKED,
    SHARED_NUMBER,
    UNKNOWN_FORM,
)
from inbox.consultations import printed_forms
from inbox.contributions import transcripts
from inbox.models import ContributionPart, Medium, Part, Reference, Transcript
from inbox.records import references
from tests.simulator.small_form import as_tiff, number_of, scanned, sheet, small_form
from tests.standins.scanned import picture
from tests.workers.test_batches import CENTRE, hand_in, read_all, signed_in, town
from transcription.base.values import Doubt
from workers.runtime.worker_context import WorkerContext

__all__ = ["town"]

FORM = small_form()


@pytest.fixture
def printed(town: WorkerContext) -> tuple[WorkerContext, list[str]]:
    """A town that printed three copies of the form."""
    return town, print_copies(town, 3)


def print_copies(here: WorkerContext, copies: int) -> list[str]:
    """The references on the slips."""
    with here.store.write() as session:
        printed_forms.keep_layout(session, number_of(FORM), layout_to_json(FORM))
        return printed_forms.issue_copies(session, number_of(FORM), copies)


@dataclass(frozen=True)
class Came:
    """A part as a person finds it."""

    reading: Reading
    reason: str
    why: NotContribution | None
    text: str
    media: tuple[MediumKind, ...]
    reference: str | None


def came(here: WorkerContext) -> list[Came]:
    found = []
    with here.store.read() as session:
        for part in session.scalars(select(Part).order_by(Part.id)):
            media = session.scalars(select(Medium).where(Medium.part_id == part.id).order_by(Medium.position)).all()
            read = session.scalars(select(Transcript).join(Medium).where(Medium.part_id == part.id)).all()
            text = " ".join(transcripts.transcript_text(transcripts.transcript_words(session, one)) for one in read)
            contribution = session.scalar(
                select(ContributionPart.contribution_id).where(ContributionPart.part_id == part.id)
            )
            number = references.reference_of(session, contribution) if contribution else None
            kinds = tuple(m.kind for m in media if m.kind is not MediumKind.THUMBNAIL)
            found.append(
                Came(part.reading, part.reading_reason or "", part.not_contribution, text.strip(), kinds, number)
            )
    return found


def scan(here: WorkerContext, *pages: bytes) -> list[Came]:
    hand_in(signed_in(here, CENTRE), [("scan.tif", as_tiff(pages))])
    read_all(here)
    return came(here)


def test_a_form_becomes_the_words_of_its_boxes_under_the_number_of_its_slip(printed) -> None:
    here, (number, *_) = printed
    front = sheet(FORM, 1, number, ("Arbres", "Vélos", "plus de 60 ans"))
    (form,) = scan(here, scanned(sheet(FORM, 2, number)), scanned(front, 3))
    assert form == Came(
        Reading.READ, "", None, "☒ Arbres\n☒ Vélos\n☒ plus de 60 ans", (MediumKind.FORM, MediumKind.FORM), number
    )


def test_handwriting_is_kept_as_a_picture_and_never_shown_as_read(printed) -> None:
    here, (number, *_) = printed
    back = sheet(FORM, 2, number, lines=4)
    (form,) = scan(here, scanned(sheet(FORM, 1, number, ("Bruit",))), scanned(back))
    assert form.text == "☒ Bruit"
    assert form.media == (MediumKind.FORM, MediumKind.FORM, MediumKind.ZONE)
    assert (form.reading, form.reason) == (Reading.NEEDS_PERSON, Doubt.BY_HAND.value)


def test_shuffled_doubled_and_foreign_pages_end_where_a_person_sees_them(printed) -> None:
    here, (one, other, _) = printed
    fronts = [scanned(sheet(FORM, 1, number, ("Sport",), hand=n), n) for n, number in enumerate((one, other), 1)]
    again = scanned(sheet(FORM, 1, one, ("Sport",), hand=1), 9)
    backs = [scanned(sheet(FORM, 2, number)) for number in (one, other)]
    letter = picture("JPEG", "Il faudrait un marché couvert")
    found = scan(here, fronts[1], letter, backs[0], again, fronts[0], backs[1])
    forms = [form for form in found if form.reference in (one, other)]
    assert sorted(form.text for form in forms) == ["☒ Sport", "☒ Sport"]
    assert all(form.media == (MediumKind.FORM, MediumKind.FORM) for form in forms)
    assert [form.why for form in found if form.why] == [NotContribution.DUPLICATE_PAGE]
    assert [form.media for form in found if form.reference not in (None, one, other)] == [(MediumKind.PAGE,)]


def test_photocopies_of_one_sheet_are_voices_of_their_own(printed) -> None:
    here, (number, *_) = printed
    copies = [scanned(sheet(FORM, 1, number, (theme,), hand=n), n) for n, theme in enumerate(("Sport", "Bruit"), 1)]
    found = scan(here, *copies)
    assert [form.text for form in found] == ["☒ Sport", "☒ Bruit"]
    assert all(SHARED_NUMBER in form.reason and MISSING_SIDE in form.reason for form in found)
    assert number not in {form.reference for form in found}


def test_a_number_that_leads_somewhere_is_not_taken_over(printed) -> None:
    here, (number, *_) = printed
    back = scanned(sheet(FORM, 2, number))
    (first,) = scan(here, scanned(sheet(FORM, 1, number, ("Sport",))), back)
    assert first.reference == number
    _, second = scan(here, scanned(sheet(FORM, 1, number, ("Bruit",), hand=7)), back)
    assert second.reference not in (None, number)
    assert SLIP_TAKEN in second.reason
    with here.store.read() as session:
        assert session.get_one(Reference, number).contribution_id is not None


UNCUT = {
    "as it was printed": 0,
    "its side up": 1,
    "on its head": 2,
}


@pytest.mark.parametrize("turns", UNCUT.values(), ids=UNCUT)
def test_two_small_forms_that_nobody_cut_apart_are_two_voices(printed, turns: int) -> None:
    here, (one, other, _) = printed
    gap = np.ones((210 * 6, 6), np.float32)
    fronts = [sheet(FORM, 1, one, ("Sport",), hand=1), gap, sheet(FORM, 1, other, ("Bruit", "Arbres"), hand=2)]
    backs = [sheet(FORM, 2, other), gap, sheet(FORM, 2, one)]
    found = scan(here, *(scanned(np.rot90(np.hstack(side), turns).copy(), n) for n, side in enumerate((fronts, backs))))
    assert sorted((form.reference, form.text) for form in found) == sorted(
        [(one, "☒ Sport"), (other, "☒ Arbres\n☒ Bruit")]
    )


def test_a_small_form_beside_one_without_codes_is_not_all_there_is(printed) -> None:
    here, (one, other, _) = printed
    torn = sheet(FORM, 1, other, ("Bruit",), hand=2)
    for code in FORM.pages[0].codes:
        x, y, side = (round(6 * at) for at in (code.place.x, code.place.y, code.place.width))
        torn[y : y + side, x : x + side // 2] = 1
    uncut = np.hstack([sheet(FORM, 1, one, ("Sport",), hand=1), torn])
    found = scan(here, scanned(uncut))
    assert sorted((form.text, NO_CODE in form.reason) for form in found) == [("", True), ("☒ Sport", False)]


TOLD = {
    "two boxes of a question with one answer": (("moins de 18 ans", "plus de 60 ans"), SEVERAL_TICKED),
    "no back": (("Sport",), MISSING_SIDE),
}


@pytest.mark.parametrize(("ticked", "reason"), TOLD.values(), ids=TOLD)
def test_what_a_person_has_to_look_at_is_said(printed, ticked: tuple[str, ...], reason: str) -> None:
    here, (number, *_) = printed
    (form,) = scan(here, scanned(sheet(FORM, 1, number, ticked)))
    assert form.reading is Reading.NEEDS_PERSON
    assert reason in form.reason


def test_forms_of_other_towns_and_test_sheets_are_told_apart(printed) -> None:
    here, (number, *_) = printed
    foreign = FORM.__class__(**{**{f: getattr(FORM, f) for f in FORM.__slots__}, "town": "quimper"})
    found = scan(
        here, scanned(sheet(foreign, 1, number, ("Sport",))), scanned(sheet(FORM, 1, number, ("Sport",), test=True))
    )
    assert [form.why for form in found] == [NotContribution.TEST_SHEET, None]
    assert found[1].reason == UNKNOWN_FORM


def test_a_torn_form_is_told_from_one_that_is_not_known(printed) -> None:
    here, (number, *_) = printed
    (form,) = scan(here, scanned(sheet(FORM, 1, number, ("Sport",))[: 60 * 6]))
    assert (form.reading, form.reason, form.text) == (Reading.NEEDS_PERSON, NOT_PLACED, "")


def test_boxed_digits_are_guessed_and_no_word_of_the_contribution(printed) -> None:
    here, (number, *_) = printed
    back = sheet(FORM, 2, number, digits="0639981234")
    (form,) = scan(here, scanned(sheet(FORM, 1, number, ("Bruit",))), scanned(back))
    assert form.text == "☒ Bruit"
    assert form.media == (MediumKind.FORM, MediumKind.FORM, MediumKind.CHARACTERS)
    assert (form.reading, form.reason) == (Reading.NEEDS_PERSON, CHARACTERS)
    with here.store.read() as session:
        read = session.scalar(select(Transcript).join(Medium).where(Medium.kind == MediumKind.CHARACTERS))
        assert read is not None
        assert (transcripts.sheet_geometry(session, read) or {})["guess"] == "0639981234"
