"""The list: filters, pages, what a row says, and how many queries it takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from config.enums import Channel, Moderation, Reading, SetAsideReason
from inbox.contributions import linking, moderation, tags, text_versions
from inbox.listings import contribution_list
from inbox.listings.contribution_list import ContributionFilter
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution
from inbox.records import references
from inbox.storage.database import Store
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


def ids(store: Store, wanted: ContributionFilter) -> list[int]:
    with store.read() as session:
        page = contribution_list.list_contributions(session, wanted, EVERYTHING)
        assert page.count == len(page.rows)
        return [row.id for row in page.rows]


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection, _cursor, statement, *_rest) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append(statement)

    event.listen(store.engine, "before_cursor_execute", hear)
    yield said
    event.remove(store.engine, "before_cursor_execute", hear)


def test_row_says_what_the_list_shows(store: Store, person: int):
    spoken = makers.heard(store, "un banc devant la mairie")
    with store.write() as session:
        tags.suggest_tags(session, spoken, [("mobilier", ["banc"]), ("bruit", ["mairie"])])
        tags.remove_tag(session, spoken, "bruit", person)
    with store.read() as session:
        made = session.get_one(Contribution, spoken)
        (row,) = contribution_list.list_contributions(session, ContributionFilter(), EVERYTHING).rows
        assert row == contribution_list.ContributionListRow(
            id=spoken,
            reference=references.reference_of(session, spoken),
            channel=Channel.VOICEMAIL,
            consultation_id=None,
            excerpt="Un banc devant la mairie",
            reading=Reading.READ,
            moderation=Moderation.IN_REVIEW,
            set_aside_reason=None,
            tags=("mobilier",),
            confidence=made.confidence,
            received_at=made.parts[0].intake.received_at,
            machine=True,
            voices=1,
        )


def test_every_filter(store: Store, person: int):
    with store.write() as session:
        version = makers.consultation(session)
        slug = version.consultation.slug
    typed = makers.text_message(store, "Un banc", version)
    spoken = makers.heard(store, "un arbre")
    waiting = makers.voicemail(store)
    unsure = makers.voicemail(store)
    with store.write() as session:
        tags.add_tag(session, typed, "mobilier", person)
        moderation.decide_contribution(
            session, typed, "set_aside", reason=SetAsideReason.OFF_TOPIC, by=person, expect_revision=None
        )
    makers.hear(store, unsure, "un camp", confidence=0.4)
    with store.read() as session:
        number = references.reference_of(session, spoken)
    for wanted, expected in [
        (ContributionFilter(), [unsure, waiting, spoken, typed]),
        (ContributionFilter(channel=Channel.SMS), [typed]),
        (ContributionFilter(channel=Channel.PAPER), []),
        (ContributionFilter(reading=Reading.WAITING), [waiting]),
        (ContributionFilter(moderation=Moderation.SET_ASIDE), [typed]),
        (ContributionFilter(theme="mobilier"), [typed]),
        (ContributionFilter(theme="bruit"), []),
        (ContributionFilter(theme="\0"), []),
        (ContributionFilter(consultation=slug), [typed]),
        (ContributionFilter(consultation="nowhere"), []),
        (ContributionFilter(consultation="\0"), []),
        (ContributionFilter(text="arbres"), [spoken]),
        (ContributionFilter(text="  "), [unsure, waiting, spoken, typed]),
        (ContributionFilter(text="piscine"), []),
        (ContributionFilter(text=references.format_reference(number)), [spoken]),
        (ContributionFilter(doubtful=True), [unsure]),
        (ContributionFilter(channel=Channel.VOICEMAIL, reading=Reading.READ, text="un"), [unsure, spoken]),
    ]:
        assert ids(store, wanted) == expected, wanted
    with store.write() as session:
        text_versions.confirm_text(session, unsure, person, None)
    assert ids(store, ContributionFilter(doubtful=True)) == []


def test_pages(store: Store):
    made = [makers.text_message(store, f"Un banc {number}") for number in range(5)][::-1]
    seen: list[int] = []
    before: int | None = None
    with store.read() as session:
        for _ in range(3):
            page = contribution_list.list_contributions(
                session, ContributionFilter(text="banc"), EVERYTHING, before=before, limit=2
            )
            assert page.count == 5
            seen += [row.id for row in page.rows]
            before = page.next_cursor
    assert (seen, before) == (made, None)


def test_last_page_that_is_full_has_no_next(store: Store):
    for _ in range(2):
        makers.text_message(store, "Un banc")
    with store.read() as session:
        assert (
            contribution_list.list_contributions(session, ContributionFilter(), EVERYTHING, limit=2).next_cursor is None
        )


def test_counts(store: Store, person: int):
    first, second = makers.text_message(store, "Un banc"), makers.text_message(store, "Un arbre")
    makers.voicemail(store)
    published = makers.text_message(store, "Un bus")
    with store.write() as session:
        moderation.decide_contribution(session, published, "publish", by=person, expect_revision=None)
        linking.merge(session, first, second, person)
    with store.read() as session:
        assert contribution_list.state_counts(session, EVERYTHING) == contribution_list.StateCounts(
            all=3, in_review=2, published=1, set_aside=0, waiting=1, read=2, needs_person=0
        )


def test_a_handful_of_queries_whatever_the_length(store: Store, person: int):
    def queries() -> int:
        with counting(store) as said, store.read() as session:
            contribution_list.list_contributions(
                session, ContributionFilter(text="banc", moderation=Moderation.IN_REVIEW), EVERYTHING
            )
        return len(said)

    with store.write() as session:
        tags.add_tag(session, makers.text_message_in(session, "Un banc"), "mobilier", person)
    few = queries()
    with store.write() as session:
        for number in range(30):
            tags.add_tag(session, makers.text_message_in(session, f"Un banc {number}"), "mobilier", person)
    assert queries() == few <= 8


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Un banc\n\n  devant la mairie", "Un banc devant la mairie"),
        ("mot " * 100, ("mot " * 39).strip() + "…"),
        ("x" * 500, "x" * 159 + "…"),
        ("", ""),
    ],
    ids=["lines", "cut between words", "one endless word", "empty"],
)
def test_excerpt(body: str, shown: str):
    assert contribution_list.excerpt(body) == shown
    assert len(shown) <= contribution_list.EXCERPT
