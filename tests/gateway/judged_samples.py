"""What people and machines send that counts as no contribution, by every door, as it really arrives."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, NotContribution, StepKind, StepState
from config.settings.loader import Settings
from gateway.ingest.scan_intake import IncomingScan, ingest_scan
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.reading.readers import Readers
from inbox.models import Intake, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.fixtures_mail import take_in_mail
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

SLUG = "rues-et-places"

MAILS = {
    "absent": (
        b"From: Lea <lea@maison.example>\r\nTo: avis@ville.example\r\nSubject: Absence du bureau\r\n"
        b"Auto-Submitted: auto-replied\r\nReturn-Path: <>\r\n\r\nJe suis absente jusqu'au 12. Un banc manque.\r\n"
    ),
    "returned": (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.maison.example\r\nTo: avis@ville.example\r\n"
        b"Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system: user unknown.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.maison.example\r\n\r\n"
        b"Final-Recipient: rfc822; nono@maison.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
    ),
    "list": (
        b"From: Asso <asso@liste.example>\r\nTo: avis@ville.example\r\nSubject: Lettre du mois\r\n"
        b"List-Id: <lettre.asso.example>\r\nPrecedence: list\r\n\r\nVenez nombreux samedi.\r\n"
    ),
}

PHONE = "+33639980021"

TEXTS = {"stop": ("STOP", NotContribution.KEYWORD), "thanks": ("Merci beaucoup !", NotContribution.THANKS)}


def fill(store: Store, settings: Settings, folder: Path) -> None:
    """A day's worth of all of it."""
    with Readers(settings) as readers:
        here = WorkerContext(settings, store, readers)
        with store.write() as session:
            for number, (body, kind) in enumerate(TEXTS.values()):
                text(session, f"SM{number}", body, kind)
            silent_call(session)
            for name, raw in MAILS.items():
                take_in_mail(
                    session, account="avis@ville.example", raw=raw, digest=name, addressed_to="avis@ville.example"
                )
        blank(store, folder)
        do_all(here, StepKind.TAKE_APART, StepKind.SPLIT_PAGES)


def text(session, name: str, body: str, kind: NotContribution | None) -> int:  # type: ignore[no-untyped-def]
    """A text message that was judged."""
    arrived = IncomingMessage(
        channel=Channel.SMS,
        account="AC",
        external_id=name,
        kind=ArrivalKind.WEBHOOK,
        raw=body.encode(),
        sender=Address(AddressKind.PHONE, PHONE),
        consultation_slug=SLUG,
        language="fr",
    )
    intake_id = store_message(session, arrived).intake_id
    create_contributions(session, intake_id, [NewPart("text", Channel.SMS, body=body, not_contribution=kind)])
    return intake_id


def silent_call(session, name: str = "CA1") -> int:  # type: ignore[no-untyped-def]
    """A call that ended before anything was recorded: an intake without a part."""
    arrived = IncomingMessage(
        channel=Channel.VOICEMAIL,
        account="AC",
        external_id=name,
        kind=ArrivalKind.WEBHOOK,
        raw=b"CallSid=CA1",
        consultation_slug=SLUG,
        received_at=utc_now() - timedelta(hours=2),
    )
    intake_id = store_message(session, arrived).intake_id
    session.get_one(Intake, intake_id).not_contribution = NotContribution.NO_MESSAGE
    session.flush()
    return intake_id


def blank(store: Store, folder: Path) -> None:
    """A scanned sheet with nothing on it."""
    file = io.BytesIO()
    Image.new("L", (900, 1200), 255).save(file, "PNG")
    path = folder / "blank.png"
    path.write_bytes(file.getvalue())
    with store.write() as session:
        ingest_scan(
            session, IncomingScan(path, "maison", hashlib.sha256(file.getvalue()).hexdigest(), consultation_slug=SLUG)
        )


def do_all(here: WorkerContext, *kinds: StepKind) -> None:
    """Do the open steps of these kinds."""
    with here.store.read() as session:
        due = session.scalars(
            select(Step.id).where(Step.kind.in_(kinds), Step.state == StepState.OPEN).order_by(Step.id)
        ).all()
    for step_id in due:
        run_step_in(here, step_id)
