"""A scanned file that has grown since: same intake, same references, no voice twice, and what a person did is left."""

import hashlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import select

from config.enums import Bucket, Moderation, Reading, SetAsideReason, StepKind, StepState
from config.settings.schema import Settings
from gateway.ingest.grown_scans import LEFT, Pages, _new_pages, pages_by_form, update_existing_forms
from gateway.ingest.scan_intake import IncomingScan, ingest_scan, known_beginnings
from gateway.reading.readers import NOT_WHOLE, WHOLE_FILE, Readers, parts_of_scans
from inbox.contributions.moderation import decide_contribution
from inbox.contributions.text_versions import correct_text, current_text
from inbox.erasure.erase import erase_contribution, erase_part
from inbox.jobs.steps import quarantined_steps
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Intake, Medium, Part, Person, Step
from inbox.records import history, references
from tests.standins.scanned import pdf, pdf_with_a_later_version, tiff
from tests.workers.test_runners import assert_balanced, do_all, replay_all
from workers.runtime.worker_context import WorkerContext

ONE, TWO = tiff("Plus de bancs"), tiff("Plus de bancs", "Un bus le soir")
THREE = tiff("Plus de bancs", "Un bus le soir", "Des arbres")
CUT = TWO[: len(TWO) - 200]
"""The last page is not all there."""


def hand_in(here: WorkerContext, content: bytes, tmp_path: Path, *, read: bool = False) -> int:
    """Take a file in and split it; its intake."""
    path = tmp_path / "scan"
    path.write_bytes(content)
    beginnings = known_beginnings(here.store, path, "maison")
    digest = hashlib.sha256(content).hexdigest()
    with here.store.write() as session:
        scan = IncomingScan(path, "maison", digest, name="scan0001.tif", same_file="1:1", beginnings=beginnings)
        intake_id = ingest_scan(session, scan).intake_id
    do_all(here, StepKind.SPLIT_PAGES)
    if read:
        do_all(here, StepKind.READ_PAGES)
    return intake_id


def forms(here: WorkerContext) -> dict[str, Pages]:
    """The pages of each form that counts, by its place in the file."""
    with here.store.read() as session:
        counting = session.scalars(
            select(Part.part_key).where(Part.not_contribution.is_(None), Part.erased_at.is_(None))
        ).all()
        intakes = session.scalars(select(Intake.id).order_by(Intake.id)).all()
        pages = [pages_by_form(session, intake_id) for intake_id in intakes]
    return {key: value for one in pages for key, value in one.items() if key in counting}


@cache
def as_if_new(content: bytes) -> dict[str, Pages]:
    """The same of a file that comes whole."""
    with TemporaryDirectory() as folder, Readers(Settings(folder=Path(folder))) as readers:
        path = Path(folder, "whole")
        path.write_bytes(content)
        parts = parts_of_scans(readers, [path], Path(folder), 1)
        return {part.key: _new_pages(part.media) for part in parts if part.not_contribution is None}


def said(here: WorkerContext) -> list[str]:
    """What each voice that counts says, by its place in the file."""
    with here.store.read() as session:
        rows = session.scalars(
            select(Contribution)
            .join(Contribution.parts)
            .where(Contribution.erased_at.is_(None), Part.not_contribution.is_(None))
            .order_by(Part.part_key)
        )
        wordings = [current_text(session, contribution) for contribution in rows]
        return [wording.body if wording else "" for wording in wordings]


def numbers(here: WorkerContext) -> dict[str, str]:
    """The reference of each form."""
    with here.store.read() as session:
        parts = session.scalars(select(Part).where(Part.not_contribution.is_(None), Part.erased_at.is_(None))).all()
        return {part.part_key: references.reference_of(session, part.contributions[0].id) for part in parts}


def voices(here: WorkerContext) -> int:
    with here.store.read() as session:
        counted = count_ledger(session)
        assert counted.balanced, counted.problems
        return counted.units - counted.counts[Bucket.NOT_CONTRIBUTION] - counted.counts[Bucket.ERASED]


