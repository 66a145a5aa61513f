"""A copier's mail goes the way of paper: one part per form, whatever channel it came by."""

import io
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from channels.email.parse import MailProblem, parse_mail
from config.enums import Channel, MessageState, NotContribution, Reading, StepKind
from config.settings.sections.mail_section import Smtp
from gateway.reading.mail_parts import scan_files
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Contributor, Intake, Message, Part, Step
from tests.fixtures_mail import take_in_mail
from tests.workers.test_runners import do_all, replay_all
from workers.runtime.worker_context import WorkerContext


def page(text: str) -> Image.Image:
    sheet = Image.new("L", (900, 300), 255)
    if text:
        ImageDraw.Draw(sheet).text((60, 100), text, fill=0, font=ImageFont.truetype("DejaVuSans.ttf", 44))
    return sheet


def pdf(*texts: str) -> bytes:
    first, *others = [page(text) for text in texts]
    file = io.BytesIO()
    first.save(file, "PDF", save_all=True, append_images=others, resolution=150)
    return file.getvalue()


def copier_mail(*files: bytes, kind: str = "pdf") -> bytes:
    message = EmailMessage()
    message["From"] = "noreply@copieur.centre.example"
    message["To"] = "avis@ville.example"
    message["Subject"] = "Scan"
    for number, content in enumerate(files, start=1):
        message.add_attachment(content, maintype="application", subtype=kind, filename=f"scan000{number}.{kind}")
    return message.as_bytes()


def receive(here: WorkerContext, raw: bytes) -> None:
    with here.store.write() as session:
        take_in_mail(session, account="avis@ville.example", raw=raw, digest="d", addressed_to="avis@ville.example")


def test_three_forms_and_a_blank_one(workshop: WorkerContext) -> None:
    receive(workshop, copier_mail(pdf("Plus de bancs", "Un bus le soir", ""), pdf("Des arbres")))
    for _ in range(2):
        replay_all(workshop, StepKind.TAKE_APART)
        replay_all(workshop, StepKind.SPLIT_PAGES)
        do_all(workshop, StepKind.READ_PAGES)
    with workshop.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert {part.channel for part in parts} == {Channel.PAPER}
        assert [part.not_contribution for part in parts] == [None, None, NotContribution.BLANK_PAGE, None]
        assert [part.reading for part in parts] == [Reading.READ] * 4
        assert session.scalars(select(Intake)).one().channel is Channel.EMAIL
        assert len(session.scalars(select(Contribution)).all()) == 3
        # A copier is never answered: the references stand on the batch's printed list.
        assert set(session.scalars(select(Message.state))) == {MessageState.PRINTED}
        counted = count_ledger(session)
        assert counted.balanced, counted.problems
        assert counted.units == 4


ONE_FILE_PER_PAGE = {
    "more than a letter's files are kept one by one": (140, StepKind.SPLIT_PAGES, None),
    "more than is read of a mail": (501, StepKind.READ_PAGES, MailProblem.MANY_PARTS),
}


@pytest.mark.parametrize(("files", "then", "said"), ONE_FILE_PER_PAGE.values(), ids=ONE_FILE_PER_PAGE)
def test_no_page_of_a_copier_is_dropped_in_silence(
    workshop: WorkerContext, tmp_path: Path, files: int, then: StepKind, said: str | None
) -> None:
    raw = copier_mail(*(b"%%PDF-1.7 page %d" % number for number in range(files)))
    assert len(scan_files(parse_mail(raw), tmp_path)) == (0 if said else files)
    receive(workshop, raw)
    do_all(workshop, StepKind.TAKE_APART)
    with workshop.store.read() as session:
        assert then in set(session.scalars(select(Step.kind)))
        reasons = session.scalars(select(Part.reading_reason)).all()
        assert [said in str(reason) for reason in reasons] == ([True] if said else [])


HOW_MANY = {
    "one form: perhaps somebody's own scanner": (("Plus de bancs",), MessageState.QUEUED, 1),
    "several: several people's": (("Plus de bancs", "Un bus"), MessageState.PRINTED, 0),
}


@pytest.mark.parametrize(("texts", "state", "known"), HOW_MANY.values(), ids=HOW_MANY)
def test_whom_a_receipt_reaches(
    workshop: WorkerContext, texts: tuple[str, ...], state: MessageState, known: int
) -> None:
    settings = workshop.settings.model_copy(update={"smtp": Smtp(host="127.0.0.1", tls="none", sender="a@b.example")})
    here = replace(workshop, settings=settings)
    raw = copier_mail(pdf(*texts)).replace(b"noreply@copieur.centre.example", b"accueil@centre.example")
    receive(here, raw)
    do_all(here, StepKind.TAKE_APART, StepKind.SPLIT_PAGES)
    do_all(here, StepKind.SPLIT_PAGES)
    with here.store.read() as session:
        assert set(session.scalars(select(Message.state))) == {state}
        assert len(session.scalars(select(Contributor)).all()) == known


def test_a_scan_nobody_can_open_stands_before_a_person(workshop: WorkerContext) -> None:
    receive(workshop, copier_mail(b"%PDF-1.7 and no more", pdf("Plus de bancs")))
    do_all(workshop, StepKind.TAKE_APART)
    with workshop.store.read() as session:
        assert count_ledger(session).balanced  # nothing is there yet but the step
    do_all(workshop, StepKind.SPLIT_PAGES)
    with workshop.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert [part.reading for part in parts] == [Reading.NEEDS_PERSON, Reading.WAITING]
        assert "damaged" in str(parts[0].reading_reason)
        assert parts[0].media[0].size == len(b"%PDF-1.7 and no more")
