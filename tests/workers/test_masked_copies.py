"""What is masked in a text can be neither heard nor seen in the copies of its recording and its page."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from config.enums import Channel, MediumKind, PersonalKind, StepKind
from inbox.contributions import masks, moderation, text_versions
from inbox.contributions.masks import Mask
from inbox.desk import masked_copies
from inbox.desk.masked_copies import CopyProblem, CopyState
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, ContributionPart, MaskedCopy, Medium
from inbox.storage.envelope_encryption import vault_of
from tests.inbox.makers import moderator
from tests.transcription.sounds import needs_voice, speak
from tests.workers.conftest import Waiting, add_part
from tests.workers.test_runners import do_all
from workers.runtime.worker_context import WorkerContext

READ = (StepKind.READ_SPEECH, StepKind.READ_PAGES)
MASK = (StepKind.MASK_RECORDINGS, StepKind.MASK_PAGES)
SAID = "les bus ne passent pas assez souvent"
LINES = ["Bonjour, je suis Yvonne", "Kerbrat et les bus sont", "rares. Yvonne Kerbrat"]


def printed() -> bytes:
    page = Image.new("L", (760, 260), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=34)
    for number, line in enumerate(LINES):
        pen.text((40, 30 + 70 * number), line, fill=0, font=font)
    held = io.BytesIO()
    page.save(held, "PNG")
    return held.getvalue()


def arrived(here: WorkerContext, channel: Channel, kind: MediumKind, content: bytes) -> Waiting:
    waiting = add_part(here.store, channel, kind, content, "CA" + 32 * "4")
    do_all(here, *READ)
    return waiting


def mask(here: WorkerContext, waiting: Waiting, *wanted: Mask, typed: str | None = None) -> int:
    """Mask as the desk does; the contribution's id."""
    by = moderator(here.store)
    with here.store.write() as session:
        row = contribution_of(session, waiting.part_id)
        now = text_versions.current_text(session, row)
        assert now is not None
        if typed is not None:
            text_versions.correct_text(session, row.id, typed, by, None)
        text_versions.correct_text(session, row.id, masks.apply_masks(typed or now.body, wanted, "fr"), by, None)
        masks.save_masks(session, row, wanted, by)
        masked_copies.update_copies(session, row)
        number = row.id
    do_all(here, *MASK)
    return number


def contribution_of(session, part_id: int) -> Contribution:  # type: ignore[no-untyped-def]
    link = session.scalars(select(ContributionPart).where(ContributionPart.part_id == part_id)).one()
    return session.get_one(Contribution, link.contribution_id)


def copy_of(here: WorkerContext) -> MaskedCopy:
    with here.store.read() as session:
        row = session.scalars(select(MaskedCopy)).one()
        session.refresh(row)
        session.expunge(row)
        return row


def file_of(here: WorkerContext, medium_id: int, path: Path) -> Path:
    with here.store.read() as session:
        copy = masked_copies.copy_for(session, medium_id, originals=True)
        assert copy is not None
        assert copy.locator is not None
        vault_of(session).copy_out(session, copy.part.key_id, copy.locator, path)
    return path


def named(words: str) -> Mask:
    return Mask(PersonalKind.NAME, words)


@needs_voice
@pytest.mark.parametrize("hidden", ["souvent", "les bus", "passent"])
def test_a_masked_word_is_heard_no_more(workshop: WorkerContext, tmp_path: Path, hidden: str) -> None:
    sound = speak(SAID, tmp_path / "said.wav").read_bytes()
    mask(workshop, arrived(workshop, Channel.VOICEMAIL, MediumKind.RECORDING, sound), named(hidden))
    row = copy_of(workshop)
    assert (row.state, row.places) == (CopyState.MADE, len(hidden.split()))
    again = workshop.readers.read_recording(file_of(workshop, row.medium_id, tmp_path / "copy"), "fr")
    heard = again.text.lower().split()
    assert not set(hidden.split()) & set(heard)
    left = [word for word in SAID.split() if word not in hidden.split()]
    assert len(set(left) & set(heard)) >= len(left) - 2  # a word beside the tone may sound like another


def test_a_masked_name_is_black_on_the_page_wherever_it_stands(workshop: WorkerContext, tmp_path: Path) -> None:
    waiting = arrived(workshop, Channel.PAPER, MediumKind.PAGE, printed())
    mask(workshop, waiting, named("Yvonne Kerbrat"), named("Kerbrat"))
    row = copy_of(workshop)
    assert row.state == CopyState.MADE
    assert row.places == 4
    path = file_of(workshop, row.medium_id, tmp_path / "copy.png")
    folder = tmp_path / "again"
    folder.mkdir()
    read = workshop.readers.read_page(workshop.readers.open_pages(path, folder)[0], ["fr"]).text
    assert "Yvonne" not in read
    assert "Kerbrat" not in read
    assert "bus" in read