GROWN = {
    "pages were added to a TIFF": (ONE, THREE, 1),
    "a PDF was cut": (pdf("Plus de bancs")[:-3000], pdf("Plus de bancs"), 1),
    "a version was added to a PDF": (*pdf_with_a_later_version("Plus de bancs", "Un bus le soir", "Des arbres"), 1),
    "it was empty": (b"", THREE, 1),
}
ALL = ["Plus de bancs", "Un bus le soir"]


@pytest.mark.parametrize(("before", "after", "at_first"), GROWN.values(), ids=GROWN)
def test_a_file_that_has_grown_is_split_anew_and_counted_once(
    workshop: WorkerContext, tmp_path: Path, before: bytes, after: bytes, at_first: int
) -> None:
    intake_id = hand_in(workshop, before, tmp_path)
    assert voices(workshop) == at_first
    known = set(numbers(workshop).values())
    assert hand_in(workshop, after, tmp_path) == intake_id
    expected = as_if_new(after)
    assert forms(workshop) == expected
    assert voices(workshop) == len(expected)
    assert known <= set(numbers(workshop).values()), "the numbers that were handed out are still good"


def test_what_has_grown_is_read_anew(workshop: WorkerContext, tmp_path: Path) -> None:
    hand_in(workshop, CUT, tmp_path, read=True)
    assert voices(workshop) == 1
    handed_out = set(numbers(workshop).values())
    hand_in(workshop, TWO, tmp_path, read=True)
    assert said(workshop) == ALL
    assert forms(workshop) == as_if_new(TWO)
    known = numbers(workshop)
    assert handed_out <= set(known.values()), "the numbers that were handed out are still good"
    replay_all(workshop, StepKind.SPLIT_PAGES)
    assert (said(workshop), numbers(workshop)) == (ALL, known)
    with workshop.store.read() as session:
        assert set(session.scalars(select(Part.reading))) == {Reading.READ}
    assert_balanced(workshop)


def test_pages_that_are_the_same_are_not_read_again(workshop: WorkerContext, tmp_path: Path) -> None:
    hand_in(workshop, ONE, tmp_path, read=True)
    with workshop.store.read() as session:
        before = session.scalars(select(Medium.id)).all()
    hand_in(workshop, TWO, tmp_path)
    with workshop.store.read() as session:
        media = session.scalars(select(Medium).where(Medium.id.in_(before))).all()
        assert [medium.discarded_at for medium in media] == [None, None]
        assert len(media[0].transcripts) == 1


def test_it_grows_while_it_is_split(workshop: WorkerContext, tmp_path: Path) -> None:
    path = tmp_path / "scan"
    for content in (ONE, THREE):
        path.write_bytes(content)
        beginnings = known_beginnings(workshop.store, path, "maison")
        with workshop.store.write() as session:
            digest = hashlib.sha256(content).hexdigest()
            ingest_scan(session, IncomingScan(path, "maison", digest, beginnings=beginnings))
    do_all(workshop, StepKind.SPLIT_PAGES)
    assert forms(workshop) == as_if_new(THREE)


def test_a_cut_file_stands_before_a_person_page_by_page(workshop: WorkerContext, tmp_path: Path) -> None:
    cut = pdf("Plus de bancs", "Un bus le soir")[:-60]
    hand_in(workshop, cut, tmp_path)
    with workshop.store.read() as session:
        reasons = session.scalars(select(Part.reading_reason).where(Part.reading == Reading.NEEDS_PERSON)).all()
        parts = session.scalars(select(Part)).all()
    assert len(reasons) == len(parts) > 0
    assert all(NOT_WHOLE in str(reason) or "damaged" in str(reason) for reason in reasons)


# --- what a person did is left --------------------------------------------------------------------------


def person(here: WorkerContext) -> int:
    with here.store.write() as session:
        somebody = Person(login="claire", name="Claire", password_hash="x")
        session.add(somebody)
        session.flush()
        return somebody.id


def first(here: WorkerContext) -> int:
    with here.store.read() as session:
        return session.scalars(select(Contribution.id).order_by(Contribution.id)).first() or 0


def worded(here: WorkerContext, by: int) -> None:
    with here.store.write() as session:
        correct_text(session, first(here), "Plus de bancs, signé Personne", by, None)


