"""A town with contributions that came by every way, to be answered."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from sqlalchemy import select, update

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, Moderation, Role
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from inbox.accounts import staff
from inbox.answers import drafting
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import RecipientSelection
from inbox.consultations import consultation_versions
from inbox.contributions import tags
from inbox.listings.visibility import EVERYTHING
from inbox.models import Answer, Contribution, GivenAnswer
from inbox.storage.database import Store

SLUG = "rues-et-places"
HEAD = (
    b"From: lea@maison.example\r\nReturn-Path: <lea@maison.example>\r\nSubject: Le banc\r\n"
    b"Message-ID: <%d@maison.example>\r\n\r\nUn banc !"
)
_numbers = itertools.count(1)


@dataclass
class Town:
    """The store, filled as its doors fill it."""

    store: Store
    settings: Settings
    official: int = 0
    colleague: int = 0

    def open_again(self, **changes: object) -> None:
        """Import the example consultation, changed."""
        asked = read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml").model_copy(update=changes)
        with self.store.write() as session:
            consultation_versions.import_consultation(session, asked)

    def open(self) -> None:
        """Import the example consultation, and let two people work here."""
        self.open_again()
        with self.store.write() as session:
            for login in ("nour", "paul"):
                made = staff.create_person(session, login, login.title(), staff.PasswordHash("x"), [Role.MODERATOR])
                self.official, self.colleague = self.colleague, made.id

    def comes(
        self, channel: Channel, sender: Address | None, body: str = "Un banc place Guérin", theme: str = ""
    ) -> int:
        """One contribution, published."""
        number = next(_numbers)
        raw = HEAD % number if channel is Channel.EMAIL else b"raw"
        kind = ArrivalKind.MAIL if channel is Channel.EMAIL else ArrivalKind.WEBHOOK
        with self.store.write() as session:
            arrived = IncomingMessage(
                channel, "account", f"it-{number}", kind, raw, sender=sender, consultation_slug=SLUG
            )
            intake = store_message(session, arrived).intake_id
            [made] = create_contributions(session, intake, [NewPart("it", channel, body=body)])
            assert made is not None
            session.execute(update(Contribution).where(Contribution.id == made).values(moderation=Moderation.PUBLISHED))
            if theme:
                tags.add_tag(session, made, theme, self.official)
            return made

    def answers(self, chosen: RecipientSelection, words: str = "Le banc sera posé en mai.", **meant: object) -> int:
        """An answer, released."""
        with self.store.write() as session:
            made = drafting.create_draft(
                session,
                chosen,
                AnswerContent({"fr": words}, **meant),
                self.official,
                EVERYTHING,  # type: ignore[arg-type]
            )
            drafting.submit_answer(session, made.id, self.official, made.revision)
            return made.id

    def given(self, answer_id: int) -> list[tuple[object, object, object]]:
        """What became of it for each contribution: way, state, why not."""
        with self.store.read() as session:
            rows = session.scalars(
                select(GivenAnswer).where(GivenAnswer.answer_id == answer_id).order_by(GivenAnswer.contribution_id)
            )
            return [(row.way, row.state, row.why) for row in rows]

    def state(self, answer_id: int) -> object:
        with self.store.read() as session:
            return session.get_one(Answer, answer_id).state


def mobile(number: int) -> Address:
    return Address(AddressKind.PHONE, f"+336399{number:05d}")


FIXED = Address(AddressKind.PHONE, "+33298001234")


def mail(name: str) -> Address:
    return Address(AddressKind.EMAIL, f"{name}@maison.example")
