"""What could not be delivered goes another way, once, and only by one that its resident gave."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from config.answer_states import GivenState, Unreachable, Way
from config.enums import Channel, MessageState, Purpose
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.answers.second_ways import try_second_ways
from inbox.answers import deliveries
from inbox.answers.selection import RecipientSelection
from inbox.models import ContributionPart, Message, Step
from inbox.models.column_types import utc_now
from tests.workers.answered_town import Town, mail, mobile
from tests.workers.test_answers import LETTER, opts_out, send_all, town
from tests.workers.test_send import Outside, outside
from workers.pools.step_runner import run_step_in

__all__ = ["outside", "town"]


def with_address(town: Town, contribution: int, channel: Channel, address: object) -> None:
    """The same person has written from another address too, and a moderator has joined both."""
    other = town.comes(channel, address)  # type: ignore[arg-type]
    with town.store.write() as session:
        session.execute(
            update(ContributionPart)
            .where(ContributionPart.contribution_id == other)
            .values(contribution_id=contribution)
        )


def answered(town: Town, contribution: int) -> int:
    made = town.answers(RecipientSelection(numbers=(contribution,)), is_general=True)
    dispatch_due_answers(town.store, town.settings)
    return made


# The first way's channel, another address -> the way it goes then, and in which state.
OTHERS = {
    "a mail": (Channel.EMAIL, mail("lea"), (Way.MAIL, GivenState.SENDING, None)),
    "another mobile": (Channel.SMS, mobile(7), (Way.TEXT, GivenState.SENDING, None)),
    "a postal address": (Channel.PAPER, LETTER, (Way.LETTER, GivenState.TO_PRINT, None)),
    "nothing else": (None, None, (Way.TEXT, GivenState.UNREACHABLE, Unreachable.REFUSED)),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("told_later", [False, True])
def test_a_text_that_is_refused(name: str, told_later: bool, town: Town, outside: Outside) -> None:
    channel, address, expected = OTHERS[name]
    made = town.comes(Channel.SMS, mobile(1))
    if channel is not None:
        with_address(town, made, channel, address)
    answer = answered(town, made)
    if told_later:  # the provider took it, and says afterwards that it did not arrive
        send_all(outside)
        with town.store.write() as session:
            session.execute(update(Message).values(state=MessageState.FAILED))
    else:
        outside.telephone.api.refusals.append((400, 21614))
        send_all(outside)
    assert try_second_ways(town.store, town.settings) == (channel is not None)
    assert try_second_ways(town.store, town.settings) == 0
    assert town.given(answer) == [expected]
    with town.store.read() as session:
        [shown] = deliveries.answers_of_contribution(session, made)
        assert shown.tried is (Way.TEXT if expected[0] is not Way.TEXT else None)
    send_all(outside)
    said = [text for text in outside.texts() if "répond" in text]
    assert len(said) == told_later + (name == "another mobile")
    assert len(outside.postbox.mails) == (name == "a mail")


def test_a_form_with_a_mobile_number_is_told_on_the_sheet_of_its_centre(town: Town, outside: Outside) -> None:
    answer = answered(town, town.comes(Channel.PAPER, mobile(2)))
    outside.telephone.api.refusals.append((400, 21614))
    send_all(outside)
    try_second_ways(town.store, town.settings)
    assert town.given(answer) == [(Way.NOTICE, GivenState.TO_PRINT, None)]


def test_an_opt_out_is_no_failure(town: Town, outside: Outside) -> None:
    made = town.comes(Channel.SMS, mobile(1))
    with_address(town, made, Channel.EMAIL, mail("lea"))
    answer = answered(town, made)
    opts_out(town, mobile(1))
    send_all(outside)
    assert try_second_ways(town.store, town.settings) == 0
    assert town.given(answer) == [(Way.TEXT, GivenState.UNREACHABLE, Unreachable.OPTED_OUT)]


def test_who_was_told_already_is_not_told_again(town: Town, outside: Outside) -> None:
    first, second = town.comes(Channel.SMS, mobile(1)), town.comes(Channel.EMAIL, mail("lea"))
    with_address(town, first, Channel.EMAIL, mail("lea"))
    answer = town.answers(RecipientSelection(numbers=(first, second)), is_general=True)
    dispatch_due_answers(town.store, town.settings)
    outside.telephone.api.refusals.append((400, 21614))
    send_all(outside)
    assert try_second_ways(town.store, town.settings) == 0
    assert len(outside.postbox.mails) == 1
    assert town.given(answer)[0] == (Way.TEXT, GivenState.UNREACHABLE, Unreachable.REFUSED)


def test_trying_the_first_again_by_hand_tells_nobody_twice(town: Town, outside: Outside) -> None:
    made = town.comes(Channel.SMS, mobile(1))
    with_address(town, made, Channel.EMAIL, mail("lea"))
    answered(town, made)
    outside.telephone.api.refusals.append((400, 21614))
    send_all(outside)
    try_second_ways(town.store, town.settings)
    send_all(outside)
    with town.store.write() as session:
        first = session.scalars(
            select(Message.id).where(Message.purpose == Purpose.ANSWER).order_by(Message.id)
        ).first()
        session.execute(update(Step).where(Step.message_id == first).values(state="open", not_before=utc_now()))
        step = session.scalars(select(Step.id).where(Step.message_id == first)).one()
    run_step_in(outside.here, step)
    assert [text for text in outside.texts() if "répond" in text] == []
    assert len(outside.postbox.mails) == 1
