"""A mail with a photographed page and one with a voice memo arrive as what they are: one part, its media to be read."""

import io
import wave
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from config.enums import Channel, MediumKind, StepKind
from inbox.listings.ledger import count_ledger
from inbox.models import Part, Step
from tests.fixtures_mail import take_in_mail
from tests.workers.test_copier_mail import page
from tests.workers.test_runners import do_all
from workers.runtime.worker_context import WorkerContext


def photo() -> bytes:
    file = io.BytesIO()
    page("Plus de bancs dans le parc").save(file, "JPEG", quality=95)
    return file.getvalue()


def memo() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x00" * 8000)
    return file.getvalue()


def a_mail(content: bytes, kind: str, name: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Lea <lea@maison.example>"
    message["To"] = "avis@ville.example"
    message.set_content("Voici.\n\nEnvoyé de mon iPhone\n")
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


MAILS = {
    "a photographed page": (
        a_mail(photo(), "image/jpeg", "IMG_0001.jpg"),
        MediumKind.PHOTO,
        StepKind.READ_PAGES,
    ),
    "a voice memo": (
        a_mail(memo(), "audio/x-wav", "Nouvel enregistrement.wav"),
        MediumKind.RECORDING,
        StepKind.READ_SPEECH,
    ),
    "a voice memo under a wrong type": (
        a_mail(memo(), "application/octet-stream", "memo"),
        MediumKind.RECORDING,
        StepKind.READ_SPEECH,
    ),
}


@pytest.mark.parametrize(("raw", "kind", "step"), MAILS.values(), ids=MAILS)
def test_what_a_mail_carries(workshop: WorkerContext, raw: bytes, kind: MediumKind, step: StepKind) -> None:
    with workshop.store.write() as session:
        take_in_mail(session, account="avis@ville.example", raw=raw, digest="d", addressed_to="avis@ville.example")
    do_all(workshop, StepKind.TAKE_APART)
    with workshop.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert (part.channel, [medium.kind for medium in part.media]) == (Channel.EMAIL, [kind])
        assert step in set(session.scalars(select(Step.kind).where(Step.part_id == part.id)))
        assert count_ledger(session).balanced