def decided(here: WorkerContext, by: int) -> None:
    with here.store.write() as session:
        decide_contribution(
            session, first(here), "set_aside", by=by, expect_revision=None, reason=SetAsideReason.UNREADABLE
        )


TOUCHED = {"worded": worded, "set aside": decided}


@pytest.mark.parametrize("touch", TOUCHED.values(), ids=TOUCHED)
def test_what_a_person_did_is_left_and_a_person_told(workshop: WorkerContext, tmp_path: Path, touch: object) -> None:
    cut = pdf("Plus de bancs")[:-3000]
    hand_in(workshop, cut, tmp_path)
    with workshop.store.read() as session:  # opened as far as it goes, or not at all
        key = session.scalars(select(Part.part_key)).one()
    touch(workshop, person(workshop))  # type: ignore[operator]
    before = said(workshop)
    hand_in(workshop, pdf("Plus de bancs"), tmp_path)
    with workshop.store.read() as session:
        contribution = session.get_one(Contribution, first(workshop))
        moderation, entries = contribution.moderation, history.history_of(session, f"contribution:{contribution.id}")
        waiting = quarantined_steps(session)
        units = count_ledger(session).units
    if key == "page-1":  # the same form, with other pages
        assert said(workshop) == before
        assert [step.reason for step in waiting] == [LEFT]
        assert "left_as_it_was" in [entry.action for entry in entries]
        assert units == 1
    else:  # a person judged the file as a whole; its form is a voice of its own
        assert set(forms(workshop)) == {"file", "page-1"}
        assert units == 2
    assert moderation is (Moderation.SET_ASIDE if touch is decided else Moderation.IN_REVIEW)
    assert_balanced(workshop)


def test_what_was_erased_stays_erased(workshop: WorkerContext, tmp_path: Path) -> None:
    hand_in(workshop, TWO, tmp_path)
    with workshop.store.write() as session:
        erase_part(session, session.scalars(select(Part.id).order_by(Part.id)).first() or 0, None, "asked")
    hand_in(workshop, THREE, tmp_path)
    whole = as_if_new(THREE)
    assert forms(workshop) == {key: whole[key] for key in ("page-2", "page-3")}
    assert voices(workshop) == 2


def test_an_erased_file_is_not_continued(workshop: WorkerContext, tmp_path: Path) -> None:
    hand_in(workshop, ONE, tmp_path)
    with workshop.store.write() as session:
        erase_contribution(session, first(workshop), None, "asked")
    hand_in(workshop, ONE, tmp_path)
    assert forms(workshop) == {}
    hand_in(workshop, TWO, tmp_path)
    assert voices(workshop) == 2


def test_a_page_that_had_looked_blank_gets_its_voice(workshop: WorkerContext, tmp_path: Path) -> None:
    intake_id = hand_in(workshop, tiff("Plus de bancs", ""), tmp_path)
    assert voices(workshop) == 1
    path = tmp_path / "filled"
    path.write_bytes(TWO)
    parts = parts_of_scans(workshop.readers, [path], tmp_path, 1)
    with workshop.store.write() as session:
        update_existing_forms(session, intake_id, parts, pages_by_form(session, intake_id), WHOLE_FILE)
    assert forms(workshop) == {part.key: _new_pages(part.media) for part in parts}
    assert voices(workshop) == 2


SECOND_PAGES = {"written": ("Un bus le soir", 2), "blank": ("", 1)}


@pytest.mark.parametrize(("text", "in_the_end"), SECOND_PAGES.values(), ids=SECOND_PAGES)
def test_the_whole_file_gives_way_to_its_forms(
    workshop: WorkerContext, tmp_path: Path, text: str, in_the_end: int
) -> None:
    hand_in(workshop, ONE, tmp_path)
    hand_in(workshop, tiff("Plus de bancs", text)[:-200], tmp_path)
    assert voices(workshop) == 2, "the form, and the file that cannot be opened as it now is"
    hand_in(workshop, tiff("Plus de bancs", text), tmp_path)
    assert forms(workshop) == as_if_new(tiff("Plus de bancs", text))
    assert voices(workshop) == in_the_end
    with workshop.store.read() as session:
        assert set(session.scalars(select(Step.state).where(Step.kind == StepKind.SPLIT_PAGES))) == {StepState.DONE}