@needs_voice
def test_a_name_heard_otherwise_is_covered_where_a_person_typed_it(workshop: WorkerContext, tmp_path: Path) -> None:
    sound = speak(SAID, tmp_path / "said.wav").read_bytes()
    waiting = arrived(workshop, Channel.VOICEMAIL, MediumKind.RECORDING, sound)
    mask(workshop, waiting, named("Soizic Ouvanc"), typed="Les bus ne passent pas assez Soizic Ouvanc")
    row = copy_of(workshop)
    assert (row.state, row.places) == (CopyState.MADE, 1)


FAILING: dict[str, tuple[str, CopyProblem]] = {
    "was said nowhere": ("Goulven", CopyProblem.NOT_FOUND),
    "is still heard": ("souvent", CopyProblem.STILL_THERE),
}


@needs_voice
@pytest.mark.parametrize(("hidden", "problem"), FAILING.values(), ids=FAILING)
def test_a_mask_that_does_not_hold_gives_no_copy(
    workshop: WorkerContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: str, problem: CopyProblem
) -> None:
    if problem is CopyProblem.STILL_THERE:  # a covering that covers nothing
        bare = type(workshop.readers).mask_recording
        monkeypatch.setattr(
            type(workshop.readers), "mask_recording", lambda self, path, _spans, folder: bare(self, path, [], folder)
        )
    sound = speak(SAID, tmp_path / "said.wav").read_bytes()
    number = mask(workshop, arrived(workshop, Channel.VOICEMAIL, MediumKind.RECORDING, sound), named(hidden))
    row = copy_of(workshop)
    assert (row.state, row.problem) == (CopyState.FAILED, problem)
    with workshop.store.read() as session:
        assert masked_copies.copy_for(session, row.medium_id, originals=True) is None
    with workshop.store.write() as session, pytest.raises(masked_copies.NothingToShare):
        masked_copies.share_copy(session, number, row.medium_id, 1, shared=True)


def test_officials_get_a_copy_once_it_is_shared_and_published(workshop: WorkerContext, tmp_path: Path) -> None:
    waiting = arrived(workshop, Channel.PAPER, MediumKind.PAGE, printed())
    number = mask(workshop, waiting, named("Yvonne Kerbrat"), named("Kerbrat"))
    by, medium_id = moderator(workshop.store), copy_of(workshop).medium_id
    store = workshop.store

    def given() -> bool:
        with store.read() as session:
            return masked_copies.copy_for(session, medium_id, originals=False) is not None

    acts: list[tuple[Callable[..., object], bool]] = [
        (lambda rows: masked_copies.share_copy(rows, number, medium_id, by, shared=True), False),
        (lambda rows: moderation.decide_contribution(rows, number, "publish", by=by, expect_revision=None), True),
        (lambda rows: masked_copies.share_copy(rows, number, medium_id, by, shared=False), False),
        (lambda rows: masked_copies.share_copy(rows, number, medium_id, by, shared=True), True),
        # One more name is masked: the copy before is gone at once, and the new one is for moderators first.
        (lambda rows: more_masked(rows, number, by), False),
    ]
    for act, expected in acts:
        with store.write() as session:
            act(session)
        assert given() is expected
    do_all(workshop, *MASK)
    assert copy_of(workshop).state == CopyState.MADE
    assert not given()


def more_masked(session, number: int, by: int) -> None:  # type: ignore[no-untyped-def]
    row = session.get_one(Contribution, number)
    now = text_versions.current_text(session, row)
    text_versions.correct_text(session, number, masks.apply_masks(now.body, [named("rares")], "fr"), by, None)
    masks.save_masks(session, row, [named("rares")], by)
    masked_copies.update_copies(session, row)


def test_a_copy_is_erased_with_its_contribution(workshop: WorkerContext) -> None:
    waiting = arrived(workshop, Channel.PAPER, MediumKind.PAGE, printed())
    number = mask(workshop, waiting, named("Kerbrat"))
    with workshop.store.write() as session:
        erase_contribution(session, number, None, "author")
    with workshop.store.read() as session:
        assert session.scalars(select(MaskedCopy)).all() == []
        assert all(medium.locator is None for medium in session.scalars(select(Medium)))
        assert list(workshop.store.media.locators()) == []


def words(said: str) -> list[dict[str, object]]:
    return [
        {"text": one, "confidence": 0.9, "start": float(at), "end": at + 0.9} for at, one in enumerate(said.split())
    ]


