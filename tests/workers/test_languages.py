"""Receipts in the language of the text; what is found out is kept for the answers that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.providers.twilio.section import Twilio
from config.enums import MessageState, StepKind
from config.settings.schema import Settings
from config.settings.sections.mail_section import Smtp
from config.wording.consultation import read_consultation
from gateway.ingest.ingest import RawMail, ingest_mails
from gateway.reading.readers import Readers
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.desk import language_routing
from inbox.models import Assignment, Contribution, Message, Step
from inbox.models.column_types import utc_now
from inbox.records import message_lookup
from inbox.storage.database import Store
from tests.at_once import understand_at_once
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, Provider
from tests.inbox import makers
from tests.standins.telephone import Telephone
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext


class Town:
    """A gateway whose texts go out to the stand-in."""

    def __init__(self, here: WorkerContext, provider: Provider, telephone: Telephone) -> None:
        self.here, self.provider, self.telephone = here, provider, telephone
        self._number = 0

    def text(self, body: str) -> str:
        """Send a text, do all that is due, and give what came back, empty for nothing."""
        self._number += 1
        sent = len(self.telephone.api.sent)
        assert self.provider.text(body, self._number).status_code == 200
        with self.here.store.write() as session:
            session.execute(update(Step).values(not_before=utc_now()))
            due = session.scalars(select(Step.id).where(Step.kind == StepKind.SEND, Step.ended_at.is_(None))).all()
        for step_id in due:
            run_step_in(self.here, step_id)
        return "\n".join(one.body for one in self.telephone.api.sent[sent:])

    def language(self) -> str | None:
        with self.here.store.read() as session:
            return session.scalars(select(Contribution.language).order_by(Contribution.id)).first()


@pytest.fixture
def town(sqlite_store: Store, sqlite_settings, tmp_path: Path) -> Iterator[Town]:
    with Telephone("http://127.0.0.1:9", account_sid=ACCOUNT, auth_token=TOKEN) as telephone:
        settings = Settings(
            public_url=PUBLIC_URL,
            data_dir=sqlite_settings.data_dir,
            keys_dir=sqlite_settings.keys_dir,
            smtp=Smtp(host="127.0.0.1", port=9, tls="none", sender="avis@ville.example"),
            twilio=Twilio(
                account_sid=ACCOUNT,
                auth_tokens=(TOKEN,),
                api_base=telephone.base,
                sender=NUMBER,
                receives=NUMBER,
            ),
        )
        with sqlite_store.write() as session:
            consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
        understand_at_once(sqlite_store, settings)
        app = create_app(settings, sqlite_store)
        app.testing = True
        yield Town(WorkerContext(settings, sqlite_store, Readers(settings)), Provider(app.test_client()), telephone)


RECEIPTS = {
    "English": ("We need more benches near the station, please", "en", "your opinion has arrived"),
    "French": ("Il faudrait plus de bancs près de la gare", "fr", "votre avis est bien arrivé"),
    "too short to tell": ("Benches", None, "votre avis est bien arrivé"),
    "another language": ("Hay que poner bancos en la plaza", "es", "votre avis est bien arrivé"),
}


@pytest.mark.parametrize(("body", "language", "receipt"), RECEIPTS.values(), ids=RECEIPTS)
def test_a_receipt(town: Town, body: str, language: str | None, receipt: str) -> None:
    assert receipt in town.text(body)
    assert town.language() == language
    with town.here.store.read() as session:
        assert session.scalars(select(Message.state)).one() is MessageState.SENT


def test_another_language_goes_to_who_reads_it(town: Town) -> None:
    lena = makers.moderator(town.here.store)
    with town.here.store.write() as session:
        language_routing.set_languages_read(session, lena, ["es"], None)
    town.text("Hay que poner bancos en la plaza")
    town.text("Il faudrait plus de bancs près de la gare")
    with town.here.store.read() as session:
        given = session.scalars(select(Assignment.person_id)).all()
        assert given == [lena]


def test_what_follows_is_in_the_same_language(town: Town) -> None:
    town.text("We need more benches near the station, please")
    assert "no more texts from us" in town.text("STOP")
    assert "you will get our texts again" in town.text("unstop")
    assert "plus de SMS de notre part" in town.text("Arrêt svp")


def test_the_courtesy_beside_a_keyword_says_it_too(town: Town) -> None:
    assert "no more texts from us" in town.text("Stop. Thank you")
    assert "plus de SMS de notre part" in town.text("Bonjour, stop svp")


def test_a_reaction_to_an_english_receipt_is_known(town: Town) -> None:
    receipt = town.text("We need more benches near the station, please")
    assert town.text(f"liked “{receipt}”") == ""
    with town.here.store.read() as session:
        assert len(session.scalars(select(Contribution)).all()) == 1


MAILS = {
    "English": ("We need more benches near the station, and better light.", "en", "your message arrived"),
    "French": ("Il faudrait plus de bancs près de la gare, et de la lumière.", "fr", "votre message est bien arrivé"),
    "too short to tell": ("Benches", None, "votre message est bien arrivé"),
}


@pytest.mark.parametrize(("body", "language", "receipt"), MAILS.values(), ids=MAILS)
def test_a_receipt_by_mail(town: Town, body: str, language: str | None, receipt: str) -> None:
    raw = f"From: lea@maison.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n{body}\n".encode()
    address = read_consultation(town.here.settings.consultation_files[0]).addresses.mailboxes[0]
    with town.here.store.write() as session:
        mail = RawMail(address, raw, hashlib.sha256(raw).hexdigest(), address)
        [accepted] = ingest_mails(session, [mail])
        step_id = session.scalars(select(Step.id).where(Step.intake_id == accepted.intake_id)).one()
    run_step_in(town.here, step_id)
    assert town.language() == language
    with town.here.store.read() as session:
        message = session.scalars(select(Message)).one()
        words = message_lookup.words_of(session, message)
        assert words is not None
        assert receipt in words["body"]
