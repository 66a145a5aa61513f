"""The runners: files to parts, transcripts and reasons; run again, nothing is doubled."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import Update, func, select, update

from channels.base.values import Recording
from channels.providers.twilio.section import Twilio
from config.call_length import LONGEST_CALL
from config.enums import ArrivalKind, Channel, MediumKind, NotContribution, Reading, StepKind, StepState
from config.settings.schema import Settings
from gateway.ingest.ingest import discard_recording, store_recording
from gateway.ingest.scan_intake import IncomingScan, ingest_scan
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from gateway.reading.attachments import UNREAD_FILE
from gateway.reading.readers import Readers
from inbox.contributions import text_versions, transcripts
from inbox.erasure.erase import erase_original
from inbox.jobs import steps
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Contribution, Intake, Medium, Part, Step, Transcript
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.fixtures_mail import take_in_mail
from tests.opened import text_in
from tests.standins.provider_api import Stored
from tests.standins.provider_lists import moment
from tests.standins.telephone import Telephone
from tests.transcription.documents import zipped
from tests.workers.conftest import add_part
from workers.pools.light_steps import drain_light_queue
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext


def do_all(here: WorkerContext, *kinds: StepKind) -> None:
    """Do the open steps of these kinds; light ones all together."""
    for queue in {kind.queue for kind in kinds if kind.queue.is_light}:
        drain_light_queue(here, queue)
    with here.store.read() as session:
        due = session.scalars(
            select(Step.id).where(Step.kind.in_(kinds), Step.state == StepState.OPEN).order_by(Step.id)
        ).all()
    for step_id in due:
        run_step_in(here, step_id)


def replay_all(here: WorkerContext, kind: StepKind) -> None:
    with here.store.write() as session:
        for step_id in session.scalars(select(Step.id).where(Step.kind == kind)).all():
            steps.replay_step(session, step_id)
    do_all(here, kind)


def count(here: WorkerContext, model: type) -> int:
    with here.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def assert_balanced(here: WorkerContext) -> None:
    with here.store.read() as session:
        counted = count_ledger(session)
    assert counted.balanced, counted.problems


def printed(text: str = "Plus de bancs dans le parc") -> Image.Image:
    page = Image.new("L", (900, 300), 255)
    ImageDraw.Draw(page).text((60, 100), text, fill=0, font=ImageFont.truetype("DejaVuSans.ttf", 44))
    return page


def as_file(page: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    page.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def locked_pdf() -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        file = io.BytesIO()
        pdf.save(file, encryption=pikepdf.Encryption(owner="o", user="u"))
    return file.getvalue()


UNREADABLE = {
    "empty file": (b"", "empty"),
    "encrypted PDF": (locked_pdf(), "password"),
    "broken PDF": (b"%PDF-1.7 and no more", "damaged"),
    "no page at all": (b"\x01\x02\x03\x04" * 9, "no picture or PDF"),
}


def scan(here: WorkerContext, content: bytes, tmp_path: Path, pages_per_form: int = 1) -> None:
    path = tmp_path / "scan"
    path.write_bytes(content)
    with here.store.write() as session:
        ingest_scan(
            session, IncomingScan(path, "maison", hashlib.sha256(content).hexdigest(), pages_per_form=pages_per_form)
        )


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_nobody_can_open_stands_before_a_person(
    workshop: WorkerContext, tmp_path: Path, content: bytes, reason: str
) -> None:
    scan(workshop, content, tmp_path)
    do_all(workshop, StepKind.SPLIT_PAGES)
    with workshop.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert part.reading is Reading.NEEDS_PERSON
        assert reason in str(part.reading_reason)
        assert part.media[0].size == len(content)
    assert_balanced(workshop)


# What is there of a file handed in with two pages a form -> how many forms its four pages are.
TWO_A_FORM: dict[str, tuple[list[Update], int]] = {
    "as it is handed in": ([], 2),
    "by the column": ([update(Arrival).values(sealed_headers=None)], 2),
    "handed in before there was the column": ([update(Intake).values(pages_per_form=None)], 2),
    "nobody said": ([update(Intake).values(pages_per_form=None), update(Arrival).values(sealed_headers=None)], 4),
}


@pytest.mark.parametrize(("changes", "forms"), TWO_A_FORM.values(), ids=TWO_A_FORM)
def test_pages_of_a_form(workshop: WorkerContext, tmp_path: Path, changes: list[Update], forms: int) -> None:
    rest = [printed(f"Page {number}") for number in range(2, 5)]
    scan(workshop, as_file(printed("Page 1"), "TIFF", save_all=True, append_images=rest), tmp_path, pages_per_form=2)
    with workshop.store.write() as session:
        for change in changes:
            session.execute(change)
    do_all(workshop, StepKind.SPLIT_PAGES)
    with workshop.store.read() as session:
        assert len(session.scalars(select(Part.id)).all()) == forms


def test_a_scan_becomes_forms_and_text_once(workshop: WorkerContext, tmp_path: Path) -> None:
    tiff = as_file(
        printed(), "TIFF", save_all=True, append_images=[printed("Un bus le soir"), Image.new("L", (900, 300), 255)]
    )
    scan(workshop, tiff, tmp_path)
    for _ in range(2):
        replay_all(workshop, StepKind.SPLIT_PAGES)
        do_all(workshop, StepKind.READ_PAGES)
    with workshop.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert [part.not_contribution for part in parts] == [None, None, NotContribution.BLANK_PAGE]
        assert [part.reading for part in parts] == [Reading.READ] * 3
    assert (count(workshop, Contribution), count(workshop, Medium), count(workshop, Transcript)) == (2, 6, 2)
    assert_balanced(workshop)


def test_an_original_that_is_kept_no_longer_is_no_failure(workshop: WorkerContext, tmp_path: Path) -> None:
    scan(workshop, as_file(printed(), "TIFF"), tmp_path)
    do_all(workshop, StepKind.SPLIT_PAGES)
    with workshop.store.write() as session:
        erase_original(session, session.scalars(select(Intake)).one())
    replay_all(workshop, StepKind.SPLIT_PAGES)
    with workshop.store.read() as session:
        step = session.scalars(select(Step).where(Step.kind == StepKind.SPLIT_PAGES)).one()
        assert (step.state, "kept no longer" in str(step.reason)) == (StepState.NEEDS_PERSON, True)
    assert (count(workshop, Part), count(workshop, Contribution)) == (1, 1)
    assert_balanced(workshop)


def test_page_images_of_a_pdf_are_kept_once(workshop: WorkerContext) -> None:
    pdf = as_file(printed(), "PDF", save_all=True, append_images=[printed("Un bus le soir")], resolution=150)
    waiting = add_part(workshop.store, Channel.EMAIL, MediumKind.PAGE, pdf, "it")
    run_step_in(workshop, waiting.step_id)
    replay_all(workshop, StepKind.READ_PAGES)
    with workshop.store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        part = session.get_one(Part, waiting.part_id)
        names = [text_in(m, "sealed_name") for m in media if m.sealed_name]
        read = {m.id: len(m.transcripts) for m in media}
        assert part.reading is Reading.READ
    assert names == ["page 1", "page 2"]
    assert list(read.values()) == [0, 2, 2]


def test_a_photo_that_browsers_show_needs_no_second_image(workshop: WorkerContext) -> None:
    photo = as_file(printed(), "JPEG")
    waiting = add_part(workshop.store, Channel.SMS, MediumKind.PHOTO, photo, "it")
    run_step_in(workshop, waiting.step_id)
    assert (count(workshop, Medium), count(workshop, Transcript)) == (1, 1)


def test_a_broken_recording_needs_a_person(workshop: WorkerContext) -> None:
    waiting = add_part(workshop.store, Channel.VOICEMAIL, MediumKind.RECORDING, b"RIFF, or so it says", "it")
    run_step_in(workshop, waiting.step_id)
    with workshop.store.read() as session:
        part = session.get_one(Part, waiting.part_id)
        assert (part.reading, bool(part.reading_reason)) == (Reading.NEEDS_PERSON, True)
    assert_balanced(workshop)


MAILS = {
    "plain": (b"From: lea@maison.example\r\nSubject: Parc\r\n\r\nUn banc.\r\n", Reading.READ, None),
    "empty": (b"From: lea@maison.example\r\n\r\n\r\n", Reading.NEEDS_PERSON, None),
    "no mail at all": (b"\x00\xff", Reading.NEEDS_PERSON, None),
    "nothing": (b"", Reading.NEEDS_PERSON, None),
    "automatic": (
        b"From: lea@maison.example\r\nAuto-Submitted: auto-replied\r\n\r\nJe suis absente.\r\n",
        Reading.READ,
        NotContribution.AUTOMATIC_REPLY,
    ),
}


@pytest.mark.parametrize(("raw", "reading", "kind"), MAILS.values(), ids=MAILS)
def test_a_mail_is_taken_apart_once(
    workshop: WorkerContext, raw: bytes, reading: Reading, kind: NotContribution | None
) -> None:
    with workshop.store.write() as session:
        take_in_mail(session, account="avis@brest.example", raw=raw, digest="d", addressed_to="avis@brest.example")
    do_all(workshop, StepKind.TAKE_APART)
    replay_all(workshop, StepKind.TAKE_APART)
    with workshop.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert (part.reading, part.not_contribution) == (reading, kind)
    assert count(workshop, Contribution) == (0 if kind else 1)
    assert_balanced(workshop)


@pytest.fixture
def provider(sqlite_store: Store, tmp_path: Path) -> Iterator[tuple[WorkerContext, Telephone]]:
    with Telephone("http://127.0.0.1:9", redirect_pictures=False) as telephone:
        twilio = Twilio(
            account_sid=telephone.api.account_sid, auth_tokens=(telephone.api.auth_token,), api_base=telephone.base
        )
        settings = Settings(folder=tmp_path, twilio=twilio)
        with Readers(settings) as readers:
            yield WorkerContext(settings, sqlite_store, readers), telephone


def a_call(here: WorkerContext) -> int:
    with here.store.write() as session:
        arrived = IncomingMessage(Channel.VOICEMAIL, "AC", "CA" + 32 * "1", ArrivalKind.WEBHOOK, b"CallSid=CA1")
        intake_id = store_message(session, arrived).intake_id
        steps.add_step(session, StepKind.LIST_RECORDINGS, intake=intake_id)
        return intake_id


def keep_at_provider(telephone: Telephone, content: bytes, not_ready: int = 0) -> str:
    sid = "RE" + 32 * "2"
    facts = {"sid": sid, "call_sid": "CA" + 32 * "1", "duration": "4", "status": "completed", "date_created": moment()}
    telephone.api.recordings[sid] = Stored(content, "audio/x-wav", facts, not_ready)
    return f"{telephone.base}/2010-04-01/Accounts/{telephone.api.account_sid}/Recordings/{sid}.wav"


def test_a_recording_is_fetched_when_it_is_ready(provider: tuple[WorkerContext, Telephone]) -> None:
    here, telephone = provider
    url = keep_at_provider(telephone, b"RIFFxxxxWAVE", not_ready=1)
    intake_id = a_call(here)
    with here.store.write() as session:
        store_recording(session, here.settings, intake_id, Recording("RE" + 32 * "2", url))
    do_all(here, StepKind.FETCH_MEDIA)
    with here.store.read() as session:
        step = session.scalars(select(Step).where(Step.kind == StepKind.FETCH_MEDIA)).one()
        assert (step.state, step.attempts) == (StepState.OPEN, 0), "not ready yet is no failure"
    with here.store.write() as session:
        session.query(Step).filter_by(kind=StepKind.FETCH_MEDIA).one().not_before = utc_now()
    do_all(here, StepKind.FETCH_MEDIA)
    with here.store.read() as session:
        medium = session.scalars(select(Medium)).one()
        assert (medium.kind, medium.size, medium.content_type) == (MediumKind.RECORDING, 12, "audio/x-wav")
        assert session.scalars(select(Step.state).where(Step.kind == StepKind.READ_SPEECH)).one() is StepState.OPEN
    assert telephone.api.unauthorised == 0


def test_what_the_caller_took_back_is_neither_read_nor_shown(provider: tuple[WorkerContext, Telephone]) -> None:
    here, _ = provider
    intake_id = a_call(here)
    with here.store.write() as session:
        store_recording(session, here.settings, intake_id, Recording("RE" + 32 * "2", "http://127.0.0.1:9/x"))
        words = [{"text": "raté", "confidence": 0.9, "start": 0.0, "end": 1.0}]
        medium = session.scalars(select(Medium)).one()
        transcripts.add_transcript(
            session, medium.id, engine="x", model="y", language="fr", words=words, took_seconds=0
        )
        text_versions.settle_part(session, medium.part_id)
        contribution = session.scalars(select(Contribution)).one()
        assert text_versions.current_text(session, contribution) is not None
        discard_recording(session, intake_id, "RE" + 32 * "2")
        assert text_versions.current_text(session, contribution) is None


def pictures_at_provider(here: WorkerContext, telephone: Telephone, *kept: bytes | None) -> None:
    """A text message with these pictures; None is one that the provider does not have (yet)."""
    folder = f"{telephone.base}/2010-04-01/Accounts/{telephone.api.account_sid}/Recordings"
    media = []
    for number, content in enumerate(kept, start=1):
        sid = f"RE{number:032x}"
        media.append(NewMedium(MediumKind.PHOTO, "image/jpeg", remote_url=f"{folder}/{sid}.wav"))
        if content is not None:
            telephone.api.recordings[sid] = Stored(content, "image/jpeg", {}, 0)
    with here.store.write() as session:
        arrived = IncomingMessage(Channel.SMS, "AC", "SM" + 32 * "1", ArrivalKind.WEBHOOK, b"NumMedia=2")
        create_contributions(
            session, store_message(session, arrived).intake_id, [NewPart("text", Channel.SMS, media=tuple(media))]
        )


def test_a_picture_of_a_text_message_is_fetched_and_read(provider: tuple[WorkerContext, Telephone]) -> None:
    here, telephone = provider
    pictures_at_provider(here, telephone, as_file(printed(), "JPEG"))
    do_all(here, StepKind.FETCH_MEDIA)
    do_all(here, StepKind.READ_PAGES)
    with here.store.read() as session:
        assert session.scalars(select(Part.reading)).one() is Reading.READ
    assert (count(here, Medium), count(here, Transcript)) == (1, 1)


def test_a_picture_that_is_missing_keeps_no_other_from_being_read(provider: tuple[WorkerContext, Telephone]) -> None:
    here, telephone = provider
    pictures_at_provider(here, telephone, None, as_file(printed(), "JPEG"))
    do_all(here, StepKind.FETCH_MEDIA)
    do_all(here, StepKind.READ_PAGES)
    with here.store.read() as session:
        step = session.scalars(select(Step).where(Step.kind == StepKind.FETCH_MEDIA)).one()
        assert (step.state, step.attempts) == (StepState.OPEN, 0), "the other one may still come"
        assert session.scalars(select(Part.reading)).one() is Reading.WAITING
    assert count(here, Transcript) == 1
    pictures_at_provider(here, telephone, as_file(printed("Un bus le soir"), "JPEG"))
    with here.store.write() as session:
        session.query(Step).filter_by(kind=StepKind.FETCH_MEDIA).one().not_before = utc_now()
    do_all(here, StepKind.FETCH_MEDIA)
    do_all(here, StepKind.READ_PAGES)
    with here.store.read() as session:
        assert session.scalars(select(Part.reading)).one() is Reading.READ
        assert [bool(medium.transcripts) for medium in session.scalars(select(Medium))] == [True, True]
    assert_balanced(here)


def test_a_file_of_a_text_message_that_nothing_reads_is_told(provider: tuple[WorkerContext, Telephone]) -> None:
    here, telephone = provider
    pictures_at_provider(here, telephone, zipped({"avis.txt": "Un banc"}), as_file(printed(), "JPEG"))
    do_all(here, StepKind.FETCH_MEDIA)
    do_all(here, StepKind.READ_PAGES)
    with here.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert (part.reading, part.reading_reason) == (Reading.NEEDS_PERSON, UNREAD_FILE)
        kinds = [medium.kind for medium in session.scalars(select(Medium).order_by(Medium.position))]
        assert kinds == [MediumKind.ATTACHMENT, MediumKind.PHOTO]
    assert count(here, Transcript) == 1
    assert_balanced(here)


def test_a_recording_no_webhook_told_of_is_found(provider: tuple[WorkerContext, Telephone]) -> None:
    here, telephone = provider
    keep_at_provider(telephone, b"RIFFxxxxWAVE")
    a_call(here)
    do_all(here, StepKind.LIST_RECORDINGS)
    replay_all(here, StepKind.LIST_RECORDINGS)
    do_all(here, StepKind.FETCH_MEDIA)
    assert (count(here, Part), count(here, Contribution), count(here, Medium)) == (1, 1, 1)


def test_a_call_without_a_message_is_nobodys_contribution(provider: tuple[WorkerContext, Telephone]) -> None:
    here, _ = provider
    intake_id = a_call(here)
    do_all(here, StepKind.LIST_RECORDINGS)
    with here.store.write() as session:
        intake = session.get_one(Intake, intake_id)
        assert intake.not_contribution is None, "it may still go on"
        intake.received_at -= LONGEST_CALL
        session.scalars(select(Step).where(Step.kind == StepKind.LIST_RECORDINGS)).one().not_before = utc_now()
    do_all(here, StepKind.LIST_RECORDINGS)
    with here.store.read() as session:
        assert session.get_one(Intake, intake_id).not_contribution is NotContribution.NO_MESSAGE
    assert count(here, Part) == 0
    assert_balanced(here)
