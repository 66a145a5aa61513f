"""What is due on a day: reminders of answers that were promised, and the message that a consultation has closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.answer_states import AnswerKind, AnswerState, FollowUpKind, GivenState, Outcome, Way
from config.enums import Channel
from gateway.answers.answer_dispatch import dispatch_due_answers
from inbox.administration.deadline_reminders import reminder_due
from inbox.answers import concluding, drafting, owed_answers, published_view, reference_state
from inbox.answers.concluding import StillOpen
from inbox.answers.selection import RecipientSelection
from inbox.consultations import consultation_versions
from inbox.listings.visibility import EVERYTHING
from inbox.models import Answer
from inbox.models.column_types import utc_now
from inbox.records import references
from tests.workers.answered_town import FIXED, SLUG, Town, mail, mobile
from tests.workers.test_answers import LETTER, opts_out, send_all, town
from tests.workers.test_send import Outside, outside
from workers.caretaking import deadlines
from workers.runtime.watcher_context import WatcherContext

__all__ = ["outside", "town"]

PROMISED = date(2027, 6, 30)

# Days from the promised one -> from the promised one to the reminder that is due.
DUE: dict[int, int | None] = {
    -31: None, -30: -30, -29: -30, -15: -30, -14: -14, -8: -14, -7: -7,
    -3: -3, -2: -3, -1: -1, 0: 0, 1: 0, 6: 0, 7: 7, 20: 14
}  # fmt: skip


@pytest.mark.parametrize("days", DUE)
def test_when_officials_are_reminded(days: int) -> None:
    expected, found = DUE[days], reminder_due(PROMISED, PROMISED + timedelta(days=days))
    assert found == (PROMISED + timedelta(days=expected) if expected is not None else None)


def reminded(town: Town, outside: Outside, **changes: object) -> list[str]:
    """The bodies of the mails that go out now to those named for it."""
    settings = town.settings
    alerts = settings.alerts.model_copy(update={"answer_mails": ("elu@ville.example",), **changes})
    already = len(outside.postbox.mails)
    deadlines.remind_of_answers(WatcherContext(settings.model_copy(update={"alerts": alerts}), town.store))
    return [raw.decode("utf-8", "replace") for _, _, raw in outside.postbox.mails[already:]]


def test_a_reminder_counts_and_comes_once(town: Town, outside: Outside) -> None:
    today = utc_now().date()
    town.open_again(answer_by=today + timedelta(days=6), opens=today - timedelta(days=60), closes=today)
    assert reminded(town, outside) == []  # nothing has come, so nothing is owed
    made = [town.comes(Channel.SMS, mobile(n)) for n in range(3)]
    [told] = reminded(town, outside)
    assert "3 avis sur 3" in told
    assert reminded(town, outside) == []
    town.answers(RecipientSelection(numbers=tuple(made)))
    town.open_again(answer_by=today, opens=today - timedelta(days=60), closes=today)
    [told] = reminded(town, outside)  # another day's: answered, and nothing is published
    with town.store.write() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        concluding.publish_follow_up(
            session, version.consultation_id, FollowUpKind.RESULTS, {"fr": "Voici."}, town.official
        )
    past = today - timedelta(days=8)
    town.open_again(answer_by=past, opens=today - timedelta(days=60), closes=past)
    assert reminded(town, outside) == []


def test_who_cannot_be_reached_is_tried_again(town: Town, outside: Outside) -> None:
    today = utc_now().date()
    town.open_again(answer_by=today, opens=today - timedelta(days=60), closes=today)
    town.comes(Channel.SMS, mobile(1))
    outside.postbox.answers.append("550 no such person")
    assert reminded(town, outside) == []
    assert len(reminded(town, outside)) == 1


# --- closing messages ---


def closed(town: Town) -> None:
    today = utc_now().date()
    town.open_again(opens=today - timedelta(days=60), closes=today - timedelta(days=1))


def close_draft(town: Town) -> int:
    today = utc_now().date()
    with town.store.write() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        asked = consultation_versions.as_consultation(version)
        return concluding.draft_closing_message(
            session, version.consultation_id, asked, town.official, EVERYTHING, today
        )


def send_closing(town: Town) -> int:
    made = close_draft(town)
    with town.store.write() as session:
        revision = session.get_one(Answer, made).revision
        drafting.submit_answer(session, made, town.official, revision)
    dispatch_due_answers(town.store, town.settings)
    return made


def test_it_is_told_by_every_way_once_each(town: Town, outside: Outside) -> None:
    with pytest.raises(StillOpen):
        close_draft(town)
    came = [
        town.comes(Channel.SMS, mobile(1)),
        town.comes(Channel.SMS, mobile(1), "encore"),
        town.comes(Channel.SMS, mobile(2)),
        town.comes(Channel.VOICEMAIL, FIXED),
        town.comes(Channel.EMAIL, mail("lea")),
        town.comes(Channel.PAPER, None),
        town.comes(Channel.PAPER, LETTER),
    ]
    opts_out(town, mobile(2))
    answered = town.answers(RecipientSelection(numbers=(came[0],)), is_general=True)
    dispatch_due_answers(town.store, town.settings)
    send_all(outside)
    before = len(outside.texts())
    closed(town)
    made = send_closing(town)
    send_all(outside)
    assert [(way, state) for way, state, _why in town.given(made)] == [
        (Way.TEXT, GivenState.SENDING),
        (Way.TEXT, GivenState.TOGETHER),
        (None, GivenState.UNREACHABLE),
        (Way.PHONE, GivenState.TO_HEAR),
        (Way.MAIL, GivenState.SENDING),
        (Way.NOTICE, GivenState.TO_PRINT),
        (Way.LETTER, GivenState.TO_PRINT),
    ]
    [text] = outside.texts()[before:]
    assert "La consultation est finie" in text
    assert "répond à votre avis" not in text
    assert b"La consultation est finie" in outside.postbox.mails[-1][2]
    assert close_draft(town) == made  # there is one, and no second
    with town.store.read() as session:
        version = consultation_versions.current_version(session, SLUG)
        assert version is not None
        asked = consultation_versions.as_consultation(version)
        owed = owed_answers.owed_answers_of(session, version.consultation_id, asked, utc_now().date())
        assert owed.unanswered == 6  # a closing message is no answer
        numbers = references.references_of(session, came)
        told = [reference_state.state_by_reference(session, town.settings, numbers[one], "fr").name for one in came[:4]]
        assert told == ["answered", "closing", "closing", "closing"]
        shown = published_view.list_published_answers(session, version.consultation_id, {})
        assert [one.people for one in shown] == [1]
    assert town.given(answered)[0][1] is GivenState.SENDING
    # What becomes of one is decided and nobody is written to: that is told, and no longer that it is over.
    chosen = RecipientSelection(numbers=(came[1],))
    town.answers(chosen, "", is_general=True, outcome=Outcome.KEPT, tells=False)
    dispatch_due_answers(town.store, town.settings)
    with town.store.read() as session:
        state = reference_state.state_by_reference(session, town.settings, numbers[came[1]], "fr")
        assert (state.name, "retenue" in str(state.facts["outcome"])) == ("decided", True)


def test_withdrawn_it_can_be_written_again(town: Town) -> None:
    town.comes(Channel.SMS, mobile(1))
    closed(town)
    first = close_draft(town)
    with town.store.write() as session:
        drafting.withdraw_answer(session, first, town.official)
    second = close_draft(town)
    assert second != first
    with town.store.read() as session:
        row = session.get_one(Answer, second)
        assert (row.kind, row.state) == (AnswerKind.CLOSING, AnswerState.DRAFT)
