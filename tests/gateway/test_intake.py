"""Accept and contribute: once is once, strangers stay strangers, and texts in a row are one contribution."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, MediumKind, NotContribution, Reading, StepKind
from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from gateway.intake.contribute import MOST_JOINED, NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium, add_to_part
from gateway.intake.raw_messages import copy_raw_message
from inbox.consultations import consultation_versions
from inbox.contributions.text_versions import current_text
from inbox.contributions.transcripts import add_transcript
from inbox.erasure.erase import erase_contribution, erase_intake
from inbox.jobs import steps
from inbox.models import Arrival, Contribution, Intake, Medium, Part, Reference, Step
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store

RESIDENT = Address(AddressKind.PHONE, "+33612345678")

TEXT = IncomingMessage(
    channel=Channel.SMS,
    account="AC" + "0" * 32,
    external_id="SM" + "1" * 32,
    kind=ArrivalKind.WEBHOOK,
    raw=b"Body=Plus+de+bancs",
    headers={"path": "/hooks/sms"},
    addressed_to="+33298000000",
    sender=RESIDENT,
)
SAID = NewPart("text", Channel.SMS, body="Plus de bancs rue de Siam")


@pytest.fixture
def consultation(store: Store) -> None:
    with store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(Settings().consultation_files[0]))


def count(store: Store, model: type) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def take_in(
    store: Store, arrived: IncomingMessage = TEXT, part: NewPart = SAID, join_minutes: float = 10
) -> int | None:
    with store.write() as session:
        return create_contributions(
            session, store_message(session, arrived).intake_id, [part], join_minutes=join_minutes
        )[0]


@pytest.mark.usefixtures("consultation")
def test_the_same_message_twice_is_one_of_everything(store: Store):
    first, second = take_in(store), take_in(store)
    assert first == second is not None
    assert [count(store, model) for model in (Intake, Arrival, Part, Contribution, Reference)] == [1, 1, 1, 1, 1]


@pytest.mark.usefixtures("consultation")
def test_a_text_is_read_at_once_under_the_version_it_came_under(store: Store):
    contribution_id = take_in(store)
    with store.read() as session:
        contribution = session.get_one(Contribution, contribution_id)
        part = session.scalars(select(Part)).one()
        wording = current_text(session, contribution)
        assert wording is not None
        assert wording.body == SAID.body
        assert not wording.unconfirmed
        assert contribution.reading is Reading.READ
        assert part.consultation_version is not None
        assert part.keep_until is not None
        assert references.parse_reference(references.reference_of(session, contribution.id)) is not None


OTHERS = {
    "another message": (replace(TEXT, external_id="SM" + "2" * 32), 2),
    "another account": (replace(TEXT, account="AC" + "9" * 32), 2),
    "the same, other bytes": (replace(TEXT, raw=b"Body=Plus+de+bancs&New=1"), 1),
}


@pytest.mark.parametrize(("other", "intakes"), OTHERS.values(), ids=OTHERS)
def test_what_makes_an_intake_another_one(store: Store, other: IncomingMessage, intakes: int):
    take_in(store)
    take_in(store, other)
    assert count(store, Intake) == intakes
    assert count(store, Arrival) == 2


@pytest.mark.usefixtures("consultation")
def test_texts_in_a_row_are_one_contribution_and_stay_apart(store: Store):
    first = take_in(store)
    more = NewPart("text", Channel.SMS, body="et des toilettes")
    second = take_in(store, replace(TEXT, external_id="SM" + "2" * 32, raw=b"2"), more)
    assert first == second
    assert count(store, Part) == 2
    with store.read() as session:
        wording = current_text(session, session.get_one(Contribution, first))
        assert wording is not None
        assert wording.body == "Plus de bancs rue de Siam\n\net des toilettes"


@pytest.mark.usefixtures("consultation")
def test_whoever_goes_on_and_on_begins_another_contribution(store: Store):
    made = [
        take_in(store, replace(TEXT, external_id=f"SM{n:032x}", raw=str(n).encode())) for n in range(MOST_JOINED + 1)
    ]
    assert len(set(made[:MOST_JOINED])) == 1
    assert made[MOST_JOINED] != made[0]


APART = {
    "another sender": replace(TEXT, sender=Address(AddressKind.PHONE, "+33687654321")),
    "a withheld number": replace(TEXT, sender=None),
    "another number called": replace(TEXT, addressed_to="+33299999999"),
}


@pytest.mark.usefixtures("consultation")
@pytest.mark.parametrize("other", APART.values(), ids=APART)
def test_who_is_not_joined(store: Store, other: IncomingMessage):
    first = take_in(store)
    assert take_in(store, replace(other, external_id="SM" + "2" * 32)) != first


def test_two_withheld_numbers_are_two_people(store: Store):
    one = take_in(store, replace(TEXT, sender=None))
    two = take_in(store, replace(TEXT, sender=None, external_id="SM" + "2" * 32))
    assert one != two


def test_a_text_after_the_window_is_its_own_contribution(store: Store):
    first = take_in(store)
    with store.write() as session:
        session.scalars(select(Intake)).one().received_at = TEXT.received_at - timedelta(minutes=11)
    assert take_in(store, replace(TEXT, external_id="SM" + "2" * 32)) != first


def test_what_is_nobodys_contribution_is_a_part_all_the_same(store: Store):
    part = NewPart("text", Channel.SMS, body="STOP", not_contribution=NotContribution.KEYWORD)
    assert take_in(store, part=part) is None
    assert (count(store, Part), count(store, Contribution)) == (1, 0)


STEPS = {
    "a recording here": (NewMedium(MediumKind.RECORDING, "audio/wav", source=b"RIFF"), {StepKind.READ_SPEECH}),
    "a recording there": (
        NewMedium(MediumKind.RECORDING, "audio/wav", remote_url="https://api.twilio.com/x"),
        {StepKind.FETCH_MEDIA},
    ),
    "a page": (NewMedium(MediumKind.PAGE, "image/png", source=b"\x89PNG"), {StepKind.READ_PAGES}),
    "a photo": (NewMedium(MediumKind.PHOTO, "image/jpeg", source=b"\xff\xd8"), {StepKind.READ_PAGES}),
    "an attachment nobody reads": (NewMedium(MediumKind.ATTACHMENT, "application/zip", source=b"PK"), set()),
}


@pytest.mark.parametrize(("medium", "expected"), STEPS.values(), ids=STEPS)
def test_a_medium_brings_the_steps_it_needs(store: Store, medium: NewMedium, expected: set[StepKind]):
    take_in(store, part=NewPart("body", Channel.EMAIL, media=(medium,)))
    with store.read() as session:
        kinds = set(session.scalars(select(Step.kind)))
        part = session.scalars(select(Part)).one()
        stored = session.scalars(select(Medium)).one()
        assert kinds - {StepKind.SUGGEST_THEMES} == expected
        assert part.reading is (Reading.WAITING if expected else Reading.NEEDS_PERSON)
        assert (stored.locator is None) is (medium.source is None)


KEPT = {
    "a recording": (MediumKind.RECORDING, 180),
    "a page": (MediumKind.PAGE, 365),
    "a photo": (MediumKind.PHOTO, 365),
    "an attachment": (MediumKind.ATTACHMENT, 365),
}


@pytest.mark.usefixtures("consultation")
@pytest.mark.parametrize("addressed_to", ["+33298000000", "+33299999999"], ids=["known", "no consultation"])
@pytest.mark.parametrize(("kind", "days"), KEPT.values(), ids=KEPT)
def test_every_period_of_the_consultation_is_kept(store: Store, addressed_to: str, kind: MediumKind, days: int):
    medium = NewMedium(kind, "", source=b"RIFF")
    take_in(store, replace(TEXT, addressed_to=addressed_to), NewPart("it", Channel.SMS, media=(medium,)))
    day = TEXT.received_at.date()
    with store.read() as session:
        assert session.scalars(select(Medium.keep_until)).one() == day + timedelta(days=days)
        assert session.scalars(select(Intake.keep_until)).one() == day + timedelta(days=365)
        assert session.scalars(select(Part.keep_until)).one() == day + timedelta(days=1095)


HOSTILE = {
    "an endless content type": NewMedium(MediumKind.ATTACHMENT, "application/" + "x" * 200, source=b"PK"),
    "a content type of signs": NewMedium(MediumKind.ATTACHMENT, "text/\0plain\r\n", source=b"PK"),
}


@pytest.mark.parametrize("medium", HOSTILE.values(), ids=HOSTILE)
def test_a_claim_that_is_no_content_type_is_not_believed(store: Store, medium: NewMedium):
    take_in(store, part=replace(SAID, media=(medium,), needs_person="The message is damaged. " * 20))
    with store.read() as session:
        assert session.scalars(select(Medium.content_type)).one() == "application/octet-stream"
        assert session.scalars(select(Part.reading)).one() is Reading.NEEDS_PERSON


def test_why_a_person_was_needed_is_forgotten_with_what_it_was_about(store: Store):
    """Silence first, then the caller starts again and is understood."""
    recordings = [NewMedium(MediumKind.RECORDING, "", source=b"RIFF", name=name) for name in ("first", "second")]
    take_in(store, part=NewPart("speech", Channel.VOICEMAIL, media=(recordings[0],)))
    end_reading(store, steps.NeedsPerson("Nobody speaks in this recording."))
    with store.write() as session:
        part = session.scalars(select(Part)).one()
        assert part.reading_reason is not None
        part.media[0].discarded_at = utc_now()
        assert add_to_part(session, part.id, recordings[1])
        words = [{"text": "bancs", "confidence": 0.9, "start": 0.0, "end": 1.0}]
        second = session.scalars(select(Medium.id).order_by(Medium.position.desc())).first()
        add_transcript(session, second or 0, engine="x", model="y", language="fr", words=words, took_seconds=0)
    end_reading(store, steps.Done())
    with store.read() as session:
        assert session.execute(select(Part.reading, Part.reading_reason)).one() == (Reading.READ, None)


def end_reading(store: Store, ending: steps.Ending) -> None:
    with store.read() as session:
        step_id = session.scalars(select(Step.id).where(Step.kind == StepKind.READ_SPEECH)).one()
    lease = steps.claim_step(store, step_id)
    assert lease is not None
    with store.write() as session:
        steps.end_step(session, lease, ending)


def test_a_large_message_lies_in_a_file_and_comes_back_unchanged(store: Store, tmp_path):
    raw = bytes(range(256)) * 1024
    take_in(store, replace(TEXT, raw=raw))
    with store.read() as session:
        arrival = session.scalars(select(Arrival)).one()
        assert arrival.sealed_raw is None
        assert copy_raw_message(session, arrival, tmp_path / "raw").read_bytes() == raw


REPLIES = {
    "the same person": (RESIDENT, True),
    "somebody else": (Address(AddressKind.PHONE, "+33687654321"), False),
    "nobody knows who": (None, False),
}


@pytest.mark.usefixtures("consultation")
@pytest.mark.parametrize(("sender", "joins"), REPLIES.values(), ids=REPLIES)
def test_an_answer_to_our_receipt_goes_on_with_its_contribution(store: Store, sender: Address | None, joins: bool):
    first = take_in(store, join_minutes=0)
    with store.read() as session:
        reference = references.reference_of(session, first or 0)
    more = NewPart("body", Channel.EMAIL, body="Et des arbres", continues=reference)
    second = take_in(store, replace(TEXT, external_id="2", sender=sender), more, join_minutes=0)
    assert (first == second) is joins


def test_nothing_grows_on_an_erased_intake(store: Store):
    contribution_id = take_in(store)
    with store.write() as session:
        erase_contribution(session, contribution_id or 0, by=None, reason="test")
    before = count(store, Arrival), count(store, Part)
    assert take_in(store, replace(TEXT, raw=b"again"), replace(SAID, key="another")) is None
    assert (count(store, Arrival), count(store, Part)) == before


@pytest.mark.postgres
@pytest.mark.parametrize("server", ["postgresql"])  # SQLite has one writer at a time
def test_an_erasure_is_seen_by_whoever_has_looked_before(store: Store):
    take_in(store)

    def erase() -> None:
        with store.write() as session:
            erase_intake(session, 1, by=None, reason="test")

    with store.write() as session:
        intake = session.get_one(Intake, store_message(session, TEXT).intake_id)
        eraser = Thread(target=erase)
        eraser.start()
        eraser.join()
        assert create_contributions(session, intake.id, [replace(SAID, key="another")]) == [None]