PLACES: dict[str, tuple[str, tuple[Mask, ...], str, set[int]]] = {
    "as it was heard": ("je suis yvonne kerbrat du bourg", (named("Yvonne Kerbrat"),), "", {2, 3}),
    "everywhere": ("yvonne dit que yvonne vient", (named("Yvonne"),), "", {0, 3}),
    "a number however grouped": (
        "rappelez le 06 39 98 12 34 demain",
        (Mask(PersonalKind.PHONE, "+33639981234"),),
        "",
        {2, 3, 4, 5, 6},
    ),
    "in one word": ("au 0639981234 demain", (Mask(PersonalKind.PHONE, "06 39 98 12 34"),), "", {1}),
    "heard as other words": (
        "je suis y vaut ne carre bras du bourg",
        (named("Yvonne Kerbrat"),),
        "Je suis Yvonne Kerbrat du bourg",
        {2, 3, 4, 5, 6},
    ),
    "nowhere": ("les bus sont rares", (named("Yvonne"),), "Rien de tel", set()),
    "at most a few words more": (
        "a b c d e f g h i j k l du bourg",
        (named("Yvonne"),),
        "Yvonne du bourg",
        set(),
    ),
}


@pytest.mark.parametrize(("heard", "wanted", "typed", "places"), PLACES.values(), ids=PLACES)
def test_where_masked_words_were_heard(heard: str, wanted: tuple[Mask, ...], typed: str, places: set[int]) -> None:
    assert masked_copies.transcript_coverage(words(heard), wanted, [typed] if typed else []).places == places


def test_what_the_second_engine_heard_is_covered_too() -> None:
    heard = words("je suis et vaut le brat")
    heard[2] |= {"other": "yvonne kerbrat"}
    assert masked_copies.transcript_coverage(heard, [named("Kerbrat")], ()).places == {2}


def test_what_a_person_covers_by_hand_is_black_and_stays_so(workshop: WorkerContext, tmp_path: Path) -> None:
    """The first line is covered by hand; a mask that comes later takes nothing of it away; then it is uncovered."""
    waiting = arrived(workshop, Channel.PAPER, MediumKind.PAGE, printed())
    by = moderator(workshop.store)
    with workshop.store.write() as session:
        row = contribution_of(session, waiting.part_id)
        medium_id = session.scalars(select(Medium.id).where(Medium.part_id == waiting.part_id)).one()
        with pytest.raises(masked_copies.NothingToShare):
            masked_copies.cover_areas(session, row.id, medium_id + 1, [(0.0, 0.0, 1.0, 0.35)], by)
        masked_copies.cover_areas(session, row.id, medium_id, [(0.0, 0.0, 1.0, 0.35)], by)
        number = row.id
    do_all(workshop, *MASK)
    assert brightness(workshop, tmp_path / "one.png", (50, 20, 700, 80)) == 0
    mask(workshop, waiting, named("Kerbrat"))
    assert copy_of(workshop).state == CopyState.MADE
    assert brightness(workshop, tmp_path / "two.png", (50, 20, 700, 80)) == 0
    with workshop.store.write() as session:
        masked_copies.uncover_area(session, number, medium_id, 0, by)
    do_all(workshop, *MASK)
    assert copy_of(workshop).state == CopyState.MADE
    assert brightness(workshop, tmp_path / "three.png", (50, 20, 700, 80)) > 200


def brightness(here: WorkerContext, path: Path, box: tuple[int, int, int, int]) -> float:
    """The mean grey of a part of the copy, 0 for black."""
    with Image.open(file_of(here, copy_of(here).medium_id, path)) as picture:
        grey = picture.convert("L").crop(box)
        return sum(value * count for value, count in enumerate(grey.histogram())) / (grey.width * grey.height)


@needs_voice
def test_a_stretch_covered_by_hand_is_heard_no_more(workshop: WorkerContext, tmp_path: Path) -> None:
    sound = speak(SAID, tmp_path / "said.wav").read_bytes()
    waiting = arrived(workshop, Channel.VOICEMAIL, MediumKind.RECORDING, sound)
    by = moderator(workshop.store)
    with workshop.store.write() as session:
        row = contribution_of(session, waiting.part_id)
        medium_id = session.scalars(select(Medium.id).where(Medium.part_id == waiting.part_id)).one()
        masked_copies.cover_areas(session, row.id, medium_id, [(0.0, 60.0)], by)
    do_all(workshop, *MASK)
    row_after = copy_of(workshop)
    assert row_after.state == CopyState.MADE
    again = workshop.readers.read_recording(file_of(workshop, row_after.medium_id, tmp_path / "copy"), "fr")
    assert not set(SAID.split()) & set(again.text.lower().split())
