"""Contributions in a language in which nobody asked: found, given to who reads it, and counted."""

from __future__ import annotations

from sqlalchemy import update

from config.enums import Role
from inbox.accounts import staff
from inbox.contributions import tags
from inbox.desk import assignment, language_routing, queues
from inbox.desk.queues import Queue, QueueKind, QueueViewer
from inbox.listings.visibility import visibility_of
from inbox.models import Contribution, Person
from inbox.storage.database import Store
from tests.inbox import makers


def reader(store: Store, *languages: str, role: Role = Role.MODERATOR) -> int:
    """Somebody who reads these; the person's id."""
    person = makers.moderator(store)
    with store.write() as session:
        login = session.get_one(Person, person).login
        staff.set_roles(session, login, [role])
        language_routing.set_languages_read(session, person, languages, None)
    return person


def unsorted(store: Store, text: str) -> int:
    """A text of which nobody knows the language."""
    contribution = makers.text_message(store, text)
    with store.write() as session:
        session.execute(update(Contribution).where(Contribution.id == contribution).values(language=None))
    return contribution


def routed(store: Store, text: str, language: str) -> tuple[int, int | None]:
    """A text in a language: its id, and whose it is."""
    contribution = unsorted(store, text)
    with store.write() as session:
        assert tags.keep_language(session, contribution, language)
        return contribution, language_routing.assign_to_reader(session, contribution, language)


def test_it_goes_to_who_reads_it_and_has_the_fewest(store: Store):
    one, two = reader(store, "ar", "tr"), reader(store, "ar")
    reader(store, "pl")
    assert [routed(store, text, "ar")[1] for text in ("أ", "ب", "ت", "ث")] == [one, two, one, two]
    assert routed(store, "Parkta bank", "tr")[1] == one


def test_nobody_is_given_what_nobody_who_decides_reads(store: Store):
    reader(store, "ar", role=Role.CENTRE)
    gone = reader(store, "ar")
    with store.write() as session:
        session.execute(update(Person).where(Person.id == gone).values(active=False))
    contribution, whose = routed(store, "أ", "ar")
    assert whose is None
    with store.read() as session:
        assert assignment.assigned_to(session, [contribution]) == {}


def test_what_is_somebodys_stays_theirs(store: Store):
    first = makers.moderator(store)
    reader(store, "es")
    contribution = makers.text_message(store, "Hay que poner bancos")
    with store.write() as session:
        assignment.assign(session, contribution, first, first)
        assert language_routing.assign_to_reader(session, contribution, "es") == first


def test_a_language_that_is_known_is_no_news(store: Store):
    contribution = unsorted(store, "Hay que poner bancos")
    with store.write() as session:
        assert tags.keep_language(session, contribution, "es")
        assert not tags.keep_language(session, contribution, "pt")
        assert session.get_one(Contribution, contribution).language == "es"


def test_each_language_is_a_queue_with_its_count_and_readers(store: Store):
    lena = reader(store, "es")
    for text, language in (("uno", "es"), ("dos", "es"), ("bir", "tr"), ("un", "fr")):
        routed(store, text, language)
    with store.read() as session:
        counts = language_routing.count_by_language(session, ["fr", "en"])
        viewer = QueueViewer(lena, visibility_of({Role.MODERATOR}))
        queue = Queue(QueueKind.LANGUAGE, "es")
        assert queues.count_queue(session, queue, viewer) == (2, False)
    assert [(one.language, one.count, [name for _, name in one.readers]) for one in counts] == [
        ("es", 2, ["Léna"]),
        ("tr", 1, []),
    ]
    assert queues.find_queue("language:es") == queue
    assert queues.find_queue("language") is None
