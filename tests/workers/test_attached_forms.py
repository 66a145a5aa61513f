"""Forms that come as a photo by text message or with a mail are read as those of a batch are."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from config.enums import ArrivalKind, Channel, DeskKind, MediumKind, NotContribution, Reading, StepKind
from gateway.ingest.attached_forms import CAME_BEFORE, SEVERAL
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from inbox.contributions import text_versions
from inbox.models import Contribution, DeskItem, Intake, Medium, Part, Reference
from tests.fixtures_mail import take_in_mail
from tests.simulator.small_form import as_tiff, scanned, sheet
from tests.workers.test_batches import town
from tests.workers.test_forms_read import FORM, printed, scan
from tests.workers.test_runners import do_all
from transcription.base.values import Doubt
from workers.runtime.worker_context import WorkerContext

__all__ = ["printed", "town"]


def by_text(here: WorkerContext, *photos: bytes, words: str | None = None) -> None:
    media = tuple(NewMedium(MediumKind.PHOTO, "image/jpeg", source=photo) for photo in photos)
    with here.store.write() as session:
        arrived = IncomingMessage(Channel.SMS, "AC", "SM" + 32 * "1", ArrivalKind.WEBHOOK, b"NumMedia=2")
        intake = store_message(session, arrived).intake_id
        create_contributions(session, intake, [NewPart("text", Channel.SMS, body=words, media=media)])
    read(here)


def by_mail(here: WorkerContext, *files: bytes, words: str = "Voici ma feuille.") -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Lea <lea@maison.example>", "avis@ville.example"
    message.set_content(words)
    for number, file in enumerate(files):
        kind = "jpeg" if file.startswith(b"\xff\xd8") else "tiff"
        message.add_attachment(file, maintype="image", subtype=kind, filename=f"{number}.{kind}")
    with here.store.write() as session:
        raw = message.as_bytes()
        take_in_mail(session, account="avis@ville.example", raw=raw, digest="d", addressed_to="avis@ville.example")
    do_all(here, StepKind.TAKE_APART)
    read(here)


def read(here: WorkerContext) -> None:
    for _ in range(2):  # what is in the zones is read after the form was found
        do_all(here, StepKind.READ_PAGES)


def told(here: WorkerContext) -> list[tuple[Channel, str, str, Reading]]:
    """Of each contribution its channel, words, the number that leads to it, and how far it is."""
    found = []
    with here.store.read() as session:
        for one in session.scalars(select(Contribution).order_by(Contribution.id)):
            text = text_versions.current_text(session, one)
            numbers = session.scalars(select(Reference.number).where(Reference.contribution_id == one.id)).all()
            found.append((one.channel, text.body if text else "", " ".join(sorted(numbers)), one.reading))
    return found


WAYS = {
    "two photos by text message": (by_text, Channel.SMS, lambda front, back: (front, back), ""),
    "one of them, with words": (
        lambda here, *files: by_text(here, *files, words="Bonjour"), Channel.SMS, lambda front, _back: (front,),
        "Bonjour\n\n",
    ),
    "a scan with a mail": (
        by_mail, Channel.EMAIL, lambda front, back: (as_tiff([back, front]),), "Voici ma feuille.\n\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("send", "channel", "files", "above"), WAYS.values(), ids=WAYS)
def test_a_form_in_a_message_is_read_and_its_slip_leads_to_it(printed, send, channel, files, above: str) -> None:
    here, (number, *_) = printed
    front, back = scanned(sheet(FORM, 1, number, ("Sport", "Vélos"))), scanned(sheet(FORM, 2, number))
    send(here, *files(front, back))
    ((came_by, words, numbers, _reading),) = told(here)
    assert (came_by, words) == (channel, f"{above}☒ Vélos\n☒ Sport")
    assert number in numbers


def test_what_is_written_on_it_is_asked_at_the_keying_desk(printed) -> None:
    here, (number, *_) = printed
    by_text(here, scanned(sheet(FORM, 1, number, ("Sport",))), scanned(sheet(FORM, 2, number, lines=4)))
    with here.store.read() as session:
        part = session.scalars(select(Part)).one()
        assert (part.reading, Doubt.BY_HAND.value in (part.reading_reason or "")) == (Reading.NEEDS_PERSON, True)
        assert [item.kind for item in session.scalars(select(DeskItem).where(DeskItem.is_open))] == [DeskKind.ZONE]
        (kept,) = session.scalars(select(Medium).where(Medium.kind == MediumKind.ZONE))
        assert kept.transcripts


def test_forms_of_several_people_in_one_mail_are_their_own(printed) -> None:
    here, (one, other, _) = printed
    fronts = [scanned(sheet(FORM, 1, number, (theme,), hand=n)) for n, (number, theme) in
              enumerate(((one, "Sport"), (other, "Bruit")), 1)]  # fmt: skip
    by_mail(here, *fronts)
    mail, *forms = told(here)
    assert mail[1] == "Voici ma feuille."
    assert [(channel, words, number) for channel, words, number, _ in forms] == [
        (Channel.PAPER, "☒ Sport", one),
        (Channel.PAPER, "☒ Bruit", other),
    ]
    with here.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert [part.contributor_id is None for part in parts] == [False, True, True]
        assert SEVERAL in (parts[0].reading_reason or "")


@pytest.mark.parametrize("paper_first", [True, False])
def test_the_same_sheet_by_paper_and_by_message_counts_once_or_is_told(printed, paper_first: bool) -> None:
    here, (number, *_) = printed
    pages = [scanned(sheet(FORM, page, number, ("Sport",) if page == 1 else ())) for page in (1, 2)]
    acts = [lambda: scan(here, *pages), lambda: by_text(here, *pages)]
    for act in acts if paper_first else acts[::-1]:
        act()
    with here.store.read() as session:
        by_channel = {part.channel: part for part in session.scalars(select(Part))}
        assert session.query(Intake).count() == 2
        if paper_first:
            assert CAME_BEFORE in (by_channel[Channel.SMS].reading_reason or "")
        else:
            assert by_channel[Channel.PAPER].not_contribution is NotContribution.DUPLICATE_PAGE
