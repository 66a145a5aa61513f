"""What is owed and concluded, and what is kept of answers, on both servers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from config.answer_states import AnswerState, FollowUpKind, GivenState, Outcome
from config.enums import Channel, Moderation, Role, SetAsideReason
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.answers.answer_dispatch import dispatch_due_answers
from inbox.answers import concluding, deliveries, drafting, owed_answers, published_view, reference_state
from inbox.answers.concluding import NothingPublished, NothingToPublish, StillOpen
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import (
    RecipientSelection,
    SelectionSize,
    SeveralConsultations,
    count_selected,
    selected_contributions,
)
from inbox.consultations import consultation_versions
from inbox.contributions import tags
from inbox.erasure.erase import erase_contribution
from inbox.listings.visibility import EVERYTHING, Visibility, visibility_of
from inbox.models import Answer, AnswerVersion, Contribution, GivenAnswer
from inbox.models.column_types import utc_now
from inbox.records import references, web_look_ups
from inbox.storage.database import Store
from tests.inbox import makers

ASKED = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
TODAY = date(2030, 3, 1)
"""After it closed, a month before the day that was promised."""


@pytest.fixture
def someone(store: Store) -> int:
    with store.write() as session:
        consultation_versions.import_consultation(session, ASKED)
    return makers.moderator(store)


def speak(store: Store, count: int = 1, moderation: Moderation = Moderation.PUBLISHED) -> list[int]:
    with store.write() as session:
        version = consultation_versions.current_version(session, ASKED.slug)
        made = [
            makers.contribution_of(session, makers.part(session, makers.intake(session, version=version), f"avis {n}"))
            for n in range(count)
        ]
        ids = [one.id for one in made]
        session.execute(update(Contribution).where(Contribution.id.in_(ids)).values(moderation=moderation))
        return ids


def answer(store: Store, by: int, chosen: RecipientSelection, **meant: object) -> int:
    with store.write() as session:
        made = drafting.create_draft(session, chosen, AnswerContent({"fr": "Oui."}, **meant), by, EVERYTHING)  # type: ignore[arg-type]
        drafting.submit_answer(session, made.id, by, made.revision)
        return made.id


def one_owed(store: Store) -> owed_answers.OwedAnswers:
    with store.read() as session:
        [found] = owed_answers.list_owed_answers(session, TODAY)
        return found


def test_what_is_owed_shrinks_with_each_answer(store: Store, someone: int, tmp_path: Path) -> None:
    ids = speak(store, 3)
    assert (one_owed(store).contributions, one_owed(store).unanswered, one_owed(store).days_left) == (3, 3, 30)
    answer(store, someone, RecipientSelection(numbers=(ids[0],)))
    assert one_owed(store).unanswered == 2
    answer(store, someone, RecipientSelection(numbers=(ids[1],)), tells=False, outcome=Outcome.KEPT)
    assert one_owed(store).unanswered == 2  # nobody was told
    answer(store, someone, RecipientSelection(consultation=ASKED.slug))
    dispatch_due_answers(store, Settings(folder=tmp_path))
    assert (one_owed(store).unanswered, one_owed(store).oldest) == (0, None)
    with store.read() as session:
        assert deliveries.outcome_of(session, ids[1]) is Outcome.KEPT
        assert {one.state for one in session.scalars(select(Answer))} == {AnswerState.GIVEN}


def test_what_was_answered_elsewhere_set_aside_or_erased_is_not_owed(store: Store, someone: int) -> None:
    ids = speak(store, 6)
    answer(store, someone, RecipientSelection(numbers=(ids[0], ids[1])))
    answer(store, someone, RecipientSelection(numbers=(ids[1],), again=True))  # twice is once
    assert (one_owed(store).contributions, one_owed(store).unanswered) == (6, 4)
    with store.write() as session:
        session.execute(update(Answer).values(consultation_id=None))  # of what was moved here since
    assert one_owed(store).unanswered == 4
    with store.write() as session:
        aside = {"moderation": Moderation.SET_ASIDE, "set_aside_reason": SetAsideReason.OFF_TOPIC}
        session.execute(update(Contribution).where(Contribution.id.in_((ids[0], ids[2]))).values(aside))
    assert (one_owed(store).contributions, one_owed(store).unanswered) == (6, 3)
    with store.write() as session:
        erase_contribution(session, ids[1], None, "asked")
        erase_contribution(session, ids[3], None, "asked")
    assert (one_owed(store).contributions, one_owed(store).unanswered) == (4, 2)
    with store.read() as session:
        assert one_owed(store).oldest == session.get_one(Contribution, ids[4]).created_at


def test_a_consultation_is_concluded_only_once_something_is_published(store: Store, someone: int) -> None:
    number = one_owed(store).consultation_id
    with store.write() as session:
        with pytest.raises(StillOpen):
            concluding.conclude_consultation(session, number, ASKED, someone, ASKED.closes)
        with pytest.raises(NothingPublished):
            concluding.conclude_consultation(session, number, ASKED, someone, TODAY)
        with pytest.raises(NothingToPublish):
            concluding.publish_follow_up(session, number, FollowUpKind.RESULTS, {"fr": " "}, someone)
        kept = concluding.publish_follow_up(session, number, FollowUpKind.RESULTS, {"fr": "Voici."}, someone)
        concluding.withdraw_follow_up(session, kept.id, someone)
        with pytest.raises(NothingPublished):
            concluding.conclude_consultation(session, number, ASKED, someone, TODAY)
        concluding.publish_follow_up(session, number, FollowUpKind.FOLLOW_UP, {"fr": "Les bancs sont posés."}, someone)
        concluding.conclude_consultation(session, number, ASKED, someone, TODAY)
        concluding.conclude_consultation(session, number, ASKED, someone, TODAY)
    assert one_owed(store).phase == "concluded"
    with store.write() as session:
        concluding.reopen_consultation(session, number, someone)
    assert one_owed(store).phase == "closed"


def test_what_belongs_to_no_consultation_is_not_answered_together(store: Store, someone: int) -> None:
    [known] = speak(store)
    with store.write() as session:
        strange = makers.contribution_of(session, makers.part(session, makers.intake(session), "ailleurs")).id
        with pytest.raises(SeveralConsultations):
            drafting.create_draft(
                session, RecipientSelection(numbers=(known, strange)), AnswerContent({}), someone, EVERYTHING
            )


CHOSEN: dict[str, RecipientSelection] = {
    "all": RecipientSelection(),
    "all, those too who have an answer": RecipientSelection(again=True),
    "a state": RecipientSelection(moderation=Moderation.PUBLISHED),
    "a channel": RecipientSelection(channel=Channel.SMS),
    "a channel nobody used": RecipientSelection(channel=Channel.EMAIL),
    "a consultation": RecipientSelection(consultation=ASKED.slug),
    "no such consultation": RecipientSelection(consultation="parc"),
    "a theme": RecipientSelection(theme="voirie"),
    "a word": RecipientSelection(text="avis"),
    "a word and a theme": RecipientSelection(text="avis", theme="voirie"),
    "no such word": RecipientSelection(text="zygomatique"),
    "ticked": RecipientSelection(numbers=(1, 2, 4, 99)),
    "ticked, one that is elsewhere": RecipientSelection(numbers=(2, 9)),
}


@pytest.mark.parametrize("sees", [EVERYTHING, visibility_of({Role.OFFICIAL})], ids=["all", "an official"])
def test_as_many_are_counted_as_are_found(store: Store, someone: int, sees: Visibility) -> None:
    ids = [*speak(store, 4), *speak(store, 4, Moderation.IN_REVIEW)]
    with store.write() as session:
        elsewhere = makers.contribution_of(session, makers.part(session, makers.intake(session), "avis ailleurs")).id
        for one in (ids[0], ids[3], ids[6], elsewhere):
            tags.add_tag(session, one, "voirie", someone)
    answer(store, someone, RecipientSelection(numbers=(ids[1], ids[3])))
    for name, chosen in CHOSEN.items():
        with store.read() as session:
            found = selected_contributions(session, chosen, sees)
            whose = {one.consultation_id for one in found}
            only = whose.pop() if len(whose) == 1 else None
            assert count_selected(session, chosen, sees) == SelectionSize(len(found), only), name


def test_erasing_takes_an_answer_about_it_alone_along(store: Store, someone: int, tmp_path: Path) -> None:
    first, second = speak(store, 2)
    alone = answer(store, someone, RecipientSelection(numbers=(first,)))
    both = answer(store, someone, RecipientSelection(numbers=(first, second), again=True), is_general=True)
    with store.read() as session:
        number = references.reference_of(session, first)
    with store.write() as session:
        erase_contribution(session, first, by=someone, reason="author")
    dispatch_due_answers(store, Settings(folder=tmp_path))
    with store.read() as session:
        assert drafting.wording_versions(session, session.get_one(Answer, alone))[0].words == {}
        kept = select(AnswerVersion.sealed_body).where(AnswerVersion.answer_id == alone)
        assert session.scalars(kept).all() == [None]
        assert drafting.wording_versions(session, session.get_one(Answer, both))[0].words == {"fr": "Oui."}
        states = session.scalars(select(GivenAnswer.state).where(GivenAnswer.contribution_id == first)).all()
        assert set(states) == {GivenState.UNREACHABLE}
        assert (
            reference_state.state_by_reference(session, Settings(folder=tmp_path), number, "fr").name
            == reference_state.ERASED
        )


def test_published_voices_page_both_ways(store: Store, someone: int) -> None:
    ids = speak(store, 5)
    speak(store, 2, Moderation.IN_REVIEW)
    with store.read() as session:
        first = published_view.list_published_voices(session, ASKED.slug, limit=2)
        second = published_view.list_published_voices(session, ASKED.slug, limit=2, before=first.older)
        back = published_view.list_published_voices(session, ASKED.slug, limit=2, after=second.newer)
        assert [one.id for one in (*first.voices, *second.voices)] == sorted(ids, reverse=True)[:4]
        assert [one.id for one in back.voices] == [one.id for one in first.voices]
        assert first.count == 5
        assert published_view.read_published_numbers(session, one_owed(store).consultation_id).published == 5


def test_look_ups_are_counted_by_hour_and_network(store: Store) -> None:
    now = utc_now()
    with store.write() as session:
        asked = ("2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1")
        sources = {one: web_look_ups.source_key(session, one, now) for one in asked}
        assert sources["2001:db8::1"] == sources["2001:db8::2"]
        assert sources["::ffff:192.0.2.1"] == web_look_ups.source_key(session, "192.0.2.1", now)
        assert web_look_ups.source_key(session, "192.0.2.1", now + timedelta(hours=1)) != sources["::ffff:192.0.2.1"]
        assert [web_look_ups.count_look_up(session, "a" * 32, now) for _ in range(3)] == [1, 2, 3]
        assert web_look_ups.look_ups_counted(session, "a" * 32, now) == 3
        web_look_ups.delete_old_look_ups(session, now + timedelta(hours=4))
        assert web_look_ups.look_ups_counted(session, "a" * 32, now) == 0
