"""Moderation after publication: what people typed is published as it comes, and read then; the rest waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from config.enums import Moderation, SetAsideReason
from config.settings.loader import Settings
from inbox.contributions import drafts, moderation
from inbox.contributions.drafts import DraftSheet
from inbox.desk import assignment, queues
from inbox.desk.queues import Queue, QueueKind, QueueViewer
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, PostModeration
from inbox.models.column_types import utc_now
from inbox.records.history import history_of
from inbox.storage.database import Store
from tests.inbox.makers import consultation, heard, moderator, state_of, text_message
from workers.runtime.watcher_context import WatcherContext
from workers.watchers.unread_publisher import LOOKED_BACK, publish_unread_texts

WORDS = {"fr": "Que faut-il changer ?"}
ASKED = {
    "town": "kerouzel", "town_name": "Kerouzel", "languages": ["fr"], "title": WORDS, "question": WORDS,
    "can_change": WORDS, "cannot_change": WORDS, "decides": WORDS, "opens": "2026-01-01", "closes": "2026-12-31",
    "contact_phone": "+33298000000", "controller": "La ville", "dpo": "dpo@example.org", "themes": [],
}  # fmt: skip
PLAIN = "Il manque un banc devant la poste, merci."


def asked(store: Store, when: str | None):  # type: ignore[no-untyped-def]
    with store.write() as session:
        return consultation(session, {**ASKED, "slug": "places", **({"moderation": when} if when else {})})


def comes(store: Store, version, body: str, *, ago: timedelta = timedelta(minutes=3)) -> int:  # type: ignore[no-untyped-def]
    made = text_message(store, body, version)
    with store.write() as session:
        session.execute(update(Contribution).where(Contribution.id == made).values(created_at=utc_now() - ago))
    return made


def passes(store: Store) -> None:
    publish_unread_texts(WatcherContext(Settings(), store))


def held(store: Store, number: int) -> str | None:
    with store.read() as session:
        row = session.get(PostModeration, number)
        return row.held if row else None


def queue_of(store: Store, person: int) -> list[int]:
    viewer, found = QueueViewer(person, EVERYTHING), []
    with store.write() as session:
        after = None
        while (after := queues.next_in_queue(session, Queue(QueueKind.UNREAD), viewer, after)) and after not in found:
            found.append(after)
    return found


def test_what_people_type_is_published_and_read_afterwards(store: Store) -> None:
    person, version = moderator(store), asked(store, "after")
    first, second = comes(store, version, PLAIN), comes(store, version, "Un arbre place Guérin")
    passes(store)
    assert {state_of(store, one).moderation for one in (first, second)} == {Moderation.PUBLISHED}
    assert queue_of(store, person) == [first, second]
    with store.write() as session:
        assert moderation.record_reading(session, first, person)
        assert not moderation.record_reading(session, first, person)
        moderation.decide_contribution(
            session, second, "set_aside", reason=SetAsideReason.OFF_TOPIC, by=person, expect_revision=None
        )
    assert queue_of(store, person) == []
    with store.read() as session:
        published = [line for line in history_of(session, f"contribution:{first}") if line.action == "publish"]
    assert [line.person_name for line in published] == [None]
    passes(store)
    assert state_of(store, second).moderation is Moderation.SET_ASIDE, "a person's decision stays"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Madame Quéméneur gare son camion sur le trottoir", "personal"),
        ("Rappelez-moi au 06 39 98 12 34", "personal"),
        ("Je vais me suicider si rien ne change", "danger"),
    ],
)
def test_what_a_person_should_read_first_is_held(store: Store, body: str, why: str) -> None:
    made = comes(store, asked(store, "after"), body)
    passes(store)
    assert (state_of(store, made).moderation, held(store, made)) == (Moderation.IN_REVIEW, why)


def test_what_is_not_typed_or_not_asked_for_is_held(store: Store) -> None:
    person, version = moderator(store), asked(store, "after")
    spoken = heard(store, "il manque un banc", version)
    foreign, taken, typed = (comes(store, version, PLAIN) for _ in range(3))
    with store.write() as session:
        session.execute(
            update(Contribution).where(Contribution.id == spoken).values(created_at=utc_now() - timedelta(minutes=3))
        )
        session.execute(update(Contribution).where(Contribution.id == foreign).values(language="pt"))
        assignment.assign(session, taken, person, person)
        drafts.save_draft(session, DraftSheet(typed, person, "a page", based_on=1), "Il manque deux bancs")
    passes(store)
    found = {one: held(store, one) for one in (spoken, foreign, taken, typed)}
    assert found == {spoken: "machine", foreign: "language", taken: "person", typed: "person"}
    assert {state_of(store, one).moderation for one in found} == {Moderation.IN_REVIEW}


@pytest.mark.parametrize(
    ("when", "ago"),
    [
        (None, timedelta(minutes=3)),
        ("before", timedelta(minutes=3)),
        ("after", timedelta()),
        ("after", LOOKED_BACK + timedelta(minutes=3)),
    ],
    ids=["says nothing", "before", "just come", "of long ago"],
)
def test_elsewhere_nothing_is_published_unread(store: Store, when: str | None, ago: timedelta) -> None:
    made = comes(store, asked(store, when), PLAIN, ago=ago)
    passes(store)
    assert (state_of(store, made).moderation, held(store, made)) == (Moderation.IN_REVIEW, None)
