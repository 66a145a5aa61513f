"""Plain texts are written many at once: to the same effect as one by one, whatever happens meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, select, update

from channels.base.callers import phone_address
from config.enums import ArrivalKind, Channel, StepState
from gateway.ingest import plain_texts
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from inbox.erasure.erase import erase_intake
from inbox.models import Reference, Step
from inbox.records import references
from tests.workers.text_town import ACCOUNT, Build, Text, Town, build, paused, sqlite_build
from tests.workers.town_rows import differing, rows_of

__all__ = ["build", "sqlite_build"]

THOUGHT = "Il faudrait plus de bancs à l'ombre rue de Siam"
ENGLISH = "We need more buses in the evening, and a bench at every stop please"
PICTURE = (("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/ME1"), ("MediaContentType0", "image/jpeg"))
KINDS: dict[str, list[Text]] = {
    "different people": [Text(1, THOUGHT), Text(2, ENGLISH), Text(3, "Parking !"), Text(4, "公园里需要更多的长椅")],
    "one person, in a row": [Text(1, THOUGHT), Text(1, "Et des arbres"), Text(2, ENGLISH), Text(1, "merci")],
    "a keyword before and after": [
        *(Text(1, "STOP"), Text(1, THOUGHT), Text(2, THOUGHT), Text(2, "STOP"), Text(3, "AIDE")),
    ],
    "withheld numbers": [Text(None, THOUGHT), Text(None, THOUGHT), Text(1, THOUGHT)],
    "a picture": [Text(1, "Regardez ce trottoir", PICTURE), Text(1, THOUGHT), Text(2, "", PICTURE), Text(3, ENGLISH)],
    "nothing in it": [Text(1, ""), Text(2, "   "), Text(3, THOUGHT)],
    "a wish besides": [Text(1, THOUGHT), Text(2, "Effacez ce que j'ai dit hier. Il faut des bancs rue de Lyon.")],
    "a reaction": [Text(1, THOUGHT), Text(2, "A aimé « Brest »"), Text(2, THOUGHT), Text(1, "👍")],
    "yes and no": [Text(1, "Oui"), Text(2, "non"), Text(1, "oui !"), Text(3, "Oui, mais pas ici")],
    "no mobile number": [Text(1, THOUGHT, (("From", "+33298445566"),)), Text(2, THOUGHT, (("From", "38123"),))],
    "a number nobody asked at": [Text(1, THOUGHT, (("To", "+33299999999"),)), Text(2, ENGLISH, (("To", ""),))],
    "odd characters": [
        *(Text(1, "Ligne 1\r\n\r\n  ligne 2  \x0b"), Text(2, "e\u0301cole \U0001f6b2 <b>&amp;"), Text(3, "é" * 1600)),
    ],
}
# Everybody is somebody else in each kind: none of them has to do with another.
ALL = [replace(text, by=text.by and text.by + 10 * place) for place, kind in enumerate(KINDS.values()) for text in kind]


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_texts, "is_plain", lambda _text: False)


def test_the_same_rows_as_one_by_one(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    many = build()
    many.take_in(ALL)
    many.work()
    one_by_one(monkeypatch)
    single = build()
    single.take_in(ALL)
    single.work()
    assert many.open_steps() == single.open_steps() == 0
    assert differing(many.store, single.store) == []


def test_few_statements_for_many(build: Build) -> None:
    town = build()
    town.take_in([Text(number, THOUGHT) for number in range(20)])
    statements: list[str] = []
    event.listen(town.store.engine, "before_cursor_execute", lambda _c, _u, said, *_: statements.append(said))
    town.work()
    assert len(statements) < 60, "three for each of twenty texts, those that take and end their steps included"
    assert len(rows_of(town.store)["contribution"]) == 20


def erased(town: Town) -> None:
    with town.store.write() as session:
        erase_intake(session, 2, None, "asked")


def called(town: Town) -> None:
    """One of the senders called: known, though there is no text to go on with."""
    with town.store.write() as session:
        came = IncomingMessage(
            Channel.VOICEMAIL, ACCOUNT, "CA1", ArrivalKind.WEBHOOK, b"call", sender=phone_address("+33639980002", "FR")
        )
        create_contributions(
            session, store_message(session, came).intake_id, [NewPart("speech", Channel.VOICEMAIL, "Allô")]
        )


MEANWHILE = {"one is erased": erased, "a sender calls": called}
THREE = [Text(1, THOUGHT), Text(2, ENGLISH), Text(3, THOUGHT)]


@pytest.mark.parametrize("happens", MEANWHILE.values(), ids=MEANWHILE)
def test_what_changes_after_they_were_prepared(
    sqlite_build: Build, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Town], None]
) -> None:
    town = sqlite_build()
    town.take_in(THREE)
    writes = itertools.count()
    paused(town, lambda: happens(town) if next(writes) == 1 else None).work()
    one_by_one(monkeypatch)
    single = sqlite_build()
    single.take_in(THREE)
    happens(single)
    single.work()
    assert differing(town.store, single.store) == []


def test_a_reference_that_is_somebodys_already(sqlite_build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    town = sqlite_build()
    town.take_in(THREE)
    drawn, first = references.random_reference, itertools.chain(["482915307"] * 3)
    monkeypatch.setattr(references, "random_reference", lambda: next(first, None) or drawn())
    town.work()
    with town.store.read() as session:
        numbers = session.scalars(select(Reference.number)).all()
    assert len(set(numbers)) == 3
    assert town.open_steps() == 0


def test_done_again_it_is_done_once(sqlite_build: Build) -> None:
    """As after a backup, or a person's replay."""
    town = sqlite_build()
    town.take_in(THREE)
    with town.store.read() as session:
        facts = dict(session.execute(select(Step.id, Step.sealed_facts)).all())
    town.work()
    before = rows_of(town.store)
    with town.store.write() as session:
        for step_id, sealed in facts.items():
            session.execute(update(Step).where(Step.id == step_id).values(state=StepState.OPEN, sealed_facts=sealed))
    town.work()
    assert rows_of(town.store) == before
