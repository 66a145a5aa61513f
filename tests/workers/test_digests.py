"""Digests: who gets one, on which day, once, in which language, and that nothing in it is a resident's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from config.enums import Channel, Role
from config.settings.loader import Settings
from config.settings.sections.mail_section import Smtp
from inbox.accounts import passwords, staff
from inbox.desk import digests
from inbox.desk.digests import DigestRhythm
from inbox.models import Contribution, DataKey, DigestSubscription, Person
from inbox.storage.database import Store
from tests.inbox.pages.seed import PASSWORD
from tests.workers.answered_town import Town, mobile
from workers.caretaking import digest_mails
from workers.runtime.watcher_context import WatcherContext

SAID = ("Le lampadaire est cassé rue de Siam.", "Madame Bodénès promet un banc.", "Plus de bus le soir.")
MONDAY = datetime(2027, 5, 3, 7, 30, tzinfo=UTC)
Sent = list[tuple[str, str, str]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What left: to whom, its subject, its words."""
    found: Sent = []
    monkeypatch.setattr(
        digest_mails, "send_mail", lambda _settings, address, subject, words: found.append((address, subject, words))
    )
    return found


@pytest.fixture
def here(sqlite_store: Store, sqlite_settings: Settings) -> WatcherContext:
    """Three texts that came on the Sunday before, and staff in every role."""
    town = Town(sqlite_store, sqlite_settings)
    town.open()
    for number, said in enumerate(SAID):
        town.comes(Channel.SMS, mobile(number), said)
    hashed = passwords.hash_password(PASSWORD)
    with sqlite_store.write() as session:
        session.execute(update(Contribution).values(created_at=MONDAY - timedelta(days=1)))
        for login, role in (("mo", Role.MODERATOR), ("elu", Role.OFFICIAL), ("ce", Role.CENTRE)):
            staff.create_person(session, login, login.title(), hashed, [role])
    own = {"data_dir": sqlite_settings.data_dir, "keys_dir": sqlite_settings.keys_dir, "timezone": "UTC"}
    smtp = Smtp(host="mail.example.org", sender="avis@example.org")
    return WatcherContext(Settings(**own, smtp=smtp, language="fr"), sqlite_store)


def asks(here: WatcherContext, login: str, rhythm: DigestRhythm, language: str | None = None) -> int:
    with here.store.write() as session:
        person = session.query(Person).filter_by(login=login).one()
        person.language = language
        digests.subscribe(session, person.id, f"{login}@ville.example", rhythm)
        session.execute(update(DigestSubscription).values(since=MONDAY - timedelta(days=30)))
        return person.id


# Whom, how often, and the day counted from that Monday, with the hour -> whether it leaves.
DAYS = {
    "a Monday, each day": (DigestRhythm.DAY, 0, 7, True),
    "before seven": (DigestRhythm.DAY, 0, 6, False),
    "in the evening, after a night switched off": (DigestRhythm.DAY, 1, 21, True),
    "a Saturday": (DigestRhythm.DAY, 5, 9, False),
    "a Monday, each week": (DigestRhythm.WEEK, 0, 7, True),
    "a Wednesday, where Monday's has not left": (DigestRhythm.WEEK, 2, 9, True),
}


@pytest.mark.parametrize("name", DAYS)
def test_on_which_days_it_leaves(here: WatcherContext, sent: Sent, name: str) -> None:
    rhythm, days, hour, leaves = DAYS[name]
    asks(here, "mo", rhythm)
    now = MONDAY.replace(hour=hour) + timedelta(days=days)
    digest_mails.send_digests(here, now)
    digest_mails.send_digests(here, now + timedelta(minutes=10))
    assert [to for to, _subject, _words in sent] == (["mo@ville.example"] if leaves else [])


def test_each_day_and_week_has_its_own(here: WatcherContext, sent: Sent) -> None:
    asks(here, "mo", DigestRhythm.DAY)
    for hours in range(0, 14 * 24, 5):
        digest_mails.send_digests(here, MONDAY + timedelta(hours=hours))
    assert len(sent) == 10
    sent.clear()
    asks(here, "mo", DigestRhythm.WEEK)
    for hours in range(0, 21 * 24, 5):
        digest_mails.send_digests(here, MONDAY + timedelta(hours=hours))
    assert len(sent) == 3


def test_it_tells_numbers_and_nothing_that_somebody_said(here: WatcherContext, sent: Sent) -> None:
    asks(here, "mo", DigestRhythm.DAY)
    asks(here, "elu", DigestRhythm.WEEK, "en")
    digest_mails.send_digests(here, MONDAY)
    by = {to: (subject, words) for to, subject, words in sent}
    _subject, words = by["mo@ville.example"]
    assert "3 avis sont arrivés" in words
    assert "/account" in words
    assert "opinions" in by["elu@ville.example"][1]
    everything = " ".join(one for row in sent for one in row[1:])
    for said in SAID:
        assert not [word for word in said.split() if len(word) > 6 and word in everything]
    with here.store.read() as session:
        assert not [one for one in session.query(Contribution) if f"contributions/{one.id}" in everything]


NOT_THEM = {
    "whose account is closed": ("mo", lambda person: setattr(person, "active", False)),
    "who has no such role": ("ce", lambda _person: None),
}


@pytest.mark.parametrize("name", NOT_THEM)
def test_who_gets_none(here: WatcherContext, sent: Sent, name: str) -> None:
    login, change = NOT_THEM[name]
    number = asks(here, login, DigestRhythm.DAY)
    with here.store.write() as session:
        change(session.get_one(Person, number))
    digest_mails.send_digests(here, MONDAY)
    assert sent == []


def test_what_could_not_leave_leaves_later(here: WatcherContext, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(here, "mo", DigestRhythm.DAY)
    tried = []

    def refuses(_settings: Settings, address: str, _subject: str, _words: str) -> None:
        tried.append(address)
        if len(tried) < 3:
            raise OSError("the server is away")

    monkeypatch.setattr(digest_mails, "send_mail", refuses)
    for minutes in (0, 10, 20, 30):
        digest_mails.send_digests(here, MONDAY + timedelta(minutes=minutes))
    assert len(tried) == 3


def test_two_machines_send_it_once(here: WatcherContext) -> None:
    asks(here, "mo", DigestRhythm.DAY)
    with here.store.read() as session:
        (due,) = digests.due_digests(session, MONDAY)
    with here.store.write() as session:
        assert [digests.claim_digest(session, due) for _ in range(2)] == [True, False]


def test_ending_it_destroys_the_address(here: WatcherContext, sent: Sent) -> None:
    number = asks(here, "mo", DigestRhythm.DAY)
    with here.store.write() as session:
        assert digests.subscription_of(session, number) == ("mo@ville.example", DigestRhythm.DAY)
        key = session.get_one(DigestSubscription, number).key_id
        assert digests.unsubscribe(session, number)
        assert digests.subscription_of(session, number) is None
    with here.store.read() as session:
        assert session.get_one(DataKey, key).wrapped is None
    digest_mails.send_digests(here, MONDAY)
    assert sent == []
